"""Finding addresses by what somebody typed, ranked, with how each was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from chengyun.administration.rules.actor import Actor
from chengyun.kernel.coordinates import distance_m
from chengyun.territory.queries import address_plates as plates
from chengyun.territory.queries.address_names import NameFinder, Narrowed
from chengyun.territory.queries.address_rows import addresses_by_id
from chengyun.territory.rules.addresses.keys import name_keys
from chengyun.territory.rules.addresses.ranking import (
    LEAST,
    Match,
    Name,
    Question,
    farness,
    fit,
)
from chengyun.territory.rules.addresses.reading import Asked, read, substrings

MOST: Final = 50
_STREETS: Final = 30
_BEARERS: Final = ("street", "tract", "door_plate")
_TAIL_WEIGHT: Final = 0.95
_KIND_BONUS: Final = {"street": 0.004, "poi": 0.003, "tract": 0.002, "division": 0.001}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An address that was found: how well (0–1), by what, and the point it gives.

    address_id : None for a crossing, which is a place but no address
    matched_name : the former name, when that was what fitted
    """

    address_id: int | None
    score: float
    match: Match
    lon: float
    lat: float
    name: str
    full: str = ""
    kind: str = ""
    division_code: str = ""
    matched_name: str = ""


def search_addresses(
    *, actor: Actor, text: str, narrowed: Narrowed | None = None, limit: int = 10
) -> list[dict[str, Any]]:
    """Return addresses that fit a text, the best first, as rows with score and match.

    narrowed : division, kinds and from where one looks; near ones come first among like ones
    raises : Forbidden
    """
    hits = find_hits(actor=actor, asked=read(text), narrowed=narrowed or Narrowed())
    return _rows(hits[: min(limit, MOST)])


def geocode(
    *, actor: Actor, text: str, narrowed: Narrowed | None = None, limit: int = 5
) -> list[dict[str, Any]]:
    """Return the places that an address text names, the surest first, as rows.

    A number that is not there is put between its neighbours on the street ("interpolated"), or
    the street answers ("street").
    """
    hits = find_hits(actor=actor, asked=read(text), narrowed=narrowed or Narrowed(), estimate=True)
    return _rows(hits[: min(limit, MOST)])


def find_hits(
    *, actor: Actor, asked: Asked, narrowed: Narrowed, estimate: bool = False
) -> list[Hit]:
    """Return what fits, the best first, each address once."""
    if not asked.name:
        return []
    if asked.crossing:
        return _crossings(actor, asked.crossing, narrowed) or _named(actor, asked, narrowed)
    if not asked.numbers:
        return _named(actor, asked, narrowed)
    streets = [
        hit
        for hit in _named(actor, asked, replace(narrowed, kinds=_BEARERS))
        if hit.address_id is not None
    ][:_STREETS]
    found = _plates(asked, streets, narrowed)
    if asked.tail:
        found += _named(actor, Asked(name=asked.tail), narrowed, weight=_TAIL_WEIGHT)
    if not any(hit.match in {"exact", "old_name"} for hit in found):
        found += _estimated(asked, streets) if estimate else _unnumbered(streets)
    return _ranked(found, narrowed)


def _named(actor: Actor, asked: Asked, narrowed: Narrowed, weight: float = 1.0) -> list[Hit]:
    finder = NameFinder(actor, narrowed)
    question, rows = _candidates(finder, asked)
    hits = []
    for row in rows:
        name = Name(
            name=row["name"],
            pinyin=row["pinyin"],
            initials=row["initials"],
            division_code=row["division_code"],
            full=row["full"],
            is_current=row["is_current"],
        )
        score, match = fit(question, name)
        if score >= LEAST:
            hits.append(_hit(row, score * weight, match))
    return _ranked(hits, narrowed)


def _candidates(finder: NameFinder, asked: Asked) -> tuple[Question, list[dict[str, Any]]]:
    if asked.latin:
        question = Question(rest=asked.name, pinyin=asked.name, latin=True)
        return question, finder.like_letters(asked.name)
    parts = substrings(asked.name)
    rest, divisions = _without_divisions(asked.name, finder.divisions_in(parts))
    if not rest:
        question = Question(rest=divisions[-1][0], pinyin="", divisions=(divisions[-1][1],))
        return question, finder.equal([divisions[-1][0]])
    keys = name_keys(rest)
    codes = {code for name, code in divisions if name == divisions[-1][0]}
    question = Question(rest=rest, pinyin=keys.pinyin, divisions=tuple(sorted(codes)))
    rows = finder.equal(substrings(rest) or [rest])
    return question, rows + finder.like(rest, keys.pinyin)


def _without_divisions(
    name: str, rows: Iterable[dict[str, Any]]
) -> tuple[str, list[tuple[str, str]]]:
    """Take the divisions off the beginning of a name; return the rest and the divisions."""
    known: dict[str, list[str]] = {}
    for row in rows:
        known.setdefault(row["name"], []).append(row["division_code"])
    taken: list[tuple[str, str]] = []
    while fitting := [one for one in known if name.startswith(one)]:
        first = max(fitting, key=len)
        above = tuple(code for _, code in taken)
        codes = [code for code in known[first] if not above or code.startswith(above)]
        taken += [(first, code) for code in codes or known[first]]
        name = name[len(first) :]
    return name, taken


def _plates(asked: Asked, streets: Sequence[Hit], narrowed: Narrowed) -> list[Hit]:
    if narrowed.kinds and "door_plate" not in narrowed.kinds:
        return []
    scores = {hit.address_id: hit for hit in streets}
    hits = []
    for row in plates.numbered([one for one in scores if one is not None], asked.numbers):
        street = scores[row["street_id"]]
        share = 1.0 if row["whole"] else 0.9
        score = street.score * share
        match: Match = "old_name" if row["former"] or street.match == "old_name" else "exact"
        match = match if row["whole"] and street.match in {"exact", "old_name"} else "number"
        hit = _hit(row, score, match)
        hits.append(replace(hit, matched_name=row["former"] or street.matched_name))
    return hits


def _estimated(asked: Asked, streets: Sequence[Hit]) -> list[Hit]:
    """Return places on the best streets where the number should be, else the streets."""
    found: list[Hit] = []
    for street in [hit for hit in streets if hit.kind != "door_plate"][:3]:
        between = plates.between(street.address_id or 0, asked.numbers[0])
        if between is None:
            found.append(replace(street, score=street.score * 0.55, match="street"))
        else:
            lon, lat, surety = between
            score = street.score * surety
            found.append(replace(street, lon=lon, lat=lat, score=score, match="interpolated"))
    return found


def _unnumbered(streets: Sequence[Hit]) -> list[Hit]:
    return [replace(hit, score=hit.score * 0.6, match="street") for hit in streets[:5]]


def _crossings(actor: Actor, names: tuple[str, str], narrowed: Narrowed) -> list[Hit]:
    """Return where streets of two names cross; where none do, the streets."""
    streets = replace(narrowed, kinds=("street",))
    found = [_named(actor, Asked(name=one), streets)[:_STREETS] for one in names]
    sides = [{hit.address_id: hit for hit in side} for side in found]
    hits = []
    for one, other, lon, lat in plates.crossings(*[[id_ for id_ in side if id_] for side in sides]):
        first, second = sides[0][one], sides[1][other]
        hits.append(
            replace(
                first,
                address_id=None,
                score=min(first.score, second.score),
                match="crossing",
                lon=lon,
                lat=lat,
                name=f"{first.name}与{second.name}交叉口",
                full=f"{first.full}与{second.name}交叉口",
                kind="street",
            )
        )
    return _ranked(hits or [hit for side in found for hit in _unnumbered(side)], narrowed)


def _hit(row: dict[str, Any], score: float, match: Match) -> Hit:
    return Hit(
        address_id=row["address_id"],
        score=score,
        match=match,
        lon=row["lon"],
        lat=row["lat"],
        name=row["name"],
        full=row["full"],
        kind=row["kind"],
        division_code=row["division_code"],
        matched_name="" if row.get("is_current", True) else row["name"],
    )


def _ranked(hits: Iterable[Hit], narrowed: Narrowed) -> list[Hit]:
    """Return each address once by its best fit; near ones before far ones that fit as well."""
    best: dict[object, tuple[float, Hit]] = {}
    for hit in hits:
        weight = hit.score + _KIND_BONUS.get(hit.kind, 0.0)
        if narrowed.near:
            weight -= farness(distance_m(narrowed.near, (hit.lon, hit.lat)))
        key: object = hit.address_id or (hit.name, hit.lon, hit.lat)
        if key not in best or best[key][0] < weight:
            best[key] = (weight, hit)
    ordered = sorted(
        best.values(), key=lambda one: (-one[0], len(one[1].full), one[1].full, one[1].name)
    )
    return [hit for _, hit in ordered]


def _rows(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """Return hits as rows; what was merged answers with the address it was merged into."""
    known = addresses_by_id([hit.address_id for hit in hits if hit.address_id is not None])
    heirs = addresses_by_id([row["successor_id"] for row in known.values() if row["successor_id"]])
    rows: list[dict[str, Any]] = []
    seen: set[int] = set()
    for hit in hits:
        row = known.get(hit.address_id or 0)
        heir = heirs.get(row["successor_id"]) if row else None
        told = _told(hit, row) if heir is None or row is None else _inherited(hit, row, heir)
        if told["id"] not in seen:
            rows.append(told)
        seen.update([told["id"]] if told["id"] else [])
    return rows


def _inherited(hit: Hit, row: dict[str, Any], heir: dict[str, Any]) -> dict[str, Any]:
    former = replace(
        hit, matched_name=row["name"], match="old_name", lon=heir["lon"], lat=heir["lat"]
    )
    return _told(former, heir)


def _told(hit: Hit, row: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "id": row["id"] if row else None,
        "kind": row["kind"] if row else hit.kind,
        "name": row["name"] if row else hit.name,
        "full": row["full"] if row else hit.full,
        "division_code": row["division_code"] if row else hit.division_code,
        "lon": hit.lon,
        "lat": hit.lat,
        "score": round(min(hit.score, 1.0), 4),
        "match": hit.match,
        "matched_name": hit.matched_name,
    }
