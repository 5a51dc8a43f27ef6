"""An image is checked, kept without its metadata, sent and forgotten; strays are swept."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.db.models import CharField
from django.test import RequestFactory, override_settings

from chengyun.files.http import SentFile, file_answer, thumbnail_answer
from chengyun.files.operations import KeptFile, forget_files, keep_image, sweep_folder
from chengyun.files.queries import file_store
from chengyun.files.rules.faults import FileTooLarge, MediaNotSupported
from chengyun.files.rules.photos import PhotoNotReadable
from chengyun.files.rules.storage import StoredFileMissing
from chengyun.files.tests.test_photos import exif, photo
from chengyun.kernel.errors import Fault
from chengyun.server.backups.making import FILES

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
# Files that a backup leaves out: what an import or an export needs only while it runs.
PASSING = {"intake_importrun", "cases_exportrun"}


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[Path]:
    with (
        override_settings(STORAGE_URL=f"file://{tmp_path}/files"),
        time_machine.travel(NOW, tick=False),
    ):
        yield tmp_path / "files"


def kept(content: bytes, *, size: int | None = None) -> KeptFile:
    size = len(content) if size is None else size
    return keep_image(io.BytesIO(content), size=size, folder="photos", name="../\u202egpj.a.jpg")


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_image_is_kept_with_all_that_a_row_tells(storage: Path) -> None:
    found = kept(photo(size=(1600, 1200), exif=exif()))
    stem = f"photos/2026/11/23/{found.id}"
    assert (found.key, found.thumbnail_key) == (f"{stem}.jpg", f"{stem}-thumb.webp")
    assert files_in(storage) == sorted([found.key, found.thumbnail_key])
    stored = b"".join(file_store().read(found.key))
    assert (found.size, found.sha256) == (len(stored), hashlib.sha256(stored).hexdigest())
    assert (found.kind, found.media_type, found.name) == ("photo", "image/jpeg", "gpj.a.jpg")
    assert (found.width, found.height, found.lon) == (1600, 1200, 121.5)
    assert found.taken_at == datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
    assert b"somebody" not in stored


@pytest.mark.parametrize(
    ("content", "size", "fault"),
    [
        (b"%PDF-1.7 no image", None, MediaNotSupported),
        (b"", None, MediaNotSupported),
        (photo(), 21 * 1024**2, FileTooLarge),
        (photo()[:200], None, PhotoNotReadable),
    ],
)
def test_what_is_no_sound_image_leaves_nothing(
    storage: Path, content: bytes, size: int | None, fault: type[Fault]
) -> None:
    with pytest.raises(fault):
        kept(content, size=size)
    assert files_in(storage) == []


def test_it_is_sent_with_its_thumbnail_until_it_is_forgotten(storage: Path) -> None:
    found = kept(photo())
    sent = SentFile(
        key=found.key,
        kind=found.kind,
        media_type=found.media_type,
        size=found.size,
        sha256=found.sha256,
        name=found.name,
    )
    request = RequestFactory().get("/", headers={"range": "bytes=0-1"})
    part = file_answer(request, sent)
    assert (part.status_code, part.getvalue()) == (206, b"\xff\xd8")
    small = thumbnail_answer(request, key=found.thumbnail_key, sha256=found.sha256)
    assert small["Content-Type"] == "image/webp"
    assert forget_files([found.key, found.thumbnail_key, ""]) == 2
    assert files_in(storage) == []
    with pytest.raises(StoredFileMissing):
        file_answer(request, sent)


def test_a_day_later_what_no_row_names_is_swept(storage: Path) -> None:
    named, stray = kept(photo()), kept(photo())

    def orphans(keys: list[str]) -> list[str]:
        return [key for key in keys if key not in {named.key, named.thumbnail_key}]

    real = datetime.now(UTC) + timedelta(hours=1)
    assert sweep_folder("photos", at=real - timedelta(days=2), orphans=orphans) == 0
    assert sweep_folder("photos", at=real + timedelta(days=3650), orphans=orphans) == 2
    assert files_in(storage) == sorted([named.key, named.thumbnail_key])
    assert stray.key not in files_in(storage)


def test_every_table_that_names_a_file_is_in_the_backup() -> None:
    """Whoever adds a table with a storage key adds it to server/backups/making.py, too."""
    naming = {
        model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, CharField) and field.name in {"storage_key", "thumbnail_key"}
    }
    assert {table for table in naming - PASSING if table not in FILES} == set()
    assert "cases_attachment" in naming
