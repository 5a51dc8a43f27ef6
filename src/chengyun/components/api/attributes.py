"""Routes of the further attributes of components."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.components.api.shapes import Id, Strict
from chengyun.components.operations.attributes import DefinitionInput, save_definition
from chengyun.components.queries.attributes import list_definitions, shown

router = Router(tags=["components"])

Text = Annotated[
    str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$", strip_whitespace=True)
]
Kind = Literal["text", "integer", "decimal", "boolean", "date", "choice"]
Bound = Annotated[float, Field(allow_inf_nan=False)]


class AttributeChoice(Strict):
    """A value of a choice."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]
    zh: Annotated[Text, Field(min_length=1)]
    en: Text = ""


class ComponentAttributeIn(Strict):
    """An attribute. `type_code` names a type, a class (2 digits), or '' for every type."""

    type_code: Annotated[str, StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4,8})?$")] = ""
    name: Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")]
    zh: Annotated[Text, Field(min_length=1)]
    en: Text = ""
    kind: Kind = "text"
    unit: Annotated[str, StringConstraints(max_length=20, pattern=r"^[^\x00]*$")] = ""
    choices: Annotated[list[AttributeChoice], Field(max_length=200)] = Field(default_factory=list)
    minimum: Bound | None = None
    maximum: Bound | None = None
    required: bool = False
    active: bool = True
    sort: Annotated[int, Field(ge=0, le=100_000)] = 0


class ComponentAttributeOut(Schema):
    """An attribute as it is defined."""

    id: int
    type_code: str
    name: str
    zh: str
    en: str
    kind: Kind
    unit: str
    choices: list[dict[str, str]]
    minimum: float | None
    maximum: float | None
    required: bool
    active: bool
    sort: int


class ComponentAttributePage(Schema):
    """Attributes; `next` is always null, the list is short."""

    items: list[ComponentAttributeOut]
    next: str | None


@router.get("", response=ComponentAttributePage, summary="List attribute definitions")
def list_attributes(
    request: HttpRequest,
    type: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,8}$")] = "",  # noqa: A002
) -> dict[str, Any]:
    """Return the definitions; with `type` those in use that hold for it."""
    return {"items": list_definitions(actor=actor_of(request), type_code=type), "next": None}


@router.post("", response={201: ComponentAttributeOut}, summary="Define an attribute")
def define_attribute(request: HttpRequest, body: ComponentAttributeIn) -> Status[dict[str, Any]]:
    """Define an attribute of a type, of a class, or of every type."""
    given = DefinitionInput(**body.dict())
    return Status(201, shown(save_definition(actor=actor_of(request), given=given)))


@router.put("/{int:attribute_id}", response=ComponentAttributeOut, summary="Change an attribute")
def change_attribute(
    request: HttpRequest, attribute_id: Id, body: ComponentAttributeIn
) -> dict[str, Any]:
    """Change a definition; name, type and kind stay. `active: false` takes it out of use."""
    given = DefinitionInput(**body.dict())
    return shown(save_definition(actor=actor_of(request), given=given, definition_id=attribute_id))
