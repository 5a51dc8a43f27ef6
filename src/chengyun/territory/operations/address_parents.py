"""What addresses of a file stand below: found by code, or by names from large to small."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from chengyun.territory.rules.addresses.numbers import normal_number, plain

# The chain of names is told from large to small, without divisions: the whole begins with them.
_NODES: Final = """
WITH RECURSIVE up AS (
    SELECT id AS leaf, id, parent_id, name, kind, 0 AS depth
    FROM territory_address WHERE id = ANY(%s)
    UNION ALL
    SELECT up.leaf, a.id, a.parent_id, a.name, a.kind, depth + 1
    FROM up JOIN territory_address a ON a.id = up.parent_id WHERE depth < 12
), chains AS (
    SELECT leaf, coalesce(array_agg(name ORDER BY depth DESC) FILTER (WHERE kind <> 'division'),
        '{}') AS chain FROM up GROUP BY leaf
)
SELECT a.id, a.code, a.kind, a.division_code, ST_X(a.point), ST_Y(a.point), c.chain
FROM chains c JOIN territory_address a ON a.id = c.leaf WHERE a.valid_to IS NULL
"""
_BY_CODE: Final = "SELECT id FROM territory_address WHERE code = ANY(%s) AND valid_to IS NULL"
# Present names first; a former one leads there, too.
_BY_NAME: Final = """
SELECT w.place, a.id FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    AS w(place, kind, name, district, parent_id)
JOIN territory_addressname n ON n.name = w.name AND n.kind = w.kind
JOIN territory_address a ON a.id = n.address_id AND a.valid_to IS NULL
WHERE CASE WHEN w.parent_id IS NULL THEN starts_with(a.division_code, w.district)
           ELSE a.parent_id = w.parent_id END
ORDER BY w.place, n.is_current DESC, a.id
"""
_BY_NUMBER: Final = """
SELECT w.place, a.id FROM unnest(%s::int[], %s::text[], %s::bigint[]) AS w(place, number, parent_id)
JOIN territory_address a ON a.parent_id = w.parent_id AND a.number = w.number
    AND a.kind = 'door_plate' AND a.valid_to IS NULL
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """An address in force below which others may stand; `chain`: names down to its own."""

    id: int
    code: str
    kind: str
    division_code: str
    lon: float
    lat: float
    chain: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """A parent that a row names.

    below : what it stands below; None = the first part, found in its district
    """

    kind: str
    name: str
    division: str
    lon: float
    lat: float
    below: Node | None = None

    @property
    def district(self) -> str:
        """Return the code within which a name means one thing."""
        return self.division[:6]

    @property
    def key(self) -> tuple[str, str, str, int]:
        """Return what rows that mean the same parent have in common."""
        where = "" if self.below else self.district
        return self.kind, plain(self.name), where, self.below.id if self.below else 0


def nodes_by_code(codes: Iterable[str]) -> dict[str, Node]:
    """Return the addresses in force by code."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BY_CODE, [wanted])
        ids = [row[0] for row in cursor.fetchall()]
    return {node.code: node for node in nodes_by_id(ids).values()}


def nodes_by_id(ids: Collection[int]) -> dict[int, Node]:
    """Return the addresses in force by id."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_NODES, [sorted(set(ids))])
        rows = cursor.fetchall()
    return {
        row[0]: Node(
            id=row[0],
            code=row[1] or "",
            kind=row[2],
            division_code=row[3],
            lon=row[4],
            lat=row[5],
            chain=tuple(row[6]),
        )
        for row in rows
    }


def found_nodes(sought: Sequence[Sought]) -> list[Node | None]:
    """Return for each the address meant: of several the one with most of the division, the nearest.

    Present names win over former ones only where both lie alike.
    """
    keys = list({one.key: one for one in sought}.values())
    candidates = _candidates(keys)
    nodes = nodes_by_id([id_ for found in candidates.values() for id_ in found])
    by_key = {
        one.key: [nodes[id_] for id_ in candidates.get(place, ()) if id_ in nodes]
        for place, one in enumerate(keys)
    }
    return [_best(one, by_key[one.key]) for one in sought]


def _candidates(keys: Sequence[Sought]) -> dict[int, list[int]]:
    plates = [(at, one) for at, one in enumerate(keys) if one.kind == "door_plate" and one.below]
    others = [(at, one) for at, one in enumerate(keys) if one.kind != "door_plate"]
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _BY_NAME,
            [
                [at for at, _ in others],
                [one.kind for _, one in others],
                [plain(one.name) for _, one in others],
                [one.district for _, one in others],
                [one.below.id if one.below else None for _, one in others],
            ],
        )
        rows = cursor.fetchall()
        cursor.execute(
            _BY_NUMBER,
            [
                [at for at, _ in plates],
                [normal_number(one.name) for _, one in plates],
                [one.below.id for _, one in plates if one.below],
            ],
        )
        rows += cursor.fetchall()
    for at, id_ in rows:
        found.setdefault(at, []).append(id_)
    return found


def _best(sought: Sought, found: Sequence[Node]) -> Node | None:
    def unfitness(node: Node) -> tuple[int, float]:
        common = 0
        for one, other in zip(node.division_code, sought.division, strict=False):
            if one != other:
                break
            common += 1
        far = (node.lon - sought.lon) ** 2 + (node.lat - sought.lat) ** 2
        return -min(common, len(node.division_code)), far

    return min(found, key=unfitness) if found else None
