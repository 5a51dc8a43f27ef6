"""Uploads are checked by content, kept, served to whom may see the case, and swept."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from PIL import Image

from chengyun.administration.operations import change_setting
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.builders import bearer
from chengyun.cases.models import Attachment
from chengyun.cases.operations.attachments import (
    Upload,
    store_attachment,
    sweep_attachments,
    sweep_unused_uploads,
)
from chengyun.cases.tests.builders import City, report
from chengyun.files.queries import file_store
from chengyun.files.rules.byte_range import RangeNotSatisfiable, bytes_asked
from chengyun.files.tests.test_photos import exif, photo
from chengyun.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n" + b"x" * 500
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2" + bytes(range(256)) * 20


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[Path]:
    with override_settings(STORAGE_URL=f"file://{tmp_path}/files"):
        yield tmp_path / "files"


@pytest.fixture
def collector(city: City) -> Client:
    return bearer(city.people["collector"])


def upload(client: Client, content: bytes, name: str = "a.jpg", **fields: str) -> Any:
    file = SimpleUploadedFile(name, content, content_type="text/plain")
    return client.post("/api/v1/attachments", {"file": file, **fields})


def fetched(client: Client, url: str) -> int:
    answer = client.get(url)
    if answer.streaming:
        answer.getvalue()
    return answer.status_code


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_photo_is_cleaned_measured_and_kept_with_a_thumbnail(
    collector: Client, storage: Path
) -> None:
    content = photo(size=(1600, 1200), exif=exif(taken="2025:11:23 13:30:00"))
    answer = upload(collector, content, phase="disposal", name="../../IMG 1.jpg")
    assert answer.status_code == 201
    found = answer.json()
    assert (found["kind"], found["media_type"], found["phase"]) == (
        "photo",
        "image/jpeg",
        "disposal",
    )
    assert (found["width"], found["height"], found["name"]) == (1600, 1200, "IMG 1.jpg")
    assert (found["lon"], round(found["lat"], 5)) == (121.5, 31.21)
    assert found["taken_at"] == "2025-11-23T05:30:00Z"
    row = Attachment.objects.get(pk=found["id"])
    stored = b"".join(file_store().read(row.storage_key))
    assert (len(stored), hashlib.sha256(stored).hexdigest()) == (row.size, row.sha256)
    assert b"somebody" not in stored
    assert files_in(storage) == sorted([f"{row.pk}.jpg", f"{row.pk}-thumb.webp"])


@pytest.mark.parametrize(
    ("content", "kind", "media_type"),
    [
        (PDF, "document", "application/pdf"),
        (MP4, "video", "video/mp4"),
        (b"#!AMR\n\x3c", "audio", "audio/amr"),
    ],
)
def test_other_kinds_are_kept_as_they_are(
    collector: Client, content: bytes, kind: str, media_type: str
) -> None:
    found = upload(collector, content, "x.exe").json()
    assert (found["kind"], found["media_type"], found["thumbnail"]) == (kind, media_type, None)
    assert found["size"] == len(content)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 415, "media_not_supported"),
        (b"<svg onload=alert(1)>", 415, "media_not_supported"),
        (b"MZ\x90\x00", 415, "media_not_supported"),
        (b"\xff\xd8\xff\xe0 and no more", 422, "photo_not_readable"),
        (photo("PNG", mode="1", color=0, size=(9000, 9000)), 422, "photo_too_many_pixels"),
    ],
)
def test_what_is_no_sound_file_is_refused_and_leaves_nothing(
    collector: Client, storage: Path, content: bytes, status: int, code: str
) -> None:
    answer = upload(collector, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert files_in(storage) == []
    assert not Attachment.objects.exists()


def test_the_limit_of_each_kind_is_a_setting(collector: Client) -> None:
    change_setting(actor=SYSTEM, key="cases.document_max_mb", value=1)
    answer = upload(collector, PDF + b"x" * 1024 * 1024)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert upload(collector, PDF).status_code == 201


@pytest.mark.parametrize("fields", [{"phase": "sleep"}, {"phase": "x" * 100}, {"phase": "\x00"}])
def test_an_unknown_phase_is_refused(collector: Client, fields: dict[str, str]) -> None:
    assert upload(collector, PDF, **fields).status_code == 422


def test_a_form_without_a_file_is_refused(collector: Client) -> None:
    assert collector.post("/api/v1/attachments", {"phase": "report"}).status_code == 422
    answer = collector.post("/api/v1/attachments", b"x", content_type="multipart/form-data")
    assert answer.status_code in {400, 422}


def test_who_neither_reports_nor_acts_uploads_nothing(city: City) -> None:
    with pytest.raises(Forbidden):
        store_attachment(
            actor=city.actor("administrator"), upload=Upload(file=io.BytesIO(PDF), size=len(PDF))
        )
    assert upload(Client(), PDF).status_code == 401


def test_the_uploader_alone_sees_a_file_until_it_is_bound(city: City, collector: Client) -> None:
    url = upload(collector, photo()).json()["url"]
    assert fetched(collector, url) == 200
    assert fetched(bearer(city.people["acceptor"]), url) == 404
    assert fetched(Client(), url) == 401


def test_after_that_who_may_read_the_case(city: City, collector: Client) -> None:
    found = upload(collector, photo()).json()
    report(city, attachment_ids=[UUID(found["id"])])
    for name, status in (("acceptor", 200), ("collector", 200), ("department", 404)):
        client = bearer(city.people[name])
        assert fetched(client, found["url"]) == status
        assert fetched(client, found["thumbnail"]) == status


def test_a_file_is_sent_with_what_keeps_browsers_safe(collector: Client) -> None:
    found = upload(collector, photo(), '现场 "1".jpg').json()
    answer = collector.get(found["url"])
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, max-age=3600"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    name = "%E7%8E%B0%E5%9C%BA%20%221%22.jpg"
    assert answer["Content-Disposition"] == f"inline; filename*=UTF-8''{name}"
    assert int(answer["Content-Length"]) == found["size"] == len(answer.getvalue())
    again = collector.get(found["url"], headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_documents_are_downloaded_not_shown(collector: Client) -> None:
    found = upload(collector, PDF, "报告.pdf").json()
    answer = collector.get(found["url"])
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer.getvalue() == PDF


def test_a_thumbnail_is_a_small_picture(collector: Client) -> None:
    found = upload(collector, photo(size=(2000, 1000))).json()
    answer = collector.get(found["thumbnail"])
    with Image.open(io.BytesIO(answer.content)) as small:
        assert small.size == (320, 160)
    headers = {"if-none-match": answer["ETag"]}
    assert collector.get(found["thumbnail"], headers=headers).status_code == 304


def test_a_document_has_no_thumbnail(collector: Client) -> None:
    url = upload(collector, PDF).json()["url"]
    assert collector.get(f"{url}/thumbnail").status_code == 404


def test_a_video_is_sent_in_parts(collector: Client) -> None:
    url = upload(collector, MP4, "v.mp4").json()["url"]
    part = collector.get(url, headers={"range": "bytes=10-19"})
    assert (part.status_code, part.getvalue()) == (206, MP4[10:20])
    assert part["Content-Range"] == f"bytes 10-19/{len(MP4)}"
    tail = collector.get(url, headers={"range": "bytes=-5"})
    assert tail.getvalue() == MP4[-5:]
    beyond = collector.get(url, headers={"range": "bytes=999999-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(MP4)}")
    changed = collector.get(url, headers={"range": "bytes=0-1", "if-range": '"other"'})
    assert (changed.status_code, changed.getvalue()) == (200, MP4)


@pytest.mark.parametrize("path", ["2ea986f0-4516-4795-883e-a6fcd3e4078e", "nonsense", "1"])
def test_what_is_not_there_is_not_found(collector: Client, path: str) -> None:
    assert collector.get(f"/api/v1/attachments/{path}").status_code == 404


def test_a_lost_file_is_said(collector: Client, storage: Path) -> None:
    found = upload(collector, PDF).json()
    for path in storage.rglob("*.pdf"):
        path.unlink()
    answer = collector.get(found["url"])
    assert (answer.status_code, answer.json()["code"]) == (404, "stored_file_missing")


def test_the_sweep_takes_what_nobody_used_and_leaves_the_rest(
    city: City, collector: Client, storage: Path
) -> None:
    used = upload(collector, photo()).json()["id"]
    report(city, attachment_ids=[UUID(used)])
    unused = upload(collector, photo()).json()["id"]
    file_store().put("attachments/2026/03/02/orphan.jpg", io.BytesIO(b"x"))
    file_store().put(f"attachments/2026/03/02/{uuid4()}.jpg", io.BytesIO(b"x"))
    file_store().put("exports/kept.xlsx", io.BytesIO(b"x"))
    assert sweep_attachments(at=datetime.now(UTC)) == 0
    soon = datetime.now(UTC) + timedelta(hours=47)
    assert sweep_attachments(at=soon) == 2  # the files without a row
    late = datetime.now(UTC) + timedelta(hours=49)
    assert sweep_unused_uploads(at=late) == 2
    assert not Attachment.objects.filter(pk=unused).exists()
    assert files_in(storage) == sorted([f"{used}.jpg", f"{used}-thumb.webp", "kept.xlsx"])
    assert sweep_attachments(at=late) == 0


def test_the_hours_are_a_setting(city: City, collector: Client) -> None:
    unused = upload(collector, photo()).json()["id"]
    change_setting(actor=SYSTEM, key="cases.unbound_attachment_hours", value=1)
    assert sweep_unused_uploads(at=datetime.now(UTC) + timedelta(minutes=59)) == 0
    assert sweep_unused_uploads(at=datetime.now(UTC) + timedelta(minutes=61)) == 2
    assert not Attachment.objects.filter(pk=unused).exists()


def test_a_person_uploads_so_much_in_a_day_and_no_more(
    city: City, collector: Client, storage: Path
) -> None:
    change_setting(actor=SYSTEM, key="cases.upload_day_mb", value=1)
    first = upload(collector, PDF).json()["id"]
    Attachment.objects.filter(pk=first).update(size=1024 * 1024 - len(PDF))
    kept = files_in(storage)
    assert upload(collector, PDF).status_code == 201
    refused = upload(collector, PDF)
    assert (refused.status_code, refused.json()["code"]) == (429, "upload_quota_reached")
    assert len(files_in(storage)) == len(kept) + 1
    assert upload(bearer(city.people["second_collector"]), PDF).status_code == 201
    Attachment.objects.update(at=datetime.now(UTC) - timedelta(hours=25))
    assert upload(collector, PDF).status_code == 201


def test_a_shared_file_is_no_orphan(city: City) -> None:
    key = "attachments/2026/03/02/shared.jpg"
    file_store().put(key, io.BytesIO(b"x"))
    case = report(city)
    Attachment.objects.filter(case=case).update(storage_key=key)
    assert sweep_attachments(at=datetime.now(UTC) + timedelta(days=2)) == 0


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 100)),
        ("bytes=90-200", (90, 10)),
        ("bytes=-10", (90, 10)),
        ("bytes=-200", (0, 100)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
    ],
)
def test_ranges(header: str, expected: tuple[int, int] | None) -> None:
    assert bytes_asked(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=500-600", "bytes=-0"])
def test_ranges_beyond_the_end(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        bytes_asked(header, 100)
