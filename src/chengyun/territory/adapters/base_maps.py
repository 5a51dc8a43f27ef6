"""Outside base maps (XYZ and WMTS): addresses of their tiles, and fetching one for the relay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from chengyun.kernel.errors import Fault

_TIMEOUT_S = 8.0
# A slow server outside must not take every thread that answers requests.
_WAIT_S = 2.0
_slots = BoundedSemaphore(2)
_MOST_BYTES = 2 * 1024 * 1024
_PICTURES = {"image/png", "image/jpeg", "image/webp", "image/gif"}
_WMTS = {"service": "WMTS", "request": "GetTile", "version": "1.0.0", "format": "image/png"}
_WMTS_NAMES = {"{TileMatrix}": "{z}", "{TileCol}": "{x}", "{TileRow}": "{y}"}


class BaseMapUnavailable(Fault):
    """The outside server did not give the tile."""

    code = "base_map_unavailable"
    status = 502
    zh = "外部底图“{name}”暂不可用。请稍后重试，或改用内置底图。"
    en = "The base map “{name}” cannot be reached. Try again later or use the built-in map."


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A tile as the outside server gave it."""

    content: bytes
    media_type: str


def tile_template(base_map: Mapping[str, Any]) -> str:
    """Return the address with {z}, {x}, {y} and perhaps {s} and {key} left to fill in.

    A WMTS address may be a template ({TileMatrix} …) or the service's own, to which the
    parameters of GetTile are added.
    """
    url = str(base_map["url"])
    for theirs, ours in _WMTS_NAMES.items():
        url = url.replace(theirs, ours)
    for name in ("layer", "style"):
        url = url.replace(f"{{{name.title()}}}", quote(str(base_map.get(name, ""))))
    url = url.replace("{TileMatrixSet}", quote(str(base_map.get("matrix_set", ""))))
    if base_map.get("kind") != "wmts" or "{z}" in url:
        return url
    parameters = {
        **_WMTS,
        "layer": base_map.get("layer", ""),
        "style": base_map.get("style") or "default",
        "tilematrixset": base_map.get("matrix_set", ""),
    }
    place = "tilematrix={z}&tilecol={x}&tilerow={y}"
    mark = "&" if "?" in url else "?"
    return f"{url}{mark}{urlencode(parameters)}&{place}"


def tile_address(base_map: Mapping[str, Any], key: str, z: int, x: int, y: int) -> str:
    """Return the address of one tile, with the key in it; not for the browser."""
    template = tile_template(base_map)
    values = {"z": z, "x": x, "y": y, "s": "abc"[(x + y) % 3], "key": quote(key, safe="")}
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", str(value))
    return template


def fetch_tile(base_map: Mapping[str, Any], key: str, z: int, x: int, y: int) -> Picture:
    """Return one tile from outside; raise BaseMapUnavailable. Never follows redirections."""
    address = tile_address(base_map, key, z, x, y)
    picture = None
    if _slots.acquire(timeout=_WAIT_S):
        try:
            with client().stream("GET", address) as answer:
                picture = _picture(answer)
        except (httpx.HTTPError, httpx.InvalidURL):
            picture = None
        finally:
            _slots.release()
    if picture is None:
        raise BaseMapUnavailable(name=base_map.get("zh", ""))
    return picture


def _picture(answer: httpx.Response) -> Picture | None:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status_code != httpx.codes.OK or kind not in _PICTURES:
        return None
    content = bytearray()
    for part in answer.iter_bytes():
        content += part
        if len(content) > _MOST_BYTES:
            return None
    return Picture(content=bytes(content), media_type=kind)


@cache
def client() -> httpx.Client:
    """Return this process's client."""
    return httpx.Client(timeout=_TIMEOUT_S, follow_redirects=False)
