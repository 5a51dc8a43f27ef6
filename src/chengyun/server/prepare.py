"""Bring the database up to date, before anything is served: `process prepare`.

Several nodes may start at once on one database: an advisory lock lets one prepare it, the others
wait.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = 0x63687969  # any number that nobody else takes
_SEEDED = ("administration", "territory", "components", "cases")


def main(arguments: list[str]) -> None:
    """Migrate, seed the reference data, and make the demo city if there is none."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo")
    chosen = parser.parse_args(arguments)
    prepare(demo=chosen.demo)


def prepare(*, demo: str | None = None) -> None:
    """Do all that a database needs before it is served."""
    from django.core.management import call_command

    with _alone():
        call_command("migrate", interactive=False, verbosity=0)
        seed()
        if demo:
            _make_demo(demo)


def seed() -> None:
    """Write the contexts' reference data."""
    for context in _SEEDED:
        name = f"chengyun.{context}.operations.seed"
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name).seed_reference_data()


def _make_demo(size: str) -> None:
    from chengyun.demo.queries.taken import database_is_taken
    from chengyun.server import demo_accounts

    if not database_is_taken():
        from chengyun.server.command import main as chengyun  # takes a second to import

        chengyun(["demo", "--size", size, "--if-empty"], standalone_mode=False)
    demo_accounts.write()


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the advisory lock on a connection of its own."""
    import psycopg
    from psycopg.conninfo import make_conninfo

    from chengyun.server.environment import database_address

    address = database_address()
    given = make_conninfo(
        dbname=address.name,
        user=address.user or None,
        password=address.password or None,
        host=address.host or None,
        port=address.port or None,
        **address.options,
    )
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield
