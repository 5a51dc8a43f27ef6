"""Signing in: throttled by name and by address, locked after failures in a row.

Every attempt is written as a failure before the password is looked at and turned into a success
afterwards, so that many attempts at once cannot slip past the count. Unknown names are counted,
locked and timed as known ones are: the answer tells nothing about which names exist.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q

from chengyun.administration.models import Person, SignInAttempt
from chengyun.administration.operations.audit import record_audit
from chengyun.administration.operations.sessions import open_session
from chengyun.administration.queries.locks import locked_until
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.faults import AccountLocked, SignInFailed, SignInThrottled
from chengyun.administration.rules.secrets import name_digest
from chengyun.kernel.clock import now


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """Who signed in and the key of his new session."""

    person_id: int
    session_key: str


def sign_in(*, username: str, password: str, address: str | None, agent: str = "") -> SignedIn:
    """Open a session for the holder of this name and password.

    raises : SignInFailed, SignInThrottled, AccountLocked
    """
    name = username.strip()[:60].replace("\x00", "")
    attempt = SignInAttempt.objects.create(
        username=name_digest(name), address=address, at=now(), succeeded=False
    )
    try:
        _refuse_if_locked(name, attempt)
        _refuse_if_throttled(attempt)
    except (AccountLocked, SignInThrottled):
        attempt.delete()  # waiting at a locked door must not keep it locked
        raise
    person = _person_with(name, password)
    if person is None:
        _note_failure(name, address)
        raise SignInFailed
    return _let_in(person, attempt, address, agent)


def _person_with(name: str, password: str) -> Person | None:
    person = Person.objects.filter(username=name).first()
    if person is None:
        make_password(password)  # takes as long as checking one
        return None
    return person if person.check_password(password) and person.is_active else None


@transaction.atomic
def _let_in(person: Person, attempt: SignInAttempt, address: str | None, agent: str) -> SignedIn:
    present = now()
    SignInAttempt.objects.filter(id=attempt.pk).update(succeeded=True)
    must_change = person.must_change_password or _password_is_old(person, present)
    Person.objects.filter(id=person.pk).update(last_login=present, must_change_password=must_change)
    key = open_session(person=person, address=address, agent=agent)
    who = Actor(person_id=person.pk, name=person.name, address=address)
    record_audit(who, "session.opened", f"person:{person.pk}", {"agent": agent[:200]})
    return SignedIn(person_id=person.pk, session_key=key)


def _password_is_old(person: Person, present: datetime) -> bool:
    days: int = setting("administration.password_max_days")
    since = person.password_changed_at or person.created_at
    return bool(days) and present - since > timedelta(days=days)


def _note_failure(name: str, address: str | None) -> None:
    # A name that nobody has may be a password typed into the wrong box: it is not written down.
    person = Person.objects.filter(username=name).only("id").first()
    subject = f"person:{person.pk}" if person else "person:unknown"
    record_audit(Actor(person_id=None, name="", address=address), "session.refused", subject)


def _refuse_if_locked(name: str, attempt: SignInAttempt) -> None:
    until = locked_until(name, attempt.at, before_id=attempt.pk)
    if until is not None:
        raise AccountLocked(**_waiting(until, attempt.at))


def _refuse_if_throttled(attempt: SignInAttempt) -> None:
    window = timedelta(minutes=setting("administration.sign_in_window_minutes"))
    failures = SignInAttempt.objects.filter(
        succeeded=False, at__gt=attempt.at - window, id__lt=attempt.pk
    )
    limits = [(Q(username=attempt.username), setting("administration.sign_in_limit_by_name"))]
    if attempt.address:
        by_address = setting("administration.sign_in_limit_by_address")
        limits.append((Q(address=attempt.address), by_address))
    for condition, limit in limits:
        times = list(
            failures.filter(condition).order_by("-id").values_list("at", flat=True)[:limit]
        )
        if len(times) >= limit:
            raise SignInThrottled(**_waiting(times[-1] + window, attempt.at))


def _waiting(end: datetime, present: datetime) -> dict[str, Any]:
    seconds = max(1, math.ceil((end - present).total_seconds()))
    return {"minutes": math.ceil(seconds / 60), "retry_after_s": seconds}
