"""Files in a bucket of an S3-compatible service; loaded only where one is configured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
from botocore.client import Config
from botocore.exceptions import BotoCoreError, ClientError

from chengyun.files.rules.storage import (
    Chunks,
    StorageNotReachable,
    StoredFile,
    StoredFileMissing,
    checked_key,
)

_MISSING = {"NoSuchKey", "NotFound", "404"}


class BucketStore:
    """Objects in a bucket, under an optional prefix."""

    def __init__(self, client: Any, bucket: str, prefix: str = "") -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    def put(self, key: str, file: IO[bytes]) -> None:
        """Upload; large files go in parts."""
        with _reached():
            self._client.upload_fileobj(_LeftOpen(file), self._bucket, self._name(key))

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> Chunks:
        """Fetch with a range."""
        end = "" if length is None else str(start + length - 1)
        with _reached():
            answer = self._client.get_object(
                Bucket=self._bucket, Key=self._name(key), Range=f"bytes={start}-{end}"
            )
        return Chunks(answer["Body"], length)

    def delete(self, key: str) -> None:
        """Remove the object."""
        with _reached():
            self._client.delete_object(Bucket=self._bucket, Key=self._name(key))

    def files(self, prefix: str) -> Iterator[StoredFile]:
        """List the objects, page by page."""
        pages = self._client.get_paginator("list_objects_v2")
        with _reached():
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._name(prefix) + "/"):
                for item in page.get("Contents", ()):
                    key = item["Key"].removeprefix(self._prefix)
                    yield StoredFile(key, item["Size"], item["LastModified"])

    def _name(self, key: str) -> str:
        return self._prefix + checked_key(key)


class _LeftOpen:
    """boto3 closes what it uploads; the caller still needs its file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


@contextmanager
def _reached() -> Iterator[None]:
    """Turn the service's errors into ours."""
    try:
        yield
    except ClientError as error:
        missing = error.response.get("Error", {}).get("Code", "") in _MISSING
        raise (StoredFileMissing if missing else StorageNotReachable) from error
    except BotoCoreError as error:
        raise StorageNotReachable from error


def bucket_store(url: str) -> BucketStore:
    """Read `s3://[key:secret@]bucket[/prefix]?endpoint=…&region=…&addressing=path|virtual`.

    Without key and secret the usual AWS environment variables are read.
    """
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    client = boto3.client(
        "s3",
        endpoint_url=options.get("endpoint"),
        region_name=options.get("region", "us-east-1"),
        aws_access_key_id=unquote(parts.username) if parts.username else None,
        aws_secret_access_key=unquote(parts.password) if parts.password else None,
        config=Config(
            s3={"addressing_style": options.get("addressing", "path")},
            connect_timeout=5,
            read_timeout=30,
            retries={"max_attempts": 2},
        ),
    )
    prefix = unquote(parts.path).strip("/")
    return BucketStore(client, parts.netloc.rpartition("@")[2], f"{prefix}/" if prefix else "")
