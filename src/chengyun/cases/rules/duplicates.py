"""Which open cases a new report probably repeats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chengyun.kernel.coordinates import distance_m

MOST_SHOWN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class DuplicateRule:
    """How near in place [m] and time a report must be.

    source : ours, after the practice of cities (50 m, 24 h)
    """

    radius_m: float = 50
    within: timedelta = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """A report about to be made."""

    type_id: int
    lon: float
    lat: float
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownCase:
    """A case that may be the same; `open` is false once it has ended."""

    case_id: int
    number: str
    type_id: int
    lon: float
    lat: float
    reported_at: datetime
    open: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class LikelyDuplicate:
    """A case that the report probably repeats, with the reason in words."""

    case_id: int
    number: str
    distance_m: float
    apart: timedelta
    reason_zh: str
    reason_en: str


DEFAULT_RULE = DuplicateRule()


def likely_duplicates(
    report: Sighting, cases: Iterable[KnownCase], rule: DuplicateRule = DEFAULT_RULE
) -> list[LikelyDuplicate]:
    """Return the open cases of the same type near in place and time, the nearest first.

    cases : candidates, such as those in a box around the report
    """
    found = [
        _likely(case, metres, abs(report.at - case.reported_at))
        for case in cases
        if case.open and case.type_id == report.type_id
        if abs(report.at - case.reported_at) <= rule.within
        if (metres := distance_m((report.lon, report.lat), (case.lon, case.lat))) <= rule.radius_m
    ]
    return sorted(found, key=lambda likely: (likely.distance_m, likely.apart))[:MOST_SHOWN]


def _likely(case: KnownCase, metres: float, apart: timedelta) -> LikelyDuplicate:
    minutes = int(apart.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    ago_zh = f"{hours} 小时前" if hours else f"{rest} 分钟前"
    ago_en = f"{hours} h ago" if hours else f"{rest} min ago"
    return LikelyDuplicate(
        case_id=case.case_id,
        number=case.number,
        distance_m=metres,
        apart=apart,
        reason_zh=f"同类型，相距 {metres:.0f} 米，{ago_zh}上报，仍在办理",
        reason_en=f"same type, {metres:.0f} m away, reported {ago_en}, still open",
    )
