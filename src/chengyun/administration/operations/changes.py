"""Announcing changes to the in-process copies of every process."""

from __future__ import annotations

from django.db import connection, transaction

from chengyun.administration.queries.freshness import SEQUENCES, Topic, watch


def announce_change(topic: Topic) -> None:
    """Make every process drop its copies of `topic`: this one now and again after commit.

    Now, so that the transaction reads its own writes; after commit, because another thread may
    have kept the old rows meanwhile. Other processes follow the sequence.
    """
    watch().forget(topic)
    transaction.on_commit(lambda: _announce(topic))


def _announce(topic: Topic) -> None:
    watch().forget(topic)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass)", [SEQUENCES[topic]])
