"""Defining further attributes of components: added, changed, taken out of use, never removed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from django.db import IntegrityError, transaction

from chengyun.administration.operations import announce_change, record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.components.models import AttributeDefinition
from chengyun.components.queries.reference import type_in_use
from chengyun.components.rules.access import MANAGE
from chengyun.kernel.errors import Conflict, Invalid, NotFound

_NAME: Final = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
_NUMBERS: Final = frozenset({"integer", "decimal"})
CLASS_DIGITS: Final = 2


class AttributeNameTaken(Conflict):
    """The type has an attribute of this name."""

    code = "attribute_name_taken"
    zh = "该类型已有属性“{name}”。"
    en = "The type has an attribute “{name}” already."


@dataclass(frozen=True, kw_only=True)
class DefinitionInput:
    """An attribute to be defined.

    type_code : a type, a class (2 digits), '' = every type
    choices : {code, zh, en} each, of a choice
    """

    type_code: str = ""
    name: str
    zh: str
    en: str = ""
    kind: str = "text"
    unit: str = ""
    choices: Sequence[dict[str, str]] = field(default_factory=tuple)
    minimum: float | None = None
    maximum: float | None = None
    required: bool = False
    active: bool = True
    sort: int = 0


def save_definition(
    *, actor: Actor, given: DefinitionInput, definition_id: int | None = None
) -> AttributeDefinition:
    """Define an attribute, or change one; name, type and kind stay as they are. Audited.

    What components hold already is not looked at: it is checked with their next change.
    raises : Forbidden, Invalid, NotFound, AttributeNameTaken, ComponentTypeUnknown
    """
    actor.require_everywhere(MANAGE)
    _check(given)
    with transaction.atomic():
        row = _row(given, definition_id)
        for name, value in asdict(given).items():
            setattr(row, name, list(value) if name == "choices" else value)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError as error:
            raise AttributeNameTaken(field="name", name=given.name) from error
        act = (
            "component_attribute.defined"
            if definition_id is None
            else "component_attribute.changed"
        )
        record_audit(actor, act, f"component_attribute:{row.pk}", asdict(given))
        announce_change("reference")
    return row


def _row(given: DefinitionInput, definition_id: int | None) -> AttributeDefinition:
    if definition_id is None:
        return AttributeDefinition()
    row = AttributeDefinition.objects.select_for_update().filter(pk=definition_id).first()
    if row is None:
        raise NotFound(what=f"属性定义 {definition_id}", what_en=f"Attribute {definition_id}")
    for name in ("name", "type_code", "kind"):
        if getattr(row, name) != getattr(given, name):
            raise Invalid(
                field=name,
                reason_zh="已有属性的名称、类型和种类不能改，请停用后另建",
                reason_en="name, type and kind stay: take it out of use and define another",
            )
    return row


def _check(given: DefinitionInput) -> None:
    if not _NAME.match(given.name):
        raise Invalid(
            field="name",
            reason_zh="小写字母开头，只含小写字母、数字和下划线",
            reason_en="lower-case letters, digits and _, a letter first",
        )
    if len(given.type_code) > CLASS_DIGITS:
        type_in_use(given.type_code)
    codes = [one["code"] for one in given.choices]
    if (given.kind == "choice") != bool(codes) or len(codes) != len(set(codes)):
        raise Invalid(
            field="choices",
            reason_zh="选项类属性须有不重复的选项，其他类不能有",
            reason_en="a choice has choices, each once; other kinds have none",
        )
    bounded = given.minimum is not None or given.maximum is not None
    if bounded and given.kind not in _NUMBERS:
        raise Invalid(
            field="minimum", reason_zh="只有数值可以有上下限", reason_en="only numbers have bounds"
        )
    if given.minimum is not None and given.maximum is not None and given.minimum > given.maximum:
        raise Invalid(field="maximum", reason_zh="小于下限", reason_en="is below the minimum")
