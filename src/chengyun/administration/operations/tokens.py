"""API tokens: create, revoke."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from chengyun.administration.models import ApiToken
from chengyun.administration.operations.guard import check_may_take_over
from chengyun.administration.operations.recording import record_change
from chengyun.administration.queries.people import person_in_reach
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules import naming, secrets
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import PersonNotFound, TokenNotFound
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Invalid

PERMISSION: Final = "administration.tokens"
LONGEST_DAYS: Final = 36_500


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """A token just made; its secret is shown once and never again."""

    id: int
    secret: str
    prefix: str
    expires_at: datetime | None


@transaction.atomic
def create_token(*, actor: Actor, person_id: int, name: str, days: int | None = None) -> NewToken:
    """Make a token that acts as the person.

    days : life of the token; None = as long as the policy allows
    raises : Forbidden, PersonNotFound, GrantTooWide (the person has more than the actor could
        give), Invalid
    """
    person = person_in_reach(actor, person_id, permission=PERMISSION)
    check_may_take_over(actor, person, by=PERMISSION)
    if not person.is_active:
        raise Invalid(field="person_id", reason_zh="人员已停用", reason_en="out of use")
    expires_at = _expiry(days)
    secret = secrets.new_token()
    token = ApiToken.objects.create(
        person=person,
        name=naming.checked_name(name, field="name", longest=60),
        prefix=secret[: secrets.PREFIX_LENGTH],
        digest=secrets.token_digest(secret),
        expires_at=expires_at,
    )
    detail = {"person_id": person.pk, "name": name, "expires_at": expires_at}
    record_change(actor, "token.created", f"token:{token.pk}", detail)
    return NewToken(id=token.pk, secret=secret, prefix=token.prefix, expires_at=expires_at)


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int) -> None:
    """Make a token useless at once. Revoking twice does no harm.

    raises : Forbidden, TokenNotFound
    """
    actor.require(PERMISSION)
    token = ApiToken.objects.select_for_update().filter(id=token_id).first()
    if token is None:
        raise TokenNotFound
    try:
        person_in_reach(actor, token.person_id, permission=PERMISSION)
    except PersonNotFound:
        raise TokenNotFound from None
    if token.revoked_at is not None:
        return
    token.revoked_at = now()
    token.save(update_fields=["revoked_at"])
    record_change(actor, "token.revoked", f"token:{token.pk}", {"person_id": token.person_id})


def _expiry(days: int | None) -> datetime | None:
    longest: int = setting("administration.token_max_days")
    if days is None:
        return now() + timedelta(days=longest) if longest else None
    if days < 1 or days > (longest or LONGEST_DAYS):
        raise Invalid(
            field="days",
            reason_zh=f"须在 1 与 {longest or LONGEST_DAYS} 之间",
            reason_en=f"it must lie between 1 and {longest or LONGEST_DAYS}",
        )
    return now() + timedelta(days=days)
