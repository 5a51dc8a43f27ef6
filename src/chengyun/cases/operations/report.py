"""Reporting a case: from the street to the acceptor's desk in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from chengyun.administration.queries import time_zone, working_calendar
from chengyun.administration.rules.actor import Actor
from chengyun.cases.events import event_of_case
from chengyun.cases.operations.attachments import (
    FreeAttachment,
    bind_attachments,
    free_attachments,
)
from chengyun.cases.operations.clocks import save_clocks, shown
from chengyun.cases.operations.limits import stage_limits
from chengyun.cases.operations.log import append_entry
from chengyun.cases.operations.numbers import case_number
from chengyun.cases.queries.components import check_component
from chengyun.cases.queries.types import TypeInUse, get_type
from chengyun.cases.rules.access import ACT, REPORT, reporting_desks
from chengyun.cases.rules.clocks import Clock, Ledger, Present
from chengyun.cases.rules.facts import ActInput, ActorFacts, CaseFacts, Decision
from chengyun.cases.rules.log_entry import LogContent
from chengyun.cases.rules.reporting import case_terms, source_of
from chengyun.cases.rules.workflow import workflow
from chengyun.cases.writes import Writes
from chengyun.kernel.clock import now
from chengyun.kernel.errors import Fault
from chengyun.territory.queries.locate import Place, get_place

RECORD_TYPES = ("daily", "survey", "other")
_IDS = "SELECT nextval(pg_get_serial_sequence('cases_case', 'id')), cases_next_number(%s)"


class PlaceOutsideScope(Fault):
    """The place lies outside the area for which the actor reports."""

    code = "place_outside_scope"
    status = 403
    zh = "该位置（{place}）不在您的上报范围内。"
    en = "This place ({place}) lies outside the area for which you report."


@dataclass(frozen=True, kw_only=True)
class ReporterInput:
    """Who called or wrote. Personal data: kept apart, shown masked."""

    name: str = ""
    phone: str = ""
    anonymous: bool = False


@dataclass(frozen=True, kw_only=True)
class ReportInput:
    """A report.

    lon, lat : EPSG:4490 [degrees]; `given_in` is the system in which they were given
    source : "" = the usual one of the actor's desk
    kind : component or matter; needed only where a type code means both
    type_code : 2026, 2013 or 2007
    self_handled : fixed on the spot by the collector, with before and after photos
    """

    type_code: str
    lon: float
    lat: float
    given_in: str = "EPSG:4490"
    kind: str = ""
    source: str = ""
    title: str = ""
    description: str = ""
    address: str = ""
    component_code: str = ""
    urgent: bool = False
    record_type: str = "daily"
    self_handled: bool = False
    reporter: ReporterInput | None = None
    attachment_ids: Sequence[UUID] = ()


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """Everything known of a report before it is written."""

    actor: Actor
    given: ReportInput
    at: datetime
    place: Place
    type: TypeInUse
    desk: str
    decision: Decision
    clocks: tuple[Clock, ...]
    shown: Present
    files: Sequence[FreeAttachment]


def report_case(*, actor: Actor, given: ReportInput, at: datetime | None = None) -> int:
    """Report a case and return its id.

    raises : Forbidden, PlaceOutsideScope, NoGridAtPoint, TypeUnknown, TypeAmbiguous,
        ComponentUnknown, ComponentOfOtherType, ComponentTooFar, ComponentOutOfUse,
        SourceNotYours, PhotosMissing, AttachmentNotUsable and the faults of the workflow
    """
    actor.require(REPORT)
    at = at or now()
    kind = get_type(given.type_code, kind=given.kind)
    place = get_place(lon=given.lon, lat=given.lat, at=at)
    desks = reporting_desks(actor, division_code=place.community_code, case_kind=kind.kind)
    if not desks:
        raise PlaceOutsideScope(field="location", place=place.street.zh or place.street_code)
    if given.component_code:  # most reports name none: no query then
        check_component(code=given.component_code, kind=kind, lon=given.lon, lat=given.lat)
    draft = _drafted(actor, given, at, place, kind, desks)
    with transaction.atomic(savepoint=False):
        return _write(draft)


def _drafted(
    actor: Actor,
    given: ReportInput,
    at: datetime,
    place: Place,
    kind: TypeInUse,
    desks: frozenset[str],
) -> _Draft:
    flow = workflow()
    source, desk = source_of(desks, given.source, flow.table)
    files = free_attachments(actor=actor, ids=given.attachment_ids)
    photos = Counter(one.phase for one in files if one.kind == "photo")
    decision = flow.decide(
        "report_self_handled" if given.self_handled else "report",
        case=CaseFacts(
            source=source, public_source=flow.table.sources[source].public, urgent=given.urgent
        ),
        actor=ActorFacts(person_id=actor.person_id, desks=frozenset({desk})),
        given=ActInput(opinion=given.description, photos=photos),
        at=at,
    )
    ledger = Ledger(calendar=working_calendar(), limits=stage_limits())
    clocks = ledger.apply((), decision.effects, at)
    return _Draft(
        actor=actor,
        given=given,
        at=at,
        place=place,
        type=kind,
        desk=desk,
        decision=decision,
        clocks=clocks,
        shown=shown(clocks, at),
        files=files,
    )


def _write(draft: _Draft) -> int:
    on = draft.at.astimezone(time_zone()).date()
    with connection.cursor() as cursor:
        cursor.execute(_IDS, [on])
        row: tuple[int, int] = cursor.fetchone()
    case_id, sequence = row
    number, writes = case_number(on, sequence), Writes()
    bind_attachments(actor=draft.actor, case_id=case_id, found=draft.files, phase=None)
    head = append_entry(
        writes, case_id=case_id, length=0, head=b"", content=_log_content(draft, number)
    )
    writes.insert("cases_case", _columns(draft, case_id, number, head))
    save_clocks(writes, case_id, before=(), after=draft.clocks, at=draft.at)
    _add_reporter(writes, draft, case_id)
    _tell(writes, draft, case_id, number)
    writes.send()
    return case_id


def _log_content(draft: _Draft, number: str) -> LogContent:
    actor, given, decision = draft.actor, draft.given, draft.decision
    role = actor.role_for(ACT + draft.desk) or actor.role_for(REPORT)
    return LogContent(
        act=decision.act,
        at=draft.at,
        from_state=decision.from_state,
        to_state=decision.to_state,
        actor_id=actor.person_id,
        actor_name=actor.name,
        role=role,
        organisation_id=actor.organisation_id,
        organisation_name=actor.organisation_name,
        opinion=given.description,
        receiver=_receiver(decision),
        attachment_ids=tuple(one.id for one in draft.files),
        lon=given.lon,
        lat=given.lat,
        data=decision.as_data()
        | {
            "number": number,
            "source": decision.after.source,
            "urgent": given.urgent,
            "kind": draft.type.kind,
            "type": draft.type.code,
            "grid": draft.place.grid_code,
        },
    )


def _receiver(decision: Decision) -> str:
    desk = workflow().table.desks.get(decision.holder.desk)
    return desk.zh if desk else ""


def _columns(draft: _Draft, case_id: int, number: str, head: bytes) -> dict[str, Any]:
    given, decision = draft.given, draft.decision
    return {
        "id": case_id,
        "number": number,
        "source": decision.after.source,
        "record_type": given.record_type,
        "description": given.description,
        "address": given.address,
        "component_code": given.component_code,
        "urgent": given.urgent,
        "position": f"SRID=4490;POINT({given.lon!r} {given.lat!r})",
        "position_source": given.given_in,
        "state": decision.to_state,
        "desk": decision.holder.desk,
        "holder_organisation_id": decision.holder.organisation_id,
        "holder_person_id": decision.holder.person_id,
        "is_open": not decision.ended,
        "created_by_id": draft.actor.person_id,
        "reported_at": draft.at,
        "ended_at": draft.at if decision.ended else None,
        "updated_at": draft.at,
        "thumbnail": next((one.id for one in draft.files if one.has_thumbnail), None),
        "log_length": 1,
        "log_head": head,
        **_named(draft, number),
        **_placed(draft.place),
        **shown_columns(draft.shown),
        **_DEFAULTS,
    }


_DEFAULTS: dict[str, Any] = {
    "pending": "",
    "assisting_ids": [],
    "rework_count": 0,
    "return_count": 0,
    "version": 1,
    "external_system": "",
    "external_id": "",
}


def _named(draft: _Draft, number: str) -> dict[str, Any]:
    given, kind = draft.given, draft.type
    title = _title(draft)
    words = (number, title, kind.zh, kind.en, given.address, given.description)
    return {
        "kind": kind.kind,
        "matter_type_id": kind.id,
        "title": title,
        "search": case_terms(*words),
    }


def _title(draft: _Draft) -> str:
    return draft.given.title.strip() or draft.type.zh


def _placed(place: Place) -> dict[str, Any]:
    return {
        "grid_id": place.grid_id,
        "grid_code": place.grid_code,
        "area_class": place.area_class,
        "community_code": place.community_code,
        "street_code": place.street_code,
        "district_code": place.district_code,
    }


def shown_columns(now_shown: Present) -> dict[str, Any]:
    """Return the columns in which the case's row repeats its clocks."""
    return {
        "stage": now_shown.stage,
        "due_at": now_shown.due_at,
        "yellow_at": now_shown.yellow_at,
        "light": int(now_shown.light),
        "case_due_at": now_shown.case_due_at,
        "case_yellow_at": now_shown.case_yellow_at,
        "case_light": int(now_shown.case_light),
        "calendar_uncertain": now_shown.uncertain,
    }


def _add_reporter(writes: Writes, draft: _Draft, case_id: int) -> None:
    person = draft.given.reporter
    if person is None:
        return
    columns = {
        "case_id": case_id,
        "name": person.name,
        "phone": person.phone,
        "anonymous": person.anonymous,
        "source": draft.decision.after.source,
        "at": draft.at,
    }
    writes.insert("cases_reporter", columns)


def _tell(writes: Writes, draft: _Draft, case_id: int, number: str) -> None:
    statement, values = event_of_case(
        kind=draft.decision.event,
        at=draft.at,
        case_id=case_id,
        number=number,
        title=_title(draft),
        act=draft.decision.act,
        from_state=draft.decision.from_state,
        state=draft.decision.to_state,
        holder=draft.decision.holder,
        shown=draft.shown,
        version=1,
        actor_id=draft.actor.person_id,
        actor_name=draft.actor.name,
        person_ids=frozenset((draft.actor.person_id, draft.decision.holder.person_id)),
        division_code=draft.place.community_code,
        organisation_ids=frozenset(),
        case_kind=draft.type.kind,
    )
    writes.add(statement, *values)
