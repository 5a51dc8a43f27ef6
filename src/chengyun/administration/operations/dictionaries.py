"""Dictionaries: lists of values that an administrator edits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction

from chengyun.administration.models import Dictionary, DictionaryItem, Organisation
from chengyun.administration.operations.recording import differences, record_change
from chengyun.administration.operations.uses import refuse_if_used
from chengyun.administration.rules import naming
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import CodeTaken, DictionaryNotFound, StillInUse

PERMISSION: Final = "administration.dictionaries"
_FIELDS: Final = ("zh", "en", "sort", "active")


@transaction.atomic
def create_dictionary(*, actor: Actor, code: str, zh: str, en: str) -> Dictionary:
    """Add a dictionary; raises Forbidden, Invalid, CodeTaken."""
    actor.require_everywhere(PERMISSION)
    naming.checked_code(code)
    if Dictionary.objects.filter(code=code).exists():
        raise CodeTaken(field="code", value=code)
    made = Dictionary.objects.create(
        code=code,
        zh=naming.checked_name(zh, field="zh", longest=60),
        en=naming.checked_name(en, field="en", longest=100, required=False),
    )
    _record(actor, "dictionary.created", code, {})
    return made


@transaction.atomic
def create_item(
    *, actor: Actor, dictionary: str, code: str, values: Mapping[str, Any]
) -> DictionaryItem:
    """Add a value to a dictionary.

    values : zh; optional en, sort, active
    raises : Forbidden, DictionaryNotFound, Invalid, CodeTaken
    """
    actor.require_everywhere(PERMISSION)
    found = Dictionary.objects.filter(code=dictionary).first()
    if found is None:
        raise DictionaryNotFound
    naming.checked_code(code)
    if found.items.filter(code=code).exists():
        raise CodeTaken(field="code", value=code)
    item = DictionaryItem.objects.create(dictionary=found, code=code, **_checked(values))
    _record(actor, "dictionary.item_created", dictionary, {"code": code})
    return item


@transaction.atomic
def change_item(
    *, actor: Actor, dictionary: str, code: str, values: Mapping[str, Any]
) -> DictionaryItem:
    """Change a value's names or order, or take it out of use; its code stays, others hold it.

    raises : Forbidden, DictionaryNotFound, Invalid, StillInUse
    """
    actor.require_everywhere(PERMISSION)
    items = DictionaryItem.objects.select_for_update()
    item = items.filter(dictionary__code=dictionary, code=code).first()
    if item is None:
        raise DictionaryNotFound
    before = {field: getattr(item, field) for field in _FIELDS}
    for field, value in _checked(values).items():
        setattr(item, field, value)
    changed = differences(before, {field: getattr(item, field) for field in _FIELDS})
    if before["active"] and not item.active:
        _refuse_if_used(dictionary, code)
    if changed:
        item.save()
        _record(actor, "dictionary.item_changed", dictionary, {"code": code, **changed})
    return item


def _refuse_if_used(dictionary: str, code: str) -> None:
    if dictionary == "department_kind":
        named = Organisation.objects.filter(department_kind=code, active=True).count()
        if named:
            raise StillInUse(
                reason_zh=f"{named} 个在用机构属此类别，请先在机构资料中改类别。",
                reason_en=f"{named} organisations are of this kind: give them another first.",
            )
    refuse_if_used("dictionary_item", f"{dictionary}/{code}")


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    checks: dict[str, Any] = {
        "zh": lambda text: naming.checked_name(text, field="zh", longest=100),
        "en": lambda text: naming.checked_name(text, field="en", longest=160, required=False),
        "sort": int,
        "active": bool,
    }
    return {field: checks[field](values[field]) for field in _FIELDS if field in values}


def _record(actor: Actor, act: str, dictionary: str, detail: dict[str, Any]) -> None:
    record_change(actor, act, f"dictionary:{dictionary}", detail, topic="reference")
