"""Photos of components and findings: kept bare, ordered, taken away; kept numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.components.models import ComponentPhoto
from chengyun.components.operations.figures import refresh_counts
from chengyun.components.operations.photos import MOST, sweep_photos
from chengyun.components.queries import statistics
from chengyun.components.tests.builders import OTHER_COMMUNITY, City
from chengyun.components.tests.test_census import new_one, send, start
from chengyun.files.tests.test_photos import exif, photo
from chengyun.kernel.clock import now

URL = "/api/v1/components"


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[Path]:
    with override_settings(STORAGE_URL=f"file://{tmp_path}/files"):
        yield tmp_path / "files"


def add(client: Client, path: str, content: bytes | None = None) -> Any:
    content = content or photo(size=(640, 480), exif=exif())
    return client.post(path, {"file": SimpleUploadedFile("a.jpg", content, "image/jpeg")})


def files_in(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_photos_are_kept_bare_ordered_and_taken_away(
    city: City, storage: Path, django_capture_on_commit_callbacks: Any
) -> None:
    path = f"{URL}/{city.component().pk}/photos"
    add(city.client, path)
    items = add(city.client, path).json()["items"]
    assert (items[0]["width"], items[0]["lon"], items[0]["taken_at"] is not None) == (
        640,
        121.5,
        True,
    )
    sent = city.client.get(items[0]["url"])
    assert b"Exif" not in b"".join(sent.streaming_content)  # type: ignore[attr-defined]
    small = city.client.get(items[0]["thumbnail"])
    assert (small.status_code, small.headers["Content-Type"]) == (200, "image/webp")
    ids = [item["id"] for item in reversed(items)]
    ordered = city.client.put(path, {"photos": ids}, content_type="application/json").json()
    assert [item["id"] for item in ordered["items"]] == ids
    stale = city.client.put(path, {"photos": ids[:1]}, content_type="application/json")
    assert (stale.status_code, stale.json()["code"]) == (409, "photos_differ")
    assert files_in(storage) == 4
    with django_capture_on_commit_callbacks(execute=True):
        assert city.client.delete(items[0]["url"]).status_code == 204
    assert files_in(storage) == 2
    assert [item["id"] for item in city.client.get(path).json()["items"]] == ids[:1]


def test_what_is_no_photo_or_too_many_is_refused(city: City, storage: Path) -> None:
    one = city.component()
    path = f"{URL}/{one.pk}/photos"
    refused = add(city.client, path, b"GIF89a no picture")
    assert (refused.status_code, files_in(storage)) == (415, 0)
    blank = {"media_type": "x", "size": 1, "sha256": "", "width": 1, "height": 1, "at": now()}
    ComponentPhoto.objects.bulk_create(
        ComponentPhoto(component=one, storage_key=f"{n}", **blank) for n in range(MOST)
    )
    full = add(city.client, path)
    assert (full.status_code, full.json()["code"], files_in(storage)) == (422, "too_many_photos", 0)


def test_photos_are_seen_and_added_where_one_may(city: City, storage: Path) -> None:
    one = city.component()
    path = f"{URL}/{one.pk}/photos"
    url = add(city.client, path).json()["items"][0]["url"]
    reader = signed_in(make_person(permissions=["components.read"]))
    elsewhere = signed_in(
        make_person(
            permissions=["components.read", "components.manage"], division_code=OTHER_COMMUNITY[:9]
        )
    )
    assert reader.get(f"{url}/thumbnail").status_code == 200
    assert add(reader, path).status_code == 403
    assert reader.delete(url).status_code == 403
    for answer in (elsewhere.get(url), elsewhere.get(path), elsewhere.get(f"{url}/thumbnail")):
        assert answer.status_code == 404
    assert elsewhere.delete(url).status_code == 404
    assert add(elsewhere, path).status_code == 404
    assert ComponentPhoto.objects.count() == 1


def test_a_findings_photo_becomes_the_components(city: City, storage: Path) -> None:
    census = start(city)
    census.found(new_one())
    path = census.path("findings/n1/photos")
    assert add(census.collector, path).status_code == 201
    assert add(census.reviewer, path).status_code == 403
    pictures = census.differences()[0]["photos"]
    assert census.reviewer.get(pictures[0]["thumbnail"]).status_code == 200
    send(census.collector, census.path("submit"))
    made = send(census.reviewer, census.path("decisions"), {"accept": True}).json()["results"][0]
    shown = city.client.get(f"{URL}/{made['component_id']}/photos").json()["items"]
    assert [item["id"] for item in shown] == [pictures[0]["id"]]
    assert add(census.collector, path).status_code == 409


def test_photos_of_what_was_taken_back_are_swept(city: City, storage: Path) -> None:
    census = start(city)
    census.found(new_one())
    add(census.collector, census.path("findings/n1/photos"))
    census.collector.delete(census.path("findings/n1"))
    assert sweep_photos(now()) == 0
    assert sweep_photos(now() + timedelta(days=2)) == 2
    assert (files_in(storage), ComponentPhoto.objects.count()) == (0, 0)


def test_kept_numbers_say_how_old_they_are(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    one = city.component(owner_id=city.water.pk)
    city.component(row=2, state="lost")
    assert refresh_counts() is True
    assert refresh_counts() is False
    path = f"{URL}/statistics"
    assert city.client.get(path).json()["counted_at"] is None
    monkeypatch.setattr(statistics, "KEPT_FROM", 1)
    city.client.post(f"{URL}/{one.pk}/retire", {"reason": "x"}, content_type="application/json")
    for by in ("type", "state", "owner", "street"):
        kept = city.client.get(path, {"by": by}).json()
        assert (kept["total"], kept["counted_at"] is None) == (2, False)
    assert city.client.get(path, {"by": "grid"}).json()["total"] == 1
    assert refresh_counts() is True
    assert city.client.get(path).json()["total"] == 1
    assert city.client.get(path, {"retired": "yes"}).json()["total"] == 1
    street = signed_in(
        make_person(permissions=["components.read"], division_code=OTHER_COMMUNITY[:9])
    )
    assert street.get(path, {"retired": "all"}).json()["total"] == 1
