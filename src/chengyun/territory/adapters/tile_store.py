"""Rendered tiles kept on disk, by layer and version, within a bound.

A new version of a layer lies in a new folder; the folders of older versions are removed. Losing a
file, or the whole folder, costs only time.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chengyun.territory.rules.tiles import Tile

_SWEEP_EVERY = 500


@dataclass(kw_only=True)
class TileStore:
    """Tiles under `folder`, about `limit_bytes` of them; 0 keeps none."""

    folder: Path
    limit_bytes: int
    _writes: int = field(default=0, init=False)

    def find(self, layer: str, version: str, tile: Tile) -> bytes | None:
        """Return the tile as rendered before, or None."""
        if not self.limit_bytes:
            return None
        try:
            return self._path(layer, version, tile).read_bytes()
        except OSError:
            return None

    def keep(self, layer: str, version: str, tile: Tile, content: bytes) -> None:
        """Keep a tile; a full disk or a lost folder is no error."""
        if not self.limit_bytes:
            return
        path = self._path(layer, version, tile)
        draft = path.with_name(f".{secrets.token_hex(6)}")
        try:
            if not (self.folder / layer / version).is_dir():
                self._drop_versions(layer, but=version)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
        self._writes += 1
        if self._writes % _SWEEP_EVERY == 0:
            self.sweep()

    def sweep(self) -> int:
        """Remove the oldest tiles until the rest takes at most nine tenths; return how many."""
        found = sorted(self._files())
        total = sum(size for _, size, _ in found)
        removed = 0
        if total <= self.limit_bytes:
            return 0
        for _, size, path in found:
            if total <= self.limit_bytes * 0.9:
                break
            path.unlink(missing_ok=True)
            total -= size
            removed += 1
        return removed

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for parent, _, names in os.walk(self.folder):
            for name in names:
                path = Path(parent, name)
                try:
                    status = path.stat()
                except OSError:
                    continue
                yield status.st_mtime, status.st_size, path

    def _drop_versions(self, layer: str, *, but: str) -> None:
        for old in (self.folder / layer).glob("*"):
            if old.name != but:
                shutil.rmtree(old, ignore_errors=True)

    def _path(self, layer: str, version: str, tile: Tile) -> Path:
        return self.folder / layer / version / str(tile.z) / str(tile.x) / f"{tile.y}.mvt"
