"""What the writing routes answer with: the case as its page shows it."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpResponse

from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.detail import get_case


def case_answer(actor: Actor, case_id: int, *, status: int = 200) -> HttpResponse:
    """Return the case's detail as JSON."""
    return json_answer(get_case(actor=actor, case_id=case_id), status=status)


def json_answer(body: Any, *, status: int = 200) -> HttpResponse:
    """Return any value as JSON, past the slower rendering of schemas."""
    response = HttpResponse(
        orjson.dumps(body, option=orjson.OPT_UTC_Z, default=str),
        status=status,
        content_type="application/json",
    )
    response["Cache-Control"] = "no-store"
    return response
