"""What every write leaves behind: an audit entry, an event, fresh copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chengyun.administration.events import KINDS
from chengyun.administration.operations.audit import record_audit
from chengyun.administration.operations.changes import announce_change
from chengyun.administration.queries.freshness import Topic
from chengyun.administration.rules.actor import Actor
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now


def record_change(
    actor: Actor,
    act: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    topic: Topic = "access",
    division_code: str = "",
    organisation_ids: Sequence[int] = (),
) -> None:
    """Leave the audit entry and the event `administration.<noun>_changed` of a write.

    act : `<noun>.<what was done>`, such as `person.deactivated`
    subject : `<noun>:<id>`
    detail : goes into the audit entry only
    """
    noun = act.partition(".")[0]
    record_audit(actor, act, subject, detail)
    kind = f"administration.{noun}_changed"
    if kind not in KINDS:
        raise LookupError(kind)
    record_event(
        at=now(),
        kind=kind,
        subject=subject,
        actor_id=actor.person_id,
        payload={"act": act, "id": subject.partition(":")[2]},
        division_code=division_code,
        organisation_ids=organisation_ids,
    )
    announce_change(topic)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what differs, as {name: [before, after]}."""
    return {key: [before.get(key), after[key]] for key in after if before.get(key) != after[key]}
