"""People: add, change, switch off and on, give a new password, unlock, read in clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from chengyun.administration.models import ApiToken, Organisation, Person, Post, SignInAttempt
from chengyun.administration.operations.audit import record_audit
from chengyun.administration.operations.changes import announce_change
from chengyun.administration.operations.guard import (
    check_administrator_remains,
    check_may_take_over,
    count_administrators_locked,
    place,
)
from chengyun.administration.operations.passwords import set_checked_password, temporary_password
from chengyun.administration.operations.recording import differences, record_change
from chengyun.administration.operations.sessions import end_sessions_of
from chengyun.administration.operations.uses import refuse_if_used
from chengyun.administration.queries.people import PERMISSION, editable_person, person_in_reach
from chengyun.administration.rules import naming
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import CodeTaken, NotOnOneself, StillInUse
from chengyun.administration.rules.masking import masked_phone
from chengyun.administration.rules.pinyin import pinyin_keys
from chengyun.administration.rules.scope import reaches
from chengyun.administration.rules.secrets import name_digest
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Invalid

LANGUAGES: Final = ("zh-CN", "en")
_FIELDS: Final = ("username", "name", "phone", "language", "organisation_id")


@dataclass(frozen=True, kw_only=True)
class NewPassword:
    """A person with the password just made for him: shown once, to be changed at first use."""

    person: Person
    password: str


@transaction.atomic
def create_person(
    *,
    actor: Actor,
    values: Mapping[str, Any],
    post_ids: Sequence[int] = (),
    password: str | None = None,
) -> NewPassword:
    """Add a person who must change his password at first sign-in.

    values : username, name, organisation_id; optional phone, language
    password : None = one is made
    raises : Forbidden, NotFound, Invalid, CodeTaken, PasswordUnfit
    """
    actor.require(PERMISSION)
    person = Person(must_change_password=True, **_checked(actor, values))
    _check_free(person)
    password = password or temporary_password()
    set_checked_password(person, password)
    person.pinyin = pinyin_keys(person.name)
    person.save()
    person.posts.set(_posts(post_ids))
    detail = {"username": person.username, "organisation_id": person.organisation_id}
    _record(actor, "person.created", person, detail)
    return NewPassword(person=person, password=password)


@transaction.atomic
def change_person(
    *,
    actor: Actor,
    person_id: int,
    values: Mapping[str, Any],
    post_ids: Sequence[int] | None = None,
) -> Person:
    """Change what is known of a person.

    raises : Forbidden, NotFound, Invalid, CodeTaken, GrantTooWide (another name for the account of
        somebody more powerful)
    """
    person = editable_person(actor, person_id, lock=True)
    before = {field: getattr(person, field) for field in _FIELDS}
    for field, value in _checked(actor, values).items():
        setattr(person, field, value)
    _check_free(person)
    changed = differences(before, {field: getattr(person, field) for field in _FIELDS})
    if "username" in changed or "organisation_id" in changed:
        check_may_take_over(actor, person)
    if "phone" in changed:
        changed["phone"] = [masked_phone(phone) for phone in changed["phone"]]
    if post_ids is not None:
        changed |= _change_posts(person, post_ids)
    if changed:
        person.pinyin = pinyin_keys(person.name)
        person.save()
        _record(actor, "person.changed", person, changed)
    return person


@transaction.atomic
def deactivate_person(*, actor: Actor, person_id: int) -> Person:
    """Take a person out of use: sessions end, tokens are revoked, the history stays.

    raises : Forbidden, NotFound, NotOnOneself, GrantTooWide, StillInUse, LastAdministrator
    """
    person = editable_person(actor, person_id, lock=True)
    if not person.is_active:
        return person
    if person.pk == actor.person_id:
        raise NotOnOneself
    check_may_take_over(actor, person)
    refuse_if_used("person", person.pk)
    administrators = count_administrators_locked()
    person.is_active = False
    person.save(update_fields=["is_active", "updated_at"])
    check_administrator_remains(administrators)
    tokens = ApiToken.objects.filter(person=person, revoked_at=None).update(revoked_at=now())
    end_sessions_of(actor=actor, person_id=person.pk)
    _record(actor, "person.deactivated", person, {"tokens_revoked": tokens})
    return person


@transaction.atomic
def activate_person(*, actor: Actor, person_id: int) -> Person:
    """Take a person into use again, with the grants that he had.

    raises : Forbidden, NotFound, GrantTooWide, StillInUse (his organisation is out of use)
    """
    person = editable_person(actor, person_id, lock=True)
    if person.is_active:
        return person
    check_may_take_over(actor, person)
    if not person.organisation.active:
        raise StillInUse(reason_zh="所属机构已停用", reason_en="the organisation is out of use")
    person.is_active = True
    person.save(update_fields=["is_active", "updated_at"])
    _record(actor, "person.activated", person, {})
    return person


@transaction.atomic
def reset_password(*, actor: Actor, person_id: int, password: str | None = None) -> NewPassword:
    """Give a person a new password, to be changed at first use; sessions end, locks open.

    raises : Forbidden, NotFound, GrantTooWide, PasswordUnfit
    """
    person = editable_person(actor, person_id, lock=True)
    check_may_take_over(actor, person)
    password = password or temporary_password()
    set_checked_password(person, password)
    person.must_change_password = True
    person.save(update_fields=["password", "password_changed_at", "must_change_password"])
    end_sessions_of(actor=actor, person_id=person.pk)
    _forget_failures(person)
    _record(actor, "person.password_reset", person, {})
    return NewPassword(person=person, password=password)


@transaction.atomic
def unlock_person(*, actor: Actor, person_id: int) -> None:
    """Let a person who failed too often sign in again at once; raises Forbidden, NotFound."""
    person = editable_person(actor, person_id)
    _forget_failures(person)
    _record(actor, "person.unlocked", person, {})


@transaction.atomic
def read_private(*, actor: Actor, person_id: int) -> dict[str, Any]:
    """Return a person's telephone number in clear; the reading is written down.

    raises : Forbidden, NotFound
    """
    person = person_in_reach(actor, person_id, permission="person.read_private")
    record_audit(actor, "person.private_read", f"person:{person.pk}", {"fields": ["phone"]})
    return {"id": person.pk, "name": person.name, "phone": person.phone}


@transaction.atomic
def change_preferences(*, actor: Actor, values: Mapping[str, str]) -> None:
    """Set one's own language or theme. Nobody else is concerned: no entry is written."""
    known = {name: values[name] for name in ("language", "theme") if name in values}
    if known:
        Person.objects.filter(id=actor.person_id or 0).update(**known)
        announce_change("access")


def _checked(actor: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
    checks: dict[str, Any] = {
        "username": naming.checked_username,
        "name": lambda text: naming.checked_name(text, field="name", longest=60),
        "phone": naming.checked_phone,
        "language": _language,
        "organisation_id": lambda found: _organisation(actor, found),
    }
    return {field: checks[field](values[field]) for field in _FIELDS if field in values}


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise Invalid(field="language", reason_zh="可选 zh-CN、en", reason_en="zh-CN or en")
    return value


def _organisation(actor: Actor, organisation_id: int) -> int:
    found = Organisation.objects.filter(id=organisation_id).first()
    if found is None or not reaches(actor.scope_for(PERMISSION), place(found)):
        raise Invalid(
            field="organisation_id",
            reason_zh="没有这个机构，或不在您的管理范围内",
            reason_en="no such organisation in your scope",
        )
    if not found.active:
        raise Invalid(field="organisation_id", reason_zh="机构已停用", reason_en="out of use")
    return found.pk


def _posts(post_ids: Sequence[int]) -> list[Post]:
    found = list(Post.objects.filter(id__in=post_ids))
    if len(found) != len(set(post_ids)):
        raise Invalid(field="post_ids", reason_zh="没有这个岗位", reason_en="no such post")
    return found


def _change_posts(person: Person, post_ids: Sequence[int]) -> dict[str, list[Any]]:
    before = sorted(person.posts.values_list("id", flat=True))
    after = sorted(post.pk for post in _posts(post_ids))
    if before == after:
        return {}
    person.posts.set(after)
    return {"post_ids": [before, after]}


def _check_free(person: Person) -> None:
    same = Person.objects.filter(username__iexact=person.username).exclude(id=person.pk)
    if same.exists():
        raise CodeTaken(field="username", value=person.username)


def _forget_failures(person: Person) -> None:
    name = name_digest(person.username)
    SignInAttempt.objects.filter(username=name, succeeded=False).delete()


def _record(actor: Actor, act: str, person: Person, detail: Mapping[str, Any]) -> None:
    organisation = Organisation.objects.get(id=person.organisation_id)
    record_change(
        actor,
        act,
        f"person:{person.pk}",
        detail,
        division_code=organisation.division_code,
        organisation_ids=[organisation.pk],
    )
