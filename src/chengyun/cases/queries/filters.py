"""The filters of a list of cases: from the words of an address to conditions in SQL.

The same words stand in an address, a saved view, an export and behind every figure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from chengyun.administration.queries import time_zone
from chengyun.cases.queries.names import names
from chengyun.cases.queries.scope import Conditions
from chengyun.cases.rules.queues import Queue, all_queues
from chengyun.cases.rules.table import shipped_table
from chengyun.kernel.errors import Invalid
from chengyun.kernel.text import query_terms, term_keys

SORTS: Final = ("due", "reported", "-reported", "updated")
LIGHTS: Final = ("green", "yellow", "red", "none")
KINDS: Final = ("component", "matter")
LONGEST_QUESTION: Final = 200
LONGEST_VALUE: Final = 2000
LONGEST_SYSTEM: Final = 40
MOST_TERMS: Final = 40
MOST_VALUES: Final = 100
_NUMBER = re.compile(r"^(?:[A-Za-z]{1,12}\d{4,}(?:-\d*)?|\d{6,}-\d+(?:-\d*)?)$")
_ID = re.compile(r"^[0-9]{1,18}$")
_DIGITS = re.compile(r"^[0-9]{2,20}$")
_CODE = re.compile(r"^[0-9A-Za-z]{1,20}$")
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(9000, 1, 1)
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFilter:
    """What a list is narrowed to; None or () = not narrowed.

    type_ids, organisation_ids : ids that the given codes stand for, organisations with their
        subtrees
    reported_from, reported_to, ended_from, ended_to : instants, from included, to excluded
    system : name of the system that cases were imported from
    terms : search terms that must all be there; number : beginning of a case number
    unanswerable : the question holds nothing that can be searched for
    """

    queue: Queue | None = None
    states: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    kind: str = ""
    type_ids: tuple[int, ...] = ()
    district: str = ""
    street: str = ""
    community: str = ""
    grid: str = ""
    component: str = ""
    organisation_ids: tuple[int, ...] = ()
    lights: tuple[str, ...] = ()
    overdue: bool | None = None
    urgent: bool | None = None
    open: bool | None = None
    mine: bool | None = None
    reported_from: datetime | None = None
    reported_to: datetime | None = None
    ended_from: datetime | None = None
    ended_to: datetime | None = None
    terms: tuple[str, ...] = ()
    number: str = ""
    system: str = ""
    unanswerable: bool = False
    sort: str = "-reported"

    @property
    def open_only(self) -> bool:
        """Whether only open cases can be meant."""
        table = shipped_table()
        by_state = self.states and not any(table.states[code].terminal for code in self.states)
        by_light = self.lights and "none" not in self.lights
        return bool(self.open or by_state or by_light)

    @property
    def is_plain(self) -> bool:
        """Whether nothing narrows the list but its queue."""
        return self == CaseFilter(queue=self.queue, sort=self.sort)

    @property
    def asks(self) -> bool:
        """Whether a full-text question or a number narrows the list."""
        return bool(self.terms or self.number)


FILTER_NAMES: Final = (
    "queue",
    "state",
    "source",
    "kind",
    "class",
    "type",
    "district",
    "street",
    "community",
    "grid",
    "component",
    "organisation",
    "light",
    "overdue",
    "urgent",
    "open",
    "mine",
    "reported_from",
    "reported_to",
    "ended_from",
    "ended_to",
    "q",
    "number",
    "system",
    "sort",
)


def parse_filter(words: Mapping[str, str]) -> CaseFilter:
    """Return the filter that the words say; "" means not given. Lists are separated by commas.

    raises : Invalid, naming the field
    """
    unknown = words.keys() - set(FILTER_NAMES)
    if unknown:
        raise _invalid(min(unknown), "没有这个筛选条件", "there is no such filter")
    given = {name: _word(words, name) for name in FILTER_NAMES}
    table = shipped_table()
    queue = _one_of(given, "queue", all_queues())
    chosen = all_queues().get(queue)
    number, terms = _question(given)
    return CaseFilter(
        queue=chosen,
        states=_several_of(given, "state", table.states),
        sources=_several_of(given, "source", table.sources),
        kind=_one_of(given, "kind", KINDS),
        type_ids=_types(given),
        district=_digits(given, "district"),
        street=_digits(given, "street"),
        community=_digits(given, "community"),
        grid=_digits(given, "grid"),
        component=_code(given, "component"),
        organisation_ids=_organisations(given),
        lights=_several_of(given, "light", LIGHTS),
        overdue=_truth(given, "overdue"),
        urgent=_truth(given, "urgent"),
        open=_truth(given, "open"),
        mine=_truth(given, "mine"),
        reported_from=_instant(given, "reported_from", end=False),
        reported_to=_instant(given, "reported_to", end=True),
        ended_from=_instant(given, "ended_from", end=False),
        ended_to=_instant(given, "ended_to", end=True),
        terms=terms,
        number=number,
        system=given["system"][:LONGEST_SYSTEM],
        unanswerable=bool(given["q"]) and not terms and not number,
        sort=_one_of(given, "sort", SORTS) or (chosen.sort if chosen else "-reported"),
    )


def add_filter(
    conditions: Conditions, wanted: CaseFilter, *, person_id: int | None, at: datetime
) -> None:
    """Add what the filter says, its queue aside, as conditions on the case `c`."""
    _add_words(conditions, wanted)
    _add_truths(conditions, wanted, person_id)
    if wanted.lights:
        texts = [_LIGHT_TESTS[light] for light in wanted.lights]
        marks = sum(text.count("%s") for text in texts)
        conditions.add(f"({' OR '.join(texts)})", *([at] * marks))
    if wanted.overdue is not None:
        conditions.add(_OVERDUE if wanted.overdue else f"NOT {_OVERDUE}", at, at)
    _add_instants(conditions, wanted)
    if wanted.number:
        conditions.add("c.number LIKE %s", f"{wanted.number}%")
    if wanted.terms:
        conditions.add("c.search @> %s::int[]", term_keys(wanted.terms))
    if wanted.unanswerable:
        conditions.add("FALSE")


def _add_instants(conditions: Conditions, wanted: CaseFilter) -> None:
    for column, since, until in (
        ("reported_at", wanted.reported_from, wanted.reported_to),
        ("ended_at", wanted.ended_from, wanted.ended_to),
    ):
        if since:
            conditions.add(f"c.{column} >= %s", since)
        if until:
            conditions.add(f"c.{column} < %s", until)


def _add_truths(conditions: Conditions, wanted: CaseFilter, person_id: int | None) -> None:
    if wanted.urgent is not None:
        conditions.add("c.urgent = %s", wanted.urgent)
    if wanted.open_only:
        conditions.add("c.is_open")  # said outright: the indexes of the open ones are small
    if wanted.open is False:
        conditions.add("NOT c.is_open")
    if wanted.mine is not None:
        mine = "(c.created_by_id = %s OR c.holder_person_id = %s)"
        conditions.add(mine if wanted.mine else f"{mine} IS NOT TRUE", person_id, person_id)


# By the clock, not by the stored mark, which may be a moment old.
_LIGHT_TESTS = {
    "red": "c.due_at < %s",
    "yellow": "(c.due_at >= %s AND c.yellow_at <= %s)",
    "green": "c.yellow_at > %s",
    "none": "c.due_at IS NULL",
}
# An open case by its running clocks, an ended one by how its whole clock ended.
_OVERDUE = (
    "(CASE WHEN c.is_open"
    " THEN coalesce(c.due_at < %s, false) OR coalesce(c.case_due_at < %s, false)"
    " ELSE c.case_light = 3 END)"
)


def _add_words(conditions: Conditions, wanted: CaseFilter) -> None:
    for column, values in (("state", wanted.states), ("source", wanted.sources)):
        if len(values) == 1:
            conditions.add(f"c.{column} = %s", values[0])
        elif values:
            conditions.add(f"c.{column} = ANY(%s)", list(values))
    for column, value in (
        ("kind", wanted.kind),
        ("district_code", wanted.district),
        ("street_code", wanted.street),
        ("community_code", wanted.community),
        ("grid_code", wanted.grid),
        ("external_system", wanted.system),
    ):
        if value:
            conditions.add(f"c.{column} = %s", value)
    if wanted.component:  # said outright: the index holds only the cases of components
        conditions.add("c.component_code <> '' AND c.component_code = %s", wanted.component)
    if wanted.type_ids:
        conditions.add("c.matter_type_id = ANY(%s)", list(wanted.type_ids))
    if wanted.organisation_ids:
        conditions.add("c.responsible_id = ANY(%s)", list(wanted.organisation_ids))


def _word(words: Mapping[str, str], name: str) -> str:
    value = words.get(name, "").strip()
    if "\x00" in value or len(value) > LONGEST_VALUE:
        raise _invalid(name, "内容过长或含有无效字符", "too long, or a character is not valid")
    return value


def _question(given: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the beginning of a number, and the terms, that the words ask for."""
    question, number = given["q"], given["number"]
    for name, text in (("q", question), ("number", number)):
        if len(text) > LONGEST_QUESTION:
            raise _invalid(
                name, f"最多 {LONGEST_QUESTION} 个字", f"{LONGEST_QUESTION} characters at most"
            )
    if not number and _NUMBER.match(question):
        return question.upper(), ()
    terms = tuple(query_terms(question)[:MOST_TERMS])
    return re.sub(r"([%_\\])", r"\\\1", number.upper()), terms


def _types(given: Mapping[str, str]) -> tuple[int, ...]:
    codes, classes = _list(given, "type"), _list(given, "class")
    if not codes and not classes:
        return ()
    known = names().types.values()
    found = {one.id for one in known if one.code in codes}
    for code in codes:
        if not any(one.code == code for one in known):
            raise _invalid("type", f"没有类型 {code}", f"there is no type {code}")
    of_class = {one.id for one in known if one.class_code in classes}
    if classes and not of_class:
        raise _invalid("class", "没有这个大类", "there is no such class")
    if codes and classes:
        both = found & of_class
        return tuple(sorted(both)) or (0,)
    return tuple(sorted(found | of_class))


def _organisations(given: Mapping[str, str]) -> tuple[int, ...]:
    text = given["organisation"]
    if not text:
        return ()
    ids = names().subtree(int(text)) if _ID.match(text) else []
    if not ids:
        raise _invalid("organisation", "没有这个机构", "there is no such organisation")
    return tuple(ids)


def _list(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    values = tuple(part.strip() for part in given[name].split(",") if part.strip())
    if len(values) > MOST_VALUES:
        raise _invalid(name, f"最多 {MOST_VALUES} 个值", f"{MOST_VALUES} values at most")
    return values


def _several_of(
    given: Mapping[str, str], name: str, known: Mapping[str, object] | tuple[str, ...]
) -> tuple[str, ...]:
    values = _list(given, name)
    for value in values:
        if value not in known:
            raise _unknown(name, value, known)
    return values


def _one_of(
    given: Mapping[str, str], name: str, known: Mapping[str, object] | tuple[str, ...]
) -> str:
    value = given[name]
    if value and value not in known:
        raise _unknown(name, value, known)
    return value


def _digits(given: Mapping[str, str], name: str) -> str:
    value = given[name]
    if value and not _DIGITS.match(value):
        raise _invalid(name, "应为数字编码", "a code of digits is needed")
    return value


def _code(given: Mapping[str, str], name: str) -> str:
    value = given[name]
    if value and not _CODE.match(value):
        raise _invalid(name, "应为编码", "a code is needed")
    return value


def _truth(given: Mapping[str, str], name: str) -> bool | None:
    value = given[name].lower()
    if not value:
        return None
    if value not in _TRUTHS:
        raise _invalid(name, "应为 true 或 false", "true or false is needed")
    return _TRUTHS[value]


def _instant(given: Mapping[str, str], name: str, *, end: bool) -> datetime | None:
    """Return an instant; a day means its beginning, or as `end` the beginning of the next one."""
    text = given[name]
    if not text:
        return None
    moment = _moment(text, end=end)
    if moment is None:
        raise _invalid(name, "应为日期，例如 2026-11-23", "a day is needed, such as 2026-11-23")
    return moment


def _moment(text: str, *, end: bool) -> datetime | None:
    try:
        if len(text) <= len("2026-11-23"):
            day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
            moment = datetime.combine(day, time.min, tzinfo=time_zone())
        else:
            moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    if not _FIRST_DAY <= moment.date() <= _LAST_DAY:
        return None
    local = moment if moment.tzinfo else moment.replace(tzinfo=time_zone())
    return local.astimezone(UTC)


def _unknown(name: str, value: str, known: Mapping[str, object] | tuple[str, ...]) -> Invalid:
    options = ", ".join(list(known)[:30])
    return _invalid(name, f"“{value[:40]}”不是可选值（{options}）", f"choose one of {options}")


def _invalid(name: str, zh: str, en: str) -> Invalid:
    return Invalid(field=name, reason_zh=zh, reason_en=en)
