"""Who acts, and how far: permissions and data scope as a value."""

from __future__ import annotations

from dataclasses import dataclass, field

from chengyun.administration.rules.definitions import permission_definitions
from chengyun.kernel.errors import Forbidden


@dataclass(frozen=True, kw_only=True)
class Grant:
    """A role within a scope: division subtree x organisation subtree x case kinds.

    division_code : prefix of a division code, '' = everywhere
    organisation_path : path prefix of an organisation, None = every organisation
    case_kinds : empty = every kind
    """

    role_code: str
    permissions: frozenset[str]
    division_code: str = ""
    organisation_id: int | None = None
    organisation_path: str | None = None
    organisation_ids: tuple[int, ...] = ()
    case_kinds: tuple[str, ...] = ()

    def covers(
        self, *, division_code: str, organisation_ids: frozenset[int], case_kind: str
    ) -> bool:
        """Tell whether a thing at this division, of these organisations and kind, is in scope."""
        if self.division_code and not division_code.startswith(self.division_code):
            return False
        if self.organisation_id is not None and not organisation_ids & set(self.organisation_ids):
            return False
        return not (self.case_kinds and case_kind and case_kind not in self.case_kinds)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Somebody (or the system itself) who reads or changes something."""

    person_id: int | None
    name: str
    organisation_id: int | None = None
    organisation_name: str = ""
    organisation_path: str = ""
    grants: tuple[Grant, ...] = ()
    address: str | None = None
    language: str = "zh-CN"
    permissions: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        every = frozenset().union(*(grant.permissions for grant in self.grants))
        object.__setattr__(self, "permissions", every)

    def can(self, permission: str) -> bool:
        """Tell whether any grant has the permission."""
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise Forbidden without the permission."""
        if permission not in self.permissions:
            raise Forbidden(permission=permission)

    def scope_for(self, permission: str) -> tuple[Grant, ...]:
        """Return the grants that carry the permission; raise Forbidden when there is none."""
        found = tuple(grant for grant in self.grants if permission in grant.permissions)
        if not found:
            raise Forbidden(permission=permission)
        return found

    def can_everywhere(self, permission: str) -> bool:
        """Tell whether a grant without any limit of place has the permission."""
        return any(
            permission in grant.permissions
            and not grant.division_code
            and grant.organisation_id is None
            for grant in self.grants
        )

    def require_everywhere(self, permission: str) -> None:
        """Raise Forbidden unless a grant without any limit of place carries the permission."""
        if not self.can_everywhere(permission):
            raise Forbidden(permission=permission)

    def role_for(self, permission: str) -> str:
        """Return the code of the first role that carries the permission, or ''."""
        return next((g.role_code for g in self.grants if permission in g.permissions), "")


def _all_but_desks() -> frozenset[str]:
    # The platform keeps house; at the desks of cases people act, and its timers by their own moves.
    known = permission_definitions()
    return frozenset(code for code in known if not code.startswith("case.act."))


SYSTEM = Actor(
    person_id=None,
    name="系统",
    grants=(Grant(role_code="system", permissions=_all_but_desks()),),
)
