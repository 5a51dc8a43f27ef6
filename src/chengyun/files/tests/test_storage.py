"""One promise, two storages: a folder and a bucket of an S3-compatible service."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from django.test import override_settings
from moto.server import ThreadedMotoServer

from chengyun.files.adapters.bucket import bucket_store
from chengyun.files.adapters.disk import DiskStore
from chengyun.files.queries import file_store
from chengyun.files.rules.storage import (
    FileStore,
    StorageNotReachable,
    StorageUrlInvalid,
    StoredFileMissing,
)

KEY = "attachments/2026/11/23/a.jpg"
BODY = bytes(range(256)) * 2048  # two chunks


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    endpoint = f"http://127.0.0.1:{port}"
    boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
    ).create_bucket(Bucket="files")
    yield endpoint
    server.stop()


@pytest.fixture(params=["disk", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, s3_endpoint: str) -> FileStore:
    if request.param == "disk":
        return DiskStore(tmp_path)
    return bucket_store(f"s3://k:s@files/{tmp_path.name}?endpoint={s3_endpoint}")


def test_what_is_put_is_read_whole_or_in_part(store: FileStore) -> None:
    file = io.BytesIO(BODY)
    store.put(KEY, file)
    assert not file.closed
    assert b"".join(store.read(KEY)) == BODY
    assert b"".join(store.read(KEY, start=300, length=5)) == BODY[300:305]
    assert b"".join(store.read(KEY, start=len(BODY) - 2)) == BODY[-2:]


def test_a_missing_file_is_said_before_the_first_chunk(store: FileStore) -> None:
    with pytest.raises(StoredFileMissing):
        store.read("attachments/none.jpg")


def test_what_nobody_reads_lets_go_of_its_file(store: FileStore) -> None:
    store.put(KEY, io.BytesIO(BODY))
    chunks = store.read(KEY)
    chunks.close()  # a file left open would be a ResourceWarning, hence a failure
    assert list(chunks) == []


def test_deleting_twice_is_no_error(store: FileStore) -> None:
    store.put(KEY, io.BytesIO(BODY))
    store.delete(KEY)
    store.delete(KEY)
    assert list(store.files("attachments")) == []


def test_lists_what_lies_under_a_prefix(store: FileStore) -> None:
    store.put(KEY, io.BytesIO(b"one"))
    store.put("exports/x.xlsx", io.BytesIO(b"other"))
    (found,) = store.files("attachments")
    assert (found.key, found.size) == (KEY, 3)
    assert abs(found.modified_at - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("key", ["../secret_key", "/etc/passwd", "a/../../b", "", "a\x00b"])
def test_a_key_cannot_leave_the_storage(store: FileStore, key: str) -> None:
    with pytest.raises(StoredFileMissing):
        store.read(key)


def test_an_unreachable_service_is_a_fault_of_its_own() -> None:
    store = bucket_store("s3://k:s@files?endpoint=http://127.0.0.1:9")
    with pytest.raises(StorageNotReachable):
        store.read(KEY)


def test_a_folder_that_cannot_be_written_is_a_fault_of_its_own(tmp_path: Path) -> None:
    blocker = tmp_path / "attachments"
    blocker.write_text("a file where a folder should be")
    with pytest.raises(StorageNotReachable):
        DiskStore(tmp_path).put(KEY, io.BytesIO(b"x"))


def test_the_storage_is_chosen_by_its_address(tmp_path: Path) -> None:
    with override_settings(STORAGE_URL=f"file://{tmp_path}/files"):
        chosen = file_store()
    assert isinstance(chosen, DiskStore)
    assert chosen.root == tmp_path / "files"


def test_an_address_that_cannot_be_used_is_said() -> None:
    with (
        override_settings(STORAGE_URL="ftp://somewhere?secret=1"),
        pytest.raises(StorageUrlInvalid) as refusal,
    ):
        file_store()
    assert "secret" not in refusal.value.text("en")
