"""What a mapping of addresses says beyond what every mapping does."""

from __future__ import annotations

from functools import cache
from typing import Literal

from chengyun.intake.queries.fields import field_table
from chengyun.intake.rules.kinds import FieldName
from chengyun.intake.rules.mapping import Mapping, mistake


class AddressMapping(Mapping):
    """A mapping of addresses.

    crs : '' = as the file states it, WGS 84 where it does not
    make_parents : tract, street and plate of a row that are not here are made, at its point
    known : what becomes of a row whose address is here: update what the mapping reads, or skip
    """

    purpose: Literal["addresses"] = "addresses"
    make_parents: bool = False
    known: Literal["update", "skip"] = "update"

    def check(self) -> None:
        """Raise MappingInvalid for a field that there is not, or that is needed."""
        known = address_fields()
        self.check_fields(list(known))
        for name, told in known.items():
            if told.required and name not in self.fields:
                raise mistake(f"fields.{name}", "it is needed")
        if ("lon" in self.fields) != ("lat" in self.fields):
            raise mistake("fields.lat", "lon and lat belong together")


@cache
def address_fields() -> dict[str, FieldName]:
    """Return the fields that a mapping of addresses may fill, by name, in order."""
    return field_table("territory", "addresses")
