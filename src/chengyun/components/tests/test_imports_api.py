"""Imports of components over HTTP: upload, the worker's work, progress, quarantine, rights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from chengyun.administration.models import AuditEntry
from chengyun.administration.operations import change_setting
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.components.commands import import_components_command
from chengyun.components.models import Component
from chengyun.components.tests.builders import COVER, City
from chengyun.files.queries import file_store
from chengyun.intake.models import ImportRun
from chengyun.intake.operations.runs import perform_import
from chengyun.territory.tests.builders import middle

URL = "/api/v1/components/imports"
MAPPING = {
    "name": "mine",
    "fields": {name: {"column": name} for name in ("code", "type", "lon", "lat")},
}


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[None]:
    with override_settings(STORAGE_URL=f"file://{tmp_path}/files"):
        yield


def content(*numbers: int, type_code: str = COVER) -> bytes:
    lon, lat = middle(0, 0)
    rows = [f"33019901003{number:06d},{type_code},{lon},{lat}" for number in numbers]
    return "\n".join(["code,type,lon,lat", *rows]).encode()


def upload(client: Client, data: bytes, *, key: str = "", **form: Any) -> Any:
    files = {
        "file": SimpleUploadedFile("部件.csv", data),
        "mapping_file": SimpleUploadedFile("m.yaml", json.dumps(MAPPING).encode()),
    }
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(URL, files | form, headers=headers)


def test_an_upload_is_imported_by_the_worker_and_told(city: City) -> None:
    begun = upload(city.client, content(1, 2))
    assert begun.status_code == 202, begun.content
    made = begun.json()
    assert (made["state"], made["file"], made["mapping"]) == ("waiting", "部件.csv", "mine")
    assert Component.objects.count() == 0
    perform_import(run_id=made["id"])
    done = city.client.get(f"{URL}/{made['id']}").json()
    assert (done["state"], done["made"], done["done"], done["faulty"]) == ("done", 2, 2, 0)
    assert [one["id"] for one in city.client.get(URL).json()["items"]] == [made["id"]]
    assert list(file_store().files("imports")) == []
    acts = AuditEntry.objects.filter(act__startswith="components.import_").values_list(
        "act", flat=True
    )
    assert sorted(acts) == ["components.import_finished", "components.import_started"]


def test_bad_rows_are_listed_and_downloaded(city: City) -> None:
    made = upload(city.client, content(1, type_code="99999")).json()
    perform_import(run_id=made["id"])
    listed = city.client.get(f"{URL}/{made['id']}/faults").json()["items"]
    assert [(one["row"], one["field"], one["code"]) for one in listed] == [
        (1, "type", "component_type_unknown")
    ]
    sent = city.client.get(f"{URL}/{made['id']}/quarantine")
    text = b"".join(sent.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines()[0] == "code,type,lon,lat,_row,_field,_code,_zh,_en"
    assert "99999" in text


def test_the_same_key_starts_one_run(city: City) -> None:
    first, again = (upload(city.client, content(1), key="k") for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert ImportRun.objects.count() == 1


def test_a_cancelled_run_makes_nothing(
    city: City, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    made = upload(city.client, content(1)).json()
    with django_capture_on_commit_callbacks(execute=True):
        cancelled = city.client.post(f"{URL}/{made['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    perform_import(run_id=made["id"])
    assert Component.objects.count() == 0
    assert list(file_store().files("imports")) == []
    assert city.client.post(f"{URL}/{made['id']}/cancel").status_code == 409


def test_what_is_clearly_wrong_is_refused_at_once(city: City) -> None:
    change_setting(actor=SYSTEM, key="components.import_max_mb", value=1)
    cases: list[tuple[bytes, dict[str, Any], int, str]] = [
        (b"a,b\n1,2", {}, 422, "column_missing"),
        (b"", {}, 422, "invalid"),
        (b"code," + b"x" * 1024 * 1024, {}, 413, "import_too_large"),
    ]
    for data, form, status, code in cases:
        answer = upload(city.client, data, **form)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    no_mapping = city.client.post(URL, {"file": SimpleUploadedFile("x.csv", content(1))})
    assert (no_mapping.status_code, no_mapping.json()["errors"][0]["field"]) == (422, "mapping")
    assert ImportRun.objects.count() == 0


def test_mappings_are_listed_and_sent(city: City) -> None:
    listed = city.client.get(f"{URL}/mappings").json()["items"]
    assert [one["code"] for one in listed] == ["chengyun", "cjt214"]
    assert listed[1]["columns"][0]["columns"] == ["ObjID"]
    sent = city.client.get(f"{URL}/mappings/cjt214")
    assert b"ObjID" in sent.content
    assert city.client.get(f"{URL}/mappings/none").status_code == 404


def test_a_run_is_its_starters(city: City) -> None:
    made = upload(city.client, content(1)).json()["id"]
    other = signed_in(make_person(permissions=["components.manage"]))
    auditor = signed_in(make_person(permissions=["components.manage", "administration.audit"]))
    for path in ("", "/faults", "/quarantine"):
        assert other.get(f"{URL}/{made}{path}").status_code == 404
        assert auditor.get(f"{URL}/{made}{path}").status_code == 200
    assert other.post(f"{URL}/{made}/cancel").status_code == 404
    assert ImportRun.objects.get().state == "waiting"


@pytest.mark.django_db
def test_who_may_import() -> None:
    one = f"{URL}/00000000-0000-0000-0000-000000000001"
    reader = signed_in(make_person(permissions=["components.read"]))
    for client, status in ((Client(), 401), (reader, 403)):
        for path in (URL, f"{URL}/mappings", f"{URL}/mappings/cjt214", one, f"{one}/faults"):
            assert client.get(path).status_code == status, path
        assert client.get(f"{one}/quarantine").status_code == status
        assert client.post(f"{one}/cancel").status_code == status
        assert upload(client, content(1)).status_code == status
    assert ImportRun.objects.count() == 0


def test_the_command_imports_and_tells(city: City, tmp_path: Any) -> None:
    (tmp_path / "m.yaml").write_text(json.dumps(MAPPING))
    (tmp_path / "in.csv").write_bytes(content(1, 2) + b"\n33019901003000003,99999,120,30\n")
    arguments = [str(tmp_path / "in.csv"), "--mapping", str(tmp_path / "m.yaml")]
    bad = tmp_path / "bad.csv"
    runner = CliRunner()
    dry = runner.invoke(import_components_command, [*arguments, "--dry-run", "--json"])
    told = json.loads(dry.output)
    assert (told["made"], told["faulty"], Component.objects.count()) == (2, 1, 0)
    done = runner.invoke(import_components_command, [*arguments, "--quarantine", str(bad)])
    assert "2 components made" in done.output
    assert "component_type_unknown: 1" in done.output
    assert "33019901003000003,99999,120,30,3,type" in bad.read_text(encoding="utf-8-sig")
    assert Component.objects.count() == 2
    wrong = runner.invoke(import_components_command, [arguments[0], "--mapping", "none"])
    assert wrong.exit_code == 2
