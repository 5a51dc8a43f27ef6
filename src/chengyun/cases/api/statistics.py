"""The route of statistics."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.cases.api.answers import json_answer
from chengyun.cases.api.lists import FilterQuery
from chengyun.cases.queries.filters import LONGEST_VALUE
from chengyun.cases.queries.of_component import count_of_component
from chengyun.cases.queries.statistics import case_statistics

router = Router(tags=["cases"])
Words = dict[str, str]


class FigureOut(Schema):
    """A count, and the words of the list behind it."""

    code: str
    zh: str
    en: str
    count: int
    filter: Words


class DistrictOut(FigureOut):
    """Open cases of a district, and those whose stage is overdue (`filter` with light=red)."""

    open: int
    overdue: int


class DayListsOut(Schema):
    """The lists behind the counts of a day; null where the question rules them out."""

    reported: Words | None
    closed: Words | None
    overdue: Words | None


class DayOut(Schema):
    """Cases reported on a day, those of them that are overdue, and cases closed on it."""

    day: date
    reported: int
    closed: int
    overdue: int
    filter: Words
    filters: DayListsOut


class ClosingOut(Schema):
    """Cases closed within the days, and those of them whose whole clock was kept."""

    since: date = Field(alias="from")
    to: date
    closed: int
    on_time: int
    ratio: float | None = Field(description="0–1; null = no data: nothing was closed")
    filter: Words | None
    on_time_filter: Words | None


class StatisticsOut(Schema):
    """Figures of the cases that you may read."""

    at: datetime
    figures: list[FigureOut]
    closing: ClosingOut | None
    by_state: list[FigureOut]
    by_light: list[FigureOut]
    by_class: list[FigureOut]
    by_district: list[DistrictOut]
    by_day: list[DayOut]


class CountOut(Schema):
    """A count, and the words of the list behind it."""

    count: int
    filter: Words


class OfComponentOut(Schema):
    """The cases about a component that you may read."""

    component: str
    total: CountOut
    open: CountOut
    ended: CountOut
    by_type: list[FigureOut]


@router.get("", response=StatisticsOut, by_alias=True, summary="Count cases")
def read_statistics(request: HttpRequest, query: Query[FilterQuery]) -> HttpResponse:
    """Return counts with the list behind each; takes the filters of the list."""
    return json_answer(case_statistics(actor=actor_of(request), words=query.words()))


@router.get("/of-component", response=OfComponentOut, summary="Count the cases of a component")
def read_of_component(
    request: HttpRequest,
    component: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_VALUE)],
) -> HttpResponse:
    """Return how many cases are about a component, with the list behind each figure."""
    return json_answer(count_of_component(actor=actor_of(request), code=component))
