"""Imports over HTTP: who may, what is refused at once, progress, cancelling, a killed worker."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from chengyun.administration.models import AuditEntry, Person
from chengyun.administration.tests.builders import bearer, grant_role, make_person
from chengyun.cases.models import Case, DisposalStandard
from chengyun.cases.operations.seed import seed_reference_data
from chengyun.cases.tests.builders import City
from chengyun.cases.tests.uploads import (
    GOOD,
    IMPORTS,
    MANUAL,
    MAPPING,
    MIXED,
    files_in,
    imported,
    run_of,
    send,
    started,
    waiting_jobs,
)
from chengyun.files.queries import file_store
from chengyun.intake.models import ImportRun
from chengyun.intake.operations.runs import perform_import, sweep_imports
from chengyun.intake.tests.builders import in_batches_of
from chengyun.intake.tests.workbooks import workbook
from chengyun.kernel.clock import now

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def storage(tmp_path: Path) -> Iterator[Path]:
    with override_settings(STORAGE_URL=f"file://{tmp_path}/files"):
        yield tmp_path / "files"


@pytest.fixture(autouse=True)
def types(city: City) -> None:
    seed_reference_data()


@pytest.fixture
def importer(city: City) -> Client:
    return bearer(make_person(role="administrator", name="管理员"))


def test_an_upload_waits_for_the_worker_and_is_imported(importer: Client, storage: Path) -> None:
    answer = send(importer)
    assert answer.status_code == 202
    run = answer.json()
    assert (run["state"], run["done"], run["total"], run["file"]) == (
        "waiting",
        0,
        None,
        "export.csv",
    )
    assert waiting_jobs() == [(run["id"], "intake.cases")]
    assert files_in(storage) == [run["id"]]
    assert Case.objects.count() == 0
    assert perform_import(run_id=UUID(run["id"]))
    done = run_of(importer, UUID(run["id"]))
    counts = {name: done[name] for name in ("done", "total", "read", "made", "open", "faulty")}
    assert counts == {"done": 5, "total": 5, "read": 5, "made": 5, "open": 5, "faulty": 0}
    assert (done["state"], done["without_position"]) == ("done", 5)
    assert [name.split()[1] for name in done["made_divisions"]] == ["默认区", "滨江街道"]
    assert Case.objects.filter(external_system="另一套系统").count() == 5
    assert files_in(storage) == []
    acts = AuditEntry.objects.filter(subject=f"import:{run['id']}").order_by("id")
    assert [one.act for one in acts] == ["cases.import_started", "cases.import_finished"]


def test_what_is_imported_is_found_by_its_source(importer: Client) -> None:
    imported(importer)
    found = importer.get("/api/v1/cases", {"system": "另一套系统"}).json()["items"]
    assert len(found) == 5
    assert importer.get("/api/v1/cases", {"system": "none"}).json()["items"] == []


def test_imported_twice_nothing_is_made_twice(importer: Client) -> None:
    imported(importer)
    again = imported(importer)
    assert (again["made"], again["skipped"], Case.objects.count()) == (0, 5, 5)


def test_a_job_that_runs_twice_does_its_work_once(importer: Client) -> None:
    run_id = started(importer)
    for _ in range(2):
        assert perform_import(run_id=run_id)
    run = run_of(importer, run_id)
    assert (run["made"], run["skipped"], Case.objects.count()) == (5, 0, 5)


def test_a_killed_worker_s_import_goes_on_where_it_stood(
    importer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 2, "cases")
    run_id = started(importer)

    def killed() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        perform_import(run_id=run_id, stopping=killed)
    half = run_of(importer, run_id)
    assert (half["state"], half["done"], half["total"], half["made"]) == ("running", 2, 5, 2)
    assert perform_import(run_id=run_id)
    whole = run_of(importer, run_id)
    assert (whole["state"], whole["read"], whole["made"], whole["skipped"]) == ("done", 5, 5, 0)
    assert Case.objects.count() == 5


def test_a_worker_that_is_being_stopped_leaves_the_rest(
    importer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 2, "cases")
    run_id = started(importer)
    assert not perform_import(run_id=run_id, stopping=lambda: True)
    assert run_of(importer, run_id)["state"] == "running"
    assert perform_import(run_id=run_id)
    assert run_of(importer, run_id)["made"] == 5


def test_two_workers_at_the_same_run_do_not_write_twice(
    importer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 2, "cases")
    run_id = started(importer)

    def overtaken() -> bool:
        assert perform_import(run_id=run_id)
        return False

    assert perform_import(run_id=run_id, stopping=overtaken)
    run = run_of(importer, run_id)
    assert (run["state"], run["made"], run["read"], Case.objects.count()) == ("done", 5, 5, 5)


def test_a_cancelled_import_stops_and_keeps_what_it_made(
    importer: Client, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 2, "cases")
    run_id = started(importer)

    def cancelled() -> bool:
        assert importer.post(f"{IMPORTS}/{run_id}/cancel").status_code == 200
        return False

    assert perform_import(run_id=run_id, stopping=cancelled)
    run = run_of(importer, run_id)
    assert (run["state"], run["made"], Case.objects.count()) == ("cancelled", 2, 2)
    assert files_in(storage) == []
    again = importer.post(f"{IMPORTS}/{run_id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "import_ended")


def test_a_dry_run_tells_and_keeps_nothing(importer: Client) -> None:
    run = imported(importer, MIXED, dry_run="true")
    assert (run["dry_run"], run["state"], run["made"], run["faulty"]) == (True, "done", 1, 2)
    assert run["faults_by_code"] == {"value_unknown": 1, "value_unreadable": 1}
    assert Case.objects.count() == 0
    faults = importer.get(f"{IMPORTS}/{run['id']}/faults").json()
    assert [(one["row"], one["field"], one["code"]) for one in faults["items"]] == [
        (2, "type", "value_unknown"),
        (3, "reported_at", "value_unreadable"),
    ]
    assert "没有的" in faults["items"][0]["zh"]
    first = importer.get(f"{IMPORTS}/{run['id']}/faults", {"limit": 1}).json()
    second = importer.get(f"{IMPORTS}/{run['id']}/faults", {"limit": 1, "after": first["next"]})
    assert [one["row"] for one in second.json()["items"]] == [3]


def test_the_same_row_twice_in_a_file_counts_once_in_a_dry_run_too(
    importer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 2, "cases")
    run = imported(importer, GOOD + GOOD.splitlines()[1], dry_run="true")
    assert (run["read"], run["made"], run["skipped"]) == (6, 5, 1)


def test_the_quarantine_is_no_formula_and_can_be_mended_and_imported(importer: Client) -> None:
    run = imported(importer, MIXED)
    answer = importer.get(f"{IMPORTS}/{run['id']}/quarantine")
    assert answer["Content-Type"].startswith("text/csv")
    text = answer.getvalue().decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == "ID,OPENED,TYPE,STREET,NOTE,_row,_field,_code,_zh,_en"
    assert lines[2].startswith("3,gestern,暴露垃圾,滨江街道,'=1+1,3,reported_at,value_unreadable,")
    mended = text.replace("gestern", "2026-03-03 08:00:00").replace("没有的", "暴露垃圾")
    again = imported(importer, mended)
    assert (again["made"], again["faulty"]) == (2, 0)
    assert Case.objects.get(external_id="3").description == "=1+1"
    assert AuditEntry.objects.filter(act="cases.quarantine_downloaded").count() == 1


def test_the_same_key_starts_one_run(importer: Client) -> None:
    first, again = send(importer, key="k-1"), send(importer, key="k-1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    assert ImportRun.objects.count() == 1
    other = send(importer, MIXED, key="k-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")


PATHS = ("", "/mappings", "/mappings/pingshan", "/{id}", "/{id}/faults", "/{id}/quarantine")


def test_nobody_without_the_permission_sees_or_imports(importer: Client, city: City) -> None:
    run_id = started(importer)
    for client, status in ((Client(), 401), (bearer(city.people["leader"]), 403)):
        assert send(client).status_code == status
        assert client.post(f"{IMPORTS}/{run_id}/cancel").status_code == status
        for path in PATHS:
            answer = client.get(IMPORTS + path.format(id=run_id))
            assert answer.status_code == status, path
    assert ImportRun.objects.count() == 1
    assert run_of(importer, run_id)["state"] == "waiting"


@pytest.fixture
def clerk(city: City) -> Person:
    return make_person(permissions=["case.import"], name="录入员")


def test_one_sees_one_s_own_runs_and_who_reads_the_audit_log_every_one_s(
    importer: Client, clerk: Person
) -> None:
    own, other = started(bearer(clerk)), started(importer)
    seen = [one["id"] for one in bearer(clerk).get(IMPORTS).json()["items"]]
    assert seen == [str(own)]
    assert bearer(clerk).get(f"{IMPORTS}/{other}").status_code == 404
    assert bearer(clerk).post(f"{IMPORTS}/{other}/cancel").status_code == 404
    first = importer.get(IMPORTS, {"limit": 1}).json()
    rest = importer.get(IMPORTS, {"limit": 1, "after": first["next"]}).json()
    assert [one["id"] for one in first["items"] + rest["items"]] == [str(other), str(own)]
    assert rest["items"][0]["by"] == {"id": clerk.pk, "name": "录入员"}
    assert rest["next"] is None
    bad = importer.get(IMPORTS, {"after": "x"})
    assert (bad.status_code, bad.json()["code"]) == (422, "page_token_invalid")


def test_who_imports_cases_only_imports_no_standards(clerk: Person) -> None:
    codes = [one["code"] for one in bearer(clerk).get(f"{IMPORTS}/mappings").json()["items"]]
    assert codes == ["boston311", "pingshan"]
    answer = send(bearer(clerk), "小类,时限,条件\n暴露垃圾,2小时,有\n", mapping=MANUAL)
    assert answer.status_code == 403
    assert ImportRun.objects.count() == 0


def test_rows_outside_the_importer_s_area_are_refused(city: City) -> None:
    far = make_person(name="别区录入员")
    grant_role(far, permissions=["case.import"], division_code="330188")
    run = imported(bearer(far))
    assert (run["made"], run["faults_by_code"]) == (0, {"outside_scope": 5})
    assert Case.objects.count() == 0


def test_an_importer_who_lost_the_permission_meanwhile_imports_nothing(clerk: Person) -> None:
    run_id = started(bearer(clerk))
    clerk.grants.all().delete()
    from chengyun.administration.operations import announce_change

    announce_change("access")
    assert perform_import(run_id=run_id)
    run = ImportRun.objects.get(pk=run_id)
    assert (run.state, run.fault["code"], Case.objects.count()) == ("failed", "forbidden", 0)


def test_a_manual_is_imported_by_the_worker(importer: Client) -> None:
    content = workbook([["小类", "时限", "条件"], ["暴露垃圾", "2紧急工作时", "超过 1 平方米"]])
    run = imported(importer, content, "手册.xlsx", mapping=MANUAL)
    assert (run["kind"], run["state"], run["made"], run["standard_set"]) == (
        "standards",
        "done",
        1,
        "manual",
    )
    row = DisposalStandard.objects.get(set__code="manual")
    assert (str(row.limit_value), row.limit_unit) == ("2.00", "urgent_working_hour")
    again = imported(importer, content, "手册.xlsx", mapping=MANUAL)
    assert (again["made"], again["skipped"]) == (0, 1)


def test_a_dry_run_of_a_manual_keeps_nothing(importer: Client) -> None:
    content = "小类,时限,条件\n暴露垃圾,2小时,有\n没有的,2小时,有\n".encode()
    run = imported(importer, content, mapping=MANUAL, dry_run="true")
    assert (run["made"], run["faulty"], run["done"], run["total"]) == (1, 1, 2, 2)
    assert not DisposalStandard.objects.filter(set__code="manual").exists()


def test_a_fault_that_only_the_worker_meets_ends_the_run_with_its_reason(
    importer: Client, storage: Path
) -> None:
    run = imported(importer, GOOD.encode() + GOOD.encode() * 200 + b"6,\xff\xfe,\xff,x,\n")
    assert (run["state"], run["fault"]["code"], run["made"]) == ("failed", "table_unreadable", 0)
    assert "utf-8" in run["fault"]["zh"]
    assert files_in(storage) == []


def test_a_shipped_mapping_is_chosen_by_name_and_told_with_its_columns(importer: Client) -> None:
    found = importer.get(f"{IMPORTS}/mappings").json()["items"]
    by_code = {one["code"]: one for one in found}
    assert set(by_code) == {"boston311", "manual_example", "pingshan"}
    needed = [one for one in by_code["pingshan"]["columns"] if one["required"]]
    assert [(one["field"], one["columns"]) for one in needed] == [
        ("external_id", ["REC_ID"]),
        ("reported_at", ["CREATE_TIME"]),
        ("type", ["SUB_TYPE_NAME"]),
    ]
    text = importer.get(f"{IMPORTS}/mappings/pingshan")
    assert text.content.decode().startswith("# A Chinese district")
    assert importer.get(f"{IMPORTS}/mappings/..%2Fsecret").status_code == 404


def test_a_shipped_mapping_wants_its_columns(importer: Client) -> None:
    data = {"file": SimpleUploadedFile("a.csv", GOOD.encode()), "mapping": "pingshan"}
    answer = importer.post(IMPORTS, data)
    assert (answer.status_code, answer.json()["code"]) == (422, "column_missing")


def test_one_waits_for_one_s_own_imports(importer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengyun.intake.operations.runs.MOST_WAITING", 1)
    started(importer)
    again = send(importer)
    assert (again.status_code, again.json()["code"]) == (409, "too_many_imports")


def test_dead_runs_and_files_of_nobody_are_swept(importer: Client, storage: Path) -> None:
    dead, fresh = started(importer), started(importer, MIXED)
    ImportRun.objects.filter(pk=dead).update(created_at=now() - timedelta(days=2))
    file_store().put("imports/2026/01/01/left", io.BytesIO(b"x"))
    sweep_imports(at=now())
    assert run_of(importer, dead)["state"] == "failed"
    assert run_of(importer, fresh)["state"] == "waiting"
    assert len(files_in(storage)) == 3  # none is a day old
    sweep_imports(at=now() + timedelta(hours=25))
    assert files_in(storage) == []


def test_unknown_runs_are_not_there(importer: Client) -> None:
    for path in ("", "/faults", "/quarantine"):
        assert importer.get(f"{IMPORTS}/{uuid4()}{path}").status_code == 404
    assert importer.get(f"{IMPORTS}/1").status_code == 404


def test_a_number_that_is_taken_is_a_fault_of_its_row(importer: Client) -> None:
    imported(importer)
    other = MAPPING.replace("另一套系统", "第三套系统")
    run = imported(importer, mapping=other)
    assert (run["made"], run["faults_by_code"]) == (0, {"number_taken": 5})
    prefixed = imported(importer, mapping=other + "number_prefix: T3\n")
    assert (prefixed["made"], Case.objects.count()) == (5, 10)
