"""The same writing request twice: done once, answered twice."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from chengyun.administration.operations.idempotency import Answer, fingerprint, run_once
from chengyun.administration.rules.actor import Actor


def done_once(request: HttpRequest, actor: Actor, key: str | None, act: Callable[[], int]) -> int:
    """Do `act` and return the id that it returns; with a key the same request gives the same id.

    Kept is only the id: the answer to a repeated request shows the case as it is by then.
    raises : IdempotencyKeyInvalid, IdempotencyKeyReused, and what `act` raises
    """
    if key is None:
        return act()
    answer = run_once(
        actor=actor,
        key=key,
        fingerprint=fingerprint(request.method or "", request.path, request.body),
        act=lambda: Answer(status=200, body={"id": act()}),
    )
    found: int = answer.body["id"]
    return found
