"""Case numbers: readable, unique, counted daily: LJ20261123-00418. Never used as a key."""

from __future__ import annotations

from datetime import date

from django.db import connection

from chengyun.administration.queries import setting

DIVISION_WIDTH = 6


def take_numbers(on: date, count: int) -> list[str]:
    """Return the day's next case numbers. No lock is held; a rolled-back report leaves a gap.

    on : day in the platform's time zone
    source : ours; there is no national rule
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases_next_number(%s) FROM generate_series(1, %s)", [on, count])
        return [case_number(on, row[0]) for row in cursor.fetchall()]


def case_number(on: date, sequence: int) -> str:
    """Return the number of the day's case `sequence`."""
    prefix = setting("cases.number_prefix") or setting("node.division_code")[:DIVISION_WIDTH]
    dash = "-" if prefix[-1:].isdigit() else ""
    return f"{prefix}{dash}{on:%Y%m%d}-{sequence:05d}"
