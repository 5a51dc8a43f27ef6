"""Uploads to be imported, and what becomes of them, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from chengyun.intake.operations.runs import perform_import

IMPORTS = "/api/v1/imports"
HEAD = "ID,OPENED,TYPE,STREET,NOTE\n"
GOOD = HEAD + "".join(f"{n},2026-03-0{n} 08:00:00,暴露垃圾,滨江街道,\n" for n in range(1, 6))
MIXED = HEAD + (
    "1,2026-03-01 08:00:00,暴露垃圾,滨江街道,\n"
    "2,2026-03-02 08:00:00,没有的,滨江街道,\n"
    "3,gestern,暴露垃圾,滨江街道,=1+1\n"
)
MAPPING = """
name: 另一套系统
purpose: cases
nulls: ["-"]
fields:
  external_id: {column: ID}
  reported_at: {column: OPENED}
  type: {column: TYPE, aliases: types}
  street: {column: STREET}
  description: {column: NOTE}
aliases: {types: {暴露垃圾: "matter:06010"}}
create_divisions: true
"""
MANUAL = """
name: 手册
purpose: standards
standard_set: manual
fields: {type: {column: 小类}, limit: {column: 时限}, filing_condition: {column: 条件}}
"""


def send(
    client: Client,
    content: str | bytes = GOOD,
    name: str = "export.csv",
    *,
    mapping: str = MAPPING,
    key: str | None = None,
    **fields: str,
) -> Any:
    raw = content if isinstance(content, bytes) else content.encode()
    data: dict[str, Any] = {
        "file": SimpleUploadedFile(name, raw),
        "mapping_file": SimpleUploadedFile("m.yaml", mapping.encode()),
        **fields,
    }
    headers = {"idempotency-key": key} if key else {}
    return client.post(IMPORTS, data, headers=headers)


def started(client: Client, *content: Any, **fields: Any) -> UUID:
    answer = send(client, *content, **fields)
    assert answer.status_code == 202, answer.content
    return UUID(answer.json()["id"])


def run_of(client: Client, run_id: UUID) -> dict[str, Any]:
    answer = client.get(f"{IMPORTS}/{run_id}")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def imported(client: Client, *content: Any, **fields: Any) -> dict[str, Any]:
    run_id = started(client, *content, **fields)
    assert perform_import(run_id=run_id)
    return run_of(client, run_id)


def waiting_jobs() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args ->> 'run_id', lock FROM procrastinate_jobs"
            " WHERE task_name = 'chengyun.intake.tasks.do_import'"
        )
        return list(cursor.fetchall())


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]
