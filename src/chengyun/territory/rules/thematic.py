"""Layers that administrators add: who sees one, which of their attributes are kept."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any

from chengyun.administration.rules.actor import Actor
from chengyun.territory.rules.scope import MANAGE

OWN = frozenset({"file", "geojson"})
RASTER = frozenset({"xyz", "wmts"})
_MOST_ATTRIBUTES, _LONGEST_NAME, _LONGEST = 60, 60, 500
_LARGEST = 2**53


def may_see(actor: Actor, *, roles: Collection[str], organisations: Collection[int]) -> bool:
    """Tell whether a layer kept for roles and organisations is open to the actor.

    roles, organisations : empty = everybody; an organisation stands for all below it too
    Who manages the territory everywhere sees every layer.
    """
    if manages(actor):
        return True
    own = {int(part) for part in actor.organisation_path.split("/") if part.isdigit()}
    held = {grant.role_code for grant in actor.grants}
    return (not roles or bool(held & set(roles))) and (
        not organisations or bool(own & set(organisations))
    )


def manages(actor: Actor) -> bool:
    """Tell whether the actor manages the territory without limit of place."""
    return any(MANAGE in grant.permissions and not grant.division_code for grant in actor.grants)


def plain_attributes(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the scalar properties of a feature, texts cut, names cut; the first sixty."""
    kept: dict[str, Any] = {}
    for name, value in properties.items():
        clean = _clean(value)
        if clean is not None and len(kept) < _MOST_ATTRIBUTES:
            kept[_text(name, _LONGEST_NAME)] = clean
    return kept


def _clean(value: object) -> str | float | bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if math.isfinite(value) and abs(value) < _LARGEST else None
    if value is None or isinstance(value, dict | list):
        return None
    return _text(value, _LONGEST) or None


def _text(value: object, longest: int) -> str:
    return str(value).replace("\x00", "").encode("utf-8", "ignore").decode().strip()[:longest]


class AttributeTable:
    """What is known of the attributes of a layer, gathered feature by feature."""

    def __init__(self) -> None:
        self._kinds: dict[str, set[str]] = {}
        self._spans: dict[str, tuple[float, float]] = {}

    def add(self, attributes: Mapping[str, Any]) -> None:
        """Take in one feature."""
        for name, value in attributes.items():
            if len(self._kinds) >= _MOST_ATTRIBUTES and name not in self._kinds:
                continue
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            self._kinds.setdefault(name, set()).add("number" if is_number else "text")
            if is_number:
                least, most = self._spans.get(name, (value, value))
                self._spans[name] = (min(least, value), max(most, value))

    def rows(self) -> list[dict[str, Any]]:
        """Return name, kind (number or text) and span of each."""
        return [
            {
                "name": name,
                "kind": "number" if kinds == {"number"} else "text",
                "least": self._spans[name][0] if kinds == {"number"} else None,
                "most": self._spans[name][1] if kinds == {"number"} else None,
            }
            for name, kinds in self._kinds.items()
        ]
