"""The route of the workflow table: its states, sources, stages, desks, steps and moves.

The names of every code come from here, so that no client keeps a copy of its own.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from chengyun.cases.api.answers import json_answer
from chengyun.cases.rules.table import Move, Table, shipped_table

router = Router(tags=["standards"])


class NameOut(Schema):
    """A code with its names."""

    code: str
    zh: str
    en: str


class StateOut(NameOut):
    """A state: the clock that runs in it, its step, who holds it by default."""

    stage: str
    step: str
    terminal: bool
    desk: str


class SourceOut(NameOut):
    """Where a report comes from; `public`: someone waits for an answer."""

    public: bool


class StageOut(NameOut):
    """A clock's stage with its default limit; `limit_from` is "setting" or "standard"."""

    limit_value: float
    limit_unit: str
    limit_from: str


class StepNameOut(NameOut):
    """One of the seven steps of the loop."""

    no: int


class MoveOut(Schema):
    """A row of the table. `to_state` may be "same" or "given"; `desks` are those that may do it.

    needs: what must be given; accepts: what may be; photos: how many, by phase.
    """

    row: int
    act: str
    zh: str
    en: str
    result: bool | None
    result_zh: str
    result_en: str
    from_states: list[str]
    to_state: str
    pending_before: str
    pending_after: str
    axis: str
    desks: list[str]
    guards: list[str]
    needs: list[str]
    accepts: list[str]
    photos: dict[str, int]
    clock: list[str]
    event: str
    key: str
    danger: bool
    enabled: bool
    note: str


class WorkflowOut(Schema):
    """The whole table."""

    states: list[StateOut]
    sources: list[SourceOut]
    stages: list[StageOut]
    desks: list[NameOut]
    steps: list[StepNameOut]
    moves: list[MoveOut]


@router.get("/workflow", response=WorkflowOut, summary="The workflow table")
def read_workflow(request: HttpRequest) -> HttpResponse:
    """Return states, sources, stages, desks, steps and every move; for all who sign in."""
    return json_answer(_whole())


@cache
def _whole() -> dict[str, Any]:
    table = shipped_table()
    return {
        "states": [
            _named(one)
            | {"stage": one.stage, "step": one.step, "terminal": one.terminal}
            | {"desk": one.desk}
            for one in table.states.values()
        ],
        "sources": [_named(one) | {"public": one.public} for one in table.sources.values()],
        "stages": _stages(table),
        "desks": [_named(one) for one in table.desks.values()],
        "steps": [_named(one) | {"no": one.no} for one in table.steps.values()],
        "moves": [_move(one, table) for one in table.moves],
    }


def _named(one: Any) -> dict[str, Any]:
    return {"code": one.code, "zh": one.zh, "en": one.en}


def _stages(table: Table) -> list[dict[str, Any]]:
    return [
        _named(one)
        | {
            "limit_value": float(one.limit.amount),
            "limit_unit": str(one.limit.unit),
            "limit_from": one.limit_from,
        }
        for one in table.stages.values()
    ]


def _move(move: Move, table: Table) -> dict[str, Any]:
    order = list(table.states)
    known = [code for code in order if code in move.from_states]
    others = sorted(move.from_states - set(known))
    return {
        "row": move.row,
        "act": move.act,
        "zh": move.zh,
        "en": move.en,
        "result": move.result,
        "result_zh": move.result_zh,
        "result_en": move.result_en,
        "from_states": [*others, *known],
        "to_state": move.to_state,
        "pending_before": move.needs_pending,
        "pending_after": move.leaves_pending,
        "axis": move.axis,
        "desks": list(move.desks),
        "guards": list(move.guards),
        "needs": sorted(move.needs.required),
        "accepts": sorted(move.needs.accepted),
        "photos": move.needs.photos,
        "clock": [str(one) for one in move.clock],
        "event": move.event,
        "key": move.key,
        "danger": move.danger,
        "enabled": move.enabled,
        "note": move.note,
    }
