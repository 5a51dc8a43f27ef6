"""Who reported a case, unmasked: needs a permission of its own, and every reading is logged."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.cases.queries.records import get_record
from chengyun.kernel.errors import NotFound

READ_PRIVATE = "person.read_private"
_SELECT = """
SELECT name, phone, anonymous, source, at FROM cases_reporter WHERE case_id = %s ORDER BY id
"""


@transaction.atomic
def read_reporters(*, actor: Actor, case_id: int) -> dict[str, Any]:
    """Return the reporters' names and telephone numbers; the reading is written to the audit.

    raises : Forbidden, NotFound
    """
    case = get_record(actor=actor, case_id=case_id)
    actor.require(READ_PRIVATE)
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [case_id])
        rows = cursor.fetchall()
    if not rows:
        raise NotFound(what=f"案卷 {case.number} 的反映人")
    record_audit(
        actor=actor,
        act="cases.reporter_read",
        subject=f"case:{case_id}",
        detail={"number": case.number, "reporters": len(rows)},
    )
    people = [
        {"name": name, "phone": phone, "anonymous": anonymous, "source": source, "at": at}
        for name, phone, anonymous, source, at in rows
    ]
    return {**people[0], "others": people[1:]}
