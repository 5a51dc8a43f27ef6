"""The organisation tree: create, change, move, switch off and on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, transaction

from chengyun.administration.models import DictionaryItem, Organisation, Person
from chengyun.administration.operations.recording import differences, record_change
from chengyun.administration.operations.uses import refuse_if_used
from chengyun.administration.queries.organisations import editable_organisation, place_of
from chengyun.administration.rules import naming
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.credit_code import checked_credit_code
from chengyun.administration.rules.faults import CodeTaken, StillInUse
from chengyun.administration.rules.pinyin import pinyin_keys
from chengyun.administration.rules.scope import Place, reaches
from chengyun.kernel.errors import Forbidden, Invalid

PERMISSION: Final = "administration.organisations"
MOST_LEVELS: Final = 12
_FIELDS: Final = (
    "code zh en kind department_kind credit_code division_code sort".split()  # noqa: SIM905
)
_TREE_LOCK: Final = 7_204_001
_MOVE: Final = """
UPDATE administration_organisation SET path = %s || substr(path, %s), updated_at = now()
WHERE starts_with(path, %s)
"""


@transaction.atomic
def create_organisation(
    *, actor: Actor, parent_id: int | None, values: Mapping[str, Any]
) -> Organisation:
    """Add an organisation below another, or at the root.

    values : code, zh, kind; optional en, department_kind, credit_code, division_code (else the
        parent's), sort
    raises : Forbidden, NotFound, Invalid, CreditCodeInvalid, CodeTaken
    """
    actor.require(PERMISSION)
    _lock_tree()
    parent = _parent(actor, parent_id)
    given = {"division_code": parent.division_code if parent else "", **values}
    made = Organisation(parent=parent, path="", **_checked(given))
    made.pinyin = pinyin_keys(made.zh)
    _check_place(actor, division_code=made.division_code, path=parent.path if parent else "/")
    _check_unique(made)
    made.save()
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    _record(actor, "organisation.created", made, {field: getattr(made, field) for field in _FIELDS})
    return made


@transaction.atomic
def change_organisation(
    *, actor: Actor, organisation_id: int, values: Mapping[str, Any]
) -> Organisation:
    """Change what is known of an organisation; its place in the tree is changed by moving it.

    raises : Forbidden, NotFound, Invalid, CreditCodeInvalid, CodeTaken
    """
    found = editable_organisation(actor, organisation_id, lock=True)
    before = {field: getattr(found, field) for field in _FIELDS}
    for field, value in _checked(values).items():
        setattr(found, field, value)
    _check_place(actor, division_code=found.division_code, path=found.path)
    _check_unique(found)
    changed = differences(before, {field: getattr(found, field) for field in _FIELDS})
    if changed:
        found.pinyin = pinyin_keys(found.zh)
        found.save()
        _record(actor, "organisation.changed", found, changed)
    return found


@transaction.atomic
def move_organisation(*, actor: Actor, organisation_id: int, parent_id: int | None) -> Organisation:
    """Hang an organisation with everything below it under another parent, or at the root.

    raises : Forbidden, NotFound, Invalid (below itself, too deep)
    """
    actor.require(PERMISSION)
    _lock_tree()
    found = editable_organisation(actor, organisation_id, lock=True)
    if found.parent_id == parent_id:
        return found
    parent = _parent(actor, parent_id)
    if parent is not None and parent.path.startswith(found.path):
        raise _invalid_parent("不能移到自己的下级", "it cannot hang below itself")
    base = parent.path if parent else "/"
    _check_place(actor, division_code=found.division_code, path=base)
    _check_depth(found.path, base)
    old_path, new_path = found.path, f"{base}{found.pk}/"
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [new_path, len(old_path) + 1, old_path])
    Organisation.objects.filter(id=found.pk).update(parent=parent)
    found.refresh_from_db()
    _record(actor, "organisation.moved", found, {"path": [old_path, new_path]})
    return found


@transaction.atomic
def deactivate_organisation(*, actor: Actor, organisation_id: int) -> Organisation:
    """Take an organisation out of use; it stays in the history of what it did.

    raises : Forbidden, NotFound, StillInUse (active people or organisations below, open work)
    """
    _lock_tree()
    found = editable_organisation(actor, organisation_id, lock=True)
    if not found.active:
        return found
    below = Organisation.objects.filter(path__startswith=found.path, active=True)
    units = below.exclude(id=found.pk).count()
    if units:
        raise StillInUse(reason_zh=f"有 {units} 个下级机构", reason_en=f"{units} below it")
    people = Person.objects.filter(organisation=found, is_active=True).count()
    if people:
        raise StillInUse(reason_zh=f"有 {people} 名在用人员", reason_en=f"{people} active people")
    refuse_if_used("organisation", found.pk)
    return _switch(actor, found, active=False)


@transaction.atomic
def activate_organisation(*, actor: Actor, organisation_id: int) -> Organisation:
    """Take an organisation into use again.

    raises : Forbidden, NotFound, StillInUse (the parent is out of use)
    """
    found = editable_organisation(actor, organisation_id, lock=True)
    if found.active:
        return found
    if found.parent is not None and not found.parent.active:
        raise StillInUse(reason_zh="上级机构已停用", reason_en="its parent is out of use")
    return _switch(actor, found, active=True)


def _switch(actor: Actor, found: Organisation, *, active: bool) -> Organisation:
    found.active = active
    found.save(update_fields=["active", "updated_at"])
    _record(actor, f"organisation.{'activated' if active else 'deactivated'}", found, {})
    return found


def _lock_tree() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])


def _parent(actor: Actor, parent_id: int | None) -> Organisation | None:
    if parent_id is None:
        actor.require_everywhere(PERMISSION)
        return None
    parent = editable_organisation(actor, parent_id, lock=True)
    if not parent.active:
        raise _invalid_parent("上级机构已停用", "the parent is out of use")
    if parent.path.count("/") > MOST_LEVELS:
        raise _invalid_parent(f"最多 {MOST_LEVELS} 级", f"at most {MOST_LEVELS} levels")
    return parent


def _check_depth(path: str, base: str) -> None:
    below = Organisation.objects.filter(path__startswith=path).values_list("path", flat=True)
    deepest = max(other.count("/") for other in below) - path.count("/")
    if base.count("/") + deepest > MOST_LEVELS:
        raise _invalid_parent(f"最多 {MOST_LEVELS} 级", f"at most {MOST_LEVELS} levels")


def _check_place(actor: Actor, *, division_code: str, path: str) -> None:
    if not reaches(actor.scope_for(PERMISSION), Place(division_code=division_code, path=path)):
        raise Forbidden(permission=PERMISSION)


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    return {field: _CHECKS[field](values[field]) for field in _FIELDS if field in values}


def _kind(value: str) -> str:
    if value not in Organisation.Kind.values:
        raise Invalid(field="kind", reason_zh="没有这种机构类型", reason_en="no such kind")
    return value


def _department_kind(value: str) -> str:
    items = DictionaryItem.objects.filter(dictionary__code="department_kind", code=value)
    if value and not items.exists():
        raise Invalid(
            field="department_kind",
            reason_zh="字典中没有这个专业部门类别",
            reason_en="the dictionary has no such kind of department",
        )
    return value


_CHECKS: Final[Mapping[str, Any]] = {
    "code": naming.checked_code,
    "zh": lambda text: naming.checked_name(text, field="zh", longest=100),
    "en": lambda text: naming.checked_name(text, field="en", longest=160, required=False),
    "kind": _kind,
    "department_kind": _department_kind,
    "credit_code": lambda text: checked_credit_code(text) if text.strip() else "",
    "division_code": naming.checked_division,
    "sort": int,
}


def _check_unique(organisation: Organisation) -> None:
    others = Organisation.objects.exclude(id=organisation.pk)
    if others.filter(code=organisation.code).exists():
        raise CodeTaken(field="code", value=organisation.code)
    code = organisation.credit_code
    if code and others.filter(credit_code=code).exists():
        raise CodeTaken(field="credit_code", value=code)


def _record(actor: Actor, act: str, organisation: Organisation, detail: dict[str, Any]) -> None:
    record_change(
        actor,
        act,
        f"organisation:{organisation.pk}",
        detail,
        division_code=place_of(organisation).division_code,
        organisation_ids=[organisation.pk],
    )


def _invalid_parent(reason_zh: str, reason_en: str) -> Invalid:
    return Invalid(field="parent_id", reason_zh=reason_zh, reason_en=reason_en)
