"""/tiles/{layer}/{z}/{x}/{y}.mvt: vector tiles with ETag, kept on disk by data version."""

from __future__ import annotations

import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from chengyun.administration.http import authenticate
from chengyun.administration.rules.actor import Actor
from chengyun.territory.adapters.tile_store import TileStore
from chengyun.territory.faults import NoSuchTile
from chengyun.territory.queries.tiles import NarrowingProvider, TileProvider, get_layer
from chengyun.territory.rules.tiles import Tile, find_tile

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
# Counts up when the program draws the same data differently.
_DRAWING = "1"
_MIB = 1024 * 1024


@cache
def store() -> TileStore:
    """Return the store of this process: var/cache/tiles, TILE_CACHE_MB (0 = keep none)."""
    folder = Path(settings.DATA_DIR) / "cache" / "tiles"
    return TileStore(folder=folder, limit_bytes=settings.TILE_CACHE_MB * _MIB)


@require_safe
def tile(request: HttpRequest, layer: str, z: int, x: int, y: int) -> HttpResponse:
    """Return a vector tile; 204 where nothing lies, 304 when the client has it."""
    actor = authenticate(request)
    provider = get_layer(layer)
    actor.require(provider.permission)
    wanted = find_tile(z, x, y)
    if wanted is None:
        raise NoSuchTile(z=z, x=x, y=y)
    if request.GET and isinstance(provider, NarrowingProvider):
        provider = provider.narrowed(request.GET.dict())
    version = _version(provider, actor)
    etag = f'"{version}"'
    if etag in _known_tags(request):
        return _headed(HttpResponse(status=HTTPStatus.NOT_MODIFIED), etag)
    content = _content(provider, actor, layer, wanted, version)
    status = HTTPStatus.OK if content else HTTPStatus.NO_CONTENT
    return _headed(HttpResponse(content, status=status, content_type=MEDIA_TYPE), etag)


def _version(provider: TileProvider, actor: Actor) -> str:
    text = "|".join((_DRAWING, provider.version(actor), provider.scope(actor)))
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _content(provider: TileProvider, actor: Actor, layer: str, wanted: Tile, version: str) -> bytes:
    if not provider.cacheable:
        return provider.render(actor, wanted)
    kept = store().find(layer, version, wanted)
    if kept is None:
        kept = provider.render(actor, wanted)
        store().keep(layer, version, wanted, kept)
    return kept


def _known_tags(request: HttpRequest) -> set[str]:
    given = request.headers.get("If-None-Match", "")
    return {tag.strip().removeprefix("W/") for tag in given.split(",")}


def _headed(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"  # ask again, the answer is mostly 304
    patch_vary_headers(response, ("Cookie", "Authorization"))
    return response


urlpatterns: list[URLPattern] = [path("tiles/<str:layer>/<int:z>/<int:x>/<int:y>.mvt", tile)]
