"""Who may read and change components: by division and organisation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chengyun.administration.rules.actor import Actor, Grant
from chengyun.kernel.errors import Fault

READ: Final = "components.read"
MANAGE: Final = "components.manage"
COMMAND_LINE: Final = Actor(
    person_id=None,
    name="命令行",
    grants=(Grant(role_code="command_line", permissions=frozenset({READ, MANAGE})),),
)


class ComponentOutsideScope(Fault):
    """The component lies outside the actor's area, or belongs to none of his organisations."""

    code = "outside_scope"
    status = 403
    zh = "该位置或机构（{place}）不在您的部件管理范围内。"
    en = "This place or organisation ({place}) lies outside the scope of your permission."


def covers(
    grants: Iterable[Grant], *, community_code: str, organisation_ids: Iterable[int]
) -> bool:
    """Tell whether one of the grants covers a component at a place, of some organisations."""
    own = frozenset(organisation_ids)
    return any(
        grant.covers(division_code=community_code, organisation_ids=own, case_kind="")
        for grant in grants
    )


def require_cover(
    actor: Actor, permission: str, *, community_code: str, organisation_ids: Iterable[int]
) -> None:
    """Raise ComponentOutsideScope unless the actor's permission covers the component.

    raises : Forbidden without any grant
    """
    grants = actor.scope_for(permission)
    if not covers(grants, community_code=community_code, organisation_ids=organisation_ids):
        raise ComponentOutsideScope(place=community_code)
