"""Management and evaluation grids from files of members, and to files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import shapely
from django.db import connection, transaction
from shapely.geometry import MultiPolygon, Polygon

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.kernel.errors import Fault
from chengyun.territory.adapters.crs import converter, stated_name
from chengyun.territory.adapters.shapes import ShapeFault, read_shape
from chengyun.territory.adapters.vector_files import FeatureSource
from chengyun.territory.adapters.vector_output import FORMATS, file_name, vector_bytes
from chengyun.territory.faults import FileNotReadable
from chengyun.territory.operations.grid_export import GridFile
from chengyun.territory.operations.grid_groups import GroupWish, save_group
from chengyun.territory.queries.group_members import current_facts, unit_grids_in
from chengyun.territory.rules.grouping import MANAGEMENT, Kind
from chengyun.territory.rules.scope import MANAGE, READ

_MOST_ROWS = 300_000
_MOST_FAULTS = 500
_MEMBER_NAMES = (
    "member",
    "grid_code",
    "management_code",
    "grid",
    "成员",
    "网格编码",
    "管理网格编码",
)
_FIELDS = {
    "code": ("code", "编码"),
    "zh": ("name", "zh", "名称"),
    "en": ("name_en", "en", "英文名称"),
    "area_class": ("area_class", "class", "类别"),
    "organisation": ("organisation", "organisation_code", "机构", "机构编码"),
    "note": ("note", "备注"),
}
_EXPORT = """
SELECT g.code, g.zh, g.en, g.area_class, coalesce(o.code, ''), g.note, g.unit_grids,
    round(g.area_m2::numeric, 1)::float8, g.version, g.valid_from, ST_AsBinary(g.geometry),
    coalesce((SELECT string_agg(m.member_code, ',' ORDER BY m.member_code)
     FROM territory_gridgroupmember m WHERE m.kind = g.kind AND m.group_code = g.code
       AND m.valid_from <= %(at)s AND (m.valid_to IS NULL OR m.valid_to > %(at)s)), '')
FROM territory_gridgroup g LEFT JOIN administration_organisation o ON o.id = g.organisation_id
WHERE g.kind = %(kind)s AND g.division_code LIKE %(division)s AND g.valid_from <= %(at)s
  AND (g.valid_to IS NULL OR g.valid_to > %(at)s) ORDER BY g.code
"""
_COLUMNS = (
    "code", "name", "name_en", "area_class", "organisation", "note", "unit_grids", "area_m2",
    "version",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupDraft:
    """A grid as a file tells it; `place` is its first row or feature, from 1."""

    place: int
    code: str
    zh: str
    members: tuple[str, ...]
    en: str = ""
    area_class: str = ""
    organisation: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupFileFault:
    """What is wrong with one grid of a file."""

    place: int
    code: str
    reason: str
    zh: str
    en: str


@dataclass(kw_only=True)
class GroupFileReport:
    """How the import went; nothing is written when there is a fault, or on a trial."""

    file: str
    groups: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    dry_run: bool = False
    written: bool = False
    more_faults: int = 0
    faults: list[GroupFileFault] = field(default_factory=list)

    def add(self, draft: GroupDraft, fault: Fault) -> None:
        """Take down a fault; the first ones in full."""
        if len(self.faults) >= _MOST_FAULTS:
            self.more_faults += 1
            return
        self.faults.append(
            GroupFileFault(
                place=draft.place,
                code=draft.code,
                reason=fault.code,
                zh=fault.text("zh"),
                en=fault.text("en"),
            )
        )


class RowNotUsable(Fault):
    """A row or feature tells no grid."""

    code = "row_not_usable"
    zh = "{reason_zh}"
    en = "{reason_en}"


@transaction.atomic
def import_groups(
    *, actor: Actor, kind: Kind, drafts: Iterable[GroupDraft], name: str, dry_run: bool
) -> GroupFileReport:
    """Make or change every grid of a file, or none when there is a fault.

    raises : FileNotReadable and what the file's reader raises, Forbidden
    """
    actor.require(MANAGE)
    report = GroupFileReport(file=name[:100], dry_run=dry_run)
    organisations = _organisations()
    for draft in drafts:
        report.groups += 1
        try:
            with transaction.atomic():
                _save(actor, kind, draft, organisations, report)
        except Fault as fault:
            report.add(draft, fault)
    if report.faults or dry_run:
        transaction.set_rollback(True)
    report.written = not report.faults and not dry_run
    return report


def _save(
    actor: Actor,
    kind: Kind,
    draft: GroupDraft,
    organisations: dict[str, int],
    report: GroupFileReport,
) -> None:
    if not draft.code or not draft.zh:
        raise RowNotUsable(reason_zh="缺少编码或名称", reason_en="code or name is missing")
    if draft.area_class not in {"", "A", "B", "C"}:
        raise RowNotUsable(reason_zh="类别应为 A、B、C", reason_en="the class must be A, B or C")
    if draft.organisation and draft.organisation not in organisations:
        raise RowNotUsable(
            reason_zh=f"没有编码为 {draft.organisation[:30]} 的机构",
            reason_en=f"there is no organisation {draft.organisation[:30]}",
        )
    wish = GroupWish(
        zh=draft.zh,
        en=draft.en,
        members=draft.members,
        organisation_id=organisations.get(draft.organisation),
        area_class=draft.area_class,
        note=draft.note,
    )
    new = current_facts(kind, draft.code) is None
    saved = save_group(actor=actor, kind=kind, code=draft.code, wish=wish, new=new)
    if new:
        report.added += 1
    elif saved.version:
        report.changed += 1
    else:
        report.unchanged += 1


def drafts_of_csv(content: bytes) -> Iterator[GroupDraft]:
    """Yield the grids of a CSV: one row per member, rows of one code make one grid.

    raises : FileNotReadable
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _decoded(content)
    if "\x00" in text:
        raise FileNotReadable(field="file", reason="NUL")
    drafts: dict[str, GroupDraft] = {}
    try:
        for place, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
            if place > _MOST_ROWS:
                raise FileNotReadable(field="file", reason=f"more than {_MOST_ROWS} rows")
            draft = _draft(place, {key or "": value for key, value in row.items()})
            before = drafts.get(draft.code)
            drafts[draft.code] = (
                replace(before, members=(*before.members, *draft.members)) if before else draft
            )
    except csv.Error as error:
        raise FileNotReadable(field="file", reason=str(error)[:100]) from error
    if not drafts:
        raise FileNotReadable(field="file", reason="no rows")
    yield from drafts.values()


def drafts_of_features(kind: Kind, source: FeatureSource, crs: str | None) -> Iterator[GroupDraft]:
    """Yield the grids of a vector file: members named, else the unit grids inside the area.

    A management grid's unit grids are in its area when a point inside each is.
    """
    for place, feature in enumerate(source, start=1):
        known = feature if isinstance(feature, dict) else {}
        properties = known.get("properties")
        draft = _draft(place, properties if isinstance(properties, dict) else {})
        if not draft.members and kind == MANAGEMENT:
            named = stated_name(crs or source.stated_crs() or "EPSG:4326")
            draft = replace(draft, members=_inside(known.get("geometry"), named))
        yield draft


def _inside(geometry: object, crs: str) -> tuple[str, ...]:
    try:
        shape = read_shape(geometry, converter(crs))
    except ShapeFault:
        return ()
    usable = isinstance(shape, Polygon | MultiPolygon) and shape.is_valid
    return tuple(unit_grids_in(shapely.to_wkt(shape, rounding_precision=9))) if usable else ()


def _draft(place: int, row: dict[str, Any]) -> GroupDraft:
    texts = {name: _first(row, names) for name, names in _FIELDS.items()}
    listed = row.get("members", row.get("grids"))
    members = listed if isinstance(listed, list) else str(listed or "").split(",")
    one = _first(row, _MEMBER_NAMES)
    codes = [_text(code, 30) for code in members]
    return GroupDraft(
        place=place,
        code=texts["code"][:30],
        zh=texts["zh"][:80],
        en=texts["en"][:120],
        area_class=texts["area_class"][:1].upper(),
        organisation=texts["organisation"],
        note=texts["note"][:300],
        members=tuple(code for code in [*codes, one] if code),
    )


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _text(row.get(name), 300))), "")


def _text(value: Any, longest: int) -> str:
    if value is None or isinstance(value, dict | list | bool):
        return ""
    return str(value).replace("\x00", "").encode("utf-8", "ignore").decode().strip()[:longest]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise FileNotReadable(field="file", reason="encoding") from error


def _organisations() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, id FROM administration_organisation WHERE active")
        return dict(cursor.fetchall())


@transaction.atomic
def export_groups(
    *, actor: Actor, kind: Kind, form: str, crs: str, division: str, at: datetime
) -> GridFile:
    """Return the grids of the kind in force at a moment as a file that the import reads back."""
    actor.require(READ)
    with connection.cursor() as cursor:
        cursor.execute(_EXPORT, {"kind": kind, "division": f"{division}%", "at": at})
        rows = cursor.fetchall()
    columns = {name: [row[place] for row in rows] for place, name in enumerate(_COLUMNS)}
    columns["valid_from"] = [row[9].isoformat() for row in rows]
    columns["members"] = [row[11] for row in rows]
    content = vector_bytes(
        kind=form,
        crs=crs,
        shapes=[shapely.from_wkb(bytes(row[10])) for row in rows],
        columns=columns,
    )
    detail = {"format": form, "crs": crs, "division": division, "grids": len(rows)}
    record_audit(actor, f"{kind}_grids.exported", f"{kind}_grids", detail)
    return GridFile(
        name=file_name(f"{kind}_grids", form, crs),
        media_type=FORMATS[form].media_type,
        content=content,
        grids=len(rows),
    )
