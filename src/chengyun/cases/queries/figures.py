"""Counts of cases as an answer: names, and the words of the list behind each figure.

A figure whose filter would contradict what was asked (yellow ones where only red ones were asked
for) is left out, so that a figure always equals its list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from chengyun.administration.queries import time_zone
from chengyun.cases.queries.filters import LIGHTS, CaseFilter
from chengyun.cases.queries.names import Names, names
from chengyun.cases.rules.table import shipped_table

CLOSED: Final = "closed"
Words = dict[str, str]
_LISTS: Final = frozenset({"state", "light", "class", "source"})
_TRUE: Final = frozenset({"true", "1", "yes"})
_LIGHT_NAMES: Final = {
    "green": ("正常", "In time"),
    "yellow": ("将到期", "Running out"),
    "red": ("已超期", "Overdue"),
    "none": ("无计时", "No clock"),
}


@dataclass(slots=True)
class OpenCounts:
    """Open cases; districts as (open, red)."""

    count: int = 0
    urgent: int = 0
    lights: dict[str, int] = field(default_factory=lambda: dict.fromkeys(LIGHTS, 0))
    states: dict[str, int] = field(default_factory=dict)
    districts: dict[str, tuple[int, int]] = field(default_factory=dict)
    types: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class DayCounts:
    """Cases reported on a day, those of them that are overdue, and cases closed on that day."""

    reported: int = 0
    overdue: int = 0
    closed: int = 0
    closed_on_time: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """All that was counted; `days` in order, without gaps."""

    at: datetime
    today: date
    open: OpenCounts
    days: dict[date, DayCounts]


def answer_of(counts: Counts, *, wanted: CaseFilter, words: Mapping[str, str]) -> dict[str, Any]:
    """Return the answer, each figure with its list's words."""
    asked = _Asked(wanted=wanted, words=dict(words))
    return {
        "at": counts.at,
        "figures": _figures(counts, asked),
        "closing": _closing(counts, asked),
        "by_state": _by_state(counts.open, asked),
        "by_light": _by_light(counts.open, asked),
        "by_class": _by_class(counts.open, asked, names()),
        "by_district": _by_district(counts.open, asked, names()),
        "by_day": [_day(day, found, asked) for day, found in counts.days.items()],
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """The words asked, to be narrowed further."""

    wanted: CaseFilter
    words: Words

    def narrowed(self, **more: str) -> Words | None:
        """Return the words with more of them, None where they contradict each other."""
        found = dict(self.words)
        for name, value in more.items():
            key = name.rstrip("_")
            given = found.get(key)
            if given is not None and not _agrees(key, given, value):
                return None
            found[key] = value
        return found

    def of_days(self, instant: str, first: date, last: date, **more: str) -> Words | None:
        """Return the words narrowed to days; a narrower instant that was asked for stays."""
        found = self.narrowed(**more)
        if found is None:
            return None
        since: datetime | None = getattr(self.wanted, f"{instant}_from")
        until: datetime | None = getattr(self.wanted, f"{instant}_to")
        if since is None or since < _beginning(first):
            found[f"{instant}_from"] = first.isoformat()
        if until is None or until > _beginning(last + timedelta(days=1)):
            found[f"{instant}_to"] = last.isoformat()
        return found


def _agrees(key: str, given: str, value: str) -> bool:
    if key in _LISTS:
        return value in {part.strip() for part in given.split(",")}
    if value == "true":
        return given.lower() in _TRUE
    return given == value


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=time_zone()).astimezone(UTC)


def _figures(counts: Counts, asked: _Asked) -> list[dict[str, Any]]:
    lights = counts.open.lights
    rows = [
        ("open", "在办", "Open", counts.open.count, asked.narrowed(open="true")),
        ("overdue", "已超期", "Overdue", lights["red"], asked.narrowed(light="red")),
        ("yellow", "将到期", "Running out", lights["yellow"], asked.narrowed(light="yellow")),
        (
            "urgent",
            "紧急",
            "Urgent",
            counts.open.urgent,
            asked.narrowed(urgent="true", open="true"),
        ),
    ]
    today = counts.days.get(counts.today)
    if today is not None:
        reported = asked.of_days("reported", counts.today, counts.today)
        closed = asked.of_days("ended", counts.today, counts.today, state=CLOSED)
        rows.append(("reported_today", "今日上报", "Reported today", today.reported, reported))
        rows.append(("closed_today", "今日结案", "Closed today", today.closed, closed))
    return _rows(rows)


def _closing(counts: Counts, asked: _Asked) -> dict[str, Any] | None:
    """Return how many of the cases closed within the days were on time; None without days."""
    if not counts.days:
        return None
    first, last = min(counts.days), max(counts.days)
    closed = sum(day.closed for day in counts.days.values())
    on_time = sum(day.closed_on_time for day in counts.days.values())
    return {
        "from": first,
        "to": last,
        "closed": closed,
        "on_time": on_time,
        "ratio": round(on_time / closed, 4) if closed else None,
        "filter": asked.of_days("ended", first, last, state=CLOSED),
        "on_time_filter": asked.of_days("ended", first, last, state=CLOSED, overdue="false"),
    }


def _by_state(found: OpenCounts, asked: _Asked) -> list[dict[str, Any]]:
    return _rows(
        [
            (code, state.zh, state.en, found.states[code], asked.narrowed(state=code, open="true"))
            for code, state in shipped_table().states.items()
            if found.states.get(code)
        ]
    )


def _by_light(found: OpenCounts, asked: _Asked) -> list[dict[str, Any]]:
    return _rows(
        [
            (light, *_LIGHT_NAMES[light], count, asked.narrowed(light=light, open="true"))
            for light, count in found.lights.items()
        ]
    )


def _by_class(found: OpenCounts, asked: _Asked, known: Names) -> list[dict[str, Any]]:
    sums, labels = dict[str, int](), dict[str, tuple[str, str]]()
    for type_id, count in found.types.items():
        kind = known.types[type_id]
        code = kind.class_code
        sums[code] = sums.get(code, 0) + count
        labels.setdefault(code, (kind.label["class_zh"], kind.label["class_en"]))
    ordered = sorted(sums.items(), key=lambda one: (-one[1], one[0]))
    return _rows(
        [
            (code, *labels[code], count, asked.narrowed(class_=code, open="true"))
            for code, count in ordered
            if code
        ]
    )


def _by_district(found: OpenCounts, asked: _Asked, known: Names) -> list[dict[str, Any]]:
    """Return the districts; cases without a place have no list of their own and no row."""
    ordered = sorted(found.districts.items(), key=lambda one: (-one[1][0], one[0]))
    rows = []
    for code, (count, red) in ordered:
        words, label = asked.narrowed(district=code, open="true"), known.division(code)
        if label is not None and words is not None:
            rows.append(label | {"count": count, "filter": words, "open": count, "overdue": red})
    return rows


def _day(day: date, found: DayCounts, asked: _Asked) -> dict[str, Any]:
    reported = asked.of_days("reported", day, day)
    return {
        "day": day,
        "reported": found.reported,
        "closed": found.closed,
        "overdue": found.overdue,
        "filter": reported,
        "filters": {
            "reported": reported,
            "closed": asked.of_days("ended", day, day, state=CLOSED),
            "overdue": asked.of_days("reported", day, day, overdue="true"),
        },
    }


def _rows(found: list[tuple[str, str, str, int, Words | None]]) -> list[dict[str, Any]]:
    return [
        {"code": code, "zh": zh, "en": en, "count": count, "filter": words}
        for code, zh, en, count, words in found
        if words is not None
    ]
