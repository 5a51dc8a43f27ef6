"""API tokens: create, revoke."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from chengyun.administration.models import ApiToken, Person
from chengyun.administration.operations.audit import record_audit
from chengyun.administration.operations.changes import announce_change
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules import secrets
from chengyun.administration.rules.actor import Actor
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Invalid


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """A token just made; its secret is shown once and never again."""

    id: int
    secret: str
    prefix: str
    expires_at: datetime | None


@transaction.atomic
def create_token(*, actor: Actor, person: Person, name: str, days: int | None = None) -> NewToken:
    """Make a token that acts as `person`.

    days : life of the token; None = as long as the policy allows
    raises : Invalid
    """
    expires_at = _expiry(days)
    secret = secrets.new_token()
    token = ApiToken.objects.create(
        person=person,
        name=name,
        prefix=secret[: secrets.PREFIX_LENGTH],
        digest=secrets.token_digest(secret),
        expires_at=expires_at,
    )
    detail = {"person_id": person.pk, "name": name, "expires_at": expires_at}
    record_audit(actor, "token.created", f"token:{token.pk}", detail)
    announce_change("access")
    return NewToken(id=token.pk, secret=secret, prefix=token.prefix, expires_at=expires_at)


@transaction.atomic
def revoke_token(*, actor: Actor, token: ApiToken) -> None:
    """Make a token useless at once. Revoking twice does no harm."""
    if token.revoked_at is not None:
        return
    token.revoked_at = now()
    token.save(update_fields=["revoked_at"])
    record_audit(actor, "token.revoked", f"token:{token.pk}", {"person_id": token.person_id})
    announce_change("access")


def _expiry(days: int | None) -> datetime | None:
    longest: int = setting("administration.token_max_days")
    if days is None:
        return now() + timedelta(days=longest) if longest else None
    if days < 1 or days > (longest or 36500):
        raise Invalid(
            field="days",
            reason_zh=f"须在 1 与 {longest or 36500} 之间",
            reason_en=f"it must lie between 1 and {longest or 36500}",
        )
    return now() + timedelta(days=days)
