"""A city's encrypted backup lies in a bucket of an S3-compatible service and is restored."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from platform_under_test import Platform

pytestmark = pytest.mark.journey


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's system user may enter."""
    made = Path(tempfile.mkdtemp(prefix="cyb"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def endpoint() -> Iterator[str]:
    """A service over HTTP on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://127.0.0.1:{1}".format(*server.get_host_and_port())
    server.stop()


def test_a_backup_in_a_bucket_is_sealed_and_restored(
    city: Platform, folder: Path, endpoint: str
) -> None:
    bucket = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
    )
    bucket.create_bucket(Bucket="safe")
    place = f"s3://k:s@safe/city?endpoint={endpoint}"
    public = city.chengyun("backup", "--new-key", str(folder / "key")).strip()
    made = json.loads(city.chengyun("backup", "--to", place, "--recipient", public, "--json"))
    assert made["cases"] > 0
    assert json.loads(city.chengyun("backup", "--to", place, "--list", "--json")) == made

    dump = f"city/backups/{made['name']}/database.dump.age"
    head = bucket.get_object(Bucket="safe", Key=dump)["Body"].read(64)
    assert head.startswith(b"age-encryption.org/v1")

    new = Platform(data_dir=folder / "new", port=0, process=None)
    restored = json.loads(
        new.chengyun("restore", place, "--identity", str(folder / "key"), "--json")
    )
    assert restored == made
    stored = [path for path in (folder / "new" / "files").rglob("*") if path.is_file()]
    assert len(stored) >= made["files"] > 0
