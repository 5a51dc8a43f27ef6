"""What a mapping of components says beyond what every mapping does."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import Field

from chengyun.intake.queries.fields import field_table
from chengyun.intake.rules.kinds import FieldName
from chengyun.intake.rules.mapping import FieldSource, Mapping, mistake


class ComponentMapping(Mapping):
    """A mapping of components.

    crs : '' = as the file states it, WGS 84 where it does not
    make_codes : rows without a code get one; the same type at the same point is the same component
    known : what becomes of a row whose component is here: update what the mapping reads, or skip
    """

    purpose: Literal["components"] = "components"
    make_codes: bool = False
    known: Literal["update", "skip"] = "update"
    attributes: dict[str, FieldSource] = Field(default_factory=dict)

    def sources(self) -> dict[str, FieldSource]:
        """Return the fields by name, and the attributes as `attributes.<name>`."""
        further = {f"attributes.{name}": source for name, source in self.attributes.items()}
        return {**self.fields, **further}

    def check(self) -> None:
        """Raise MappingInvalid for a field that there is not, or that is needed."""
        self.check_fields(list(component_fields()))
        if "type" not in self.fields and "code" not in self.fields:
            raise mistake("fields.type", "the type is needed, or a code that holds it")
        if "code" not in self.fields and not self.make_codes:
            raise mistake("fields.code", "map the code, or set make_codes")
        if ("lon" in self.fields) != ("lat" in self.fields):
            raise mistake("fields.lat", "lon and lat belong together")


@cache
def component_fields() -> dict[str, FieldName]:
    """Return the fields that a mapping of components may fill, by name, in order."""
    return field_table("components", "components")
