"""Responsibility: people bound to unit grids."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.territory.models import GridDuty
from chengyun.territory.queries.duties import collectors_of
from chengyun.territory.tests.builders import COMMUNITY, make_duties, make_grid, make_grids

URL = "/api/v1/territory"
OTHER = "330198001001"
pytestmark = pytest.mark.django_db


def manager(division_code: str = "") -> Client:
    person = make_person(
        permissions=["territory.read", "territory.manage"], division_code=division_code
    )
    return signed_in(person)


def test_collectors_of_a_grid_at_a_moment() -> None:
    [grid] = make_grids(columns=1, rows=1)
    first, second, gone = make_person(), make_person(), make_person(active=False)
    make_duties(second, [grid], valid_from=datetime(2026, 5, 1, tzinfo=UTC))
    make_duties(first, [grid], valid_from=datetime(2026, 1, 1, tzinfo=UTC))
    make_duties(gone, [grid])
    in_june = collectors_of(grid.code, datetime(2026, 6, 1, tzinfo=UTC))
    assert [holder.person_id for holder in in_june] == [first.pk, second.pk]
    in_march = collectors_of(grid.code, datetime(2026, 3, 1, tzinfo=UTC))
    assert [holder.name for holder in in_march] == [first.name]
    assert collectors_of("9", datetime(2026, 6, 1, tzinfo=UTC)) == []


def test_putting_duties_replaces_them_and_keeps_history() -> None:
    client = manager()
    code = make_grids(columns=1, rows=1)[0].code
    one, two = make_person(), make_person()
    with time_machine.travel("2026-07-01T00:00:00Z", tick=False):
        answer = client.put(
            f"{URL}/grids/{code}/duties", {"person_ids": [one.pk]}, "application/json"
        )
    assert (answer.status_code, answer.json()) == (200, {"bound": 1, "ended": 0})
    with time_machine.travel("2026-08-01T00:00:00Z", tick=False):
        answer = client.put(
            f"{URL}/grids/{code}/duties", {"person_ids": [two.pk]}, "application/json"
        )
    assert answer.json() == {"bound": 1, "ended": 1}
    now_bound = client.get(f"{URL}/grids/{code}/duties").json()["items"]
    assert [item["person"]["id"] for item in now_bound] == [two.pk]
    history = client.get(f"{URL}/grids/{code}/duties", {"history": True}).json()["items"]
    assert [(h["person"]["id"], h["valid_to"]) for h in history] == [
        (two.pk, None),
        (one.pk, "2026-08-01T00:00:00Z"),
    ]
    assert AuditEntry.objects.filter(act="grid.duties_changed").count() == 2


def test_a_whole_division_is_bound_at_once() -> None:
    client = manager()
    make_grids(columns=3, rows=2)
    person = make_person()
    body = {"division": COMMUNITY, "person_ids": [person.pk]}
    assert client.post(f"{URL}/duties", body, "application/json").json()["bound"] == 6
    again = client.post(f"{URL}/duties", body, "application/json").json()
    assert again == {"bound": 0, "ended": 0}
    mine = client.get(f"{URL}/duties", {"person": person.pk, "limit": 4}).json()
    rest = client.get(f"{URL}/duties", {"person": person.pk, "after": mine["next"]}).json()
    assert len(mine["items"] + rest["items"]) == 6
    removed = client.post(f"{URL}/duties", {**body, "mode": "remove"}, "application/json")
    assert removed.json() == {"bound": 0, "ended": 6}


def test_another_area_is_refused_and_nothing_changes() -> None:
    client = manager(division_code=OTHER[:6])
    code = make_grids(columns=1, rows=1)[0].code
    person = make_person()
    answer = client.put(
        f"{URL}/grids/{code}/duties", {"person_ids": [person.pk]}, "application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "outside_scope")
    assert not GridDuty.objects.exists()
    mine = make_grid(f"{OTHER}001", column=50)
    make_duties(person, [mine])
    GridDuty.objects.create(
        grid_code=code, person=person, valid_from=datetime(2026, 1, 1, tzinfo=UTC)
    )
    seen = client.get(f"{URL}/duties").json()["items"]
    assert [item["grid_code"] for item in seen] == [mine.code]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"person_ids": [1]}, "invalid"),
        ({"grid_codes": ["1"], "division": "33", "person_ids": [1]}, "invalid"),
        ({"grid_codes": ["999"], "person_ids": []}, "unknown_grids"),
        ({"division": "33", "person_ids": [2**62]}, "unknown_people"),
        ({"division": "33", "person_ids": [1e400]}, None),
        ({"division": "33", "person_ids": [2**70]}, None),
        ({"division": "x", "person_ids": []}, None),
        ({"division": "33", "person_ids": [], "mode": "drop"}, None),
        ({"division": "33", "person_ids": [], "extra": 1}, None),
    ],
)
def test_bad_bodies_are_refused(body: dict[str, object], code: str | None) -> None:
    make_grids(columns=1, rows=1)
    answer = manager().post(f"{URL}/duties", body, "application/json")
    assert answer.status_code in {400, 422}
    assert code is None or answer.json()["code"] == code


def test_who_may_read_and_write() -> None:
    code = make_grids(columns=1, rows=1)[0].code
    reader = signed_in(make_person(permissions=["territory.read"]))
    stranger = signed_in(make_person())
    for path in ("/duties", f"/grids/{code}/duties"):
        assert Client().get(URL + path).status_code == 401
        assert stranger.get(URL + path).status_code == 403
        assert reader.get(URL + path).status_code == 200
    body: dict[str, list[int]] = {"person_ids": []}
    path = f"{URL}/grids/{code}/duties"
    assert Client().put(path, body, "application/json").status_code == 401
    assert reader.put(path, body, "application/json").status_code == 403
    bulk = {"division": "33", "person_ids": []}
    assert Client().post(f"{URL}/duties", bulk, "application/json").status_code == 401
    assert reader.post(f"{URL}/duties", bulk, "application/json").status_code == 403


def test_user_names_are_told_to_those_who_keep_the_people() -> None:
    [grid] = make_grids(columns=1, rows=1)
    collector = make_person()
    make_duties(collector, [grid])
    for permissions, told in (
        (["territory.read"], ""),
        (["territory.read", "administration.people"], collector.username),
    ):
        client = signed_in(make_person(permissions=permissions))
        for path in ("/duties", f"/grids/{grid.code}/duties"):
            [one] = client.get(URL + path).json()["items"]
            assert (one["person"]["name"], one["person"]["username"]) == (collector.name, told)
