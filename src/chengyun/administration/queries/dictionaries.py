"""Reading dictionaries: open to whoever is signed in."""

from __future__ import annotations

from typing import Any

from chengyun.administration.models import Dictionary, DictionaryItem
from chengyun.administration.queries.freshness import FreshCache
from chengyun.administration.queries.listing import PINYIN, Listing
from chengyun.administration.rules.faults import DictionaryNotFound

_items: FreshCache[str, tuple[tuple[str, str, str], ...]] = FreshCache("reference")


def list_dictionaries(*, q: str = "", limit: int = 50, after: str | None = None) -> dict[str, Any]:
    """Return a page of dictionaries in pinyin order: {items, next}."""
    listing = Listing(
        kind="dictionaries",
        columns="d.id, d.code, d.zh, d.en,"
        " (SELECT count(*) FROM administration_dictionaryitem i"
        " WHERE i.dictionary_id = d.id AND i.active) AS items",
        source="administration_dictionary d",
        keys=((f"d.zh {PINYIN}", str), ("d.id", int)),
    )
    listing.where_contains(("d.zh", "d.en", "d.code"), q)
    rows, token = listing.page(limit=limit, after=after)
    return {"items": rows, "next": token}


def list_items(
    *,
    dictionary: str,
    q: str = "",
    active: bool | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """Return a page of a dictionary's values in their order; raises DictionaryNotFound."""
    if not Dictionary.objects.filter(code=dictionary).exists():
        raise DictionaryNotFound
    listing = Listing(
        kind="dictionary_items",
        columns="i.id, i.code, i.zh, i.en, i.sort, i.active",
        source="administration_dictionaryitem i"
        " JOIN administration_dictionary d ON d.id = i.dictionary_id",
        keys=(("i.sort", int), ("i.id", int)),
    )
    listing.where("d.code = %s", dictionary)
    listing.where_contains(("i.zh", "i.en", "i.code"), q)
    if active is not None:
        listing.where("i.active = %s", active)
    rows, token = listing.page(limit=limit, after=after)
    return {"items": rows, "next": token}


def dictionary_names(dictionary: str) -> dict[str, tuple[str, str]]:
    """Return {code: (zh, en)} of a dictionary, used or not, from this process's copy."""
    rows = _items.get_or_load(dictionary, lambda: _load(dictionary))
    return {code: (zh, en) for code, zh, en in rows}


def _load(dictionary: str) -> tuple[tuple[str, str, str], ...]:
    found = DictionaryItem.objects.filter(dictionary__code=dictionary).order_by("sort", "id")
    return tuple(found.values_list("code", "zh", "en"))
