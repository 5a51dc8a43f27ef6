"""The hot lists are walks of an index in the order asked: nothing is sorted, no table is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from chengyun.cases.queries import pages
from chengyun.cases.queries.scope import Conditions, Scope, reading_scope
from chengyun.cases.tests.builders import City

pytestmark = pytest.mark.django_db


def plan_of(scope: Scope) -> list[dict[str, Any]]:
    """Return the nodes of the plan of the first page of a list."""
    order = pages.ORDERS["-reported"][0]
    text, values = pages._statement(order, Conditions(), scope, 51, pages.MOST_WALKS)
    with connection.cursor() as cursor:
        # Of a small table a plan tells nothing, unless reading it whole is out of the question.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {text}", values)
        found = cursor.fetchone()[0]
    return list(nodes((json.loads(found) if isinstance(found, str) else found)[0]["Plan"]))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def walked(plan: list[dict[str, Any]]) -> set[str]:
    return {node["Index Name"] for node in plan if "Index Name" in node}


def tables_read_whole(plan: list[dict[str, Any]]) -> list[str]:
    return [node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"]


def test_the_list_of_everything_is_one_walk_without_a_sort() -> None:
    plan = plan_of(Scope(everything=True))
    assert walked(plan) == {"case_by_report"}
    assert [node["Node Type"] for node in plan] == ["Limit", "Index Scan"]


@pytest.mark.parametrize(
    ("by", "indexes"),
    [
        ("acceptor", {"case_by_district", "case_by_creator"}),
        ("department", {"case_by_responsible", "case_by_creator"}),
    ],
)
def test_a_list_walks_an_index_for_each_way_to_its_cases(
    city: City, by: str, indexes: set[str]
) -> None:
    plan = plan_of(reading_scope(city.actor(by)))
    assert indexes <= walked(plan)
    assert tables_read_whole(plan) == []
