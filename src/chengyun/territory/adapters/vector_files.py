"""Reads vector files of any known format: GeoJSON, Shapefile (zipped), GeoPackage, KML and KMZ.

What a file is follows from its first bytes, not from its name, so that no other driver of the
library ever opens it. Archives are unpacked within bounds, and only the members that belong.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol, cast

import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from chengyun.territory.adapters.geojson import MIB, FeatureFile, Limits
from chengyun.territory.faults import (
    FileNotReadable,
    FileTooLarge,
    LayerNotClear,
    TooManyFeatures,
)

MOST_FEATURES = 300_000
UNSTATED = "unstated"  # a Shapefile or GeoPackage may be in any system: nobody guesses
_HEAD = 4096
_CHUNK = 1024 * 1024
_MOST_MEMBERS = 200
_SHAPEFILE_PARTS = {".shp", ".shx", ".dbf", ".prj", ".cpg"}
_SHAPEFILE_MAGIC = b"\x00\x00\x27\x0a"
_UNREADABLE = (DataSourceError, DataLayerError, FeatureError, FieldError, GeometryError)
_LIKELY = 70  # how sure a CRS must be of its EPSG code [percent]


class FeatureSource(Protocol):
    """Features one by one, and the CRS that the file states, known once the first was read."""

    def __iter__(self) -> Iterator[Any]:
        """Yield features: `properties` and `geometry`, which is GeoJSON or a shapely geometry."""

    def stated_crs(self) -> str | None:
        """Return the CRS that the file states.

        None where the format means WGS 84, UNSTATED where it could be any
        """


def open_vector(
    file: BinaryIO, *, limits: Limits | None = None, layer: str = "", encoding: str = ""
) -> FeatureSource:
    """Return the features of a file; what is no other format is read as GeoJSON.

    layer : of a GeoPackage or KML that has several
    encoding : of a Shapefile's texts; '' = as it states, else UTF-8, else GB 18030
    raises : when read, FileNotReadable, FileTooLarge, LayerNotClear, TooManyFeatures, CrsNotStated
    """
    bounds = limits or Limits()
    head = file.read(_HEAD)
    file.seek(0)
    suffix = _suffix_of(head)
    if not suffix:
        return FeatureFile(file=file, limits=bounds)
    return _VectorFile(file=file, suffix=suffix, limits=bounds, layer=layer, encoding=encoding)


def _suffix_of(head: bytes) -> str:
    if head.startswith(b"PK\x03\x04"):
        return ".zip"
    if head.startswith(b"SQLite format 3\x00"):
        return ".gpkg"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return ".kml" if text.startswith(b"<") and b"<kml" in text else ""


@dataclass(kw_only=True)
class _VectorFile:
    file: BinaryIO
    suffix: str
    limits: Limits
    layer: str
    encoding: str
    _crs: str | None = field(default=None, init=False)

    def __iter__(self) -> Iterator[Any]:
        with self.file, tempfile.TemporaryDirectory(prefix="chengyun-") as folder:
            try:
                path = self._unpacked(Path(folder))
                yield from self._features(path)
            except (*_UNREADABLE, zipfile.BadZipFile, OSError, EOFError) as error:
                raise FileNotReadable(field="file", reason=str(error)[:200]) from error

    def stated_crs(self) -> str | None:
        return self._crs

    def _unpacked(self, folder: Path) -> Path:
        """Return the path of a file that the library may open by its suffix."""
        if self.suffix == ".zip":
            return _from_archive(self.file, folder, self.limits)
        path = folder / f"file{self.suffix}"
        _copy(self.file, path, self.limits.unpacked_bytes)
        _refuse_entities(path)
        return path

    def _features(self, path: Path) -> Iterator[Any]:
        layer = self._layer_of(path)
        info = pyogrio.read_info(path, layer=layer, force_feature_count=True)
        if info["features"] > MOST_FEATURES:
            raise TooManyFeatures(field="file", limit=MOST_FEATURES)
        self._crs = _crs_of(info["crs"], path)
        meta, columns, shapes = self._read(path, layer)
        names = list(meta["fields"])
        for place, wkb in enumerate(shapes):
            values = (column[place] for column in columns)
            yield {
                "properties": dict(zip(names, map(_plain, values), strict=True)),
                "geometry": _shape(wkb),
            }

    def _layer_of(self, path: Path) -> str:
        names = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
        if self.layer in names:
            return self.layer
        if self.layer or len(names) != 1:
            raise LayerNotClear(field="layer", layers="、".join(names[:20]) or "-")
        return names[0]

    def _read(self, path: Path, layer: str) -> tuple[dict[str, Any], list[Any], Any]:
        stated = path.suffix != ".shp" or path.with_suffix(".cpg").exists()
        for encoding in [self.encoding] if self.encoding or stated else ["UTF-8", "GB18030"]:
            try:
                meta, _, shapes, columns = pyogrio.raw.read(
                    path, layer=layer, encoding=encoding or None, force_2d=True
                )
            except (UnicodeDecodeError, LookupError):
                continue
            return meta, list(columns), shapes
        raise FileNotReadable(field="encoding", reason="encoding")


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _shape(wkb: bytes | None) -> Any:
    """Return the geometry; what cannot be read comes back as a senseless one, to be reported."""
    if wkb is None:
        return None
    try:
        return shapely.from_wkb(wkb)
    except ShapelyError as error:
        return {"type": str(error)[:60]}


def _crs_of(stated: str | None, path: Path) -> str | None:
    if path.suffix == ".kml":
        return None
    try:
        code = CRS.from_user_input(stated).to_epsg(min_confidence=_LIKELY) if stated else None
    except CRSError:
        code = None
    return f"EPSG:{code}" if code else UNSTATED


def _from_archive(file: BinaryIO, folder: Path, limits: Limits) -> Path:
    with zipfile.ZipFile(file) as archive:
        members = [one for one in archive.infolist() if not one.is_dir()]
        if len(members) > _MOST_MEMBERS:
            raise FileNotReadable(field="file", reason=f"more than {_MOST_MEMBERS} members")
        mains = [one for one in members if _suffix(one) in {".shp", ".kml"} and not _hidden(one)]
        if len(mains) != 1:
            names = "、".join(one.filename for one in mains[:20])
            raise LayerNotClear(field="file", layers=names or "-")
        left = limits.unpacked_bytes
        for member in (one for one in members if _belongs(one, mains[0])):
            with archive.open(member) as source:
                target = folder / f"file{_suffix(member)}"
                left -= _copy(cast("BinaryIO", source), target, left)
    path = folder / f"file{_suffix(mains[0])}"
    if path.suffix == ".shp" and path.read_bytes()[:4] != _SHAPEFILE_MAGIC:
        raise FileNotReadable(field="file", reason="no Shapefile")
    if path.suffix == ".kml":
        _refuse_entities(path)
    return path


def _suffix(member: zipfile.ZipInfo) -> str:
    return PurePosixPath(member.filename).suffix.lower()


def _hidden(member: zipfile.ZipInfo) -> bool:
    return PurePosixPath(member.filename).name.startswith(".")


def _belongs(member: zipfile.ZipInfo, main: zipfile.ZipInfo) -> bool:
    if member is main:
        return True
    beside = PurePosixPath(member.filename).with_suffix("") == PurePosixPath(
        main.filename
    ).with_suffix("")
    return beside and _suffix(main) == ".shp" and _suffix(member) in _SHAPEFILE_PARTS


def _copy(source: BinaryIO, path: Path, most: int) -> int:
    total = 0
    with path.open("wb") as target:
        while chunk := source.read(_CHUNK):
            total += len(chunk)
            if total > most:
                raise FileTooLarge(field="file", limit_mb=most // MIB)
            target.write(chunk)
    return total


def _refuse_entities(path: Path) -> None:
    """Refuse KML with a document type: entities can blow up or point elsewhere."""
    if path.suffix != ".kml":
        return
    with path.open("rb") as source:
        before = b""
        while chunk := source.read(_CHUNK):
            if b"<!DOCTYPE" in before + chunk or b"<!ENTITY" in before + chunk:
                raise FileNotReadable(field="file", reason="document type")
            before = chunk[-16:]
