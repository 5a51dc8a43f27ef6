"""One batch of an import, set-based: stage by COPY, place, check, number, write.

Everything happens in the caller's transaction. Where there are fewer grids than rows, the grids are
the outer side of the look-up: each is prepared once and its points are found by the index of the
staged rows, five times as fast as looking a grid up for each point. Rows strewn over a whole city
have more grids around them than rows: then each looks up its own, less than half the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection

from chengyun.administration.queries import time_zone
from chengyun.administration.rules.actor import Actor
from chengyun.components.operations.import_rows import STAGED, Staged
from chengyun.components.operations.writing import next_sequence, note_sequences
from chengyun.components.queries.conditions import Conditions, add_scope
from chengyun.components.queries.reference import types_by_id
from chengyun.components.rules.access import MANAGE, ComponentOutsideScope
from chengyun.components.rules.codes import SUBJECT, CodedPlace, code_prefix, numbered
from chengyun.components.rules.faults import (
    ComponentCodeMismatch,
    ComponentRetired,
    OutsideEveryGrid,
)
from chengyun.intake.operations.copying import copying
from chengyun.intake.rules.kinds import Outcome
from chengyun.kernel.codes import InvalidCodePart
from chengyun.territory.queries.code_schemes import scheme_for

STAGE: Final = """
CREATE TEMPORARY TABLE components_in (
    row int, code text, code_place text, type_id bigint, name text, state text, source text,
    competent_id bigint, owner_id bigint, maintainer_id bigint, position geometry(Point, 4490),
    shape geometry(Geometry, 4490), position_source text, accuracy text, bearing float8,
    address text, attributes jsonb, note text, initial_on date, changed_on date,
    search varchar(40)[], grid_code text, community_code text, street_code text,
    district_code text, known_id bigint
) WITH (fillfactor = 50) ON COMMIT DROP
"""
_INDEX: Final = (
    "CREATE INDEX ON components_in USING gist (position)",
    "CREATE UNIQUE INDEX ON components_in (row)",
    "ANALYZE components_in (row, code, type_id)",
)
# Of the grids at a shared border the smallest code counts.
_PLACE: Final = """
UPDATE components_in s SET grid_code = g.code, community_code = g.community_code,
    street_code = g.street_code, district_code = g.district_code
FROM (
    SELECT DISTINCT ON (m.row) m.row, u.code, u.community_code, u.street_code, u.district_code
    FROM (SELECT * FROM territory_unitgrid
          WHERE geometry && (SELECT ST_SetSRID(ST_Extent(position), 4490) FROM components_in)
            AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s) OFFSET 0) u
    CROSS JOIN LATERAL (
        SELECT i.row FROM components_in i
        WHERE i.position && u.geometry AND ST_Covers(u.geometry, i.position) OFFSET 0
    ) m
    ORDER BY m.row, u.code
) g WHERE g.row = s.row
"""
_PLACE_EACH: Final = """
UPDATE components_in s SET grid_code = g.code, community_code = g.community_code,
    street_code = g.street_code, district_code = g.district_code
FROM (
    SELECT i.row, u.* FROM components_in i CROSS JOIN LATERAL (
        SELECT code, community_code, street_code, district_code FROM territory_unitgrid
        WHERE geometry && i.position AND ST_Covers(geometry, i.position)
            AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)
        ORDER BY code LIMIT 1
    ) u OFFSET 0
) g WHERE g.row = s.row
"""
_FEWER_GRIDS: Final = """
SELECT count(*) < %s FROM (
    SELECT FROM territory_unitgrid
    WHERE geometry && (SELECT ST_SetSRID(ST_Extent(position), 4490) FROM components_in) LIMIT %s
) around
"""
_KNOWN_BY_CODE: Final = """
UPDATE components_in s SET known_id = c.id FROM components_component c WHERE c.code = s.code
"""
# The place alone leads to the rows (OFFSET 0): beside the type the planner may walk the index of
# types, which takes a thousand times as long.
_KNOWN_BY_PLACE: Final = """
UPDATE components_in s SET known_id = k.id FROM (
    SELECT i.row, found.id FROM components_in i
    CROSS JOIN LATERAL (
        SELECT c.id FROM (
            SELECT * FROM components_component WHERE position && i.position OFFSET 0
        ) c
        WHERE ST_X(c.position) = ST_X(i.position) AND ST_Y(c.position) = ST_Y(i.position)
          AND c.type_id = i.type_id AND c.retired_at IS NULL
        ORDER BY c.id LIMIT 1
    ) found
    WHERE i.code IS NULL
) k WHERE k.row = s.row
"""
# The same component twice in a file: the first row counts, the others are here already.
_TWICE: Final = """
DELETE FROM components_in s USING (
    SELECT row, row_number() OVER (
        PARTITION BY type_id, ST_X(position), ST_Y(position) ORDER BY row) AS place
    FROM components_in WHERE code IS NULL AND known_id IS NULL
) d WHERE d.row = s.row AND d.place > 1
RETURNING s.row
"""
_UNPLACED: Final = """
DELETE FROM components_in WHERE grid_code IS NULL
RETURNING row, ST_X(position), ST_Y(position)
"""
_MISPLACED: Final = """
DELETE FROM components_in WHERE NOT starts_with(community_code, code_place)
RETURNING row, code, left(community_code, length(code_place))
"""
_RETIRED: Final = """
DELETE FROM components_in s USING components_component c
WHERE c.id = s.known_id AND c.retired_at IS NOT NULL RETURNING s.row, s.code
"""
_GROUPS: Final = """
SELECT type_id, community_code, count(*) FROM components_in
WHERE code IS NULL AND known_id IS NULL GROUP BY 1, 2 ORDER BY 1, 2
"""
# From west to east, then from north to south (codes.md).
_TO_NUMBER: Final = """
SELECT row FROM components_in
WHERE code IS NULL AND known_id IS NULL AND type_id = %s AND community_code = ANY(%s)
ORDER BY ST_X(position), ST_Y(position) DESC, row
"""
_NUMBER: Final = """
UPDATE components_in s SET code = n.code
FROM unnest(%s::int[], %s::text[]) AS n(row, code) WHERE n.row = s.row
"""
_INSERT: Final = """
WITH made AS (
    INSERT INTO components_component (code, type_id, name, state, source, competent_id, owner_id,
        maintainer_id, position, shape, position_source, accuracy, bearing, grid_code,
        community_code, street_code, district_code, address, attributes, note, initial_on,
        changed_on, search, version, created_at, updated_at)
    SELECT code, type_id, name, state, source, competent_id, owner_id, maintainer_id, position,
        shape, position_source, accuracy, bearing, grid_code, community_code, street_code,
        district_code, address, attributes, note, initial_on, changed_on, search, 1, %(at)s, %(at)s
    FROM components_in WHERE known_id IS NULL ORDER BY row
    RETURNING id
)
INSERT INTO components_componentversion
    (component_id, version, act, at, by_id, by_name, reason, changes)
SELECT id, 1, 'imported', %(at)s, %(by)s, %(name)s, %(reason)s, '{}' FROM made
"""
# Compared are the columns that the mapping reads; the rest stays as it is.
_COMPARABLE: Final = {
    "name": ("name", "search"),
    "state": ("state",),
    "source": ("source",),
    "competent": ("competent_id",),
    "owner": ("owner_id",),
    "maintainer": ("maintainer_id",),
    "address": ("address", "search"),
    "accuracy": ("accuracy",),
    "bearing": ("bearing",),
    "note": ("note",),
    "initial_on": ("initial_on",),
    "attributes": ("attributes",),
    "geometry": (
        "position",
        "shape",
        "position_source",
        "grid_code",
        "community_code",
        "street_code",
        "district_code",
    ),
}
_UNTOLD: Final = frozenset({"search", "position_source", "street_code", "district_code"})
_CHANGES: Final = """
CREATE TEMPORARY TABLE components_changed ON COMMIT DROP AS
SELECT s.row, c.id, c.version + 1 AS version, d.changes
FROM components_in s JOIN components_component c ON c.id = s.known_id
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(v.name, jsonb_build_array(v.before, v.after)) AS changes
    FROM (VALUES {values}) v(name, before, after)
    WHERE v.before IS DISTINCT FROM v.after
) d
WHERE d.changes IS NOT NULL
"""
_UPDATE: Final = """
UPDATE components_component c SET {columns}, changed_on = s.changed_on, version = d.version,
    updated_at = %s
FROM components_changed d JOIN components_in s ON s.row = d.row WHERE c.id = d.id
"""
_VERSIONS: Final = """
INSERT INTO components_componentversion
    (component_id, version, act, at, by_id, by_name, reason, changes)
SELECT id, version, 'imported', %s, %s, %s, %s, changes FROM components_changed
"""


# Each piece that COPY is given is sent and waited for.
_ROWS_SENT: Final = 1_000


def write_batch(
    *,
    actor: Actor,
    rows: Sequence[Staged],
    compared: Iterable[str],
    update: bool,
    reason: str,
    at: datetime,
) -> Outcome:
    """Write staged rows in the caller's transaction.

    compared : the fields that the mapping reads
    update : False = a component that is here stays as it is
    """
    outcome = Outcome()
    with connection.cursor() as cursor:
        _stage(cursor, rows)
        place_rows(cursor, len(rows), at)
        _sieve(cursor, actor, outcome)
        cursor.execute(_TWICE)
        outcome.skipped += len(cursor.fetchall())
        _number(cursor, outcome, at)
        _change(cursor, actor, compared, outcome, reason, at, update=update)
        values = {"at": at, "by": actor.person_id, "name": actor.name[:60], "reason": reason}
        cursor.execute(_INSERT, values)
        outcome.made = cursor.rowcount
        cursor.execute("DROP TABLE components_in")
    _note_codes(rows, outcome)
    return outcome


def _stage(cursor: Any, rows: Sequence[Staged]) -> None:
    cursor.execute(STAGE)
    with copying(cursor, f"COPY components_in ({', '.join(STAGED)}) FROM STDIN") as copy:
        for first in range(0, len(rows), _ROWS_SENT):
            copy.write("".join([row.line for row in rows[first : first + _ROWS_SENT]]))
    for statement in _INDEX:
        cursor.execute(statement)


def place_rows(cursor: Any, count: int, at: datetime) -> None:
    """Find the grid of each staged row, from whichever side there is less to look up."""
    cursor.execute(_FEWER_GRIDS, [count, count])
    cursor.execute(_PLACE if cursor.fetchone()[0] else _PLACE_EACH, [at, at])


def _sieve(cursor: Any, actor: Actor, outcome: Outcome) -> None:
    """Take out the rows that nothing can be made of."""
    cursor.execute(_UNPLACED)
    for row, lon, lat in cursor.fetchall():
        outcome.faults[row] = OutsideEveryGrid(field="geometry", lon=lon, lat=lat)
    cursor.execute(_MISPLACED)
    for row, code, expected in cursor.fetchall():
        outcome.faults[row] = ComponentCodeMismatch(
            field="code", value=code, part="district", part_zh="区划", expected=expected
        )
    cursor.execute(_KNOWN_BY_CODE)
    cursor.execute(_KNOWN_BY_PLACE)
    cursor.execute(_RETIRED)
    for row, code in cursor.fetchall():
        outcome.faults[row] = ComponentRetired(field="code", value=code)
    _sieve_scope(cursor, actor, outcome)


def _sieve_scope(cursor: Any, actor: Actor, outcome: Outcome) -> None:
    """Take out the rows whose component, as it is or as it would be, is not the actor's."""
    scope = Conditions()
    add_scope(scope, actor, permission=MANAGE)
    if not scope.texts:
        return
    known = f"""EXISTS (SELECT 1 FROM components_component k WHERE k.id = c.known_id
        AND NOT ({scope.text().replace("c.", "k.")}))"""
    cursor.execute(
        f"DELETE FROM components_in c WHERE NOT ({scope.text()}) OR {known}"
        " RETURNING c.row, c.community_code",
        [*scope.values, *scope.values],
    )
    for row, place in cursor.fetchall():
        outcome.faults[row] = ComponentOutsideScope(field="geometry", place=place)


def _number(cursor: Any, outcome: Outcome, at: datetime) -> None:
    cursor.execute(_GROUPS)
    groups = cursor.fetchall()
    if not groups:
        return
    scheme = scheme_for(SUBJECT, at.astimezone(time_zone()).date())
    types = types_by_id()
    by_prefix: dict[tuple[int, str], list[str]] = {}
    for type_id, community, _ in groups:
        place = CodedPlace(community_code=community)
        prefix = code_prefix(scheme, type_code=types[type_id].code, place=place)
        by_prefix.setdefault((type_id, prefix), []).append(community)
    for (type_id, prefix), communities in sorted(by_prefix.items()):
        cursor.execute(_TO_NUMBER, [type_id, communities])
        rows = [row[0] for row in cursor.fetchall()]
        first = next_sequence(prefix, len(rows))
        codes: dict[int, str] = {}
        for step, row in enumerate(rows):
            try:
                codes[row] = numbered(scheme, prefix, first + step)
            except InvalidCodePart as fault:
                outcome.faults[row] = fault
        cursor.execute(_NUMBER, [list(codes), list(codes.values())])
    cursor.execute("DELETE FROM components_in WHERE code IS NULL AND known_id IS NULL")


def _change(
    cursor: Any,
    actor: Actor,
    compared: Iterable[str],
    outcome: Outcome,
    reason: str,
    at: datetime,
    *,
    update: bool,
) -> None:
    cursor.execute("SELECT count(*) FROM components_in WHERE known_id IS NOT NULL")
    known: int = cursor.fetchone()[0]
    columns = sorted({one for name in compared for one in _COMPARABLE.get(name, ())})
    if not known or not columns or not update:
        outcome.skipped += known
        return
    cursor.execute(
        "SELECT 1 FROM components_component c JOIN components_in s ON s.known_id = c.id"
        " ORDER BY c.id FOR UPDATE OF c"
    )
    values = ", ".join(
        f"('{one}', {_told('c', one)}, {_told('s', one)})" for one in columns if one not in _UNTOLD
    )
    cursor.execute(_CHANGES.format(values=values))
    cursor.execute(_UPDATE.format(columns=", ".join(f"{one} = s.{one}" for one in columns)), [at])
    outcome.changed = cursor.rowcount
    outcome.skipped += known - outcome.changed
    cursor.execute(_VERSIONS, [at, actor.person_id, actor.name[:60], reason])
    cursor.execute("DROP TABLE components_changed")


def _told(table: str, column: str) -> str:
    if column == "position":
        return f"jsonb_build_array(ST_X({table}.position), ST_Y({table}.position))"
    if column == "shape":
        return f"to_jsonb(ST_AsText({table}.shape, 8))"
    return f"to_jsonb({table}.{column})"


def _note_codes(rows: Sequence[Staged], outcome: Outcome) -> None:
    reached: dict[str, int] = {}
    for row in rows:
        if row.reached and row.number not in outcome.faults:
            prefix, number = row.reached
            reached[prefix] = max(number, reached.get(prefix, 0))
    note_sequences(reached)
