"""Roles and posts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db import transaction

from chengyun.administration.models import Post, Role
from chengyun.administration.operations.guard import (
    axes,
    check_administrator_remains,
    check_person_axes,
    count_administrators_locked,
    guarded_permissions,
)
from chengyun.administration.operations.recording import differences, record_change
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules import naming
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.axes import check_axes
from chengyun.administration.rules.definitions import permission_definitions
from chengyun.administration.rules.faults import (
    BuiltinProtected,
    CodeTaken,
    GrantTooWide,
    PostNotFound,
    RoleNotFound,
    StillInUse,
)
from chengyun.kernel.errors import Invalid

PERMISSION: Final = "administration.roles"


@transaction.atomic
def create_role(*, actor: Actor, code: str, zh: str, en: str, permissions: Sequence[str]) -> Role:
    """Add a role. Roles hold for the whole platform.

    raises : Forbidden, Invalid, CodeTaken, GrantTooWide, AxesConflict
    """
    actor.require_everywhere(PERMISSION)
    naming.checked_code(code)
    if Role.objects.filter(code=code).exists():
        raise CodeTaken(field="code", value=code)
    role = Role(code=code, builtin=False)
    _fill(actor, role, zh=zh, en=en, permissions=permissions)
    role.save()
    detail = {"code": code, "permissions": role.permissions}
    record_change(actor, "role.created", f"role:{role.pk}", detail)
    return role


@transaction.atomic
def change_role(
    *,
    actor: Actor,
    role_id: int,
    zh: str | None = None,
    en: str | None = None,
    permissions: Sequence[str] | None = None,
) -> Role:
    """Change a role of one's own making; its holders feel it at once.

    raises : Forbidden, RoleNotFound, BuiltinProtected, Invalid, GrantTooWide, AxesConflict,
        LastAdministrator
    """
    role = _own_role(actor, role_id)
    before = {"zh": role.zh, "en": role.en, "permissions": role.permissions}
    administrators = count_administrators_locked()
    _fill(
        actor,
        role,
        zh=role.zh if zh is None else zh,
        en=role.en if en is None else en,
        permissions=role.permissions if permissions is None else permissions,
    )
    after = {"zh": role.zh, "en": role.en, "permissions": role.permissions}
    changed = differences(before, after)
    if changed:
        role.save()
        check_administrator_remains(administrators)
        _check_holders(role)
        record_change(actor, "role.changed", f"role:{role.pk}", changed)
    return role


@transaction.atomic
def switch_role(*, actor: Actor, role_id: int, active: bool) -> Role:
    """Take a role of one's own making out of use, or into use again.

    raises : Forbidden, RoleNotFound, BuiltinProtected, StillInUse (somebody holds it)
    """
    role = _own_role(actor, role_id)
    if role.active == active:
        return role
    held = role.grants.count()
    if held and not active:
        raise StillInUse(reason_zh=f"有 {held} 项授权使用该角色", reason_en=f"{held} grants of it")
    role.active = active
    role.save(update_fields=["active"])
    act = "role.activated" if active else "role.deactivated"
    record_change(actor, act, f"role:{role.pk}")
    return role


@transaction.atomic
def create_post(*, actor: Actor, code: str, zh: str, en: str) -> Post:
    """Add a post; raises Forbidden, Invalid, CodeTaken."""
    actor.require_everywhere(PERMISSION)
    naming.checked_code(code)
    if Post.objects.filter(code=code).exists():
        raise CodeTaken(field="code", value=code)
    post = Post.objects.create(code=code, **_names(zh, en))
    record_change(actor, "post.created", f"post:{post.pk}", {"code": code})
    return post


@transaction.atomic
def change_post(
    *,
    actor: Actor,
    post_id: int,
    zh: str | None = None,
    en: str | None = None,
    active: bool | None = None,
) -> Post:
    """Change a post, or take it out of use or into use.

    raises : Forbidden, PostNotFound, Invalid, StillInUse (people in use have it)
    """
    actor.require_everywhere(PERMISSION)
    post = Post.objects.select_for_update().filter(id=post_id).first()
    if post is None:
        raise PostNotFound
    before = {"zh": post.zh, "en": post.en, "active": post.active}
    names = _names(post.zh if zh is None else zh, post.en if en is None else en)
    post.zh, post.en = names["zh"], names["en"]
    post.active = post.active if active is None else active
    if before["active"] and not post.active:
        _refuse_if_held(post)
    changed = differences(before, {"zh": post.zh, "en": post.en, "active": post.active})
    if changed:
        post.save()
        record_change(actor, "post.changed", f"post:{post.pk}", changed)
    return post


def _refuse_if_held(post: Post) -> None:
    people = post.people.filter(is_active=True).count()
    if people:
        raise StillInUse(
            reason_zh=f"{people} 名在用人员任此岗位，请先在人员资料中改岗。",
            reason_en=f"{people} active people have it: give them another post first.",
        )


def _own_role(actor: Actor, role_id: int) -> Role:
    actor.require_everywhere(PERMISSION)
    role = Role.objects.select_for_update().filter(id=role_id).first()
    if role is None:
        raise RoleNotFound
    if role.builtin:
        raise BuiltinProtected
    return role


def _fill(actor: Actor, role: Role, *, zh: str, en: str, permissions: Sequence[str]) -> None:
    names = _names(zh, en)
    role.zh, role.en = names["zh"], names["en"]
    wanted = sorted(set(permissions))
    unknown = [code for code in wanted if code not in permission_definitions()]
    if unknown:
        raise Invalid(
            field="permissions",
            reason_zh=f"没有权限 {unknown[0][:60]}",
            reason_en=f"no permission {unknown[0][:60]}",
        )
    fresh = set(wanted) - set(role.permissions)
    for code in sorted(fresh & guarded_permissions()):
        if not any(_is_everywhere(actor, code)):
            raise GrantTooWide(field="permissions", what=code)
    if not setting("administration.allow_both_axes"):
        check_axes(wanted, axes())
    role.permissions = wanted


def _is_everywhere(actor: Actor, permission: str) -> list[bool]:
    return [
        not grant.division_code and grant.organisation_id is None
        for grant in actor.grants
        if permission in grant.permissions
    ]


def _check_holders(role: Role) -> None:
    for person_id in role.grants.values_list("person_id", flat=True).distinct():
        check_person_axes(person_id)


def _names(zh: str, en: str) -> dict[str, Any]:
    return {
        "zh": naming.checked_name(zh, field="zh", longest=60),
        "en": naming.checked_name(en, field="en", longest=100, required=False),
    }
