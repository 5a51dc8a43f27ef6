"""Code schemes as data."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.kernel.codes import UnknownCodeScheme
from chengyun.territory.models import CodeScheme
from chengyun.territory.operations.seed import seed_reference_data
from chengyun.territory.queries.code_schemes import scheme_for

pytestmark = pytest.mark.django_db
URL = "/api/v1/territory/code-schemes"


@pytest.mark.parametrize(
    ("subject", "day", "length"),
    [
        ("unit_grid", date(2010, 1, 1), 14),
        ("unit_grid", date(2020, 1, 1), 15),
        ("unit_grid", date(2026, 7, 1), 15),
        ("component_type", date(2026, 6, 30), 4),
        ("component_type", date(2026, 7, 1), 5),
        ("component", date(2026, 6, 30), 16),
        ("component", date(2026, 7, 1), 17),
        ("matter", date(2006, 1, 1), 10),
        ("matter", date(2026, 7, 1), 11),
        ("community", date(2026, 7, 1), 12),
    ],
)
def test_the_scheme_in_force_decides_the_length(subject: str, day: date, length: int) -> None:
    seed_reference_data()
    assert scheme_for(subject, day).length == length


def test_an_unknown_subject_is_said() -> None:
    seed_reference_data()
    with pytest.raises(UnknownCodeScheme):
        scheme_for("dragon", date(2026, 7, 1))


def test_the_seed_leaves_what_the_city_changed() -> None:
    seed_reference_data()
    CodeScheme.objects.filter(subject="county").update(source="ours")
    seed_reference_data()
    assert CodeScheme.objects.get(subject="county").source == "ours"


def test_list_and_save_over_http() -> None:
    seed_reference_data()
    client = signed_in(make_person(permissions=["territory.read", "territory.manage"]))
    grids = client.get(URL, {"subject": "unit_grid"}).json()
    assert [(row["standard"], row["length"]) for row in grids] == [
        ("GB/T 30428", 15),
        ("GB/T 47678", 15),
        ("CJ/T 213", 14),
    ]
    body: dict[str, Any] = {
        "subject": "unit_grid",
        "standard": "ours",
        "parts": [{"name": "district", "width": 6}, {"name": "grid", "width": 6, "zh": "网格"}],
        "valid_from": "2026-09-01",
    }
    saved = client.put(URL, body, "application/json")
    assert (saved.status_code, saved.json()["length"]) == (200, 12)
    assert scheme_for("unit_grid", date(2026, 9, 1)).length == 12
    assert scheme_for("unit_grid", date(2026, 8, 31)).length == 15
    body["parts"] = [{"name": "a", "width": 6}, {"name": "a", "width": 1}]
    assert client.put(URL, body, "application/json").json()["code"] == "invalid_code_scheme"
    body["parts"], body["valid_to"] = [{"name": "a", "width": 6}], "2026-01-01"
    assert client.put(URL, body, "application/json").json()["errors"][0]["field"] == "valid_to"


@pytest.mark.parametrize(
    "change",
    [
        {"parts": []},
        {"parts": [{"name": "a", "width": 0}]},
        {"parts": [{"name": "a", "width": 1e400}]},
        {"parts": "x"},
        {"subject": "X Y"},
        {"standard": "\x00"},
        {"valid_from": "yesterday"},
        {"extra": 1},
    ],
)
def test_bad_schemes_are_refused(change: dict[str, Any]) -> None:
    client = signed_in(make_person(permissions=["territory.read", "territory.manage"]))
    body = {"subject": "x", "standard": "y", "parts": [{"name": "a", "width": 1}], **change}
    assert client.put(URL, body, "application/json").status_code in {400, 422}
    assert not CodeScheme.objects.exists()


def test_who_may_read_and_save() -> None:
    body = {"subject": "x", "standard": "y", "parts": [{"name": "a", "width": 1}]}
    assert Client().get(URL).status_code == 401
    assert signed_in(make_person()).get(URL).status_code == 403
    assert Client().put(URL, body, "application/json").status_code == 401
    reader = signed_in(make_person(permissions=["territory.read"]))
    assert reader.put(URL, body, "application/json").status_code == 403
    district = make_person(permissions=["territory.manage"], division_code="3301")
    assert signed_in(district).put(URL, body, "application/json").status_code == 403
