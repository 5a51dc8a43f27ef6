"""Saved views: kept by name, shared within the organisation, never another's to change."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import bearer, make_person
from chengyun.cases.models import SavedView
from chengyun.cases.operations import views as operations
from chengyun.cases.queries.views import list_views
from chengyun.cases.tests.builders import City

pytestmark = pytest.mark.django_db
VIEWS = "/api/v1/cases/views"
RED = {"light": "red", "open": "true"}


def send(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return client.generic(
        method,
        path,
        b"" if body is None else json.dumps(body),
        content_type="application/json",
        headers=headers,
    )


@pytest.fixture
def leader(city: City) -> Client:
    return bearer(city.people["leader"])


def saved(client: Client, name: str = "红灯", **values: Any) -> dict[str, Any]:
    answer = send(client, "POST", VIEWS, {"name": name, "filters": RED} | values)
    assert answer.status_code == 201, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_a_view_is_kept_changed_and_removed_and_that_is_logged(leader: Client) -> None:
    made = saved(leader, filters=RED | {"q": ""}, sort=3)
    assert made["filters"] == RED
    assert (made["mine"], made["shared"], made["sort"]) == (True, False, 3)
    assert made["by"]["name"] == "leader"
    answer = send(leader, "PATCH", f"{VIEWS}/{made['id']}", {"name": "超期", "sort": 1})
    assert answer.json() == made | {"name": "超期", "sort": 1}
    assert leader.get(VIEWS).json() == [made | {"name": "超期", "sort": 1}]
    assert send(leader, "DELETE", f"{VIEWS}/{made['id']}").status_code == 204
    assert leader.get(VIEWS).json() == []
    acts = AuditEntry.objects.filter(subject=f"view:{made['id']}").order_by("id")
    assert [entry.act for entry in acts] == [
        "cases.view_saved",
        "cases.view_changed",
        "cases.view_removed",
    ]


def test_a_name_is_used_once_by_a_person_but_by_several_people(city: City, leader: Client) -> None:
    made = saved(leader)
    other = saved(leader, "黄灯")
    again = send(leader, "POST", VIEWS, {"name": " 红灯 ", "filters": {}})
    assert (again.status_code, again.json()["code"]) == (409, "view_name_taken")
    renamed = send(leader, "PATCH", f"{VIEWS}/{other['id']}", {"name": "红灯"})
    assert renamed.status_code == 409
    kept = send(leader, "PATCH", f"{VIEWS}/{made['id']}", {"name": "红灯"})
    assert kept.status_code == 200
    saved(bearer(city.people["dispatcher"]))
    assert SavedView.objects.count() == 3


def test_only_shared_views_of_the_own_organisation_are_seen(city: City, leader: Client) -> None:
    colleague = bearer(make_person(role="leader", organisation=city.people["leader"].organisation))
    hidden, shared = saved(leader, "自用"), saved(leader, "共享", shared=True)
    assert [(one["id"], one["mine"]) for one in colleague.get(VIEWS).json()] == [
        (shared["id"], False)
    ]
    assert bearer(city.people["dispatcher"]).get(VIEWS).json() == []
    for view in (hidden, shared):
        for method, body in (("PATCH", {"name": "改"}), ("DELETE", None)):
            answer = send(colleague, method, f"{VIEWS}/{view['id']}", body)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert sorted(SavedView.objects.values_list("name", flat=True)) == ["共享", "自用"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "a", "filters": {"light": "purple"}},
        {"name": "a", "filters": {"unknown": "1"}},
        {"name": "a", "filters": {"reported_from": "yesterday"}},
        {"name": "a", "filters": {"state": "filed\u0000"}},
        {"name": "a", "filters": {"q": 5}},
        {"name": "a", "filters": {"q": "x" * 3000}},
        {"name": "a", "filters": []},
        {"name": "a", "filters": None},
        {"name": "  ", "filters": RED},
        {"name": "长" * 61, "filters": RED},
        {"name": "a\u0000", "filters": RED},
        {"name": "a", "filters": RED, "sort": -1},
        {"name": "a", "filters": RED, "owner": 1},
        {"filters": RED},
        [],
    ],
)
def test_what_no_list_understands_is_not_kept(leader: Client, body: Any) -> None:
    assert send(leader, "POST", VIEWS, body).status_code == 422
    made = saved(leader, "好")
    if isinstance(body, dict) and "name" in body and body["filters"] is not None:
        assert send(leader, "PATCH", f"{VIEWS}/{made['id']}", body).status_code == 422
    assert list(SavedView.objects.values_list("name", "filters")) == [("好", RED)]


def test_there_is_an_end_to_views(
    city: City, leader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_VIEWS", 2)
    saved(leader, "一")
    saved(leader, "二")
    answer = send(leader, "POST", VIEWS, {"name": "三", "filters": {}})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_views")
    saved(bearer(city.people["dispatcher"]), "三")


def test_the_same_key_saves_once(leader: Client) -> None:
    body = {"name": "红灯", "filters": RED}
    first = send(leader, "POST", VIEWS, body, idempotency_key="v-1")
    again = send(leader, "POST", VIEWS, body, idempotency_key="v-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


def test_nobody_without_the_permission_has_views(city: City) -> None:
    bare = bearer(make_person())
    for client, status in ((Client(), 401), (bare, 403)):
        assert client.get(VIEWS).status_code == status
        answer = send(client, "POST", VIEWS, {"name": "a", "filters": {}})
        assert answer.status_code == status
        assert send(client, "DELETE", f"{VIEWS}/1").status_code == status
        assert send(client, "PATCH", f"{VIEWS}/1", {}).status_code == status


@pytest.mark.parametrize("view_id", ["0", "9223372036854775807", "99999999999999999999999", "-1"])
def test_an_id_that_is_none_is_no_error_of_ours(leader: Client, view_id: str) -> None:
    assert send(leader, "DELETE", f"{VIEWS}/{view_id}").status_code in {404, 422}


def test_a_list_of_views_takes_one_query(city: City, leader: Client) -> None:
    for number in range(5):
        saved(leader, f"视图{number}", shared=True)
    actor = city.actor("leader")
    list_views(actor=actor)
    with CaptureQueriesContext(connection) as taken:
        list_views(actor=actor)
    assert len(taken) == 1
