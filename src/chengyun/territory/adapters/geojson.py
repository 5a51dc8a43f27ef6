"""Reads the features of a GeoJSON file one by one, plain or gzipped, within fixed bounds.

The whole file is never in memory, and a compressed file is not unpacked beyond its limit.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from chengyun.territory.faults import FileNotReadable, FileTooLarge, GeoJsonInvalid

MIB: Final = 1024 * 1024
_CHUNK = 256 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_SPACE = re.compile(r"[ \t\n\r]*")
_AFTER_VALUE = ",]} \t\n\r"


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
        reader = _Reader(_texts(self.file, self.limits), self.limits.feature_bytes)
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


class _Reader:
    """Takes JSON values off a stream of text."""

    def __init__(self, texts: Iterator[str], longest: int) -> None:
        self._texts = texts
        self._longest = longest
        self._text = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder(parse_constant=_refuse_constant)

    def expect(self, mark: str) -> None:
        if self._peek() != mark:
            raise self._bad(f"expected {mark}")
        self._at += 1

    def next_name(self) -> str | None:
        """Return the next member's name with its colon eaten, None at the end of the object."""
        if self._peek() == ",":
            self._at += 1
        if self._peek() == "}":
            self._at += 1
            return None
        name = self.value()
        if not isinstance(name, str):
            raise self._bad("expected a member")
        self.expect(":")
        return name

    def elements(self) -> Iterator[Any]:
        self.expect("[")
        while self._peek() != "]":
            yield self.value()
            if self._peek() == ",":
                self._at += 1
            elif self._peek() != "]":
                raise self._bad("expected , or ]")
        self._at += 1

    def value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise self._bad("nested too deeply") from error
            except json.JSONDecodeError as error:
                if self._ended:
                    raise self._bad(error.msg) from error
            else:
                whole = self._ended or isinstance(value, dict | list | str)
                if whole or (end < len(self._text) and self._text[end] in _AFTER_VALUE):
                    self._at = end
                    return value
            self._more()

    def _peek(self) -> str:
        while True:
            self._at = cast("re.Match[str]", _SPACE.match(self._text, self._at)).end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                raise self._bad("the file ends early")
            self._more()

    def _more(self) -> None:
        """Read on: as much again as is waiting, so that a long value is not parsed too often."""
        waiting = len(self._text) - self._at
        if waiting > self._longest:
            raise self._bad(f"a feature is longer than {self._longest // MIB} MiB")
        parts = [self._text[self._at :]]
        self._at, read = 0, 0
        while read <= waiting:
            part = next(self._texts, None)
            if part is None:
                self._ended = True
                break
            parts.append(part)
            read += len(part)
        self._text = "".join(parts)

    def _bad(self, reason: str) -> GeoJsonInvalid:
        return GeoJsonInvalid(field="file", reason=reason)


def _refuse_constant(name: str) -> float:
    raise GeoJsonInvalid(field="file", reason=f"{name} is not a number of JSON")
