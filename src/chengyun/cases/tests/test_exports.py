"""Exports: what the list shows, masked, without formulas; long ones by the worker."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client, override_settings
from openpyxl import load_workbook

from chengyun.administration.models import AuditEntry, Person, Setting
from chengyun.administration.queries import watch
from chengyun.administration.tests.builders import bearer, grant_role, make_person
from chengyun.cases.adapters.workbook import XLSX, TableWriter
from chengyun.cases.models import ExportRun
from chengyun.cases.operations import exports as operations
from chengyun.cases.operations.exports import make_export_file, sweep_exports
from chengyun.cases.queries.exports import all_columns
from chengyun.cases.tests.builders import MONDAY_9, City, make_case, report
from chengyun.files.queries import file_store
from chengyun.kernel.clock import now
from chengyun.territory.tests.builders import DISTRICT

pytestmark = pytest.mark.django_db
EXPORT = "/api/v1/cases/export"


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[Path]:
    with override_settings(MEDIA_ROOT=tmp_path, STORAGE_URL=""):
        yield tmp_path


@pytest.fixture
def leader(city: City) -> Client:
    return bearer(city.people["leader"])


@pytest.fixture
def long_runs() -> None:
    Setting.objects.create(key="cases.export_direct_rows", value=1)
    watch().forget("reference")


def ask(client: Client, body: Any = None, **headers: str) -> Any:
    content = json.dumps({} if body is None else body)
    return client.post(EXPORT, content, content_type="application/json", headers=headers)


def table(content: bytes) -> list[list[Any]]:
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def exported(client: Client, **body: Any) -> list[list[Any]]:
    answer = ask(client, body)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == XLSX
    assert int(answer["Content-Length"]) == len(answer.content)
    return table(answer.content)


def test_the_workbook_holds_the_list_in_its_order_with_exact_cells(
    city: City, leader: Client
) -> None:
    first = make_case(city, "closed")
    second = report(city, by="hotline_operator", at=MONDAY_9 + timedelta(hours=1), urgent=True)
    columns = ["number", "state", "reported_at", "urgent", "responsible", "reporter_phone"]
    assert exported(leader, columns=columns) == [
        ["案卷编号", "状态", "上报时间", "紧急", "主办单位", "联系电话（脱敏）"],
        [
            second.number,
            "待受理",
            datetime.fromisoformat("2026-03-02 10:00"),
            "是",
            None,
            "138****2207",
        ],
        [
            first.number,
            "已结案",
            datetime.fromisoformat("2026-03-02 09:00"),
            None,
            "市政管护中心",
            None,
        ],
    ]
    english = exported(leader, columns=["number", "state"], language="en", filters={"open": "true"})
    assert english == [["Case number", "State"], [second.number, "Reported"]]


def test_every_column_is_there_unless_chosen_and_no_name_is_told(
    city: City, leader: Client
) -> None:
    make_case(city, "filed")
    report(city, by="hotline_operator")
    heading, reported, row = exported(leader, filters={"sort": "-reported"})
    assert heading == [column.zh for column in all_columns().values()]
    cells = dict(zip(all_columns(), row, strict=True))
    assert cells["limit"] == "4 工作时"
    assert (cells["lon"], cells["lat"]) == pytest.approx((120.0005, 30.0005))
    assert "王先生" not in str(reported)
    assert "13812342207" not in str(reported)
    assert "138****2207" in reported


def test_the_language_follows_the_request(city: City, leader: Client) -> None:
    answer = ask(leader, {"columns": ["number"]}, accept_language="en")
    assert table(answer.content) == [["Case number"]]
    assert "Cases-" in answer["Content-Disposition"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_becomes_a_formula(city: City, leader: Client, start: str) -> None:
    case = report(city)
    type(case).objects.filter(pk=case.pk).update(title=f'{start}HYPERLINK("http://x","y")\x07')
    answer = ask(leader, {"columns": ["title"]})
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    cell = sheet["A2"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("'")
    assert "\x07" not in str(cell.value)


def test_only_what_one_may_read_and_export(city: City) -> None:
    case = report(city)
    reader = make_person(permissions=["case.read"], division_code=DISTRICT)
    grant_role(reader, permissions=["case.export"], division_code="330188")
    columns = ["number"]
    for person, found in (
        (city.people["leader"], [[case.number]]),
        (city.people["department"], []),
        (reader, []),
    ):
        assert exported(bearer(person), columns=columns)[1:] == found


def test_nobody_without_the_permission_exports(city: City) -> None:
    run = f"{EXPORT}/{uuid4()}"
    for client, status in ((Client(), 401), (bearer(city.people["collector"]), 403)):
        assert ask(client).status_code == status
        for path in (run, f"{run}/file", f"{EXPORT}/columns"):
            assert client.get(path).status_code == status
    assert ExportRun.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        {"filters": {"light": "purple"}},
        {"filters": {"who": "me"}},
        {"filters": {"reported_to": "soon"}},
        {"filters": []},
        {"columns": ["password"]},
        {"columns": "number"},
        {"language": "fr"},
        {"format": "csv"},
        [],
    ],
)
def test_what_cannot_be_exported_is_told(leader: Client, body: Any) -> None:
    assert ask(leader, body).status_code == 422
    assert leader.get(f"{EXPORT}/1").status_code == 404


def test_a_queue_of_another_desk_is_not_exported(city: City) -> None:
    client = bearer(city.people["department"])
    assert ask(client, {"filters": {"queue": "to_accept"}}).status_code == 403


def test_an_export_is_audited(city: City, leader: Client) -> None:
    report(city)
    exported(leader, filters={"open": "true"}, columns=["number"])
    entry = AuditEntry.objects.get(act="cases.exported")
    assert entry.actor_id == city.people["leader"].pk
    assert entry.detail == {"filters": {"open": "true"}, "columns": ["number"], "rows": 1}


@pytest.mark.usefixtures("long_runs")
def test_a_long_one_is_made_by_the_worker_and_given_to_its_owner(
    city: City, leader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "PAGE", 2)
    numbers = [report(city, at=MONDAY_9 + timedelta(minutes=n)).number for n in range(5)]
    answer = ask(leader, {"columns": ["number"], "filters": {"sort": "due"}})
    assert answer.status_code == 202
    run = answer.json()
    assert (run["state"], run["done"], run["total"], run["url"]) == ("waiting", 0, None, None)
    assert waiting_jobs() == [run["id"]]
    early = leader.get(f"{EXPORT}/{run['id']}/file")
    assert (early.status_code, early.json()["code"]) == (409, "export_not_ready")
    make_export_file(run_id=UUID(run["id"]))
    done = leader.get(f"{EXPORT}/{run['id']}").json()
    assert (done["state"], done["done"], done["total"]) == ("done", 5, 5)
    file = leader.get(done["url"])
    assert [row[0] for row in table(file.getvalue())] == ["案卷编号", *reversed(numbers)]
    assert AuditEntry.objects.filter(act="cases.export_downloaded").count() == 1
    stranger = bearer(city.people["dispatcher"])
    for path in (done["url"], f"{EXPORT}/{run['id']}"):
        assert stranger.get(path).status_code == 404


def waiting_jobs() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args ->> 'run_id' FROM procrastinate_jobs"
            " WHERE task_name = 'chengyun.cases.tasks.make_export'"
        )
        return [row[0] for row in cursor.fetchall()]


def make_run(person: Person, **values: Any) -> ExportRun:
    return ExportRun.objects.create(person=person, columns=["number"], **values)


def test_a_run_begun_by_a_dead_worker_begins_anew_and_a_done_one_stays(city: City) -> None:
    report(city)
    run = make_run(city.people["leader"], state="running", done_rows=400, total_rows=900)
    make_export_file(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.done_rows, run.total_rows) == ("done", 1, 1)
    key = run.storage_key
    make_export_file(run_id=run.pk)
    run.refresh_from_db()
    assert run.storage_key == key
    assert [file.key for file in file_store().files("exports")] == [key]


def test_a_run_whose_owner_may_no_longer_export_fails_with_the_reason(city: City) -> None:
    run = make_run(make_person(permissions=["case.read"]))
    make_export_file(run_id=run.pk)
    run.refresh_from_db()
    assert run.state == "failed"
    assert "case.export" in run.fault
    assert list(file_store().files("exports")) == []


@pytest.mark.usefixtures("long_runs")
def test_one_waits_for_ones_own_exports(
    city: City, leader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_RUNS", 1)
    for _ in range(2):
        report(city)
    assert ask(leader).status_code == 202
    again = ask(leader)
    assert (again.status_code, again.json()["code"]) == (409, "too_many_exports")
    assert ExportRun.objects.count() == 1


def test_old_exports_and_files_of_nobody_are_swept(city: City) -> None:
    report(city)
    old, fresh = make_run(city.people["leader"]), make_run(city.people["leader"])
    dead = make_run(city.people["leader"], state="running")
    for run in (old, fresh):
        make_export_file(run_id=run.pk)
    file_store().put("exports/2026/01/01/left.xlsx", io.BytesIO(b"x"))
    ExportRun.objects.filter(pk=old.pk).update(created_at=now() - timedelta(days=6))
    sweep_exports(at=now() + timedelta(days=2))
    fresh.refresh_from_db()
    dead.refresh_from_db()
    assert dead.state == "failed"
    assert [file.key for file in file_store().files("exports")] == [fresh.storage_key]
    assert not ExportRun.objects.filter(pk=old.pk).exists()


def test_a_full_sheet_is_followed_by_another() -> None:
    writer = TableWriter(title="案卷", headings=[("编号", 10)], most_rows=2)
    writer.add([["a"], ["b"], ["c"]])
    content = io.BytesIO()
    writer.save(content)
    book = load_workbook(content)
    assert book.sheetnames == ["案卷", "案卷 2"]
    assert [cell.value for cell in book.worksheets[1]["A"]] == ["编号", "c"]
