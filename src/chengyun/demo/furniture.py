"""The town's components: what `rules.furniture` draws, with codes, owners, states and dates."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import resources

import numpy as np
import orjson

from chengyun.administration.rules.actor import SYSTEM
from chengyun.components.operations.attributes import DefinitionInput, save_definition
from chengyun.components.operations.bulk import ComponentRow, copy_components
from chengyun.components.queries.reference import TypeInUse, type_in_use
from chengyun.demo.rules.casting import Casting
from chengyun.demo.rules.furniture import Pieces, furnish, furniture_kinds
from chengyun.demo.rules.town import Town

# Shares of states; the rest is intact. A retired one is removed and out of use.
_STATES = (("damaged", 0.03), ("lost", 0.037), ("disused", 0.045))
_RETIRED_FROM = 0.995
_OLDEST_DAYS = 4_500
_SURVEYED_SHARE = 0.8
_SURVEYED_BY = "部件普查"
_SEQUENCE = "06d"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute that pieces of a type have, as data/furniture_attributes.csv says."""

    name: str
    kind: str
    least: float
    most: float
    choices: tuple[str, ...]

    def drawn(self, chance: float) -> str | float:
        """Return the value that a draw in [0, 1) means."""
        if self.choices:
            return self.choices[int(chance * len(self.choices))]
        value = self.least + chance * (self.most - self.least)
        return round(value) if self.kind == "integer" else round(value, 1)


@dataclass(slots=True)
class Sequences:
    """The numbers given after each beginning of a code."""

    reached: dict[str, int] = field(default_factory=dict)

    def next(self, prefix: str) -> str:
        """Return the next code after a beginning."""
        number = self.reached.get(prefix, 0) + 1
        self.reached[prefix] = number
        return f"{prefix}{number:{_SEQUENCE}}"


def write_furniture(
    town: Town, casting: Casting, organisations: dict[str, int], now: datetime
) -> int:
    """Write the components of a town and return how many.

    organisations : id by code
    """
    attributes = _define_attributes()
    sequences = Sequences()
    # Asked for before: while rows are copied the connection answers nothing else.
    kinds = {one.type_code: type_in_use(one.type_code) for one in furniture_kinds()}
    rows = _rows(town, casting, organisations, attributes, sequences, kinds, now)
    return copy_components(rows, by_name=_SURVEYED_BY, reached=sequences.reached)


def _define_attributes() -> dict[str, list[Attribute]]:
    text = resources.files("chengyun.demo").joinpath("data/furniture_attributes.csv")
    found: dict[str, list[Attribute]] = {}
    for number, row in enumerate(csv.DictReader(text.read_text("utf-8").splitlines())):
        choices = [
            dict(zip(("code", "zh", "en"), one.split(":"), strict=True))
            for one in filter(None, row["choices"].split("|"))
        ]
        given = DefinitionInput(
            type_code=row["type"],
            name=row["name"],
            zh=row["zh"],
            en=row["en"],
            kind=row["kind"],
            unit=row["unit"],
            choices=choices,
            minimum=float(row["least"]) if row["least"] else None,
            maximum=float(row["most"]) if row["most"] else None,
            sort=number,
        )
        save_definition(actor=SYSTEM, given=given)
        found.setdefault(row["type"], []).append(
            Attribute(
                row["name"],
                row["kind"],
                float(row["least"] or 0),
                float(row["most"] or 0),
                tuple(one["code"] for one in choices),
            )
        )
    return found


def _rows(
    town: Town,
    casting: Casting,
    organisations: dict[str, int],
    attributes: dict[str, list[Attribute]],
    sequences: Sequences,
    kinds: dict[str, TypeInUse],
    now: datetime,
) -> Iterator[ComponentRow]:
    codes = np.array(town.divisions.grid_codes)
    for pieces in furnish(town):
        kind = kinds[pieces.kind.type_code]
        answering = _Answering(casting, organisations, pieces)
        # Numbered by grid, and in a grid from west to east.
        order = np.lexsort((pieces.lon, codes[pieces.cell]))
        dates = _Dates(pieces, now)
        yield from (
            _row(town, kind, pieces, int(i), codes, answering, attributes, sequences, dates)
            for i in order
        )


def _row(
    town: Town,
    kind: TypeInUse,
    pieces: Pieces,
    i: int,
    codes: "np.ndarray[tuple[int], np.dtype[np.str_]]",
    answering: "_Answering",
    attributes: dict[str, list[Attribute]],
    sequences: Sequences,
    dates: "_Dates",
) -> ComponentRow:
    grid = str(codes[pieces.cell[i]])
    chance = pieces.chance[:, i]
    state, retired = _state(float(chance[0]))
    competent, owner, maintainer = answering.of(grid)
    road = int(pieces.road[i])
    named = town.roads.roads[road].zh if road >= 0 else ""
    made = attributes.get(kind.code)
    return ComponentRow(
        code=sequences.next(grid[:6] + kind.code),
        kind=kind,
        name=kind.zh,
        grid_code=grid,
        community_code=grid[:12],
        lon=float(pieces.lon[i]),
        lat=float(pieces.lat[i]),
        created_at=dates.created_at,
        state=state,
        source="surveyed" if chance[2] < _SURVEYED_SHARE else "map",
        competent_id=competent,
        owner_id=owner,
        maintainer_id=maintainer,
        address=f"{named}{pieces.door[i]}号" if named else "",
        shape=_line(pieces, i),
        accuracy=pieces.kind.accuracy,
        bearing=float(pieces.bearing[i]) if pieces.kind.has_bearing else None,
        attributes=_json(made, chance) if made else "{}",
        initial_on=dates.initial[i],
        changed_on=dates.changed[i],
        retired_at=dates.created_at if retired else "",
    )


def _state(chance: float) -> tuple[str, bool]:
    if chance >= _RETIRED_FROM:
        return "removed", True
    for state, below in _STATES:
        if chance < below:
            return state, False
    return "intact", False


def _json(made: list[Attribute], chance: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> str:
    values = {one.name: one.drawn(float(chance[3 + n])) for n, one in enumerate(made)}
    return orjson.dumps(values).decode()


def _line(pieces: Pieces, i: int) -> str:
    if pieces.ends is None:
        return ""
    west, south, east, north = pieces.ends[:, i].tolist()
    return f"SRID=4490;LINESTRING({west!r} {south!r}, {east!r} {north!r})"


class _Dates:
    """When pieces were first recorded and last changed, as ISO 8601."""

    def __init__(self, pieces: Pieces, now: datetime) -> None:
        age = (30 + pieces.chance[1] * _OLDEST_DAYS).astype(np.int64)
        since = (age * pieces.chance[2]).astype(np.int64)
        days = _days_before(now)
        self.initial = [days[n] for n in age]
        self.changed = [days[n] for n in since]
        self.created_at = (now - timedelta(days=30)).isoformat()


@lru_cache(maxsize=1)
def _days_before(now: datetime) -> list[str]:
    return [(now - timedelta(days=n)).date().isoformat() for n in range(_OLDEST_DAYS + 31)]


class _Answering:
    """Who answers for pieces of one kind: by district or street, as departments are."""

    def __init__(self, casting: Casting, organisations: dict[str, int], pieces: Pieces) -> None:
        self._casting, self._organisations, self._kind = casting, organisations, pieces.kind
        self._known: dict[str, tuple[int, int, int]] = {}

    def of(self, grid_code: str) -> tuple[int, int, int]:
        """Return the ids of the competent one, the owner and the maintainer."""
        street = grid_code[:9]
        found = self._known.get(street)
        if found is None:
            kind = self._kind
            one, two, three = (
                self._organisations[self._casting.department_for(name, grid_code)]
                for name in (kind.competent, kind.owner, kind.maintainer)
            )
            found = self._known[street] = (one, two, three)
        return found
