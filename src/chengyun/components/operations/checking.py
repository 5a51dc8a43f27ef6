"""Checks of what is written to a component, with everything wrong told at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from django.db import connection

from chengyun.components.queries.reference import (
    SOURCES,
    STATES,
    TypeInUse,
    attributes_of,
    check_word,
)
from chengyun.components.rules.attributes import checked_attributes
from chengyun.components.rules.faults import OrganisationUnknown
from chengyun.kernel.errors import Fault, Invalid, SeveralFaults

ORGANISATIONS: Final = ("competent_id", "owner_id", "maintainer_id")
_FULL_TURN: Final = 360


class _Owned(Protocol):
    @property
    def competent_id(self) -> int | None: ...
    @property
    def owner_id(self) -> int | None: ...
    @property
    def maintainer_id(self) -> int | None: ...


def checked_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of state, source and bearing as they are stored; raise what is wrong."""
    checked = dict(values)
    for name, dictionary in (("state", STATES), ("source", SOURCES)):
        if name in checked:
            checked[name] = check_word(dictionary, checked[name])
    bearing = checked.get("bearing")
    if bearing is not None and not 0 <= bearing < _FULL_TURN:
        raise Invalid(
            field="bearing", reason_zh="应为 0–360 度", reason_en="0 to below 360 degrees"
        )
    return checked


def require_attributes(kind: TypeInUse, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes as they are stored; raise what is wrong, all of it."""
    kept, faults = checked_attributes(given, attributes_of(kind.code))
    raise_all(faults)
    return kept


def raise_all(faults: list[Fault]) -> None:
    """Raise one fault as it is, several together."""
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise SeveralFaults(faults)


def checked_organisations(given: _Owned) -> dict[str, int | None]:
    """Return the three organisations by column; raise OrganisationUnknown for one out of use."""
    found = {name: getattr(given, name) for name in ORGANISATIONS}
    require_organisations(found)
    return found


def require_organisations(wanted: Mapping[str, int | None]) -> None:
    """Raise OrganisationUnknown unless every organisation is there and in use.

    Reads `administration_organisation`; a share lock keeps them so until the end.
    """
    ids = sorted({one for one in wanted.values() if one is not None})
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM administration_organisation WHERE id = ANY(%s) AND active"
            " ORDER BY id FOR SHARE",
            [ids],
        )
        known = {row[0] for row in cursor.fetchall()}
    for name, one in wanted.items():
        if one is not None and one not in known:
            raise OrganisationUnknown(field=name, value=str(one))
