"""Filling in the readings of names that came in bulk."""

from __future__ import annotations

from typing import Final

from chengyun.administration.models import Organisation, Person
from chengyun.administration.rules.pinyin import pinyin_keys

_STEP: Final = 2_000


def fill_pinyin() -> int:
    """Give every person and organisation without one the reading of the name; return how many."""
    people = list(Person.objects.filter(pinyin="").only("id", "name"))
    for person in people:
        person.pinyin = pinyin_keys(person.name)
    Person.objects.bulk_update(people, ["pinyin"], batch_size=_STEP)
    organisations = list(Organisation.objects.filter(pinyin="").only("id", "zh"))
    for organisation in organisations:
        organisation.pinyin = pinyin_keys(organisation.zh)
    Organisation.objects.bulk_update(organisations, ["pinyin"], batch_size=_STEP)
    return len(people) + len(organisations)
