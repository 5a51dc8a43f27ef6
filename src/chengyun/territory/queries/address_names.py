"""Finding names of addresses: whole, by their beginning, by pairs of characters, by sound.

Each branch takes a bounded number of rows from one index, whatever the table holds; ranking is
done on the few hundred that come. Kind and division are beside the name, so that a narrow search
does not lose its rows to the bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from chengyun.administration.rules.actor import Actor
from chengyun.territory.queries.address_rows import rows_of, scope
from chengyun.territory.rules.addresses.keys import grams, grams_with_one_fault

Row = dict[str, Any]

_MOST: Final = 200
_ENOUGH: Final = 20
_SELECT: Final = """
SELECT n.id AS name_id, n.address_id, n.name, n.kind, n.division_code, n.is_current,
    n.pinyin, n.initials, a.full, a.valid_to, ST_X(n.point) AS lon, ST_Y(n.point) AS lat
FROM (SELECT * FROM territory_addressname n
      WHERE {condition} AND n.number = '' {order} LIMIT {most}) n
JOIN territory_address a ON a.id = n.address_id
WHERE a.valid_to IS NULL OR a.successor_id IS NOT NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """Where and what to look for. `near`: lon, lat from where one looks."""

    division: str = ""
    kinds: tuple[str, ...] = ()
    near: tuple[float, float] | None = None


class NameFinder:
    """Finds names within what an actor may see and asks for; each name once."""

    def __init__(self, actor: Actor, narrowed: Narrowed) -> None:
        self._limits: list[str] = []
        self._values: list[Any] = []
        self._narrowed = narrowed
        seen, values = scope(actor, "n")
        self._add(seen, *values)
        if narrowed.division:
            self._add("n.division_code LIKE %s", f"{narrowed.division}%")
        if narrowed.kinds:
            self._add("n.kind = ANY(%s)", list(narrowed.kinds))

    def equal(self, texts: list[str]) -> list[Row]:
        """Return names that are one of the texts."""
        return self._find("n.name = ANY(%s)", [texts], most=2 * _MOST)

    def divisions_in(self, texts: list[str]) -> list[Row]:
        """Return divisions that are called one of the texts, whatever is asked for."""
        return rows_of(
            """SELECT n.name, n.division_code FROM territory_addressname n
               WHERE n.name = ANY(%s) AND n.kind = 'division' ORDER BY length(n.division_code)
               LIMIT 100""",
            [texts],
        )

    def like(self, rest: str, pinyin: str) -> list[Row]:
        """Return names that begin with, hold, sound or nearly look like a text in characters."""
        found = self._find("n.name LIKE %s", [f"{_plain(rest)}%"])
        pairs = list(grams(rest))
        if pairs:
            found += self._find("n.grams @> %s::varchar[]", [pairs])
        if len(rest) > 1 and len(found) < _ENOUGH:
            found += self._find("n.pinyin LIKE %s", [f"{_plain(pinyin)}%"])
        if len(found) < _ENOUGH:
            found += self._with_one_fault(grams_with_one_fault(rest))
        return found

    def like_letters(self, letters: str) -> list[Row]:
        """Return names whose reading or initials begin with letters, or that hold them."""
        text = _plain(letters)
        found = self._find("n.initials LIKE %s", [f"{text}%"])
        found += self._find("n.pinyin LIKE %s", [f"{text}%"])
        found += self._find("n.name LIKE %s", [f"{text}%"])
        if not found and len(text) > 4:  # noqa: PLR2004 - shorter ones say nothing with a fault
            found += self._find("n.pinyin LIKE %s", [f"{text[: len(text) // 2]}%"], most=2 * _MOST)
        return found

    def _with_one_fault(self, sets: list[list[str]]) -> list[Row]:
        """Return names that hold all pairs of a set: one statement, each set by the index."""
        if not sets:
            return []
        one, more = self._statement("n.grams @> %s::varchar[]", most=_MOST // 4)
        sql = " UNION ALL ".join([f"({one})"] * len(sets))
        return rows_of(sql, [value for some in sets for value in (some, *more)])

    def _add(self, condition: str, *values: Any) -> None:
        self._limits.append(condition)
        self._values += values

    def _find(self, condition: str, values: list[Any], most: int = _MOST) -> list[Row]:
        sql, more = self._statement(condition, most)
        return rows_of(sql, [*values, *more])

    def _statement(self, condition: str, most: int) -> tuple[str, list[Any]]:
        """Return the statement, and the values that follow those of the condition."""
        order, place = "", []
        if self._narrowed.near:
            order = "ORDER BY n.point <-> ST_SetSRID(ST_MakePoint(%s, %s), 4490)"
            place = [*self._narrowed.near]
        condition = " AND ".join([condition, *self._limits])
        sql = _SELECT.format(condition=condition, order=order, most=most)
        return sql, [*self._values, *place]


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
