"""What the signed-in person needs to know of himself."""

from __future__ import annotations

from typing import Any

from chengyun.administration.models import Person, RoleGrant
from chengyun.administration.queries.actors import Access
from chengyun.administration.queries.node import identity


def me(access: Access) -> dict[str, Any]:
    """Return the person, his permissions, roles, grants, and the platform he is on."""
    person = (
        Person.objects.select_related("organisation")
        .prefetch_related("posts")
        .get(id=access.actor.person_id or 0)
    )
    return {
        "person": {
            "id": person.pk,
            "username": person.username,
            "name": person.name,
            "organisation": {"id": person.organisation_id, "name": person.organisation.zh},
            "posts": [
                {"id": p.pk, "name": p.zh, "zh": p.zh, "en": p.en} for p in person.posts.all()
            ],
        },
        "permissions": sorted(access.actor.permissions),
        "roles": _roles(person.pk),
        "grants": [
            {
                "role": grant.role_code,
                "division_code": grant.division_code,
                "organisation_id": grant.organisation_id,
                "case_kinds": list(grant.case_kinds),
            }
            for grant in access.actor.grants
        ],
        "node": identity(),
        "language": person.language,
        "theme": person.theme,
        "must_change_password": person.must_change_password,
    }


def _roles(person_id: int) -> list[dict[str, Any]]:
    rows = RoleGrant.objects.filter(person_id=person_id, role__active=True)
    found = rows.order_by("role_id").values("role__code", "role__zh", "role__en").distinct()
    return [
        {"code": row["role__code"], "zh": row["role__zh"], "en": row["role__en"]} for row in found
    ]
