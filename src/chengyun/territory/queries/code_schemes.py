"""Code schemes in force: how grid, type and component codes are built, on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from chengyun.administration.queries.freshness import FreshCache
from chengyun.administration.rules.actor import Actor
from chengyun.kernel.codes import CodeScheme, scheme_on
from chengyun.territory import models
from chengyun.territory.rules.scope import READ

UNIT_GRID = "unit_grid"

_schemes: FreshCache[str, tuple[CodeScheme, ...]] = FreshCache("reference")


def code_schemes() -> tuple[CodeScheme, ...]:
    """Return every scheme, from this process's copy."""
    return _schemes.get_or_load("all", _load)


def scheme_for(subject: str, day: date) -> CodeScheme:
    """Return the scheme of a subject in force on a day; raise UnknownCodeScheme."""
    return scheme_on(code_schemes(), subject, day)


def list_code_schemes(*, actor: Actor, subject: str = "") -> list[dict[str, Any]]:
    """Return the schemes with their source and certainty, by subject and time."""
    actor.require(READ)
    rows = models.CodeScheme.objects.order_by("subject", "valid_from", "id")
    if subject:
        rows = rows.filter(subject=subject)
    return [{**_row(scheme), "id": scheme.pk} for scheme in rows]


def _load() -> tuple[CodeScheme, ...]:
    return tuple(CodeScheme.from_row(_row(row)) for row in models.CodeScheme.objects.all())


def _row(scheme: models.CodeScheme) -> dict[str, Any]:
    return {
        "subject": scheme.subject,
        "standard": scheme.standard,
        "parts": scheme.parts,
        "valid_from": scheme.valid_from,
        "valid_to": scheme.valid_to,
        "predecessor": scheme.predecessor,
        "source": scheme.source,
        "certainty": scheme.certainty,
        "length": sum(part["width"] for part in scheme.parts),
    }
