"""Routes that list cases and count the queues.

The list shares its path with the report (POST), so it stands on the same router: one path is one
view for Django.
"""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.administration.throttle import Throttle
from chengyun.cases.api import register
from chengyun.cases.api.answers import json_answer
from chengyun.cases.api.case_shapes import CasePage
from chengyun.cases.queries.filters import LONGEST_QUESTION, LONGEST_VALUE, parse_filter
from chengyun.cases.queries.lists import list_cases
from chengyun.cases.queries.queues import count_queues

router = register.router
MOST_ROWS = 200
Word = Annotated[str, StringConstraints(max_length=LONGEST_VALUE)]
Question = Annotated[str, StringConstraints(max_length=LONGEST_QUESTION)]


class FilterQuery(Schema):
    """What narrows a list; several values of one filter are separated by commas."""

    queue: Word = Field("", description="code of a queue of your desk")
    state: Word = ""
    source: Word = ""
    kind: Word = Field("", description="component or matter")
    class_: Word = Field("", alias="class", description="code of a class of types")
    type: Word = Field("", description="code of a type (2026)")
    district: Word = ""
    street: Word = ""
    community: Word = ""
    grid: Word = ""
    component: Word = Field("", description="code of a component")
    organisation: Word = Field("", description="id; those below it count too")
    light: Word = Field("", description="green, yellow, red or none, as the clocks stand now")
    overdue: Word = Field("", description="true: open beyond a deadline, or ended too late")
    urgent: Word = ""
    open: Word = ""
    mine: Word = Field("", description="true: held or reported by you")
    reported_from: Word = Field("", description="day of the platform's time zone, or an instant")
    reported_to: Word = Field("", description="day, included; or an instant, excluded")
    ended_from: Word = Field("", description="like reported_from, of the end of the case")
    ended_to: Word = ""
    q: Question = Field("", description="words (Chinese from one character on), or a case number")
    number: Question = Field("", description="beginning of a case number")
    system: Word = Field("", description="name of the system that cases were imported from")
    sort: Word = Field("", description="due, reported, -reported or updated")

    def words(self) -> dict[str, str]:
        """Return the filters by the names that addresses use."""
        return {name.rstrip("_"): value for name, value in self if value}


class QueueOut(Schema):
    """A queue of one of your desks, with how many cases wait and their lights."""

    code: str
    zh: str
    en: str
    group: str
    count: int
    yellow: int
    red: int


@router.get("", response=CasePage, summary="List cases", throttle=Throttle("search", only_with="q"))
def list_all_cases(
    request: HttpRequest,
    filters: Query[FilterQuery],
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 50,
    after: Annotated[str, StringConstraints(max_length=400)] | None = None,
) -> HttpResponse:
    """Return a page of the cases that you may read; `next` is the token of the next page."""
    wanted = parse_filter(filters.words())
    page = list_cases(actor=actor_of(request), wanted=wanted, limit=limit, after=after)
    return json_answer(page)


@router.get("/queues", response=list[QueueOut], summary="Count what waits")
def list_queues(request: HttpRequest) -> HttpResponse:
    """Return the queues of your desks with their counts."""
    return json_answer(count_queues(actor=actor_of(request)))
