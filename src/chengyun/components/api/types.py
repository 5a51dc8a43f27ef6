"""Routes: list and search component types, map older codes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.components.queries import types as queries
from chengyun.kernel.errors import NotFound

router = Router(tags=["component types"])

Standard = Literal["GB/T 47678.5-2026", "GB/T 30428.2-2013", "CJ/T 214-2007"]
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")]


class ComponentTypeOut(Schema):
    """A component type with its older codes."""

    id: int
    standard: str
    code: str
    class_code: str
    class_zh: str
    class_en: str
    zh: str
    en: str
    geometry: str
    code_2013: str
    code_2007: str
    certainty: str
    note: str
    local: bool


class ComponentTypePage(Schema):
    """A page of component types."""

    items: list[ComponentTypeOut]
    next: str | None


class ComponentTypeFilter(Schema):
    """What to list."""

    q: Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")] = ""
    class_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,4}$")] = ""
    standard: Standard = "GB/T 47678.5-2026"
    limit: Annotated[int, Field(ge=1, le=500)] = 200
    after: Annotated[str, StringConstraints(max_length=400)] | None = None


class CodeMappingOut(Schema):
    """The present types of an older code: several when it was split, none when dropped."""

    standard: str
    code: str
    types: list[ComponentTypeOut]


@router.get("", response=ComponentTypePage, summary="List component types")
def list_component_types(request: HttpRequest, wanted: Query[ComponentTypeFilter]) -> Any:
    """Return a page of component types by code; `q` finds names and codes old and new."""
    return queries.list_component_types(actor=actor_of(request), **wanted.dict())


@router.get("/mapping", response=CodeMappingOut, summary="Map an older code")
def map_component_code(request: HttpRequest, code: Digits, standard: Standard) -> Any:
    """Return the present types that an older standard's code stands for."""
    actor_of(request).require(queries.READ)
    types = queries.map_component_code(code, standard)
    return {"standard": standard, "code": code, "types": types}


@router.get("/{code}", response=ComponentTypeOut, summary="One component type")
def get_component_type(request: HttpRequest, code: str, standard: Standard | None = None) -> Any:
    """Return a type by its code; older codes lead to the present type."""
    actor_of(request).require(queries.READ)
    found = None if "\x00" in code else queries.find_component_type(code, standard)
    if found is None:
        raise NotFound(what=code[:40])
    return found
