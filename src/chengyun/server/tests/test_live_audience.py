"""What the live lines say of a case, and to whom: by real acts of a real city."""

from __future__ import annotations

import json

import pytest

from chengyun.administration.tests.builders import actor_for, grant_role, make_person
from chengyun.cases.models import Case
from chengyun.cases.operations.lights import mark_lights
from chengyun.cases.tests.builders import MONDAY_9, City, act, make_case, make_city, report
from chengyun.journal.models import Event
from chengyun.journal.queries import Cursor, JournalEvent
from chengyun.server.live import may_see

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> City:
    return make_city()


def last_event() -> JournalEvent:
    row = Event.objects.latest("seq")
    return JournalEvent(
        cursor=Cursor(),
        at=row.at,
        kind=row.kind,
        subject=row.subject,
        actor_id=row.actor_id,
        division_code=row.division_code,
        organisation_ids=tuple(row.organisation_ids),
        case_kind=row.case_kind,
        payload=row.payload,
    )


def hearers(city: City) -> set[str]:
    event = last_event()
    return {name for name in city.people if may_see(city.actor(name), event)}


OFFICE = {
    "administrator",
    "hotline_operator",
    "acceptor",
    "shift_leader",
    "dispatcher",
    "inspector",
    "leader",
    "integrator",
}


def test_an_event_says_what_a_desk_shows(city: City) -> None:
    case = make_case(city, "filed")
    act(city, case, "dispatch", by="dispatcher", at=case.updated_at)
    event = last_event()
    assert event.kind == "case.dispatched"
    assert event.payload == {
        "case_id": case.pk,
        "number": case.number,
        "title": case.title,
        "act": "dispatch",
        "act_name": {"zh": "派遣", "en": "Dispatch"},
        "from_state": "filed",
        "from_state_name": {"zh": "待派遣", "en": "Filed"},
        "state": "dispatched",
        "state_name": {"zh": "待处置", "en": "Dispatched"},
        "desk": "department",
        "desk_name": {"zh": "专业部门", "en": "Department"},
        "organisation": {"id": city.works.pk, "name": "市政管护中心", "name_en": city.works.en},
        "light": "green",
        "by": city.people["dispatcher"].pk,
        "by_name": "dispatcher",
        "person_ids": [city.people["collector"].pk],
        "version": case.version,
    }


def test_a_citizen_is_named_to_nobody(city: City) -> None:
    report(city, by="hotline_operator")
    told = json.dumps(last_event().payload, ensure_ascii=False)
    assert "王先生" not in told
    assert "13812342207" not in told
    assert last_event().payload["by_name"] == "hotline_operator"


def test_a_timer_is_the_system(city: City) -> None:
    case = report(city)
    assert mark_lights(at=MONDAY_9.replace(hour=5)) > 0
    payload = last_event().payload
    assert (payload["case_id"], payload["by"], payload["by_name"]) == (case.pk, None, "系统")


def test_the_audience_follows_the_case(city: City) -> None:
    case = report(city)
    assert hearers(city) == OFFICE | {"collector"}  # he reported it; the other collector did not
    act(city, case, "send_verification", by="acceptor", at=case.updated_at)
    act(city, case, "recall_verification", by="acceptor", at=case.updated_at)
    for name, by in (("accept", "acceptor"), ("file", "shift_leader"), ("dispatch", "dispatcher")):
        act(city, case, name, by=by, at=case.updated_at)
    assert hearers(city) == OFFICE | {"collector", "department"}  # never the other department


def test_another_district_and_another_department_hear_nothing(city: City) -> None:
    case = make_case(city, "dispatched")
    act(city, case, "start_handling", by="department", at=case.updated_at)
    found = hearers(city)
    assert "outsider" not in found
    assert "cleaner" not in found
    assert not may_see(actor_for(make_person(permissions=["territory.read"])), last_event())


def test_a_task_is_heard_by_who_gets_it_and_by_who_loses_it(city: City) -> None:
    case = report(city, by="hotline_operator")
    assert "collector" not in hearers(city)
    act(city, case, "send_verification", by="acceptor", at=case.updated_at)
    assert "collector" in hearers(city)
    assert "second_collector" not in hearers(city)
    act(city, case, "recall_verification", by="acceptor", at=case.updated_at)
    assert "collector" in hearers(city)


def test_a_grant_of_one_kind_hears_of_that_kind(city: City) -> None:
    components = make_person(role="acceptor", case_kinds=["component"], division_code="330199")
    matters = make_person(role="acceptor", case_kinds=["matter"], division_code="330199")
    case = report(city)
    assert Case.objects.get(pk=case.pk).kind == "matter"
    assert not may_see(actor_for(components), last_event())
    assert may_see(actor_for(matters), last_event())
    grant_role(components, role="leader", division_code="330199")
    assert may_see(actor_for(components), last_event())
