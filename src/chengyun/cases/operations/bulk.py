"""Writing past cases with their whole history, by COPY: the importer and the demo city use it.

Every row is what the single acts would have left: the case, its chained log, its clocks, tasks,
attachments and reporter. Nothing is told to the journal; who calls may tell that a batch arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

import orjson
from django.db import connection

from chengyun.cases.operations.copy_text import NULL, copy_line, escaped
from chengyun.cases.rules.log_entry import LogContent, entry_hash
from chengyun.intake.operations.copying import copying
from chengyun.kernel.hash_chain import CHAIN_START, link_canonical


@dataclass(kw_only=True, slots=True)
class PastClock:
    """A clock of a past case; columns of `Clock`."""

    stage: str
    limit_value: Decimal
    limit_unit: str
    limit_s: int
    started_at: datetime
    due_at: datetime
    yellow_at: datetime
    round: int = 1
    organisation_id: int | None = None
    paused_at: datetime | None = None
    paused_s: int = 0
    pauses: tuple[datetime, ...] | None = ()
    used_s: int = 0
    extended_s: int = 0
    yellow_s: int | None = None
    finished_at: datetime | None = None
    light: int = 1
    overdue: bool = False
    exempt: bool = False
    uncertain: bool = False


@dataclass(kw_only=True, slots=True)
class PastTask:
    """A verify or check task of a past case; columns of `Task`."""

    kind: str
    assignee_id: int
    sent_at: datetime
    sent_by_id: int | None = None
    due_at: datetime | None = None
    answered_at: datetime | None = None
    result: bool | None = None
    opinion: str = ""


@dataclass(kw_only=True, slots=True)
class PastAttachment:
    """An attachment of a past case; columns of `Attachment`. Files may be shared."""

    id: str
    phase: str
    kind: str
    media_type: str
    size: int
    sha256: str
    storage_key: str
    at: datetime
    thumbnail_key: str = ""
    name: str = ""
    width: int | None = None
    height: int | None = None
    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    by_id: int | None = None


@dataclass(kw_only=True, slots=True)
class PastReporter:
    """Who reported a past case; columns of `Reporter`."""

    at: datetime
    name: str = ""
    phone: str = ""
    anonymous: bool = False
    source: str = ""


class Line(str):
    """A row as COPY text: the columns of its class above, without the case's id."""

    __slots__ = ()


class LogText(NamedTuple):
    """A log entry as text, for who writes millions: its canonical JSON in parts, and its COPY text.

    The JSON lacks the case's id between `begins` and `goes_on`, the number between `goes_on` and
    `ends`; the COPY text begins with the instant and ends before the hash.
    """

    begins: str
    goes_on: str
    ends: str
    copied: str


@dataclass(kw_only=True, slots=True)
class PastCase:
    """A past case. `values` are the columns of `Case` except the log's and the position.

    values : column name (ids as `…_id`) → value; what is not given takes the column's default
    position : lon, lat in EPSG:4490 [degrees], None = without
    log : in order; the first is the report
    clocks, tasks, attachments : or lines that are written already
    """

    values: dict[str, Any]
    log: Sequence[LogContent | LogText]
    position: tuple[float, float] | None = None
    clocks: Sequence[PastClock | Line] = ()
    tasks: Sequence[PastTask | Line] = ()
    attachments: Sequence[PastAttachment | Line] = ()
    reporter: PastReporter | None = None


_CASE_DEFAULTS: dict[str, Any] = {
    "number": "",
    "kind": "matter",
    "source": "collector",
    "record_type": "daily",
    "matter_type_id": None,
    "title": "",
    "description": "",
    "address": "",
    "position_source": "",
    "grid_id": None,
    "grid_code": "",
    "community_code": "",
    "street_code": "",
    "district_code": "",
    "area_class": "",
    "component_code": "",
    "urgent": False,
    "state": "",
    "desk": "",
    "holder_organisation_id": None,
    "holder_person_id": None,
    "pending": "",
    "verified": None,
    "is_open": False,
    "standard_id": None,
    "responsible_id": None,
    "assisting_ids": [],
    "created_by_id": None,
    "stage": "",
    "due_at": None,
    "yellow_at": None,
    "light": 0,
    "case_due_at": None,
    "case_yellow_at": None,
    "case_light": 0,
    "calendar_uncertain": False,
    "rework_count": 0,
    "return_count": 0,
    "reported_at": None,
    "accepted_at": None,
    "filed_at": None,
    "dispatched_at": None,
    "handled_at": None,
    "ended_at": None,
    "updated_at": None,
    "thumbnail": None,
    "version": 1,
    "search": [],
    "external_system": "",
    "external_id": "",
}
_LOG_COLUMNS = (
    "case_id, seq, at, act, actor_id, actor_name, role, organisation_id, organisation_name,"
    " opinion, receiver, from_state, to_state, attachment_ids, position, data, hash"
)
_CLOCK_COLUMNS = tuple(PastClock.__dataclass_fields__)
_TASK_COLUMNS = tuple(PastTask.__dataclass_fields__)
_REPORTER_COLUMNS = ("name", "phone", "anonymous", "source", "at")
_ATTACHMENT_COLUMNS = tuple(
    name for name in PastAttachment.__dataclass_fields__ if name not in {"lon", "lat"}
)
_clock_values = attrgetter(*_CLOCK_COLUMNS)
_task_values = attrgetter(*_TASK_COLUMNS)
_reporter_values = attrgetter(*_REPORTER_COLUMNS)
_attachment_values = attrgetter(*_ATTACHMENT_COLUMNS)


@dataclass(kw_only=True)
class _Batch:
    """Lines by table."""

    cases: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    clocks: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    reporters: list[str] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedHistory:
    """Cases ready to be written: COPY text by table, with the table's columns."""

    texts: tuple[tuple[str, str, bytes], ...]


def insert_history(cases: Sequence[PastCase]) -> list[int]:
    """Write the cases in the caller's transaction; return their ids, in order.

    raises : IntegrityError on a number or external id that is taken; KeyError on an unknown column
    """
    if not cases:
        return []
    ids = take_case_ids(len(cases))
    write_encoded(encode_history(ids, cases))
    return ids


def take_case_ids(count: int) -> list[int]:
    """Return ids that no other case gets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('cases_case', 'id'))"
            " FROM generate_series(1, %s)",
            [count],
        )
        return [row[0] for row in cursor.fetchall()]


def encode_history(ids: Sequence[int], cases: Sequence[PastCase]) -> EncodedHistory:
    """Return the cases as they will be written, log chained; needs no connection.

    raises : KeyError on an unknown column
    """
    batch = _Batch()
    for case_id, case in zip(ids, cases, strict=True):
        _add(batch, case_id, case)
    named = (
        ("cases_case", (*_CASE_DEFAULTS, "id", "position", "log_length", "log_head"), batch.cases),
        ("cases_clock", ("case_id", *_CLOCK_COLUMNS), batch.clocks),
        ("cases_task", ("case_id", *_TASK_COLUMNS), batch.tasks),
        ("cases_reporter", ("case_id", *_REPORTER_COLUMNS), batch.reporters),
        ("cases_attachment", ("case_id", "position", *_ATTACHMENT_COLUMNS), batch.attachments),
    )
    texts = [(table, ", ".join(columns), "".join(rows).encode()) for table, columns, rows in named]
    texts.insert(1, ("cases_logentry", _LOG_COLUMNS, "".join(batch.log).encode()))
    return EncodedHistory(texts=tuple(texts))


def write_encoded(encoded: EncodedHistory) -> None:
    """Write encoded cases in the caller's transaction.

    raises : IntegrityError on a number or external id that is taken
    """
    for table, columns, text in encoded.texts:
        if not text:
            continue
        with (
            connection.cursor() as cursor,
            copying(cursor, f"COPY {table} ({columns}) FROM STDIN") as writer,
        ):
            writer.write(text)


def _add(batch: _Batch, case_id: int, case: PastCase) -> None:
    unknown = case.values.keys() - _CASE_DEFAULTS.keys()
    if unknown:
        raise KeyError(f"not columns of a case: {sorted(unknown)}")
    head = _add_log(batch, case_id, case.log)
    values = {**_CASE_DEFAULTS, "version": len(case.log), **case.values}
    row = (*values.values(), case_id, _point(case.position), len(case.log), head)
    batch.cases.append(f"{copy_line(row)}\n")
    for clock in case.clocks:
        line = clock if type(clock) is Line else copy_line(_clock_values(clock))
        batch.clocks.append(f"{case_id}\t{line}\n")
    for task in case.tasks:
        line = task if type(task) is Line else copy_line(_task_values(task))
        batch.tasks.append(f"{case_id}\t{line}\n")
    if case.reporter:
        line = copy_line(_reporter_values(case.reporter))
        batch.reporters.append(f"{case_id}\t{line}\n")
    for item in case.attachments:
        line = item if isinstance(item, Line) else _attachment_line(item)
        batch.attachments.append(f"{case_id}\t{line}\n")


def _attachment_line(item: PastAttachment) -> str:
    position = None if item.lon is None or item.lat is None else (item.lon, item.lat)
    return copy_line((_point(position), *_attachment_values(item)))


def _add_log(batch: _Batch, case_id: int, log: Iterable[LogContent | LogText]) -> bytes:
    head = CHAIN_START
    write = batch.log.append
    for seq, entry in enumerate(log, start=1):
        if isinstance(entry, LogText):
            canonical = f"{entry.begins}{case_id}{entry.goes_on}{seq}{entry.ends}"
            head = link_canonical(head, canonical.encode())
            copied = entry.copied
        else:
            head = entry_hash(head, case_id=case_id, seq=seq, content=entry)
            copied = _copied(entry)
        write(f"{case_id}\t{seq}\t{copied}\t\\\\x{head.hex()}\n")
    return head


def _copied(entry: LogContent) -> str:
    """Return a log entry as COPY text, from the instant to the data."""
    ids, position = entry.attachment_ids, NULL
    if entry.lon is not None and entry.lat is not None:
        position = f"SRID=4490;POINT({entry.lon!r} {entry.lat!r})"
    actor, organisation = entry.actor_id, entry.organisation_id
    data = orjson.dumps(entry.data, option=orjson.OPT_SORT_KEYS).decode()
    return (
        f"{entry.at.isoformat()}\t{escaped(entry.act)}"
        f"\t{NULL if actor is None else actor}\t{escaped(entry.actor_name)}"
        f"\t{escaped(entry.role)}\t{NULL if organisation is None else organisation}"
        f"\t{escaped(entry.organisation_name)}\t{escaped(entry.opinion)}"
        f"\t{escaped(entry.receiver)}\t{escaped(entry.from_state)}\t{escaped(entry.to_state)}"
        f"\t{{{','.join(ids)}}}\t{position}\t{escaped(data)}"
    )


def _point(position: tuple[float, float] | None) -> str | None:
    return None if position is None else f"SRID=4490;POINT({position[0]!r} {position[1]!r})"
