"""Whether failures in a row keep a name from signing in."""

from __future__ import annotations

from datetime import datetime, timedelta

from chengyun.administration.models import SignInAttempt
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules.secrets import name_digest


def locked_until(
    username: str, present: datetime, *, before_id: int | None = None
) -> datetime | None:
    """Return when the name may try again, or None when it is not locked.

    before_id : look only at attempts made before this one
    """
    allowed: int = setting("administration.sign_in_failures_to_lock")
    lock = timedelta(minutes=setting("administration.sign_in_lock_minutes"))
    name = name_digest(username)
    earlier = SignInAttempt.objects.filter(username=name, at__gt=present - lock)
    if before_id is not None:
        earlier = earlier.filter(id__lt=before_id)
    rows = list(earlier.order_by("-id").values_list("succeeded", "at")[:allowed])
    if len(rows) < allowed or any(succeeded for succeeded, _ in rows):
        return None
    return rows[0][1] + lock
