"""New addresses of an import, written by COPY with their names and the first entry of the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from chengyun.administration.rules.actor import Actor
from chengyun.territory.models import Address, AddressName
from chengyun.territory.operations import address_lines as lines
from chengyun.territory.operations.address_parents import Node
from chengyun.territory.operations.address_reading import GivenAddress
from chengyun.territory.operations.address_writing import division_names, whole_of
from chengyun.territory.rules.addresses.keys import name_keys
from chengyun.territory.rules.addresses.numbers import normal_number, number_value, plain

ACT: Final = "imported"
_IDS: Final = """
SELECT nextval(pg_get_serial_sequence('territory_address', 'id')) FROM generate_series(1, %s)
"""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What holds for the batches of a run.

    told : columns of an address that the mapping reads
    trial : codes and names that earlier batches of a dry run would have made, with their kinds
    """

    actor: Actor
    told: frozenset[str]
    update: bool
    make_parents: bool
    reason: str
    today: date
    at: datetime
    trial: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """A row with what it stands below."""

    given: GivenAddress
    parent: Node | None

    @property
    def parent_id(self) -> int | None:
        """Return the id of the parent."""
        return self.parent.id if self.parent else None

    @property
    def place(self) -> tuple[object, ...]:
        """Return what two rows without codes have in common that mean the same address."""
        one = self.given
        return one.kind, one.number or plain(one.name), self.parent_id, one.division

    def node(self, id_: int) -> Node:
        """Return the address as one below which others may stand."""
        one = self.given
        above = self.parent.chain if self.parent else ()
        own = () if one.kind == "division" else (one.name,)
        return Node(
            id=id_,
            code=one.code,
            kind=one.kind,
            division_code=one.division,
            lon=one.lon,
            lat=one.lat,
            chain=(*above, *own),
        )


def insert_addresses(rows: Sequence[Settled], terms: Terms) -> list[Node]:
    """Write addresses that are not here yet, and return them as nodes in the same order."""
    if not rows:
        return []
    names = division_names(one.given.division for one in rows)
    with connection.cursor() as cursor:
        cursor.execute(_IDS, [len(rows)])
        ids = [row[0] for row in cursor.fetchall()]
        nodes = [one.node(id_) for id_, one in zip(ids, rows, strict=True)]
        pairs = list(zip(nodes, rows, strict=True))
        lines.send(
            cursor, lines.ADDRESSES, (_address(node, one, names, terms) for node, one in pairs)
        )
        lines.send(cursor, lines.NAMES, (line for pair in pairs for line in _names(*pair, terms)))
        by = (terms.actor.person_id, terms.actor.name[:60], terms.reason, "{}")
        lines.send(
            cursor, lines.CHANGES, (lines.line((one.id, 1, ACT, terms.at, *by)) for one in nodes)
        )
    return nodes


def add_former(address: Address, names: Sequence[str], *, reason: str) -> int:
    """Keep further former names of an address; return how many it did not have yet."""
    known = set(AddressName.objects.filter(address=address).values_list("name", flat=True))
    known |= {address.name, plain(address.name)}
    fresh = [name for name in names if not known & {name, plain(name)}]
    for name in fresh:
        number = normal_number(name) if address.kind == "door_plate" else ""
        keys = name_keys(name)
        AddressName.objects.create(
            address=address,
            parent_id=address.parent_id if number else None,
            number=number,
            name=keys.name,
            pinyin=keys.pinyin,
            initials=keys.initials,
            grams=list(keys.grams),
            is_current=False,
            reason=reason,
            kind=address.kind,
            division_code=address.division_code,
            point=address.point,
        )
    return len(fresh)


def _address(node: Node, one: Settled, names: Mapping[str, str], terms: Terms) -> str:
    given = one.given
    values: tuple[Any, ...] = (
        node.id,
        given.code or None,
        given.kind,
        one.parent_id,
        given.name,
        whole_of(names, given.division, node.chain) or given.name,
        given.number,
        number_value(given.number) if given.number else None,
        given.division,
        lines.point_hex(given.lon, given.lat),
        lines.shape_hex(given.shape),
        given.source,
        given.note,
        given.valid_from or terms.today,
        1,
        terms.at,
    )
    return lines.line(values)


def _names(node: Node, one: Settled, terms: Terms) -> Iterator[str]:
    given = one.given
    where = (given.kind, given.division, lines.point_hex(given.lon, given.lat))
    if not given.number:
        since = given.valid_from or terms.today
        yield _name(node.id, given.name, (True, since, None, "", *where))
    for name in given.former:
        if plain(name) != plain(given.name):
            number = normal_number(name) if given.number else ""
            held = (number, one.parent_id if number else None)
            yield _name(node.id, name, (False, None, None, terms.reason, *where), held=held)


def _name(
    id_: int, name: str, more: tuple[Any, ...], *, held: tuple[str, int | None] = ("", None)
) -> str:
    number, parent_id = held
    begin = lines.line((id_, parent_id, number)).rstrip("\n")
    return f"{begin}\t{lines.found_by(name)}\t{lines.line(more)}"
