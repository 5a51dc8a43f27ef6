"""Old audit entries leave the database by an explicit command alone, into a file that is whole."""

from __future__ import annotations

import gzip
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, transaction

from chengyun.administration.audit_commands import audit
from chengyun.administration.models import AuditEntry
from chengyun.administration.operations import change_setting, seed_reference_data
from chengyun.administration.operations.audit_archive import ArchiveFileTaken, archive_audit
from chengyun.administration.operations.upkeep import tidy
from chengyun.administration.rules.actor import SYSTEM, Actor
from chengyun.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def entry(at: datetime, act: str) -> AuditEntry:
    return AuditEntry.objects.create(
        at=at, act=act, subject="person:1", actor_name="张三", detail={"a": [1]}
    )


def test_what_is_older_than_the_months_moves_and_the_rest_stays(tmp_path: Path) -> None:
    old = entry(datetime(2025, 11, 22, tzinfo=UTC), "old")
    young = entry(datetime(2025, 11, 24, tzinfo=UTC), "young")
    path = tmp_path / "audit.jsonl.gz"
    done = archive_audit(actor=SYSTEM, path=path, at=AT)
    assert (done.rows, done.until) == (1, datetime(2025, 11, 23, tzinfo=UTC))
    assert done.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "id": old.pk,
            "at": "2025-11-22T00:00:00Z",
            "actor_id": None,
            "actor_name": "张三",
            "act": "old",
            "subject": "person:1",
            "address": None,
            "detail": {"a": [1]},
        }
    ]
    left = list(AuditEntry.objects.order_by("id").values_list("act", flat=True))
    assert left == ["young", "audit.archived"]
    assert AuditEntry.objects.latest("id").detail["sha256"] == done.sha256
    with pytest.raises(IntegrityError), transaction.atomic():  # the trigger is back
        young.delete()


def test_the_months_are_the_setting(tmp_path: Path) -> None:
    entry(datetime(2026, 4, 1, tzinfo=UTC), "spring")
    change_setting(actor=SYSTEM, key="administration.audit_keep_months", value=6)
    done = archive_audit(actor=SYSTEM, path=tmp_path / "a.gz", at=AT)
    assert (done.rows, done.until) == (1, datetime(2026, 5, 23, tzinfo=UTC))


def test_an_archive_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(b"kept")
    entry(datetime(2020, 1, 1, tzinfo=UTC), "old")
    with pytest.raises(ArchiveFileTaken):
        archive_audit(actor=SYSTEM, path=path, at=AT)
    assert path.read_bytes() == b"kept"
    assert AuditEntry.objects.filter(act="old").exists()


def test_who_may_not_read_the_audit_may_not_move_it(tmp_path: Path) -> None:
    with pytest.raises(Forbidden):
        archive_audit(actor=Actor(person_id=1, name="x"), path=tmp_path / "a.gz", at=AT)
    assert not (tmp_path / "a.gz").exists()


def test_the_command_tells_and_no_job_does_it_unasked(tmp_path: Path) -> None:
    seed_reference_data()
    entry(datetime(2020, 1, 1, tzinfo=UTC), "old")
    tidy()
    assert AuditEntry.objects.filter(act="old").exists()
    done = CliRunner().invoke(audit, ["archive", str(tmp_path / "a.gz"), "--json"])
    assert (done.exit_code, json.loads(done.output)["rows"]) == (0, 1)
    assert not AuditEntry.objects.filter(act="old").exists()
