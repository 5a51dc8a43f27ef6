"""Keeping the standards for filing, disposal and closing, and the dispatch rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from chengyun.administration.operations.audit import record_audit
from chengyun.administration.operations.changes import announce_change
from chengyun.administration.rules.actor import Actor
from chengyun.cases.models import DispatchRule, DisposalStandard, MatterType, StandardSet
from chengyun.journal.operations import record_event
from chengyun.kernel.errors import Conflict, Fault, Invalid, NotFound
from chengyun.kernel.units import Limit

MANAGE = "standards.manage"


class StandardExists(Fault):
    """The set already has this condition of the type and area class."""

    code = "standard_exists"
    status = 409
    zh = "该标准集中，此类型的条件 {condition_no} 已存在。请改用其他序号或修改原有条款。"
    en = "The set already has condition {condition_no} of this type. Use another number or edit it."


class DispatchRuleExists(Fault):
    """The code of a dispatch rule is taken."""

    code = "dispatch_rule_exists"
    status = 409
    zh = "派遣规则编号 {rule_code} 已存在。"
    en = "A dispatch rule with the code {rule_code} exists already."


class MatterTypeExists(Fault):
    """The code is taken within its standard and kind."""

    code = "matter_type_exists"
    status = 409
    zh = "代码 {type_code} 在该标准中已存在。本地扩展请另选代码。"
    en = "The code {type_code} exists in this standard. Choose another for a local extension."


class StandardSetEmpty(Conflict):
    """A set without a single standard cannot be put in use: nothing could be filed by it."""

    code = "standard_set_empty"
    zh = "标准集 {set_code} 中没有在用的标准，不能启用。请先录入或导入标准。"
    en = "The set {set_code} holds no standard in use. Enter or import standards first."


def save_standard(*, actor: Actor, standard_id: int | None = None, **values: Any) -> int:
    """Create a standard, or change the one with `standard_id`; return its id.

    values : columns of DisposalStandard, and `set_code` for the set
    raises : LimitNotReadable, StandardExists, Invalid, NotFound
    """
    actor.require_everywhere(MANAGE)
    if "set_code" in values:
        values["set_id"] = _set_id(values.pop("set_code"))
    if "matter_type_id" in values:
        _require(MatterType, values["matter_type_id"], "matter_type_id")
    if "limit_value" in values or "limit_unit" in values:
        values |= _checked_limit(standard_id, values)
    with transaction.atomic():
        row = _standard(standard_id) if standard_id else DisposalStandard()
        before = _plain(row, values) if standard_id else {}
        number = values.get("condition_no", row.condition_no)
        _save(row, values, StandardExists(field="condition_no", condition_no=number))
        _record(actor, "standard_saved", f"standard:{row.pk}", {"before": before, "after": values})
    return row.pk


def retire_standard(*, actor: Actor, standard_id: int) -> None:
    """Take a standard out of use; cases filed by it keep it."""
    actor.require_everywhere(MANAGE)
    with transaction.atomic():
        row = _standard(standard_id)
        row.active = False
        row.save(update_fields=["active", "updated_at"])
        _record(actor, "standard_retired", f"standard:{row.pk}", {})


def save_standard_set(*, actor: Actor, code: str, **values: Any) -> int:
    """Create a set of standards, out of use, or change the words of one; return its id."""
    actor.require_everywhere(MANAGE)
    with transaction.atomic():
        row, _ = StandardSet.objects.update_or_create(code=code, defaults=values)
        _record(actor, "standard_set_saved", f"standard_set:{code}", values)
    return row.pk


def use_standard_set(*, actor: Actor, code: str) -> None:
    """Put one set in use in place of the one that was; a case that is filed keeps its standard.

    raises : Forbidden, NotFound, StandardSetEmpty
    """
    actor.require_everywhere(MANAGE)
    with transaction.atomic():
        sets = {row.code: row for row in StandardSet.objects.select_for_update().order_by("id")}
        chosen = sets.get(code)
        if chosen is None:
            raise NotFound(field="code", what=code)
        if chosen.active:
            return
        if not chosen.rows.filter(active=True).exists():
            raise StandardSetEmpty(field="code", set_code=code)
        before = [row.code for row in sets.values() if row.active]
        StandardSet.objects.filter(active=True).update(active=False)
        StandardSet.objects.filter(pk=chosen.pk).update(active=True)
        _record(
            actor, "standard_set_used", f"standard_set:{code}", {"in_place_of": ", ".join(before)}
        )


def save_dispatch_rule(*, actor: Actor, rule_id: int | None = None, **values: Any) -> int:
    """Create a dispatch rule, or change the one with `rule_id`; return its id.

    values : columns of DispatchRule; a class is one of a kind (component, matter), because both
        lists number their classes from 01
    raises : Forbidden, NotFound, Invalid, DispatchRuleExists
    """
    actor.require_everywhere(MANAGE)
    if values.get("matter_type_id") is not None:
        _require(MatterType, values["matter_type_id"], "matter_type_id")
        _check_type(values)
    elif values.get("class_code"):
        values["kind"] = _kind_of_class(values["class_code"], values.get("kind", ""))
    if "organisation_id" in values:
        _require(
            DispatchRule.organisation.field.related_model,
            values["organisation_id"],
            "organisation_id",
        )
    with transaction.atomic():
        row = _rule(rule_id) if rule_id else DispatchRule()
        taken = DispatchRuleExists(field="code", rule_code=values.get("code", row.code))
        _save(row, values, taken)
        _record(actor, "dispatch_rule_saved", f"dispatch_rule:{row.code}", values)
    return row.pk


def remove_dispatch_rule(*, actor: Actor, rule_id: int) -> None:
    """Remove a dispatch rule; cases keep the reason they were dispatched for in their log."""
    actor.require_everywhere(MANAGE)
    with transaction.atomic():
        row = _rule(rule_id)
        _record(actor, "dispatch_rule_removed", f"dispatch_rule:{row.code}", {})
        row.delete()


def save_matter_type(*, actor: Actor, type_id: int | None = None, **values: Any) -> int:
    """Create a local matter type, or change the words and use of any type; return its id."""
    actor.require_everywhere(MANAGE)
    with transaction.atomic():
        row = MatterType.objects.filter(pk=type_id).first() if type_id else MatterType(local=True)
        if row is None:
            raise NotFound(what=f"matter type {type_id}")
        taken = MatterTypeExists(field="code", type_code=values.get("code", row.code))
        _save(row, values, taken)
        _record(actor, "matter_type_saved", f"matter_type:{row.code}", values)
    return row.pk


def _save(row: Model, values: dict[str, Any], taken: Fault) -> None:
    """Give the row its values and write it; raise `taken` where another has the same key."""
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise taken from error


def _rule(rule_id: int) -> DispatchRule:
    row = DispatchRule.objects.select_for_update().filter(pk=rule_id).first()
    if row is None:
        raise NotFound(what=f"dispatch rule {rule_id}")
    return row


def _set_id(code: str) -> int:
    found = StandardSet.objects.filter(code=code).values_list("id", flat=True).first()
    if found is None:
        raise Invalid(
            field="set_code", reason_zh=f"没有标准集 {code}", reason_en=f"there is no set {code}"
        )
    return found


def _require(model: Any, key: int, field: str) -> None:
    if not model.objects.filter(pk=key).exists():
        raise Invalid(field=field, reason_zh=f"编号 {key} 不存在", reason_en=f"{key} is not there")


def _check_type(values: dict[str, Any]) -> None:
    """Refuse a type together with a kind or class that it does not have: no case would fit."""
    row = MatterType.objects.get(pk=values["matter_type_id"])
    for field, own in (("kind", row.kind), ("class_code", row.class_code)):
        if values.get(field) not in {None, "", own}:
            raise Invalid(
                field=field,
                reason_zh=f"与所选类型（{own}）不符，请留空",
                reason_en=f"the chosen type has {own}; leave it empty",
            )


def _kind_of_class(class_code: str, kind: str) -> str:
    """Return the kind of types to which a class belongs.

    raises : Invalid for a class that no type has, or that both kinds have and none is named
    """
    types = MatterType.objects.filter(class_code=class_code, active=True)
    kinds = set(types.values_list("kind", flat=True))
    if not kinds or (kind and kind not in kinds):
        raise Invalid(
            field="class_code",
            reason_zh=f"没有大类 {class_code}",
            reason_en=f"there is no class {class_code} of this kind",
        )
    if not kind and len(kinds) > 1:
        raise Invalid(
            field="kind",
            reason_zh=f"部件与事件都有大类 {class_code}，请指明 component 或 matter",
            reason_en=f"components and matters both have a class {class_code}: name one of them",
        )
    return kind or kinds.pop()


def _standard(standard_id: int) -> DisposalStandard:
    row = DisposalStandard.objects.select_for_update().filter(pk=standard_id).first()
    if row is None:
        raise NotFound(what=f"standard {standard_id}")
    return row


def _checked_limit(standard_id: int | None, values: dict[str, Any]) -> dict[str, Any]:
    old = DisposalStandard.objects.filter(pk=standard_id).first() if standard_id else None
    amount = values.get("limit_value", old.limit_value if old else None)
    unit = values.get("limit_unit", old.limit_unit if old else "")
    limit = Limit.of(Decimal(str(amount)) if amount is not None else "", unit or "")
    return {"limit_value": limit.amount, "limit_unit": limit.unit.value}


def _plain(row: DisposalStandard, names: dict[str, Any]) -> dict[str, str]:
    return {name: str(getattr(row, name)) for name in names}


def _record(actor: Actor, act: str, subject: str, detail: dict[str, Any]) -> None:
    plain = {k: v if isinstance(v, dict) else str(v) for k, v in detail.items()}
    announce_change("reference")
    record_audit(actor=actor, act=f"cases.{act}", subject=subject, detail=plain)
    record_event(
        at=timezone.now(),
        kind=f"cases.{act}",
        subject=subject,
        actor_id=actor.person_id,
        payload={},
    )
