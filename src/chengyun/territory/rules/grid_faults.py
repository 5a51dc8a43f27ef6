"""What can be wrong with an imported grid: stable reasons, and the texts that people read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REASONS: dict[str, tuple[str, str]] = {
    "geometry_missing": ("没有几何", "has no geometry"),
    "geometry_malformed": ("几何无法解析", "has a geometry that cannot be read"),
    "geometry_empty": ("几何为空", "has an empty geometry"),
    "too_many_points": ("顶点过多", "has too many points"),
    "out_of_range": ("坐标超出范围，请检查坐标系", "lies out of range: check the CRS"),
    "antimeridian": ("跨越 180° 经线", "crosses the antimeridian"),
    "not_a_polygon": ("不是面", "is not a polygon"),
    "invalid_geometry": ("几何无效（自相交等）", "is not valid (crosses itself)"),
    "code_missing": ("没有编码", "has no code"),
    "code_not_by_scheme": ("编码不符合编码规则", "has a code that does not fit the scheme"),
    "code_twice": ("编码重复", "has a code that stands in the file twice"),
    "code_retired": ("编码已停用，不得再用", "has a code that was retired; codes are never reused"),
    "unknown_division": ("编码不在区划表中", "names a division that is not there"),
    "unknown_community": ("社区编码不在区划表中", "names a community that is not in the divisions"),
    "outside_scope": ("不在您的管辖范围内", "lies outside your data scope"),
    "outside_division": ("超出所属社区边界", "reaches beyond its community"),
    "area_class_invalid": ("管理类别应为 A、B、C", "has an area class other than A, B, C"),
    "overlap": ("与其他网格重叠", "overlaps another grid"),
    "overlap_present": ("与现行网格重叠", "overlaps a grid in force"),
    "version_too_early": ("生效时间早于现行版本", "would begin before the version in force"),
    "code_of_other_community": (
        "编码前段与所属社区不一致",
        "has a code that does not begin with its community's",
    ),
    "in_other_division": ("位于其他社区范围内", "lies within another community"),
    "area_small": ("面积过小", "is unusually small"),
    "area_large": ("面积过大", "is unusually large"),
    "gap": ("网格之间有缝隙", "gap between grids"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class GridFault:
    """One thing that is wrong, at one feature of the file (index from 0).

    geometry : where, as GeoJSON in EPSG:4490: the overlap, the gap, what reaches beyond, the grid
    """

    index: int | None
    code: str
    reason: str
    detail: str = ""
    lon: float | None = None
    lat: float | None = None
    geometry: dict[str, Any] | None = None

    @property
    def zh(self) -> str:
        """Return the text in Chinese."""
        return f"{REASONS[self.reason][0]} {self.detail}".strip()

    @property
    def en(self) -> str:
        """Return the text in English."""
        return f"{REASONS[self.reason][1]} {self.detail}".strip()
