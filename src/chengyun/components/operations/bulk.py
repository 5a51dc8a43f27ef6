"""Writing many components at once by COPY: for the demo city, benchmarks and big migrations.

The caller has decided that the rows are right: codes, places, attributes and scope are not checked.
Each component gets its first version. Call inside one transaction; at the end everything is
counted, the counters of codes go on after the largest, and the map is drawn anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NamedTuple

from django.db import connection, transaction

from chengyun.components.operations.figures import refresh_counts
from chengyun.components.operations.writing import LAYER, note_sequences, terms_array
from chengyun.components.queries.reference import TypeInUse
from chengyun.intake.operations.copying import copying
from chengyun.territory.operations.layers import raise_version

_TABLE: Final = "components_component"
_BATCH: Final = 5_000
_COLUMNS: Final = """code, type_id, name, state, competent_id, owner_id, maintainer_id, position,
    shape, position_source, accuracy, bearing, grid_code, community_code, street_code,
    district_code, address, source, attributes, note, initial_on, changed_on, retired_at, search,
    version, created_at, updated_at"""
_VERSIONS: Final = """
INSERT INTO components_componentversion
    (component_id, version, act, at, by_id, by_name, reason, changes)
SELECT id, 1, 'registered', created_at, NULL, %s, '', '{}'::jsonb
FROM components_component WHERE id > %s ORDER BY id
"""
# What neither a key nor another table leans on can be built once instead of a million times.
_INDEXES: Final = """
SELECT c.relname, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = 'components_component'::regclass AND NOT i.indisunique
ORDER BY c.relname
"""
_SPECIAL: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class ComponentRow(NamedTuple):
    """A component as COPY takes it. Organisations by id; days and instants in ISO 8601.

    lon, lat : EPSG:4490 [degrees]
    shape : EWKT of a line or area, '' = a point
    attributes : JSON
    retired_at : '' = in use
    """

    code: str
    kind: TypeInUse
    name: str
    grid_code: str
    community_code: str
    lon: float
    lat: float
    created_at: str
    state: str = "intact"
    source: str = "surveyed"
    competent_id: int | None = None
    owner_id: int | None = None
    maintainer_id: int | None = None
    address: str = ""
    shape: str = ""
    accuracy: str = ""
    bearing: float | None = None
    attributes: str = "{}"
    note: str = ""
    initial_on: str = ""
    changed_on: str = ""
    retired_at: str = ""


@transaction.atomic
def copy_components(
    rows: Iterable[ComponentRow], *, by_name: str, reached: Mapping[str, int]
) -> int:
    """Write components with their first versions, and return how many.

    rows : must not ask the database, which is busy taking them
    by_name : who registered them, as the versions tell
    reached : beginning of codes → largest sequence number used
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM components_component")
        before = cursor.fetchone()[0]
        with _indexes_later(), copying(cursor, f"COPY {_TABLE} ({_COLUMNS}) FROM STDIN") as copy:
            for text in _portions(rows):
                copy.write(text)
        cursor.execute(_VERSIONS, [by_name, before])
        written = cursor.rowcount
        cursor.execute(f"ANALYZE {_TABLE}")
        cursor.execute("ANALYZE components_componentversion")
    note_sequences(reached)
    raise_version(LAYER)
    refresh_counts()
    return int(written)


@contextmanager
def _indexes_later() -> Iterator[None]:
    """Drop the plain indexes of an empty table and build them when the rows are in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT FROM components_component)")
        is_empty = cursor.fetchone()[0]
        cursor.execute(_INDEXES)
        indexes = cursor.fetchall() if is_empty else []
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        # An index is not built while checks of foreign keys wait for the commit.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for _, definition in indexes:
            cursor.execute(definition)


def _portions(rows: Iterable[ComponentRow]) -> Iterator[str]:
    lines: list[str] = []
    for row in rows:
        lines.append(_line(row))
        if len(lines) == _BATCH:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


def _line(row: ComponentRow) -> str:
    community = row.community_code
    return (
        f"{row.code}\t{row.kind.id}\t{_text(row.name)}\t{row.state}\t{_or_null(row.competent_id)}"
        f"\t{_or_null(row.owner_id)}\t{_or_null(row.maintainer_id)}"
        f"\tSRID=4490;POINT({row.lon!r} {row.lat!r})\t{row.shape or _NULL}\tEPSG:4490"
        f"\t{row.accuracy}\t{_or_null(row.bearing)}\t{row.grid_code}\t{community}"
        f"\t{community[:9]}\t{community[:6]}\t{_text(row.address)}\t{row.source}"
        f"\t{_text(row.attributes)}\t{_text(row.note)}\t{row.initial_on or _NULL}"
        f"\t{row.changed_on or _NULL}\t{row.retired_at or _NULL}"
        f"\t{terms_array(name=row.name, kind=row.kind, address=row.address)}"
        f"\t1\t{row.created_at}\t{row.created_at}\n"
    )


_NULL: Final = "\\N"


def _or_null(value: float | None) -> str:
    return _NULL if value is None else repr(value)


def _text(value: str) -> str:
    return value.translate(_SPECIAL) if "\\" in value or not value.isprintable() else value
