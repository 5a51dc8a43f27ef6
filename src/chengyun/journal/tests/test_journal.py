import time
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from chengyun.journal.operations import record_event
from chengyun.journal.queries import Cursor, JournalEvent, end_of_journal, events_after

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)


def _record(kind: str) -> None:
    record_event(at=NOW, kind=kind, subject="case:1", actor_id=None, payload={"a": 1})


def _read_when_visible(start: Cursor, *, count: int) -> list[JournalEvent]:
    """Read; an event waits for every older transaction of the cluster, other tests' among them."""
    end = time.monotonic() + 20
    found: list[JournalEvent] = []
    while len(found) < count and time.monotonic() < end:
        found = events_after(cursor=start)
    return found


@pytest.mark.django_db(transaction=True)
def test_events_are_read_after_the_cursor_in_order() -> None:
    start = end_of_journal()
    _record("case.reported")
    _record("case.filed")
    found = _read_when_visible(start, count=2)
    assert [event.kind for event in found] == ["case.reported", "case.filed"]
    assert found[0].payload == {"a": 1}
    assert events_after(cursor=found[-1].cursor) == []


@pytest.mark.django_db(transaction=True)
def test_an_event_of_an_open_transaction_is_not_read() -> None:
    with transaction.atomic():
        _record("case.reported")
        assert events_after(cursor=Cursor()) == []


@pytest.mark.django_db
def test_the_journal_cannot_be_changed() -> None:
    from django.db import IntegrityError

    _record("case.reported")
    with pytest.raises(IntegrityError, match="append only"), connection.cursor() as cursor:
        cursor.execute("UPDATE journal_event SET kind = 'x'")
