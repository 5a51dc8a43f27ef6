"""Creating with an Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ninja.responses import Status

from chengyun.administration.http import ActorRequest
from chengyun.administration.operations.idempotency import Answer, fingerprint, run_once


def create_once(
    request: ActorRequest,
    key: str | None,
    act: Callable[[], dict[str, Any]],
    *,
    hidden: tuple[str, ...] = (),
) -> Status[Any]:
    """Create by `act` and answer 201 with what it returns; the same key gets the same answer.

    hidden : secrets in the answer, which are not kept
    """
    answer = run_once(
        actor=request.actor,
        key=key,
        fingerprint=fingerprint(request.method or "", request.path, request.body),
        act=lambda: Answer(status=201, body=act(), hidden=hidden),
    )
    return Status(answer.status, answer.body)
