"""HTTP of reporting and acting: who gets what, and no bad input ever breaks the server."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from chengyun.administration.tests.builders import bearer
from chengyun.cases.models import Case, LogEntry
from chengyun.cases.tests.builders import RUBBISH, City, make_attachment, make_case, report
from chengyun.territory.tests.builders import middle

pytestmark = pytest.mark.django_db
LON, LAT = middle(0, 0)


def location(**changes: Any) -> dict[str, Any]:
    return {"lon": LON, "lat": LAT} | changes


def body(city: City, by: str = "collector", **changes: Any) -> dict[str, Any]:
    photo = str(make_attachment(city.people[by]))
    return {"type": RUBBISH, "location": location(), "attachments": [photo]} | changes


def post(client: Client, path: str, content: Any, **headers: str) -> Any:
    return client.post(f"/api/v1{path}", content, content_type="application/json", headers=headers)


@pytest.fixture
def collector(city: City) -> Client:
    return bearer(city.people["collector"])


@pytest.fixture
def acceptor(city: City) -> Client:
    return bearer(city.people["acceptor"])


def test_a_report_answers_with_the_case(city: City, collector: Client) -> None:
    answer = post(collector, "/cases", body(city, address="解放路 118 号"))
    assert answer.status_code == 201
    case = Case.objects.get(pk=answer.json()["id"])
    assert answer.json()["number"] == case.number
    assert answer.json()["state"] == "reported"


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09", "EPSG:4326"])
def test_coordinates_are_converted_at_the_edge(city: City, collector: Client, crs: str) -> None:
    inside = location(lon=LON + 0.0002 * (crs != "EPSG:4326"), crs=crs)
    answer = post(collector, "/cases", body(city, location=inside))
    if answer.status_code == 201:  # a shifted point may lie outside the small test city
        case = Case.objects.get(pk=answer.json()["id"])
        assert case.position_source == crs
    else:
        assert answer.json()["code"] == "no_grid_at_point"


def test_the_same_key_reports_once(city: City, collector: Client) -> None:
    content = body(city)
    with time_machine.travel(timezone.now(), tick=False):  # the answer tells the clocks' seconds
        first = post(collector, "/cases", content, idempotency_key="k-1")
        again = post(collector, "/cases", content, idempotency_key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Case.objects.count() == 1
    other = post(collector, "/cases", content | {"title": "另一件"}, idempotency_key="k-1")
    assert other.status_code in {409, 422}


def test_the_same_key_acts_once(city: City, acceptor: Client) -> None:
    case = report(city)
    for _ in range(2):
        answer = post(acceptor, f"/cases/{case.pk}/acts", {"act": "accept"}, idempotency_key="a")
        assert answer.status_code == 200
        assert answer.json()["state"] == "accepted"
    assert LogEntry.objects.filter(case=case, act="accept").count() == 1


def test_anonymous_is_asked_to_sign_in(city: City) -> None:
    case = report(city)
    for path in ("/cases", "/cases/suggest", f"/cases/{case.pk}/acts", "/cases/acts"):
        assert post(Client(), path, {}).status_code == 401


@pytest.mark.parametrize(
    ("by", "status", "code"),
    [
        ("department", 404, "not_found"),
        ("outsider", 404, "not_found"),
        ("dispatcher", 403, "wrong_desk"),
        ("administrator", 403, "wrong_desk"),
        ("acceptor", 200, None),
    ],
)
def test_acting_by_role(city: City, by: str, status: int, code: str | None) -> None:
    case = report(city)
    answer = post(bearer(city.people[by]), f"/cases/{case.pk}/acts", {"act": "accept"})
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    case.refresh_from_db()
    assert case.state == ("accepted" if status == 200 else "reported")


def test_conflicts_stale_versions_and_missing_words_have_their_status(
    city: City, acceptor: Client
) -> None:
    case = make_case(city, "verifying")
    path = f"/cases/{case.pk}/acts"
    wrong = post(acceptor, path, {"act": "accept"})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "act_not_possible")
    assert "收回核实" in wrong.json()["detail"]
    stale = post(acceptor, path, {"act": "comment", "opinion": "x", "version": 1})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    missing = post(acceptor, path, {"act": "recall_verification"})
    assert (missing.status_code, missing.json()["code"]) == (422, "input_missing")
    assert missing.json()["errors"][0]["field"] == "opinion"


def test_a_batch_tells_of_each_case(city: City, acceptor: Client) -> None:
    case = report(city)
    answer = post(acceptor, "/cases/acts", {"ids": [case.pk, 999_999], "act": "accept"})
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [(one["id"], one["ok"], one["code"]) for one in results] == [
        (case.pk, True, None),
        (999_999, False, "not_found"),
    ]


def test_a_batch_needs_its_permission(city: City, collector: Client) -> None:
    answer = post(collector, "/cases/acts", {"ids": [1], "act": "comment", "opinion": "x"})
    assert answer.status_code == 403


def test_what_lies_near_is_suggested_before_the_report(city: City, collector: Client) -> None:
    from chengyun.kernel.clock import now

    known = report(city, at=now())
    near = location(lon=LON + 0.0001)
    answer = post(collector, "/cases/suggest", {"location": near, "type": RUBBISH})
    assert answer.status_code == 200
    found = answer.json()
    assert found["grid"]["code"] == city.grids[0].code
    assert found["in_scope"] is True
    (duplicate,) = found["duplicates"]
    assert (duplicate["id"], duplicate["number"]) == (known.pk, known.number)
    assert 9 < duplicate["distance_m"] < 10.5
    assert "米" in duplicate["zh"]


def test_ended_far_old_or_other_cases_are_no_duplicates(city: City, collector: Client) -> None:
    report(city)  # in March, long ago
    answer = post(collector, "/cases/suggest", {"location": location(), "type": RUBBISH})
    assert answer.json()["duplicates"] == []
    nowhere = post(collector, "/cases/suggest", {"location": location(lon=100.0)})
    assert nowhere.json() == {
        "grid": None,
        "community": None,
        "street": None,
        "district": None,
        "in_scope": False,
        "duplicates": [],
    }


BAD_BODIES: list[Any] = [
    "",
    "[]",
    "null",
    '"text"',
    "{",
    '{"type": "06012"}',
    '{"type": "06012", "location": {"lon": NaN, "lat": 1}}',
    '{"type": "06012", "location": {"lon": 1e999, "lat": 1}}',
    b"\xff\xfe\x00",
    '{"type": "\\u0000", "location": {"lon": 120, "lat": 30}}',
    '{"type": "06012", "title": "\\ud800", "location": {"lon": 120, "lat": 30}}',
]


@pytest.mark.parametrize("content", BAD_BODIES)
@pytest.mark.parametrize("path", ["/cases", "/cases/suggest", "/cases/acts", "/cases/1/acts"])
def test_a_bad_body_is_a_problem_not_a_crash(collector: Client, path: str, content: Any) -> None:
    answer = post(collector, path, content)
    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "change",
    [
        {"location": {"lon": 200, "lat": 30}},
        {"location": {"lon": 120, "lat": 30, "crs": "EPSG:2327"}},
        {"location": {"lon": 120, "lat": 30, "crs": "nonsense"}},
        {"location": {"lon": "x", "lat": 30}},
        {"location": {"lon": 0, "lat": 0}},
        {"type": "99999"},
        {"type": 6012},
        {"attachments": ["not-a-uuid"]},
        {"attachments": ["00000000-0000-0000-0000-000000000000"]},
        {"title": "字" * 121},
        {"description": "a\x00b"},
        {"reporter": {"phone": "<script>"}},
        {"record_type": "whatever"},
        {"source": "telepathy"},
        {"unknown": 1},
        {"urgent": "maybe"},
    ],
)
def test_a_bad_value_is_named_and_nothing_is_written(
    city: City, collector: Client, change: dict[str, Any]
) -> None:
    answer = post(collector, "/cases", body(city) | change)
    assert answer.status_code == 422
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        {"act": "close", "assignee_id": 2**63},
        {"act": "accept", "version": -1},
        {"act": "nonsense"},
        {"act": "accept", "standard_id": "x"},
        {"act": "accept", "attachments": ["00000000-0000-0000-0000-000000000000"]},
        {"act": "accept", "location": {"lon": 1e300, "lat": 0}},
    ],
)
def test_a_bad_act_changes_nothing(city: City, acceptor: Client, content: dict[str, Any]) -> None:
    case = report(city)
    answer = post(acceptor, f"/cases/{case.pk}/acts", content)
    assert answer.status_code == 422
    case.refresh_from_db()
    assert (case.state, case.log_length) == ("reported", 1)


@pytest.mark.parametrize("case_id", ["0", "999999999999999999999999", "-1", "x"])
def test_a_case_that_is_not_there_is_not_found(acceptor: Client, case_id: str) -> None:
    answer = post(acceptor, f"/cases/{case_id}/acts", {"act": "accept"})
    assert answer.status_code in {404, 422}


def test_faults_speak_english_when_asked(city: City, acceptor: Client) -> None:
    case = make_case(city, "accepted")
    answer = post(acceptor, f"/cases/{case.pk}/acts", {"act": "accept"}, accept_language="en")
    assert answer.json()["detail"].startswith("The case is “Accepted”")
