"""How far an actor's permission reaches over divisions."""

from __future__ import annotations

from collections.abc import Iterable

from chengyun.administration.rules.actor import Actor, Grant
from chengyun.kernel.errors import Forbidden
from chengyun.territory.faults import OutsideScope

READ = "territory.read"
MANAGE = "territory.manage"
COMMAND_LINE = Actor(
    person_id=None,
    name="命令行",
    grants=(Grant(role_code="command_line", permissions=frozenset({READ, MANAGE})),),
)


def prefixes_of(actor: Actor, permission: str) -> tuple[str, ...]:
    """Return the division prefixes within which the actor has the permission; ('',) = everywhere.

    raises : Forbidden without any grant of it
    """
    found = {grant.division_code for grant in actor.scope_for(permission)}
    return ("",) if "" in found else tuple(sorted(found))


def patterns_of(actor: Actor, permission: str) -> list[str]:
    """Return the prefixes as patterns for `LIKE ANY`."""
    return [f"{prefix}%" for prefix in prefixes_of(actor, permission)]


def require_everywhere(actor: Actor, permission: str) -> None:
    """Raise unless the actor has the permission without limit of area."""
    if "" not in prefixes_of(actor, permission):
        raise Forbidden(permission=permission)


def require_codes(actor: Actor, permission: str, codes: Iterable[str]) -> None:
    """Raise OutsideScope for the first division or grid code that the permission does not cover."""
    prefixes = prefixes_of(actor, permission)
    for code in codes:
        if not code.startswith(prefixes):
            raise OutsideScope(code=code)
