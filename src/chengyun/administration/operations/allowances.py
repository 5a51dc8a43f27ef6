"""Taking from a sender's allowance of what costs much: one statement by primary key.

The rows are shared by all web processes. The table is unlogged: taking waits for no disk, and a
crash of the database fills every allowance.
"""

from __future__ import annotations

import os
from typing import Any, Final

from django.db import connection

from chengyun.administration.models import Allowance
from chengyun.administration.queries.settings import setting
from chengyun.administration.rules.allowances import SETTINGS, WINDOW, Charge, Reading
from chengyun.kernel.clock import now

_TAKE: Final = """
INSERT INTO administration_allowance AS held (key, full_at) VALUES (%(key)s, %(now)s + %(takes)s)
ON CONFLICT (key) DO UPDATE SET full_at = greatest(held.full_at, %(now)s) + %(takes)s
WHERE greatest(held.full_at, %(now)s) + %(takes)s <= %(now)s + %(window)s
RETURNING full_at
"""


def take_allowance(*, sender: str, reading: Reading, count: int = 1) -> None:
    """Take `count` of a sender's allowance; nothing is taken where that is too much.

    raises : ReadingThrottled
    """
    limit: int = setting(SETTINGS[reading])
    if not limit or not count or os.environ.get("CHENGYUN_READ_LIMITS") == "off":
        return
    charge = Charge(reading=reading, limit=limit, count=count)
    key, present = f"{reading}:{sender}", now()
    values: dict[str, Any] = {
        "key": key,
        "now": present,
        "takes": charge.takes,
        "window": WINDOW,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        taken = cursor.fetchone() is not None
    if not taken:
        full_at = Allowance.objects.filter(key=key).values_list("full_at", flat=True).first()
        raise charge.refusal(full_at or present, present)
