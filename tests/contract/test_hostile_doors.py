"""Every door that takes files is tried with files that want to do harm.

The doors are read from the OpenAPI file, so that none is forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from hostile_files import FILES, is_clear, upload

from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.components.tests.builders import City, make_city
from chengyun.components.tests.test_census import new_one, start
from chengyun.territory.models import GridGroup, ThematicFeature

OPENAPI = Path(__file__).parents[2] / "api" / "openapi.json"
# By test_hostile_files.
TRIED_THERE = {
    "/api/v1/attachments",
    "/api/v1/imports",
    "/api/v1/components/imports",
    "/api/v1/territory/addresses/imports",
    "/api/v1/standards/import",
    "/api/v1/territory/grids/import",
}
TRIED_HERE = {
    "/api/v1/components/{component_id}/photos",
    "/api/v1/components/census/tasks/{task_id}/findings/{key}/photos",
    "/api/v1/territory/grid-groups/{kind}/import",
    "/api/v1/territory/thematic-layers/{code}/file",
}
LAYER = {"code": "wells", "zh": "水井", "source": "file"}


def test_every_door_is_tried() -> None:
    doors = {
        path
        for path, routes in json.loads(OPENAPI.read_text(encoding="utf-8"))["paths"].items()
        for route in routes.values()
        if "multipart/form-data" in route.get("requestBody", {}).get("content", {})
    }
    assert doors == TRIED_THERE | TRIED_HERE


@pytest.fixture
def city(db: None, tmp_path: Path) -> Iterator[City]:
    with override_settings(STORAGE_URL=f"file://{tmp_path}/files"):
        yield make_city()


def test_photos_of_components_and_findings_refuse_them(city: City, tmp_path: Path) -> None:
    census = start(city)
    census.found(new_one("k1"))
    component = f"/api/v1/components/{city.component().pk}/photos"
    for name, content in FILES.items():
        for client, path in (
            (city.client, component),
            (census.collector, census.path("findings/k1/photos")),
        ):
            answer = client.post(path, {"file": upload("a.jpg", content)})
            assert is_clear(answer), (name, path, answer.content)
    assert city.client.get(component).json()["items"] == []
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the library warns of a file's marks
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_grid_groups_and_layers_refuse_them(city: City) -> None:
    client = signed_in(make_person(permissions=["territory.read", "territory.manage"]))
    layers = "/api/v1/territory/thematic-layers"
    assert client.post(layers, LAYER, content_type="application/json").status_code == 201
    for name, content in FILES.items():
        groups = "/api/v1/territory/grid-groups/management/import"
        told = client.post(groups, {"file": upload("m.csv", content), "dry_run": "false"})
        assert is_clear(told) or _is_refused(told), (name, told.content)
        form = {"file": upload("a.geojson", content), "crs": "EPSG:4490"}
        sent = client.post(f"{layers}/wells/file", form)
        assert is_clear(sent), (name, sent.content)
    assert not GridGroup.objects.exists()
    assert not ThematicFeature.objects.exists()


def _is_refused(answer: Any) -> bool:
    """Tell whether nothing was written, each fault being told with its place."""
    return (
        answer.status_code == 200 and not answer.json()["written"] and bool(answer.json()["faults"])
    )
