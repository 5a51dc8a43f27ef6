"""Turns a source feature's properties into what a map feature keeps."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chengyun.territory.rules.zooms import kind_of

_CHINESE = re.compile(r"[㐀-䶿一-鿿]")
_STOREY_M = 3.0
_HIGHEST_M = 2_000.0
_MOST_KEPT, _LONGEST = 30, 200
_RENAMED = {"is_bridge": "bridge", "is_tunnel": "tunnel", "min_height": "min_height_m"}
_NOT_KEPT = {"kind", "name", "height", "id", "source"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """What is known of a feature beside its geometry."""

    external_id: str
    kind: str
    zh: str
    en: str
    height_m: float | None
    attributes: dict[str, Any]
    source: str


def describe(layer: str, properties: Mapping[str, Any], feature_id: object) -> Described:
    """Return kind, names, height [m] and the scalar properties worth keeping.

    The Chinese name is name:zh, else a `name` with Chinese in it; other names count as English.
    """
    zh, en = _names(properties)
    return Described(
        external_id=_text(feature_id if feature_id is not None else properties.get("id"), 80),
        kind=_text(kind_of(layer, properties), 40),
        zh=zh,
        en=en,
        height_m=_height(properties),
        attributes=_kept(properties),
        source=_text(properties.get("source"), 100),
    )


def _names(properties: Mapping[str, Any]) -> tuple[str, str]:
    plain = _text(properties.get("name"), 160)
    zh = _text(properties.get("name:zh") or properties.get("zh"), 120)
    en = _text(properties.get("name:en") or properties.get("en"), 160)
    if not zh and _CHINESE.search(plain):
        zh = plain[:120]
    elif not en and not _CHINESE.search(plain):
        en = plain
    return zh, en


def _height(properties: Mapping[str, Any]) -> float | None:
    height = _number(properties.get("height") or properties.get("height_m"))
    if height is None:
        storeys = _number(properties.get("building:levels") or properties.get("levels"))
        height = None if storeys is None else storeys * _STOREY_M
    return height if height is not None and 0 < height <= _HIGHEST_M else None


def _number(value: object) -> float | None:
    try:
        number = float(str(value).removesuffix("m").strip()) if value is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _kept(properties: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        side: name
        for side in ("left", "right")
        if (name := _text(properties.get(f"name:{side}:zh") or properties.get(f"name:{side}"), 80))
    }
    for name, value in properties.items():
        if name in _NOT_KEPT or name.startswith(("name:", "alt_name", "old_name")):
            continue
        clean = _clean(value)
        if clean is not None and len(kept) < _MOST_KEPT:
            kept[_RENAMED.get(name, _text(name, 60))] = clean
    return kept


def _clean(value: object) -> str | float | bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if math.isfinite(value) and abs(value) < 2**53 else None
    return _text(value, _LONGEST) or None if isinstance(value, str) else None


def _text(value: object, longest: int) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    text = str(value).replace("\x00", "").encode("utf-8", "ignore").decode()
    return text.strip()[:longest]
