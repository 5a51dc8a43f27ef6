"""A page of cases by keyset: in one walk of an index, or one walk for each arm of a scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chengyun.cases.queries import rows
from chengyun.cases.queries.fetching import fetch_prepared, fetch_rows
from chengyun.cases.queries.scope import Arm, Conditions, Scope
from chengyun.cases.queries.word_frequency import CaseSample

# More organisations or grids than this are found faster by one walk of the table in its order.
MOST_WALKS: Final = 60
MOST_IN_PLAN: Final = 12
# How many cases are looked at for frequent words: of a scope, among so many of all cases.
NEAREST: Final = 20_000
NEAREST_IN_SCOPE: Final = 100_000
FENCE: Final = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """An order of cases by one instant, then by id.

    at : position of the instant in rows.COLUMNS
    condition : what holds for every case of this order
    """

    column: str
    at: int
    descending: bool
    condition: str = ""

    @property
    def words(self) -> str:
        """ORDER BY."""
        way = "DESC" if self.descending else "ASC"
        return f"{self.column} {way}, c.id {way}"

    @property
    def after(self) -> str:
        """The condition on the rows after a place (instant, id)."""
        return f"({self.column}, c.id) {'<' if self.descending else '>'} (%s, %s)"


_NEWEST = Order(column="c.reported_at", at=rows.REPORTED_AT, descending=True)
# What has no running clock has no due instant: it comes last, the newest first.
ORDERS: Final[dict[str, tuple[Order, ...]]] = {
    "-reported": (_NEWEST,),
    "reported": (Order(column="c.reported_at", at=rows.REPORTED_AT, descending=False),),
    "updated": (Order(column="c.updated_at", at=rows.UPDATED_AT, descending=True),),
    "due": (
        Order(
            column="c.due_at",
            at=rows.DUE_AT,
            descending=False,
            condition="c.is_open AND c.due_at IS NOT NULL",
        ),
        Order(
            column="c.reported_at",
            at=rows.REPORTED_AT,
            descending=True,
            condition="c.due_at IS NULL",
        ),
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The last row of the page before: which order of the list, its instant, its id."""

    order: int
    instant: datetime
    case_id: int


def fetch_page(
    *,
    sort: str,
    conditions: Conditions,
    scope: Scope,
    place: Place | None,
    count: int,
    by_words: bool = False,
    usual: bool = False,
) -> list[tuple[int, tuple[Any, ...]]]:
    """Return up to `count` rows after `place`, each with the number of its order.

    scope : walked arm by arm; pass one that is everything when `conditions` hold the scope already
    by_words : whether `conditions` ask the full-text index, which is not to be asked for each key
    usual : whether the list is one that is asked all day and whose best plan is always the same, so
        that the database may keep it
    """
    found: list[tuple[int, tuple[Any, ...]]] = []
    for number, order in enumerate(ORDERS[sort]):
        if place is not None and number < place.order:
            continue
        here = place if place is not None and place.order == number else None
        wanted = _narrowed(conditions, order, here)
        text, values = _statement(order, wanted, scope, count, 0 if by_words else MOST_WALKS)
        fetch = fetch_prepared if usual and _are_few(values) else fetch_rows
        found += ((number, row) for row in fetch(text, values)[: count - len(found)])
        if len(found) >= count:
            break
    return found


def fetch_among_nearest(
    *,
    sort: str,
    conditions: Conditions,
    scope: Scope,
    place: Place | None,
    count: int,
    sample: CaseSample,
) -> list[tuple[int, tuple[Any, ...]]] | None:
    """Return the page if the nearest cases of the order fill it, None when they do not.

    Right where most pages fill so: then few rows are looked at, however many fit in all. Each arm
    is walked up to one instant, so that what is found is what comes first of all; a walk that has
    enough ends before.
    """
    order = ORDERS[sort][0]
    if order.condition:
        return None
    near = _narrowed(Conditions(), order, place)
    start = place.instant if place is not None else None
    most = NEAREST if scope.everything else NEAREST_IN_SCOPE
    column = order.column.removeprefix("c.")
    horizon = sample.horizon(column, start, most, descending=order.descending)
    if horizon is not None:
        near.add(f"{order.column} {'>=' if order.descending else '<='} %s", horizon)
    text, values = _walked_first(order, near, scope, conditions, count)
    found = fetch_rows(text, values)
    is_whole = len(found) == count or horizon is None
    return [(0, row) for row in found] if is_whole else None


def _walked_first(
    order: Order, near: Conditions, scope: Scope, conditions: Conditions, count: int
) -> tuple[str, list[Any]]:
    """Return the statement that walks each arm in the order and only then asks `conditions`."""
    arms = scope.arms if not scope.everything else (Arm(text="TRUE"),)
    texts, values = [], list[Any]()
    for arm in arms:
        # The limit keeps the planner from asking the conditions first.
        inner = (
            f"SELECT c.* FROM cases_case c WHERE {{}} AND {near.text()}"
            f" ORDER BY {order.words} LIMIT {FENCE:d}"
        )
        outer = (
            f"SELECT c.id FROM ({inner}) c WHERE {conditions.text()}"
            f" ORDER BY {order.words} LIMIT {count:d}"
        )
        if arm.each and _keys(arm) <= MOST_WALKS:
            text = outer.format(f"{arm.link} AND {arm.rest}")
            texts.append(f"SELECT w.id FROM ({arm.each}) e CROSS JOIN LATERAL ({text}) w")
            values += [*arm.each_values, *arm.rest_values]
        else:
            texts.append(outer.format(arm.text))
            values += arm.values
        values += [*near.values, *conditions.values]
    union = " UNION ".join(f"({text})" for text in texts)
    text = (
        f"SELECT {rows.COLUMNS} FROM ({union}) p JOIN cases_case c ON c.id = p.id"
        f" ORDER BY {order.words} LIMIT {count:d}"
    )
    return text, values


def _narrowed(conditions: Conditions, order: Order, place: Place | None) -> Conditions:
    wanted = Conditions(texts=[*conditions.texts], values=[*conditions.values])
    if order.condition:
        wanted.add(order.condition)
    if place is not None:
        wanted.add(order.after, place.instant, place.case_id)
    return wanted


def _statement(
    order: Order, conditions: Conditions, scope: Scope, count: int, walks: int
) -> tuple[str, list[Any]]:
    """Return the statement of a page; its text is the same for equal questions."""
    if scope.everything or len(scope.arms) <= 1:
        scope.add_to(conditions)
        text = (
            f"SELECT {rows.COLUMNS} FROM cases_case c WHERE {conditions.text()}"
            f" ORDER BY {order.words} LIMIT {count:d}"
        )
        return text, conditions.values
    texts, values = [], list[Any]()
    for arm in scope.arms:
        text, given = _walk(order, conditions, arm, count, walks)
        texts.append(f"({text})")
        values += given
    text = (
        f"SELECT {rows.COLUMNS} FROM ({' UNION '.join(texts)}) p"
        f" JOIN cases_case c ON c.id = p.id ORDER BY {order.words} LIMIT {count:d}"
    )
    return text, values


def _walk(
    order: Order, conditions: Conditions, arm: Arm, count: int, walks: int
) -> tuple[str, list[Any]]:
    """Return the statement that walks one arm in the order, `count` ids at most for each key."""
    if not arm.each or _keys(arm) > walks:
        text = (
            f"SELECT c.id FROM cases_case c WHERE {arm.text} AND {conditions.text()}"
            f" ORDER BY {order.words} LIMIT {count:d}"
        )
        return text, [*arm.values, *conditions.values]
    text = (
        f"SELECT w.id FROM ({arm.each}) e CROSS JOIN LATERAL ("
        f"SELECT c.id FROM cases_case c WHERE {arm.link} AND {arm.rest} AND {conditions.text()}"
        f" ORDER BY {order.words} LIMIT {count:d}) w"
    )
    return text, [*arm.each_values, *arm.rest_values, *conditions.values]


def _are_few(values: list[Any]) -> bool:
    """Tell whether no value is a long list, for which a kept plan would guess wrong."""
    return not any(isinstance(value, list) and len(value) > MOST_IN_PLAN for value in values)


def _keys(arm: Arm) -> int:
    return max(len(value) for value in arm.each_values if isinstance(value, list))
