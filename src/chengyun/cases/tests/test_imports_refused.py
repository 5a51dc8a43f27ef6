"""Uploads that are refused at once, leaving nothing behind."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from chengyun.administration.operations import change_setting
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.builders import bearer, make_person
from chengyun.cases.operations.seed import seed_reference_data
from chengyun.cases.tests.builders import City
from chengyun.cases.tests.uploads import GOOD, IMPORTS, MAPPING, files_in, send, waiting_jobs
from chengyun.intake.models import ImportRun

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[Path]:
    with override_settings(STORAGE_URL=f"file://{tmp_path}/files"):
        yield tmp_path / "files"


@pytest.fixture(autouse=True)
def types(city: City) -> None:
    seed_reference_data()


@pytest.fixture
def importer(city: City) -> Client:
    return bearer(make_person(role="administrator", name="管理员"))


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.csv", "invalid"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a.csv", "table_unreadable"),
        (GOOD.encode("gb18030"), "a.csv", "table_unreadable"),
        (GOOD.encode("utf-16"), "a.csv", "table_unreadable"),
        (b"A,B\n1,2\n", "a.csv", "column_missing"),
        (b"\n\n\n", "a.csv", "table_unreadable"),
        (b"," * 5_000_000, "a.csv", "table_unreadable"),
        (b'"' + b"\n" * 200_000, "a.csv", "table_unreadable"),
        (b'"\n",' * 1_200_000, "a.csv", "table_unreadable"),
        (gzip.compress(GOOD.encode(), mtime=0)[:40], "a.csv.gz", "table_unreadable"),
        (b"no gzip", "a.csv.gz", "table_unreadable"),
        (b"no zip", "a.xlsx", "table_unreadable"),
        (b"PK\x03\x04 broken", "a.zip", "table_unreadable"),
        (b"\xd0\xcf\x11\xe0 old", "a.xls", "table_unreadable"),
        (zipped(), "a.zip", "table_unreadable"),
        (zipped(a=b"1", b=b"2"), "a.zip", "table_unreadable"),
        (gzip.compress(b"," * 5_000_000, mtime=0), "bomb.csv.gz", "table_unreadable"),
    ],
)
def test_a_bad_file_is_refused_at_once(
    importer: Client, storage: Path, content: bytes, name: str, code: str
) -> None:
    answer = send(importer, content, name)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert ImportRun.objects.count() == 0
    assert waiting_jobs() == []
    assert files_in(storage) == []


@pytest.mark.parametrize(
    ("mapping", "fields", "code"),
    [
        (None, {}, "invalid"),
        (None, {"mapping": "no_such"}, "invalid"),
        ("name: [", {}, "mapping_invalid"),
        ("- 1\n- 2", {}, "mapping_invalid"),
        (MAPPING.replace("external_id", "extrenal_id"), {}, "mapping_invalid"),
        (MAPPING + "crs: EPSG:1\n", {}, "mapping_invalid"),
        ("[" * 2000, {}, "mapping_invalid"),
        (MAPPING + "#" * 1_100_000, {}, "mapping_invalid"),
        (MAPPING, {"dry_run": "perhaps"}, "request_invalid"),
    ],
)
def test_a_bad_mapping_is_refused_at_once(
    importer: Client, mapping: str | None, fields: dict[str, str], code: str
) -> None:
    data: dict[str, Any] = {"file": SimpleUploadedFile("a.csv", GOOD.encode()), **fields}
    if mapping is not None:
        data["mapping_file"] = SimpleUploadedFile("m.yaml", mapping.encode())
    answer = importer.post(IMPORTS, data)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert ImportRun.objects.count() == 0


def test_a_file_over_the_limit_is_refused(importer: Client) -> None:
    change_setting(actor=SYSTEM, key="cases.import_max_mb", value=1)
    answer = send(importer, GOOD + " " * 1024 * 1024)
    assert (answer.status_code, answer.json()["code"]) == (413, "import_too_large")
    assert ImportRun.objects.count() == 0
