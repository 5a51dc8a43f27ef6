"""The same seed makes the same city, to the byte; another seed makes another."""

from typing import Final

import pytest
import time_machine
from django.db import connection, transaction

from chengyun.administration.operations.seed import seed_reference_data as seed_administration
from chengyun.cases.operations.seed import seed_reference_data as seed_cases
from chengyun.components.operations.seed import seed_reference_data as seed_components
from chengyun.demo.operations import build_city
from chengyun.demo.rules.sizes import CitySize
from chengyun.demo.tests.towns import NOW

SIZE: Final = CitySize(name="least", grids=120, months=1, cases=40, open_cases=20)
# Words are salted anew each time; groups are counted, and numbered, in no order.
RANDOM: Final = {"administration_person": ("password",), "components_componentcount": ("id",)}


def rows(sql: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def reached() -> list[tuple[str, ...]]:
    return rows(
        "SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, 0)"
        " FROM pg_sequences WHERE schemaname = 'public'"
    )


def digests() -> dict[str, tuple[str, ...]]:
    """Return how many rows each table has, and a digest of them."""
    tables = rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return {name: rows(_digest(name))[0] for (name,) in tables}


def _digest(table: str) -> str:
    left_out = "".join(f" - '{column}'" for column in RANDOM.get(table, ()))
    row = f"(to_jsonb(t){left_out})::text" if left_out else "t::text"
    return f'SELECT count(*), md5(string_agg({row}, chr(10) ORDER BY {row})) FROM "{table}" t'


def built(seed: int) -> dict[str, tuple[str, ...]]:
    """Return the digests of a city that is built and taken away again."""
    before = reached()
    with transaction.atomic():
        build_city(size=SIZE, seed=seed, now=NOW, tell=lambda _: None)
        made = digests()
        transaction.set_rollback(True)
    for name, value in before:
        rows(f"SELECT setval('{name}', greatest({value}, 1), {value} > 0)")
    return made


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_a_seed_says_all_of_a_city() -> None:
    seed_administration()
    seed_cases()
    seed_components()
    first, again, other = built(2), built(2), built(3)
    assert {name for name in first if first[name] != again[name]} == set()
    drawn = {"cases_case", "cases_logentry", "components_component", "territory_unitgrid"}
    assert drawn <= {name for name in first if first[name] != other[name]}
    assert all(first[name][0] for name in drawn)
