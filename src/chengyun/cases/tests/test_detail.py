"""Reading one case: its page, log, neighbours, reporter and proposals, by whom it may be read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import actor_for, bearer, make_person
from chengyun.cases.models import DispatchRule
from chengyun.cases.queries.detail import get_case
from chengyun.cases.tests.builders import MONDAY_9, RUBBISH, City, act, make_case, report

pytestmark = pytest.mark.django_db


def read(city: City, by: str, path: str, *, status: int = 200) -> Any:
    answer = bearer(city.people[by]).get(f"/api/v1/cases/{path}")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_the_page_has_clock_steps_and_the_acts_of_the_reader(city: City) -> None:
    with time_machine.travel(MONDAY_9 + timedelta(minutes=5), tick=False):
        case = report(city)
        shown = read(city, "acceptor", str(case.pk))
    assert shown["state"] == "reported"
    assert shown["holder"] == {"desk": "acceptor", "organisation": None, "person": None}
    assert shown["light"] == "green"
    accept = next(clock for clock in shown["clocks"] if clock["stage"] == "accept")
    assert (accept["used_s"], accept["remaining_s"]) == (300, accept["limit_s"] - 300)
    assert [step["state"] for step in shown["steps"][:3]] == ["done", "now", "todo"]
    acts = {act["act"]: act for act in shown["acts"]}
    assert {"accept", "refuse", "send_verification"} <= acts.keys()
    assert acts["accept"]["primary"] is True
    assert acts["refuse"]["needs"]["reason"] is True
    assert len(shown["attachments"]) == 1


def test_another_desk_is_offered_nothing_of_the_acceptor(city: City) -> None:
    shown = read(city, "dispatcher", str(report(city).pk))
    assert not {"accept", "refuse"} & {act["act"] for act in shown["acts"]}


def test_a_light_is_told_by_time_even_before_it_is_marked(city: City) -> None:
    case = report(city)
    with time_machine.travel(MONDAY_9 + timedelta(days=2), tick=False):
        shown = get_case(actor=city.actor("leader"), case_id=case.pk)
    assert (shown["light"], case.light) == ("red", 1)


@pytest.mark.parametrize("path", ["{}", "{}/log", "{}/log/proof", "{}/nearby", "{}/proposals"])
def test_outside_the_scope_there_is_no_such_case(city: City, path: str) -> None:
    case = report(city)
    place = path.format(case.pk)
    assert read(city, "outsider", place, status=404)["code"] == "not_found"
    assert read(city, "cleaner", place, status=404)["code"] == "not_found"
    assert Client().get(f"/api/v1/cases/{place}").status_code == 401
    assert read(city, "leader", place) is not None


@pytest.mark.parametrize("case_id", ["0", "99999999999999999999999", "9223372036854775807"])
def test_an_id_that_is_none_is_no_error_of_ours(city: City, case_id: str) -> None:
    answer = bearer(city.people["leader"]).get(f"/api/v1/cases/{case_id}")
    assert answer.status_code in {404, 422}


def test_the_log_is_told_in_words_and_pages(city: City) -> None:
    case = make_case(city, "filed")
    page = read(city, "leader", f"{case.pk}/log?limit=2")
    assert [entry["act"] for entry in page["items"]] == ["report", "accept"]
    assert page["items"][1]["zh"] == "受理"
    rest = read(city, "leader", f"{case.pk}/log?after={page['next']}")
    assert [entry["act"] for entry in rest["items"]] == ["file"]
    assert rest["next"] is None
    assert (
        read(city, "leader", f"{case.pk}/log?after=x", status=422)["code"] == "page_token_invalid"
    )


def test_the_reporter_is_masked_and_reading_him_is_logged(city: City) -> None:
    case = report(city, by="hotline_operator")
    shown = read(city, "acceptor", str(case.pk))["reporter"]
    assert shown["phone_masked"] == "138****2207"
    assert "王先生" not in str(shown)
    reader = make_person(
        permissions=["case.read", "person.read_private"], division_code=case.district_code
    )
    before = AuditEntry.objects.filter(act="cases.reporter_read").count()
    whole = bearer(reader).get(f"/api/v1/cases/{case.pk}/reporter")
    assert whole.json()["phone"] == "13812342207"
    assert AuditEntry.objects.filter(act="cases.reporter_read").count() == before + 1
    blind = make_person(permissions=["case.read"], division_code=case.district_code)
    assert bearer(blind).get(f"/api/v1/cases/{case.pk}/reporter").status_code == 403
    assert AuditEntry.objects.filter(act="cases.reporter_read").count() == before + 1


def test_neighbours_come_with_their_distance_and_only_within_scope(city: City) -> None:
    case, near = report(city), report(city)
    found = read(city, "leader", f"{case.pk}/nearby?radius_m=50")["items"]
    assert [(one["id"], one["distance_m"]) for one in found] == [(near.pk, 0.0)]
    assert read(city, "leader", str(case.pk))["nearby"]["open"] >= 1
    assert read(city, "leader", f"{case.pk}/nearby?radius_m=1", status=422)["code"]


def test_proposals_say_why(city: City) -> None:
    case = make_case(city, "filed")
    DispatchRule.objects.create(
        code="R-1", matter_type=city.types[RUBBISH], organisation=city.cleaning, priority=5
    )
    found = read(city, "dispatcher", f"{case.pk}/proposals")
    assert found["standards"][0]["id"] == city.standards[RUBBISH].pk
    assert found["departments"][0]["organisation"]["id"] == city.cleaning.pk
    assert "R-1" in found["departments"][0]["reason"]
    assert found["collectors"][0]["person"]["id"] == city.people["collector"].pk


def test_an_application_waits_with_its_reason(city: City) -> None:
    case = make_case(city, "dispatched")
    act(
        city,
        case,
        "apply_return",
        by="department",
        at=MONDAY_9 + timedelta(minutes=5),
        opinion="不是本部门的",
    )
    shown = get_case(actor=city.actor("dispatcher"), case_id=case.pk)
    assert shown["pending"]["kind"] == "return"
    assert shown["pending"]["reason"] == "不是本部门的"
    assert {"approve_return", "reject_return"} <= {one["act"] for one in shown["acts"]}


def test_the_page_takes_a_fixed_number_of_queries(city: City) -> None:
    case = make_case(city, "closed")
    actor = actor_for(city.people["leader"])
    get_case(actor=actor, case_id=case.pk)
    with CaptureQueriesContext(
        connection,
    ) as few:
        get_case(actor=actor, case_id=case.pk)
    assert len(few) == 5
