"""Routes of matter types, standards, dispatch rules and the workflow table."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import Field, StringConstraints

from chengyun.administration.bodies import Strict
from chengyun.administration.http import actor_of
from chengyun.cases.operations import standards as operations
from chengyun.cases.operations.standards_import import import_standards
from chengyun.cases.queries import standards as queries
from chengyun.intake.queries.shipped import mapping_from

router = Router(tags=["standards"])

Text = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
Short = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$")]
Id = Annotated[int, Field(ge=1, lt=2**63)]
Kind = Literal["component", "matter"]


class MatterTypeOut(Schema):
    """A matter type."""

    id: int
    standard: str
    kind: str
    code: str
    class_code: str
    class_zh: str
    class_en: str
    zh: str
    en: str
    component_code: str
    code_2013: str
    code_2007: str
    certainty: str
    local: bool
    active: bool


class MatterTypePage(Schema):
    """Matter types; `next` is always null, the list is short."""

    items: list[MatterTypeOut]
    next: str | None


class MatterTypeIn(Strict):
    """A local extension of the list."""

    standard: Short = "local"
    kind: Kind
    code: Annotated[str, StringConstraints(min_length=2, max_length=8, pattern=r"^[0-9]+$")]
    class_code: Annotated[str, StringConstraints(min_length=1, max_length=4, pattern=r"^[0-9]+$")]
    class_zh: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    class_en: Annotated[str, StringConstraints(max_length=100)] = ""
    zh: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    en: Annotated[str, StringConstraints(max_length=160)] = ""


class MatterTypePatch(Strict):
    """What may be changed of a type."""

    zh: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    en: Annotated[str, StringConstraints(max_length=160)] | None = None
    active: bool | None = None


class StandardSetOut(Schema):
    """A set of standards."""

    code: str
    zh: str
    en: str
    source: str
    certainty: str
    active: bool
    rows: int


class StandardSetPage(Schema):
    """Sets of standards."""

    items: list[StandardSetOut]
    next: str | None


class StandardSetIn(Strict):
    """A new set, or its words."""

    zh: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    en: Short = ""
    source: Annotated[str, StringConstraints(max_length=200)] = ""


class StandardOut(Schema):
    """One filing condition with its limit and closing condition."""

    id: int
    set_code: str
    matter_type_id: int
    kind: str
    type_code: str
    type_zh: str
    type_en: str
    condition_no: int
    area_class: str
    filing_condition: str
    filing_condition_en: str
    disposal_requirement: str
    closing_condition: str
    closing_condition_en: str
    limit_value: float
    limit_unit: str
    limit_zh: str
    limit_en: str
    department_kind: str
    supervising_department: str
    legal_basis: str
    collection_requirement: str
    active: bool


class StandardPage(Schema):
    """A page of standards."""

    items: list[StandardOut]
    next: str | None


class StandardPatch(Strict):
    """What may be changed of a standard."""

    filing_condition: Text | None = None
    filing_condition_en: Text | None = None
    disposal_requirement: Text | None = None
    closing_condition: Text | None = None
    closing_condition_en: Text | None = None
    limit_value: Annotated[Decimal, Field(gt=0, le=100_000, decimal_places=2)] | None = None
    limit_unit: Short | None = None
    department_kind: Short | None = None
    supervising_department: Short | None = None
    legal_basis: Text | None = None
    collection_requirement: Text | None = None


class StandardIn(StandardPatch):
    """A new standard."""

    set_code: Code
    matter_type_id: Id
    condition_no: Annotated[int, Field(ge=1, le=999)]
    area_class: Literal["", "A", "B", "C"] = ""
    limit_value: Annotated[Decimal, Field(gt=0, le=100_000, decimal_places=2)]
    limit_unit: Short


class DispatchRuleOut(Schema):
    """A dispatch rule."""

    id: int
    code: str
    kind: str
    class_code: str
    matter_type_id: int | None
    type_code: str | None
    type_zh: str | None
    type_en: str | None
    division_code: str
    organisation_id: int
    organisation_zh: str
    organisation_en: str
    priority: int
    note: str
    active: bool


class DispatchRulePage(Schema):
    """Dispatch rules."""

    items: list[DispatchRuleOut]
    next: str | None


class DispatchRuleIn(Strict):
    """A dispatch rule: the type or class, the place, and the organisation."""

    code: Code
    kind: Literal["", "component", "matter"] = Field(
        "", description="of the class; may be left out where one kind alone has it"
    )
    class_code: Annotated[str, StringConstraints(max_length=4, pattern=r"^[0-9]*$")] = ""
    matter_type_id: Id | None = None
    division_code: Annotated[str, StringConstraints(max_length=12, pattern=r"^[0-9]*$")] = ""
    organisation_id: Id
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    note: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""
    active: bool = True


class Made(Schema):
    """The id of what was made."""

    id: int


class StandardsImportOut(Schema):
    """What an import did, or in a dry run would do."""

    read: int
    made: int
    changed: int
    unchanged: int
    faulty: int
    dry_run: bool
    faults: list[dict[str, Any]]


@router.get("/matter-types", response=MatterTypePage)
def list_matter_types(
    request: HttpRequest,
    q: Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")] = "",
    kind: Literal["", "component", "matter"] = "",
    class_code: Annotated[str, StringConstraints(max_length=4)] = "",
    every_standard: bool = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 400,
) -> dict[str, Any]:
    """List matter types."""
    found = queries.list_matter_types(
        actor=actor_of(request),
        q=q,
        kind=kind,
        class_code=class_code,
        every_standard=every_standard,
        limit=limit,
    )
    return {"items": found, "next": None}


@router.post("/matter-types", response={201: Made})
def create_matter_type(request: HttpRequest, body: MatterTypeIn) -> Status[dict[str, int]]:
    """Add a local matter type."""
    made = operations.save_matter_type(actor=actor_of(request), **body.model_dump())
    return Status(201, {"id": made})


@router.get("/matter-types/{int:type_id}", response=MatterTypeOut)
def read_matter_type(request: HttpRequest, type_id: Id) -> dict[str, Any]:
    """Return one matter type."""
    return queries.get_matter_type(actor=actor_of(request), type_id=type_id)


@router.patch("/matter-types/{int:type_id}", response=Made)
def change_matter_type(request: HttpRequest, type_id: Id, body: MatterTypePatch) -> dict[str, int]:
    """Change the words or the use of a matter type."""
    values = body.model_dump(exclude_none=True)
    return {"id": operations.save_matter_type(actor=actor_of(request), type_id=type_id, **values)}


@router.get("/standard-sets", response=StandardSetPage)
def list_standard_sets(request: HttpRequest) -> dict[str, Any]:
    """List the sets of standards."""
    return {"items": queries.list_standard_sets(actor=actor_of(request)), "next": None}


@router.put("/standard-sets/{code}", response=Made)
def save_standard_set(request: HttpRequest, code: Code, body: StandardSetIn) -> dict[str, int]:
    """Make a set, out of use until it is chosen, or change the words of one."""
    values = body.model_dump()
    return {"id": operations.save_standard_set(actor=actor_of(request), code=code, **values)}


@router.post("/standard-sets/{code}/use", response={204: None})
def use_standard_set(request: HttpRequest, code: Code) -> Status[None]:
    """Put this set in use in place of the one that is; cases already filed keep their standard."""
    operations.use_standard_set(actor=actor_of(request), code=code)
    return Status(204, None)


@router.get("/standards", response=StandardPage)
def list_standards(
    request: HttpRequest,
    set_code: Annotated[str, StringConstraints(max_length=40)] = "",
    type_code: Annotated[str, StringConstraints(max_length=8)] = "",
    q: Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str, StringConstraints(max_length=400)] | None = None,
) -> dict[str, Any]:
    """List standards, by type and condition."""
    items, following = queries.list_standards(
        actor=actor_of(request),
        set_code=set_code,
        type_code=type_code,
        q=q,
        limit=limit,
        after=after,
    )
    return {"items": items, "next": following}


@router.post("/standards", response={201: StandardOut})
def create_standard(request: HttpRequest, body: StandardIn) -> Status[dict[str, Any]]:
    """Add a standard to a set."""
    actor = actor_of(request)
    values = body.model_dump(exclude_none=True)
    made = operations.save_standard(actor=actor, **values)
    return Status(201, queries.get_standard(actor=actor, standard_id=made))


@router.patch("/standards/{int:standard_id}", response=StandardOut)
def change_standard(request: HttpRequest, standard_id: Id, body: StandardPatch) -> dict[str, Any]:
    """Change a standard; cases already filed keep the limit they were given."""
    actor = actor_of(request)
    values = body.model_dump(exclude_none=True)
    operations.save_standard(actor=actor, standard_id=standard_id, **values)
    return queries.get_standard(actor=actor, standard_id=standard_id)


@router.delete("/standards/{int:standard_id}", response={204: None})
def retire_standard(request: HttpRequest, standard_id: Id) -> Status[None]:
    """Take a standard out of use."""
    operations.retire_standard(actor=actor_of(request), standard_id=standard_id)
    return Status(204, None)


@router.post("/standards/import", response=StandardsImportOut)
def import_manual(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    mapping: Annotated[str, Form(max_length=200_000)],
    dry_run: Annotated[bool, Form()] = False,
) -> dict[str, Any]:
    """Import a city's manual (XLSX or CSV) through a mapping (YAML text)."""
    actor = actor_of(request)
    actor.require(operations.MANAGE)
    chosen = mapping_from(mapping, kinds=("standards",))
    with tempfile.NamedTemporaryFile(prefix="chengyun-") as kept:
        for chunk in file.chunks():
            kept.write(chunk)
        kept.flush()
        done = import_standards(
            actor=actor,
            path=Path(kept.name),
            mapping=chosen,
            dry_run=dry_run,
            name=(file.name or "upload")[:200],
        )
    return done.as_data()


@router.get("/dispatch-rules", response=DispatchRulePage)
def list_dispatch_rules(request: HttpRequest) -> dict[str, Any]:
    """List the dispatch rules."""
    return {"items": queries.list_dispatch_rules(actor=actor_of(request)), "next": None}


@router.post("/dispatch-rules", response={201: Made})
def create_dispatch_rule(request: HttpRequest, body: DispatchRuleIn) -> Status[dict[str, int]]:
    """Add a dispatch rule."""
    made = operations.save_dispatch_rule(actor=actor_of(request), **body.model_dump())
    return Status(201, {"id": made})


@router.put("/dispatch-rules/{int:rule_id}", response=Made)
def change_dispatch_rule(request: HttpRequest, rule_id: Id, body: DispatchRuleIn) -> dict[str, int]:
    """Change a dispatch rule."""
    values = body.model_dump()
    return {"id": operations.save_dispatch_rule(actor=actor_of(request), rule_id=rule_id, **values)}


@router.delete("/dispatch-rules/{int:rule_id}", response={204: None})
def remove_dispatch_rule(request: HttpRequest, rule_id: Id) -> Status[None]:
    """Remove a dispatch rule."""
    operations.remove_dispatch_rule(actor=actor_of(request), rule_id=rule_id)
    return Status(204, None)
