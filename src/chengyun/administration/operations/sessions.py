"""Sessions: open, end, keep to their limits."""

from __future__ import annotations

from django.db import transaction

from chengyun.administration.models import Person, SignIn
from chengyun.administration.operations.audit import record_audit
from chengyun.administration.operations.changes import announce_change
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules import secrets
from chengyun.administration.rules.actor import Actor
from chengyun.kernel.clock import now


@transaction.atomic
def open_session(*, person: Person, address: str | None, agent: str = "") -> str:
    """Open a session and return its key, for the cookie; the oldest beyond the limit end."""
    key = secrets.new_session_key()
    present = now()
    SignIn.objects.create(
        person=person,
        session_key=secrets.session_digest(key),
        address=address,
        agent=agent.replace("\x00", "")[:200],
        created_at=present,
        last_seen_at=present,
    )
    _end_surplus(person)
    return key


def _end_surplus(person: Person) -> None:
    allowed: int = setting("administration.session_max_per_person")
    living = SignIn.objects.filter(person=person, ended_at=None).order_by("-last_seen_at", "-id")
    surplus = list(living.values_list("id", flat=True)[allowed:])
    if surplus:
        SignIn.objects.filter(id__in=surplus).update(ended_at=now())
        announce_change("access")


@transaction.atomic
def end_session(*, actor: Actor, session_id: int) -> None:
    """End one session at once. Ending twice does no harm."""
    ended = SignIn.objects.filter(id=session_id, ended_at=None).update(ended_at=now())
    if ended:
        record_audit(actor, "session.ended", f"session:{session_id}")
        announce_change("access")


@transaction.atomic
def end_sessions_of(*, actor: Actor, person_id: int, but: int | None = None) -> int:
    """End every session of a person, except the session `but`; return how many."""
    living = SignIn.objects.filter(person_id=person_id, ended_at=None).exclude(id=but or 0)
    ended = living.update(ended_at=now())
    if ended:
        record_audit(actor, "session.ended", f"person:{person_id}", {"sessions": ended})
        announce_change("access")
    return ended
