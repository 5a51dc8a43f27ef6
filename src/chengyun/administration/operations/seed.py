"""The reference data that every platform starts with. May run any number of times."""

from __future__ import annotations

import json

from django.db import transaction

from chengyun.administration.models import (
    CalendarDay,
    CalendarYear,
    DayScheme,
    Dictionary,
    DictionaryItem,
    Post,
    Role,
)
from chengyun.administration.operations.changes import announce_change
from chengyun.administration.operations.pinyin import fill_pinyin
from chengyun.administration.operations.recording import record_change
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.rules.definitions import data_rows
from chengyun.kernel.calendar_cn import holiday_rows, known_years, source


@transaction.atomic
def seed_reference_data() -> None:
    """Add built-in roles, posts, dictionaries, day schemes and the known years' holidays.

    Built-in roles follow the program; what an administrator may edit is only added when missing.
    """
    _seed_roles()
    _seed_posts()
    _seed_dictionaries()
    _seed_day_schemes()
    _seed_holidays()
    fill_pinyin()
    announce_change("access")
    announce_change("reference")


def _seed_roles() -> None:
    Role.objects.bulk_create(
        [
            Role(
                code=row["code"],
                zh=row["zh"],
                en=row["en"],
                permissions=row["permissions"].split(),
                builtin=True,
            )
            for row in data_rows("roles.csv")
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["zh", "en", "permissions", "builtin"],
    )


def _seed_posts() -> None:
    Post.objects.bulk_create(
        [Post(code=row["code"], zh=row["zh"], en=row["en"]) for row in data_rows("posts.csv")],
        ignore_conflicts=True,
    )


def _seed_dictionaries() -> None:
    rows = data_rows("dictionaries.csv")
    Dictionary.objects.bulk_create(
        [
            Dictionary(code=row["dictionary"], zh=row["dictionary_zh"], en=row["dictionary_en"])
            for row in rows
            if row["dictionary_zh"]
        ],
        ignore_conflicts=True,
    )
    ids = dict(Dictionary.objects.values_list("code", "id"))
    DictionaryItem.objects.bulk_create(
        [
            DictionaryItem(
                dictionary_id=ids[row["dictionary"]],
                code=row["code"],
                zh=row["zh"],
                en=row["en"],
                sort=int(row["sort"]),
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )


def _seed_day_schemes() -> None:
    if DayScheme.objects.exists():
        return
    for row in data_rows("day_schemes.csv"):
        DayScheme.objects.create(
            code=row["code"],
            zh=row["zh"],
            en=row["en"],
            from_month_day=row["from_month_day"],
            to_month_day=row["to_month_day"],
            slots=json.loads(row["slots"]),
            priority=int(row["priority"]),
        )


def _seed_holidays() -> None:
    present = set(CalendarYear.objects.values_list("year", flat=True))
    missing = [year for year in known_years() if year not in present]
    CalendarDay.objects.bulk_create(
        [
            CalendarDay(on=row.on, kind=row.kind, zh=row.zh, en=row.en, source=row.source)
            for row in holiday_rows(missing)
        ],
        ignore_conflicts=True,
    )
    CalendarYear.objects.bulk_create(
        [CalendarYear(year=year, source=source()) for year in missing], ignore_conflicts=True
    )
    if present:  # a newer library knows more years than the platform did
        for year in missing:
            record_change(SYSTEM, "calendar.year_added", f"calendar:{year}", topic="reference")
