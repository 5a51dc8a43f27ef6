"""Throwing away what is no longer needed. May run any number of times."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction

from chengyun.administration.models import (
    Allowance,
    EarlierPassword,
    IdempotencyRecord,
    Person,
    SignIn,
    SignInAttempt,
)
from chengyun.administration.operations.pinyin import fill_pinyin
from chengyun.administration.queries.settings import setting
from chengyun.kernel.clock import now

IDEMPOTENCY_KEPT: Final = timedelta(days=7)
ATTEMPTS_KEPT: Final = timedelta(days=30)
ALLOWANCES_KEPT: Final = timedelta(hours=1)  # after they are full again
ENDED_SESSIONS_KEPT: Final = timedelta(days=200)  # sign-in logs are kept at least six months


@transaction.atomic
def tidy() -> dict[str, int]:
    """End over-aged sessions and delete old keys, attempts and sessions; return how many."""
    present = now()
    idle = timedelta(minutes=setting("administration.session_idle_minutes"))
    longest = timedelta(hours=setting("administration.session_max_hours"))
    living = SignIn.objects.filter(ended_at=None)
    ended = living.filter(last_seen_at__lt=present - idle).update(ended_at=present)
    ended += living.filter(created_at__lt=present - longest).update(ended_at=present)
    gone = {
        "idempotency": IdempotencyRecord.objects.filter(at__lt=present - IDEMPOTENCY_KEPT),
        "attempts": SignInAttempt.objects.filter(at__lt=present - ATTEMPTS_KEPT),
        "allowances": Allowance.objects.filter(full_at__lt=present - ALLOWANCES_KEPT),
        "sessions": SignIn.objects.filter(ended_at__lt=present - ENDED_SESSIONS_KEPT),
    }
    counts = {name: rows.delete()[0] for name, rows in gone.items()}
    fill_pinyin()
    return {**counts, "ended": ended, "passwords": _drop_passwords()}


def _drop_passwords() -> int:
    kept: int = setting("administration.password_history")
    surplus = [
        row
        for person in Person.objects.filter(earlier_passwords__isnull=False).distinct()
        for row in person.earlier_passwords.order_by("-id").values_list("id", flat=True)[kept:]
    ]
    return EarlierPassword.objects.filter(id__in=surplus).delete()[0]
