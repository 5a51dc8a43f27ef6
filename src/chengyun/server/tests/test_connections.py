from __future__ import annotations

import psycopg
import pytest
from django.db import connection, connections
from psycopg.conninfo import make_conninfo

from chengyun.server.connections import close_dead_connections

pytestmark = pytest.mark.django_db(transaction=True)


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        found: int = cursor.fetchone()[0]
    return found


def test_a_living_connection_is_kept() -> None:
    before = _backend()
    close_dead_connections()
    assert _backend() == before


def test_a_connection_that_the_server_ended_is_replaced() -> None:
    before = _backend()
    settings = connections.settings["default"]
    there = make_conninfo(dbname=settings["NAME"], user=settings["USER"], host=settings["HOST"])
    with psycopg.connect(there, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [before])
    close_dead_connections()
    assert _backend() != before


def test_a_connection_inside_a_transaction_is_left_alone() -> None:
    from django.db import transaction

    with transaction.atomic():
        before = _backend()
        close_dead_connections()
        assert _backend() == before
