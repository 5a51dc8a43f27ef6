"""A case as another system exported it, read from a row through a mapping."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chengyun.cases.adapters.mapping import CaseMapping, CaseReader, Outcome
from chengyun.cases.rules.table import shipped_table
from chengyun.intake.rules.mapping_faults import ValueUnreadable
from chengyun.kernel.coordinates import to_storage
from chengyun.kernel.errors import Fault

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


class PositionMissing(Fault):
    """The mapping wants a position on every row."""

    code = "position_missing"
    zh = "该行没有坐标。"
    en = "The row has no position."


class SourceUnknown(Fault):
    """The source is none of the platform's."""

    code = "source_unknown"
    zh = "来源“{value}”不是本平台的来源代码。请在映射的别名表中补充。"
    en = "The source “{value}” is no code of this platform. Add it to the aliases of the mapping."


class InstantAbsurd(Fault):
    """A time lies before 1990 or in the future, or an end lies before its beginning."""

    code = "instant_absurd"
    zh = "{name} 的时间 {value} 不合理。"
    en = "The time {value} of {name} makes no sense."


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignCase:
    """One exported case: names are still the other system's, instants and position are ours.

    position : EPSG:4490 [degrees], None = not known
    """

    external_id: str
    reported_at: datetime
    type_text: str
    outcome: Outcome
    title: str
    description: str
    address: str
    source: str
    position: tuple[float, float] | None
    crs: str
    district: str
    street: str
    community: str
    department: str
    due_at: datetime | None
    closed_at: datetime | None
    reporter_name: str
    reporter_phone: str


def read_case(reader: CaseReader, row: dict[str, str], *, now: datetime) -> ForeignCase:
    """Return the case in `row`.

    raises : ValueMissing, ValueUnknown, ValueUnreadable, InstantAbsurd, PositionMissing
    """
    reported_at = reader.instant("reported_at", row)
    if reported_at is None:
        reader.required("reported_at", row)
        raise ValueUnreadable(field="reported_at", name="reported_at", value="")
    _check_instant("reported_at", reported_at, EARLIEST, now)
    closed_at = reader.instant("closed_at", row)
    if closed_at is not None:
        _check_instant("closed_at", closed_at, reported_at, now)
    position = _position(reader, row)
    if position is None and reader.mapping.without_position == "quarantine":
        raise PositionMissing(field="lon")
    return ForeignCase(
        external_id=reader.required("external_id", row)[:80],
        reported_at=reported_at,
        type_text=reader.required("type", row),
        outcome=reader.outcome(row),
        title=reader.text("title", row)[:120],
        description=reader.text("description", row)[:4000],
        address=reader.text("address", row)[:200],
        source=_source(reader, row),
        position=position,
        crs=reader.mapping.crs if position else "",
        district=reader.text("district", row)[:80],
        street=reader.text("street", row)[:80],
        community=reader.text("community", row)[:80],
        department=reader.text("department", row)[:100],
        due_at=reader.instant("due_at", row),
        closed_at=closed_at,
        reporter_name=reader.text("reporter_name", row)[:60],
        reporter_phone=reader.text("reporter_phone", row)[:30],
    )


def _source(reader: CaseReader, row: dict[str, str]) -> str:
    found = reader.text("source", row) or "other"
    if found not in shipped_table().sources:
        raise SourceUnknown(field="source", value=found[:40])
    return found


def _check_instant(name: str, at: datetime, earliest: datetime, now: datetime) -> None:
    if at < earliest or at > now + timedelta(days=1):
        raise InstantAbsurd(field=name, name=name, value=at.isoformat())


def _position(reader: CaseReader, row: dict[str, str]) -> tuple[float, float] | None:
    lon, lat = reader.number("lon", row), reader.number("lat", row)
    if lon is None or lat is None or _means_unknown(reader.mapping, lon, lat):
        return None
    point = to_storage(lon, lat, reader.mapping.crs)
    return point.lon, point.lat


def _means_unknown(mapping: CaseMapping, lon: float, lat: float) -> bool:
    return (lon == 0 and lat == 0) or any(
        place.lon == lon and place.lat == lat for place in mapping.no_position
    )
