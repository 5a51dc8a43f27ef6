"""Reading the definitions of further attributes."""

from __future__ import annotations

from typing import Any

from chengyun.administration.rules.actor import Actor
from chengyun.components.models import AttributeDefinition
from chengyun.components.rules.access import READ

_FIELDS = (
    "id",
    "type_code",
    "name",
    "zh",
    "en",
    "kind",
    "unit",
    "choices",
    "minimum",
    "maximum",
    "required",
    "active",
    "sort",
)


def list_definitions(*, actor: Actor, type_code: str = "") -> list[dict[str, Any]]:
    """Return the definitions in their order.

    type_code : those that hold for this type (its own, its class's, every type's); '' = all
    """
    actor.require(READ)
    rows = AttributeDefinition.objects.order_by("type_code", "sort", "id")
    found = [shown(row) for row in rows]
    if not type_code:
        return found
    fitting = [one for one in found if one["active"] and type_code.startswith(one["type_code"])]
    narrowest = {one["name"]: one for one in fitting}
    return sorted(narrowest.values(), key=lambda one: (one["sort"], one["id"]))


def shown(row: AttributeDefinition) -> dict[str, Any]:
    """Return a definition as the API shows it."""
    return {name: getattr(row, name) for name in _FIELDS}
