"""Reads the features of a GeoJSON file one by one, plain or gzipped, within fixed bounds.

The whole file is never in memory, and a compressed file is not unpacked beyond its limit.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from chengyun.intake.rules.json_stream import JsonStream
from chengyun.territory.faults import FileNotReadable, FileTooLarge, GeoJsonInvalid

MIB: Final = 1024 * 1024
_CHUNK = 256 * 1024
_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much of a file is read.

    unpacked_bytes : of the whole file
    feature_bytes : of one feature (or another member at the top)
    """

    unpacked_bytes: int = 8 * 1024 * MIB
    feature_bytes: int = 64 * MIB


@dataclass(kw_only=True)
class FeatureFile:
    """The features of a file and, once they have been read, its other members."""

    file: BinaryIO
    limits: Limits = field(default_factory=Limits)
    members: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Any]:
        """Yield each element of `features` as parsed; `members` is whole after the last one.

        The file is closed at the end, after a fault, or when the iterator is dropped.
        """
        with self.file:
            yield from self._elements()

    def _elements(self) -> Iterator[Any]:
        reader = JsonStream(
            _texts(self.file, self.limits), longest=self.limits.feature_bytes, fault=_bad
        )
        reader.expect("{")
        found = False
        while (name := reader.next_name()) is not None:
            if name == "features":
                found = True
                yield from reader.elements()
            else:
                self.members[name] = reader.value()
        if not found:
            raise GeoJsonInvalid(field="file", reason='no member "features"')

    def stated_crs(self) -> str | None:
        """Return the CRS named in the old `crs` member, as far as it has been read."""
        crs = self.members.get("crs")
        properties = crs.get("properties") if isinstance(crs, dict) else None
        name = properties.get("name") if isinstance(properties, dict) else None
        return name if isinstance(name, str) else None


def open_features(path: Path, limits: Limits | None = None) -> FeatureFile:
    """Open a file from disk; the caller reads it to its end or drops it."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise FileNotReadable(field="file", reason=f"{path.name}: {error.strerror}") from error
    return FeatureFile(file=file, limits=limits or Limits())


def _texts(file: BinaryIO, limits: Limits) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    total = 0
    try:
        for chunk in _unpacked(file):
            total += len(chunk)
            if total > limits.unpacked_bytes:
                raise FileTooLarge(field="file", limit_mb=limits.unpacked_bytes // MIB)
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise FileNotReadable(field="file", reason="not UTF-8") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileNotReadable(field="file", reason="damaged gzip") from error


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    packed = file.read(2) == _GZIP_MAGIC
    file.seek(0)
    source = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if packed else file
    while chunk := source.read(_CHUNK):
        yield chunk


def _bad(reason: str) -> GeoJsonInvalid:
    return GeoJsonInvalid(field="file", reason=reason)
