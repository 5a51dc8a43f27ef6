"""Census: plan, collect, compare, accept; who may do what where; the table of moves."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from chengyun.administration.models import Person
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.components.models import (
    CensusEvent,
    CensusFinding,
    CensusPlan,
    CensusTask,
    Component,
    ComponentVersion,
)
from chengyun.components.operations.attributes import DefinitionInput, save_definition
from chengyun.components.rules.census import PLAN_STATES, TASK_STATES, census_moves
from chengyun.components.tests.builders import COVER, LAMP, OTHER_COMMUNITY, City
from chengyun.journal.models import Event
from chengyun.territory.tests.builders import COMMUNITY, middle

URL = "/api/v1/components/census"
GRID = f"{COMMUNITY}001"


@dataclass(kw_only=True)
class Census:
    """An open plan of one grid, and who plans, collects and accepts."""

    city: City
    planner: Client
    collector: Client
    reviewer: Client
    person: Person
    plan: int
    task: int

    def path(self, rest: str) -> str:
        return f"{URL}/tasks/{self.task}/{rest}"

    def found(self, *items: dict[str, Any]) -> list[dict[str, Any]]:
        answer = send(self.collector, self.path("findings"), {"items": list(items)})
        assert answer.status_code == 200, answer.content
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def differences(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.reviewer.get(self.path("findings")).json()["items"]
        return items

    def row(self) -> CensusTask:
        return CensusTask.objects.get(pk=self.task)


def send(client: Client, path: str, data: dict[str, Any] | None = None) -> Any:
    return client.post(path, data or {}, content_type="application/json")


def plan_body(**given: Any) -> dict[str, Any]:
    dates = {"starts_on": "2026-11-01", "ends_on": "2026-12-31"}
    return {"name": "井盖普查", "areas": [GRID], "by_duty": False, **dates} | given


def people(area: str = "") -> tuple[Client, Client, Client, Person]:
    planner = make_person(permissions=["components.census.plan"], division_code=area)
    collector = make_person(permissions=["components.census.collect"], division_code=area)
    reviewer = make_person(
        permissions=["components.census.accept", "components.read"], division_code=area
    )
    return signed_in(planner), signed_in(collector), signed_in(reviewer), collector


def start(city: City, **given: Any) -> Census:
    planner, collector, reviewer, person = people()
    made = send(planner, f"{URL}/plans", plan_body(collectors=[person.pk]) | given)
    assert made.status_code == 201, made.content
    plan = made.json()["id"]
    opened = send(planner, f"{URL}/plans/{plan}/acts", {"act": "open"})
    assert opened.status_code == 200, opened.content
    task = CensusTask.objects.filter(plan_id=plan).order_by("pk")[0]
    return Census(
        city=city,
        planner=planner,
        collector=collector,
        reviewer=reviewer,
        person=person,
        plan=plan,
        task=task.pk,
    )


def new_one(key: str = "n1", **given: Any) -> dict[str, Any]:
    lon, lat = middle(0, 0)
    place = {"lon": lon + 1e-4, "lat": lat}
    return {"key": key, "kind": "new", "type": COVER, "location": place} | given


def test_the_table_leads_from_state_to_state() -> None:
    known = {"plan": {*PLAN_STATES}, "task": {*TASK_STATES}}
    for move in census_moves():
        assert {*move.from_states, move.to_state} - {"same"} <= known[move.thing]
    reached = {(move.thing, move.to_state) for move in census_moves()}
    assert reached >= {(thing, one) for thing, states in known.items() for one in states} - {
        ("plan", "draft"),
        ("task", "assigned"),
    }


def test_a_census_from_plan_to_report(city: City) -> None:
    same, other, lost = city.component(), city.component(name="旧井盖"), city.component()
    census = start(city)
    assert census.row().known == 3
    lon, lat = middle(0, 0)
    results = census.found(
        {"key": "a", "kind": "confirmed", "component_id": same.pk},
        {
            "key": "b",
            "kind": "changed",
            "component_id": other.pk,
            "values": {"state": "damaged", "owner_id": city.water.pk},
            "location": {"lon": lon + 5e-5, "lat": lat},
        },
        {"key": "c", "kind": "gone", "component_id": lost.pk},
        new_one(values={"name": "新井盖", "accuracy": "B"}),
    )
    assert [(one["ok"], one["kind"]) for one in results] == [
        (True, "confirmed"),
        (True, "changed"),
        (True, "gone"),
        (True, "new"),
    ]
    assert send(census.collector, census.path("submit")).json()["state"] == "submitted"
    changed, gone, fresh = census.differences()
    assert {one["field"]: one["found"]["zh"] for one in changed["differences"]} == {
        "state": "破损",
        "owner_id": "排水公司",
    }
    assert changed["moved_m"] == pytest.approx(4.8, abs=0.1)
    assert gone["kind"] == "gone"
    assert (fresh["name"], fresh["accuracy"], fresh["duplicates"]) == ("新井盖", "B", [])
    done = send(census.reviewer, census.path("decisions"), {"accept": True}).json()
    assert [one["ok"] for one in done["results"]] == [True] * 4
    assert (done["task"]["state"], done["task"]["figures"]["accepted"]) == ("accepted", 4)
    other.refresh_from_db()
    lost.refresh_from_db()
    assert (other.state, other.owner_id, other.source) == ("damaged", city.water.pk, "surveyed")
    assert other.position.x == pytest.approx(lon + 5e-5)
    assert (lost.state, lost.retired_at is not None) == ("removed", True)
    made = Component.objects.get(name="新井盖")
    assert (made.source, made.code[:11]) == ("surveyed", f"{COMMUNITY[:6]}{COVER}")
    acts = ComponentVersion.objects.filter(component=other).order_by("version")
    assert [one.act for one in acts] == ["registered", "moved", "surveyed"]
    assert ComponentVersion.objects.filter(component=same).count() == 1
    closed = send(census.planner, f"{URL}/plans/{census.plan}/acts", {"act": "close"}).json()
    assert closed["state"] == "closed"
    assert closed["report"]["figures"]["fresh"] == 1
    assert closed["report"]["by_type"] == [
        {"type": COVER, "confirmed": 1, "changed": 1, "gone": 1, "new": 1, "accepted": 4}
    ]
    kinds = Event.objects.filter(kind__startswith="census.").values_list("kind", flat=True)
    assert set(kinds) == {
        "census.opened", "census.begun", "census.submitted", "census.accepted", "census.closed",
    }  # fmt: skip
    assert CensusEvent.objects.filter(plan_id=census.plan).count() == 5
    history = census.reviewer.get(f"{URL}/of-component/{other.pk}").json()["items"]
    assert [(one["kind"], one["decision"]) for one in history] == [("changed", "accepted")]


def test_a_finding_sent_twice_is_kept_once_and_sent_anew_replaces(city: City) -> None:
    one = city.component()
    census = start(city)
    finding = {"key": "k", "kind": "confirmed", "component_id": one.pk}
    first, again = census.found(finding)[0], census.found(finding)[0]
    assert first == again
    census.found(finding | {"kind": "changed", "values": {"state": "lost"}})
    kept = CensusFinding.objects.get()
    assert (kept.kind, kept.values) == ("changed", {"state": "lost"})
    other = census.found(finding | {"key": "other"})[0]
    assert (other["ok"], other["code"]) == (False, "finding_taken")
    assert census.collector.delete(census.path("findings/k")).status_code == 204
    assert not CensusFinding.objects.exists()
    assert census.row().changed == 0


def test_what_does_not_differ_is_confirmed(city: City) -> None:
    one = city.component()
    census = start(city)
    lon, lat = middle(0, 0)
    near = {"lon": lon + 1e-6, "lat": lat}
    found = {"key": "k", "kind": "changed", "component_id": one.pk, "location": near}
    assert census.found(found | {"values": {"state": "intact"}})[0]["kind"] == "confirmed"


def test_a_bad_finding_does_not_keep_back_the_others(city: City) -> None:
    one, elsewhere = city.component(), city.component(column=2)
    census = start(city, types=["01"])
    lon, lat = middle(2, 0)
    results = census.found(
        {"key": "1", "kind": "changed", "component_id": one.pk, "values": {"state": "rosy"}},
        {"key": "2", "kind": "confirmed", "component_id": elsewhere.pk},
        new_one("3", location={"lon": lon, "lat": lat}),
        new_one("4", type=LAMP.replace("01", "02", 1) if LAMP.startswith("02") else "04013"),
        new_one("5", location=None),
        {"key": "6", "kind": "confirmed", "component_id": one.pk, "values": {"name": "x"}},
        {"key": "7", "kind": "confirmed", "component_id": one.pk},
        new_one("8", location={"geometry": {"type": "Point", "coordinates": ["x"]}}),
    )
    assert [one["code"] for one in results] == [
        "dictionary_value_unknown",
        "finding_elsewhere",
        "finding_elsewhere",
        "finding_type_elsewhere",
        "invalid",
        "invalid",
        None,
        "geometry_unusable",
    ]
    assert CensusFinding.objects.count() == 1


def test_nothing_is_moved_out_of_the_city(city: City) -> None:
    census = start(city)
    known = city.component()
    moved = {"key": "m", "kind": "changed", "component_id": known.pk}
    (refused,) = census.found(moved | {"location": {"lon": 179.9, "lat": 30.0}})
    assert (refused["ok"], refused["code"], refused["field"]) == (
        False,
        "no_grid_at_point",
        "location",
    )
    assert not CensusFinding.objects.exists()


def test_what_lies_too_near_is_told_as_a_possible_duplicate(city: City) -> None:
    known = city.component()
    census = start(city)
    lon, lat = middle(0, 0)
    census.found(
        new_one("n1", location={"lon": lon + 1e-5, "lat": lat}),
        new_one("n2", location={"lon": lon + 3e-5, "lat": lat}),
    )
    first = census.differences()[0]
    assert [(one["what"], one["code"]) for one in first["duplicates"]] == [
        ("component", known.code),
        ("finding", "n2"),
    ]


def test_further_attributes_are_collected_checked_and_compared_in_words(city: City) -> None:
    for given in (
        {
            "name": "depth_m",
            "zh": "井深",
            "en": "Depth",
            "kind": "decimal",
            "unit": "m",
            "maximum": 50,
        },
        {"name": "net", "zh": "防坠网", "en": "Net", "kind": "boolean", "required": True},
    ):
        definition: Any = {"type_code": COVER, **given}
        save_definition(actor=SYSTEM, given=DefinitionInput(**definition))
    known = city.component(attributes={"depth_m": 3.5, "net": False})
    census = start(city)
    wrong = {"attributes": {"depth_m": 51}}
    changed = {"key": "c", "kind": "changed", "component_id": known.pk}
    (refused,) = census.found(changed | {"values": wrong})
    assert [one["field"] for one in refused["errors"]] == ["attributes.depth_m", "attributes.net"]
    assert not CensusFinding.objects.exists()
    kept = census.found(
        changed | {"values": {"attributes": {"depth_m": 4, "net": True}}},
        new_one(values={"attributes": {"net": True}}),
    )
    assert [(one["kind"], one["errors"]) for one in kept] == [("changed", []), ("new", [])]
    send(census.collector, census.path("submit"))
    told = {one["kind"]: one["differences"] for one in census.differences()}
    assert sorted(told["changed"], key=lambda one: one["field"]) == [
        {
            "field": "attributes.depth_m",
            "label": {"zh": "井深", "en": "Depth"},
            "known": {"zh": "3.5 m", "en": "3.5 m"},
            "found": {"zh": "4.0 m", "en": "4.0 m"},
        },
        {
            "field": "attributes.net",
            "label": {"zh": "防坠网", "en": "Net"},
            "known": {"zh": "否", "en": "No"},
            "found": {"zh": "是", "en": "Yes"},
        },
    ]
    send(census.reviewer, census.path("decisions"), {"accept": True})
    known.refresh_from_db()
    assert known.attributes == {"depth_m": 4, "net": True}
    made = Component.objects.exclude(pk=known.pk).get()
    assert made.attributes == {"net": True}


def test_refused_findings_go_back_and_are_collected_again(city: City) -> None:
    one = city.component()
    census = start(city)
    finding = {"key": "k", "kind": "changed", "component_id": one.pk, "values": {"state": "lost"}}
    census.found(finding)
    send(census.collector, census.path("submit"))
    path = census.path("decisions")
    nameless = send(census.reviewer, path, {"accept": False})
    assert (nameless.status_code, nameless.json()["code"]) == (422, "reason_needed")
    send(census.reviewer, path, {"accept": False, "reason": "照片不清"})
    assert census.row().refused == 1
    send(census.reviewer, census.path("return"), {"reason": "请重拍"})
    assert census.row().state == "returned"
    known = census.collector.get(census.path("known")).json()["items"][0]["finding"]
    assert (known["decision"], known["decision_reason"]) == ("refused", "照片不清")
    early = send(census.collector, census.path("submit"))
    assert (early.status_code, early.json()["code"]) == (409, "census_not_ready")
    census.found(finding | {"kind": "confirmed", "values": {}})
    assert send(census.collector, census.path("submit")).status_code == 200
    send(census.reviewer, path, {"accept": True})
    assert census.row().state == "accepted"
    one.refresh_from_db()
    assert (one.state, one.version) == ("intact", 1)


def test_every_known_component_must_be_looked_at(city: City) -> None:
    city.component()
    census = start(city)
    refused = send(census.collector, census.path("submit"))
    assert (refused.status_code, refused.json()["code"]) == (409, "census_not_ready")
    assert census.row().state == "assigned"


def test_what_changed_meanwhile_is_told_and_one_fault_stops_no_other(city: City) -> None:
    one, two = city.component(), city.component()
    census = start(city)
    change = {"kind": "changed", "values": {"note": "锈蚀"}}
    census.found(
        {"key": "1", "component_id": one.pk} | change, {"key": "2", "component_id": two.pk} | change
    )
    send(census.collector, census.path("submit"))
    city.client.post(f"/api/v1/components/{one.pk}/retire", {"reason": "x"}, "application/json")
    assert [row["is_stale"] for row in census.differences()] == [True, False]
    done = send(census.reviewer, census.path("decisions"), {"accept": True}).json()
    assert [one["code"] for one in done["results"]] == ["component_retired", None]
    assert done["task"]["state"] == "submitted"
    assert done["task"]["figures"]["undecided"] == 1


def test_nobody_accepts_what_he_collected(city: City) -> None:
    census = start(city)
    both = make_person(permissions=["components.census.collect", "components.census.accept"])
    body = {"tasks": [census.task], "collector_id": both.pk}
    assert send(census.planner, f"{URL}/plans/{census.plan}/assign", body).status_code == 200
    own = signed_in(both)
    sent = send(own, census.path("findings"), {"items": [new_one()]})
    assert sent.json()["results"][0]["ok"]
    send(own, census.path("submit"))
    refused = send(own, census.path("decisions"), {"accept": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "census_not_ready")
    assert Component.objects.count() == 0


def test_each_sees_and_acts_in_his_area_only(city: City) -> None:
    census = start(city)
    city.component()
    census.found(new_one())
    planner, collector, reviewer, person = people(OTHER_COMMUNITY[:9])
    for client in (planner, collector, reviewer):
        assert client.get(f"{URL}/plans").json()["items"] == []
        assert client.get(f"{URL}/tasks").json()["items"] == []
        for rest in ("", "/known", "/findings"):
            assert client.get(f"{URL}/tasks/{census.task}{rest}").status_code == 404
        assert client.get(f"{URL}/plans/{census.plan}").status_code == 404
        assert client.get(f"{URL}/plans/{census.plan}/export?format=csv").status_code == 404
    for client, rest, data in (
        (collector, "findings", {"items": [new_one()]}),
        (collector, "submit", {}),
        (reviewer, "decisions", {"accept": True}),
        (reviewer, "return", {"reason": "x"}),
    ):
        assert send(client, census.path(rest), data).status_code == 404
    outside = send(planner, f"{URL}/plans", plan_body(collectors=[person.pk]))
    assert (outside.status_code, outside.json()["code"]) == (403, "outside_scope")
    closing = send(
        planner, f"{URL}/plans/{census.plan}/acts", {"act": "close_early", "reason": "x"}
    )
    assert closing.status_code == 403
    assert CensusPlan.objects.get().state == "open"
    assert census.row().state == "collecting"


def test_tasks_go_to_whose_grid_it_is_or_in_turn(city: City) -> None:
    planner, _, _, person = people()
    second = make_person(permissions=["components.census.collect"])
    body = plan_body(areas=[COMMUNITY], collectors=[person.pk, second.pk])
    plan = send(planner, f"{URL}/plans", body).json()
    assert (plan["tasks"], plan["unassigned"], plan["state"]) == (6, 0, "draft")
    holders = CensusTask.objects.order_by("area_code").values_list("collector_id", flat=True)
    assert list(holders) == [person.pk] * 3 + [second.pk] * 3
    by_community = send(planner, f"{URL}/plans", body | {"unit": "community"}).json()
    assert by_community["tasks"] == 1


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"areas": ["990101"]}, "census_area_empty"),
        ({"ends_on": "2026-10-01"}, "invalid"),
        ({"collectors": [10**9]}, "collector_unknown"),
        ({"types": ["77"]}, "invalid"),
        ({"types": ["77777"]}, "component_type_unknown"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(city: City, given: dict[str, Any], code: str) -> None:
    planner, _, _, _ = people()
    answer = send(planner, f"{URL}/plans", plan_body(**given))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not CensusPlan.objects.exists()


def test_a_plan_without_collectors_does_not_open_and_ends_early_with_a_reason(city: City) -> None:
    planner, _, _, person = people()
    plan = send(planner, f"{URL}/plans", plan_body()).json()["id"]
    acts = f"{URL}/plans/{plan}/acts"
    assert send(planner, acts, {"act": "open"}).json()["code"] == "census_not_ready"
    task = CensusTask.objects.get()
    send(planner, f"{URL}/plans/{plan}/assign", {"tasks": [task.pk], "collector_id": person.pk})
    assert send(planner, acts, {"act": "open"}).status_code == 200
    assert send(planner, acts, {"act": "close"}).json()["code"] == "census_not_ready"
    assert send(planner, acts, {"act": "close_early"}).json()["code"] == "reason_needed"
    closed = send(planner, acts, {"act": "close_early", "reason": "台风"}).json()
    assert (closed["state"], closed["report"]["left"]) == ("closed", [GRID])
    assert send(planner, acts, {"act": "open"}).json()["code"] == "census_move_impossible"


def test_the_outcome_is_exported(city: City) -> None:
    one = city.component()
    census = start(city)
    census.found({"key": "k", "kind": "gone", "component_id": one.pk, "note": "=1+1"})
    answer = census.reviewer.get(f"{URL}/plans/{census.plan}/export?format=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    (values,) = csv.DictReader(text.splitlines())
    assert (values["kind"], values["code"], values["note"]) == ("gone", one.code, "'=1+1")
    assert answer.headers["Content-Disposition"].startswith("attachment")
