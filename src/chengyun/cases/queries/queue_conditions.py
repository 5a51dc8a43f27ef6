"""What a queue holds for an actor, as conditions on the case `c`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from chengyun.administration.queries import time_zone
from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.scope import Conditions, Scope, reading_scope
from chengyun.cases.rules.access import READ
from chengyun.cases.rules.queues import (
    ANY_PENDING,
    NO_PENDING,
    REPORTS_DAYS,
    SOME_PENDING,
    Queue,
)


@dataclass(frozen=True, slots=True)
class QueueConditions:
    """The reach of a queue (whose cases) and its narrowing (which of them)."""

    reach: Conditions
    narrowing: Conditions

    def add_to(self, conditions: Conditions) -> None:
        """Add both."""
        for part in (self.narrowing, self.reach):
            conditions.texts += part.texts
            conditions.values += part.values


def queue_conditions(actor: Actor, queue: Queue, at: datetime) -> QueueConditions:
    """Return the queue's conditions for the actor.

    raises : Forbidden when the queue is of another desk
    """
    if queue.permission:
        actor.require(queue.permission)
    return QueueConditions(queue_reach(actor, queue, at), _narrowing(queue, at))


def queue_reach(actor: Actor, queue: Queue, at: datetime) -> Conditions:
    """Return whose cases the queue holds. Queues of one desk share it, so counts share a scan."""
    reach = Conditions()
    if queue.open_only:
        reach.add("c.is_open")
    match queue.rule:
        case "person":
            reach.add("c.holder_person_id = %s", actor.person_id)
        case "created":
            since = start_of_day(at) - timedelta(days=REPORTS_DAYS)
            reach.add("c.created_by_id = %s AND c.reported_at >= %s", actor.person_id, since)
        case "handled":
            reach.add(
                "c.id IN (SELECT l.case_id FROM cases_logentry l"
                " WHERE l.actor_id = %s AND l.at >= %s)",
                actor.person_id,
                start_of_day(at),
            )
            reading_scope(actor).add_to(reach)
        case "organisation":
            _holding(actor, queue.permission).add_to(reach)
        case _:
            _grants_only(actor, queue.permission or READ).add_to(reach)
    return reach


def start_of_day(at: datetime) -> datetime:
    """Return the beginning of the platform's day that holds `at`, UTC."""
    day = at.astimezone(time_zone()).date()
    return datetime.combine(day, time.min, tzinfo=time_zone()).astimezone(UTC)


def _narrowing(queue: Queue, at: datetime) -> Conditions:
    narrowing = Conditions()
    if len(queue.states) == 1:
        narrowing.add("c.state = %s", queue.states[0])
    elif queue.states:
        narrowing.add("c.state = ANY(%s)", list(queue.states))
    match queue.pending:
        case kind if kind == ANY_PENDING:
            pass
        case kind if kind == NO_PENDING:
            narrowing.add("c.pending = ''")
        case kind if kind == SOME_PENDING:
            narrowing.add("c.pending <> ''")
        case kind:
            narrowing.add("c.pending <> '' AND c.pending = %s", kind)
    if queue.light == "red":
        narrowing.add("c.due_at < %s", at)
    if queue.urgent:
        narrowing.add("c.urgent")
    return narrowing


def _grants_only(actor: Actor, permission: str) -> Scope:
    """Return the scope of the grants alone: equal for everybody with equal grants."""
    return reading_scope(actor, permission, own=False)


def _holding(actor: Actor, permission: str) -> Scope:
    return reading_scope(actor, permission, own=False, holding=True)


def values_key(conditions: Conditions) -> tuple[Any, ...]:
    """Return what two equal conditions have in common, to be used as a key."""
    values = (tuple(value) if isinstance(value, list) else value for value in conditions.values)
    return (conditions.text(), *values)
