"""Writing many organisations and people at once: for the demo city, benchmarks and big imports.

The caller has decided that the rows are right and may be written: scope, axes and password policy
are not checked here. Call inside one transaction. What was written is audited as one entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from chengyun.administration.models import Organisation, Person, Post, Role, RoleGrant
from chengyun.administration.operations.audit import record_audit
from chengyun.administration.operations.changes import announce_change
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.pinyin import pinyin_keys
from chengyun.kernel.clock import now

_BATCH = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganisationRow:
    """An organisation; `parent` is the code of one that is written or comes earlier."""

    code: str
    parent: str
    kind: str
    zh: str
    en: str
    division_code: str
    credit_code: str = ""
    department_kind: str = ""
    sort: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonRow:
    """A person with one role in one scope.

    organisation : code
    own_organisation : whether the role reaches only the person's organisation
    """

    username: str
    name: str
    phone: str
    organisation: str
    role: str
    post: str = ""
    division_code: str = ""
    own_organisation: bool = False


@transaction.atomic
def insert_organisations(*, actor: Actor, rows: Sequence[OrganisationRow]) -> dict[str, int]:
    """Write organisations; return the id of each by code.

    raises : KeyError on an unknown parent, IntegrityError on a code that is taken
    """
    paths = {code: (pk, path) for code, pk, path in _known()}
    made: dict[str, int] = {}
    for row in rows:
        above: tuple[int | None, str] = paths[row.parent] if row.parent else (None, "/")
        saved = Organisation.objects.create(
            parent_id=above[0],
            path=above[1],
            code=row.code,
            credit_code=row.credit_code,
            kind=row.kind,
            department_kind=row.department_kind,
            zh=row.zh,
            en=row.en,
            pinyin=pinyin_keys(row.zh),
            division_code=row.division_code,
            sort=row.sort,
        )
        saved.path = f"{above[1]}{saved.pk}/"
        saved.save(update_fields=["path"])
        paths[row.code] = (saved.pk, saved.path)
        made[row.code] = saved.pk
    record_audit(actor, "organisations.written", "organisations", {"count": len(made)})
    announce_change("access")
    return made


@transaction.atomic
def insert_people(*, actor: Actor, rows: Sequence[PersonRow], password: str) -> dict[str, int]:
    """Write people who all have the same password; return the id of each by username.

    raises : KeyError on an unknown organisation, role or post; IntegrityError on a taken username
    """
    organisations = dict(Organisation.objects.values_list("code", "id"))
    roles = dict(Role.objects.values_list("code", "id"))
    posts = dict(Post.objects.values_list("code", "id"))
    digest, at = make_password(password), now()
    people = Person.objects.bulk_create(
        [
            Person(
                username=row.username,
                name=row.name,
                pinyin=pinyin_keys(row.name),
                phone=row.phone,
                organisation_id=organisations[row.organisation],
                password=digest,
                password_changed_at=at,
            )
            for row in rows
        ],
        batch_size=_BATCH,
    )
    both = list(zip(people, rows, strict=True))
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(
                person=person,
                role_id=roles[row.role],
                division_code=row.division_code,
                organisation_id=person.organisation_id if row.own_organisation else None,
            )
            for person, row in both
        ],
        batch_size=_BATCH,
    )
    held: Any = Person.posts.through
    held.objects.bulk_create(
        [held(person_id=person.pk, post_id=posts[row.post]) for person, row in both if row.post],
        batch_size=_BATCH,
    )
    record_audit(actor, "people.written", "people", {"count": len(people)})
    announce_change("access")
    return {person.username: person.pk for person in people}


def _known() -> list[tuple[str, int, str]]:
    return list(Organisation.objects.values_list("code", "id", "path"))
