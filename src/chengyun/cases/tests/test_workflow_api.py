"""The workflow table over HTTP: the names of every code, and every move."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest
from django.test import Client

from chengyun.administration.tests.builders import bearer, make_person
from chengyun.cases.tests.builders import City

pytestmark = pytest.mark.django_db
DATA = files("chengyun.cases").joinpath("data")


def shipped(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(DATA.joinpath(name).read_text("utf-8").splitlines()))


def test_the_table_is_told_with_every_name(city: City) -> None:
    answer = bearer(city.people["collector"]).get("/api/v1/workflow")
    assert answer.status_code == 200
    told = answer.json()
    for name in ("states", "sources", "stages", "desks", "steps"):
        assert [(one["code"], one["zh"], one["en"]) for one in told[name]] == [
            (row["code"], row["zh"], row["en"]) for row in shipped(f"{name}.csv")
        ]
    assert [(one["act"], one["enabled"]) for one in told["moves"]] == [
        (row["act"], row["enabled"] == "yes") for row in shipped("workflow.csv")
    ]
    assert {one["code"] for one in told["states"] if one["terminal"]} == {
        row["code"] for row in shipped("states.csv") if row["terminal"] == "yes"
    }


def test_a_move_says_from_where_to_where_by_whom_and_with_what(city: City) -> None:
    moves = bearer(city.people["leader"]).get("/api/v1/workflow").json()["moves"]
    [back] = [one for one in moves if one["act"] == "hand_back"]
    assert (back["from_states"], back["to_state"], back["desks"]) == (
        ["dispatched", "handling"],
        "handled",
        ["department"],
    )
    assert back["photos"] == {"disposal": 1}


def test_whoever_signs_in_may_read_the_names_and_nobody_else(city: City) -> None:
    assert Client().get("/api/v1/workflow").status_code == 401
    stranger = bearer(make_person(permissions=["territory.read"]))
    assert stranger.get("/api/v1/workflow").status_code == 200
