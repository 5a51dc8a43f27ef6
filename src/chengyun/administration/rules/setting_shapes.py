"""Shapes of settings that are more than one value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

Problem = tuple[str, str]

MOST_BASE_MAPS: Final = 20
_LONGEST: Final = 500
_CODE: Final = re.compile(r"[a-z0-9_-]{1,40}")
_TEXTS: Final = frozenset(
    {"code", "zh", "en", "kind", "url", "layer", "matrix_set", "style", "attribution"}
)
_ZOOMS: Final = frozenset({"min_zoom", "max_zoom"})
_DEEPEST_ZOOM: Final = 24
_DAYS: Final = range(1, 8)


def problem_of_shape(shape: str, value: Any) -> Problem | None:
    """Return what is wrong with `value` (Chinese, English), or None.

    shape : position [lon, lat], bounds [west, south, east, north], weekdays [1-7],
        base_maps [{code, zh, kind, url, …}], keys {code: key}
    """
    return _SHAPES[shape](value)


def _position(value: Any) -> Problem | None:
    if not _numbers(value, 2) or not _on_earth(value[0], value[1]):
        return "须为 [经度, 纬度]", "give [longitude, latitude]"
    return None


def _bounds(value: Any) -> Problem | None:
    fits = (
        _numbers(value, 4)
        and _on_earth(value[0], value[1])
        and _on_earth(value[2], value[3])
        and value[0] < value[2]
        and value[1] < value[3]
    )
    return None if fits else ("须为 [西, 南, 东, 北]", "give [west, south, east, north]")


def _weekdays(value: Any) -> Problem | None:
    fits = (
        isinstance(value, list)
        and len(value) < len(_DAYS)
        and all(isinstance(day, int) and not isinstance(day, bool) for day in value)
        and all(day in _DAYS for day in value)
        and len(set(value)) == len(value)
    )
    return None if fits else ("须为 1 至 7 的列表", "give a list of days from 1 to 7")


def _keys(value: Any) -> Problem | None:
    fits = (
        isinstance(value, dict)
        and len(value) <= MOST_BASE_MAPS
        and all(_CODE.fullmatch(code) and _is_text(key) for code, key in value.items())
    )
    return None if fits else ("须为 {底图编码: 密钥}", "give {code of the map: key}")


def _base_maps(value: Any) -> Problem | None:
    if not isinstance(value, list) or len(value) > MOST_BASE_MAPS:
        return "须为底图列表", "give a list of base maps"
    if not all(_is_base_map(one) for one in value):
        return (
            "每个底图须有 code、zh、kind（xyz 或 wmts）、http(s) url",
            "each base map has code, zh, kind (xyz or wmts) and an http(s) url",
        )
    codes = {one["code"] for one in value}
    return None if len(codes) == len(value) else ("编码重复", "a code comes twice")


def _is_base_map(value: Any) -> bool:
    if not isinstance(value, dict) or not set(value) <= _TEXTS | _ZOOMS:
        return False
    if not all(_is_text(value[name]) for name in _TEXTS & set(value)):
        return False
    if not all(_is_zoom(value[name]) for name in _ZOOMS & set(value)):
        return False
    if not {"code", "zh", "kind", "url"} <= set(value) or not value["zh"]:
        return False
    known = value["kind"] in {"xyz", "wmts"} and bool(_CODE.fullmatch(value["code"]))
    return known and _is_web_address(value["url"])


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST and (not value or value.isprintable())


def _is_zoom(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _DEEPEST_ZOOM


def _numbers(value: Any, count: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(n, int | float) and not isinstance(n, bool) for n in value)
        and all(math.isfinite(n) for n in value)
    )


def _on_earth(lon: float, lat: float) -> bool:
    return abs(lon) <= 180 and abs(lat) <= 90  # noqa: PLR2004


_SHAPES: Final[dict[str, Callable[[Any], Problem | None]]] = {
    "position": _position,
    "bounds": _bounds,
    "weekdays": _weekdays,
    "keys": _keys,
    "base_maps": _base_maps,
}
