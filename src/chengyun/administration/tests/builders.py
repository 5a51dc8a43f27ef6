"""Coherent organisations and people for the tests of every context."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from django.conf import settings
from django.test import Client

from chengyun.administration.http import SESSION_COOKIE
from chengyun.administration.models import Organisation, Person, Role, RoleGrant
from chengyun.administration.operations import (
    announce_change,
    create_token,
    open_session,
    seed_reference_data,
)
from chengyun.administration.queries import find_actor
from chengyun.administration.rules.actor import SYSTEM, Actor
from chengyun.kernel.clock import now

PASSWORD = "Jing-an-2026"
_numbers = count(1)


def make_organisation(
    *,
    zh: str = "",
    parent: Organisation | None = None,
    kind: str = Organisation.Kind.DEPARTMENT,
    division_code: str = "",
    department_kind: str = "",
    code: str = "",
    active: bool = True,
) -> Organisation:
    """Make an organisation with its path; below the parent's division unless told otherwise."""
    number = next(_numbers)
    made = Organisation.objects.create(
        code=code or f"org{number}",
        zh=zh or f"机构{number}",
        en=f"Organisation {number}",
        kind=kind,
        department_kind=department_kind,
        parent=parent,
        division_code=division_code or (parent.division_code if parent else ""),
        active=active,
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    announce_change("access")
    return made


def make_role(*, code: str = "", permissions: Sequence[str] = ()) -> Role:
    """Return the role of this code, made with `permissions` when it is not there."""
    if code and not permissions and not Role.objects.exists():
        seed_reference_data()
    code = code or f"role{next(_numbers)}"
    found = Role.objects.filter(code=code).first()
    if found:
        return found
    return Role.objects.create(code=code, zh=code, en=code, permissions=list(permissions))


def grant_role(
    person: Person,
    *,
    role: str = "",
    permissions: Sequence[str] = (),
    division_code: str = "",
    organisation: Organisation | None = None,
    case_kinds: Sequence[str] = (),
) -> RoleGrant:
    """Give a built-in role, or a fresh one with `permissions`, within a scope."""
    made = RoleGrant.objects.create(
        person=person,
        role=make_role(code=role, permissions=permissions),
        division_code=division_code,
        organisation=organisation,
        case_kinds=list(case_kinds),
    )
    announce_change("access")
    return made


def make_person(
    *,
    role: str = "",
    permissions: Sequence[str] = (),
    division_code: str = "",
    scope_organisation: Organisation | None = None,
    case_kinds: Sequence[str] = (),
    organisation: Organisation | None = None,
    username: str = "",
    name: str = "",
    phone: str = "13800001111",
    active: bool = True,
    must_change_password: bool = False,
) -> Person:
    """Make a person who can sign in with PASSWORD.

    role : code of a built-in role, granted within division_code x scope_organisation x case_kinds;
        or `permissions` for a role made for the purpose; neither = no grant
    organisation : where the person works; a fresh one when not given
    """
    number = next(_numbers)
    person = Person(
        username=username or f"person{number}",
        name=name or f"人员{number}",
        phone=phone,
        organisation=organisation or make_organisation(division_code=division_code),
        is_active=active,
        must_change_password=must_change_password,
        password_changed_at=now(),
    )
    person.set_password(PASSWORD)
    person.save()
    if role or permissions:
        grant_role(
            person,
            role=role,
            permissions=permissions,
            division_code=division_code,
            organisation=scope_organisation,
            case_kinds=case_kinds,
        )
    return person


def actor_for(person: Person) -> Actor:
    """Return the person as an Actor with grants."""
    actor = find_actor(person.pk)
    assert actor is not None
    return actor


def signed_in(person: Person, *, client: Client | None = None) -> Client:
    """Return a client that carries a session of the person (CSRF is not asked of it)."""
    client = client or Client()
    client.cookies[SESSION_COOKIE] = open_session(person=person, address="127.0.0.1")
    return client


def token_for(person: Person, *, name: str = "test") -> str:
    """Return the secret of a fresh API token of the person."""
    return create_token(actor=SYSTEM, person_id=person.pk, name=name).secret


def bearer(person: Person) -> Client:
    """Return a client that sends a bearer token of the person with every request."""
    return Client(headers={"authorization": f"Bearer {token_for(person)}"})


assert settings.configured
