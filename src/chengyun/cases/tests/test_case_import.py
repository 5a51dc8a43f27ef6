from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection

from chengyun.administration.models import Organisation
from chengyun.administration.rules.actor import Actor
from chengyun.administration.tests.builders import actor_for, make_organisation, make_person
from chengyun.cases import import_commands
from chengyun.cases.models import Case, Clock, LogEntry, MatterType
from chengyun.cases.operations.seed import seed_reference_data
from chengyun.intake.models import ImportRow, ImportRun
from chengyun.intake.operations.local import import_file
from chengyun.intake.rules.faults import ImportStopped
from chengyun.intake.rules.kinds import parse_mapping
from chengyun.intake.rules.mapping import Mapping
from chengyun.intake.rules.mapping_faults import ColumnMissing
from chengyun.intake.tests.builders import in_batches_of
from chengyun.kernel.errors import Forbidden
from chengyun.territory.models import Division
from chengyun.territory.tests.builders import make_grid, middle

pytestmark = pytest.mark.django_db

HEAD = "ID,OPENED,DUE,CLOSED,TYPE,LON,LAT,STREET,DEPT,DONE\n"
CLOSED = "1,2026-03-02 08:00:00,2026-03-04 08:00:00,2026-03-03 08:00:00,垃圾,{0},{1},-,环卫处,1\n"
OPEN = "2,2026-03-05 09:30:00,-,-,井盖,-,-,滨江街道,-,-\n"
BAD_TYPE = "3,2026-03-05 09:30:00,-,-,没有的,-,-,滨江街道,-,-\n"
BAD_TIME = "4,gestern,-,-,垃圾,-,-,滨江街道,-,-\n"


def _mapping(**changes: Any) -> Mapping:
    return parse_mapping(
        {
            "name": "另一套系统",
            "purpose": "cases",
            "nulls": ["-"],
            "crs": "EPSG:4326",
            "fields": {
                "external_id": {"column": "ID"},
                "reported_at": {"column": "OPENED"},
                "due_at": {"column": "DUE"},
                "closed_at": {"column": "CLOSED"},
                "type": {"column": "TYPE", "aliases": "types"},
                "lon": {"column": "LON"},
                "lat": {"column": "LAT"},
                "street": {"column": "STREET"},
                "department": {"column": "DEPT"},
            },
            "aliases": {"types": {"垃圾": "matter:06010", "井盖": "component:01002"}},
            "outcomes": [{"when": {"DONE": "1"}, "state": "closed"}],
            "create_divisions": True,
            "create_departments": True,
            **changes,
        },
        kinds=("cases",),
    )


def _person(*permissions: str) -> Actor:
    return actor_for(make_person(permissions=permissions))


@pytest.fixture
def importer() -> Actor:
    seed_reference_data()
    make_organisation(zh="市", kind="city")
    return _person("case.import", "case.read", "administration.organisations")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    make_grid("330199001001001")
    path = tmp_path / "export.csv"
    path.write_text(HEAD + CLOSED.format(*middle(0, 0)) + OPEN + BAD_TYPE + BAD_TIME)
    return path


def test_the_command_tells_in_words_what_came(
    importer: Actor, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_commands, "mapping_named", lambda *_, **__: _mapping())
    monkeypatch.setattr(import_commands, "actor_named", lambda _: importer)
    options = [str(export), "--mapping", "own", "--user", "root"]
    told = CliRunner().invoke(import_commands.import_cases_command, options)
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert "4 rows read: 2 cases made (1 open), 0 here already, 2 faulty" in lines
    assert "1 without a position, 0 outside the grids" in lines
    assert "2 divisions made: 000001 默认区, 000001001 滨江街道" in lines
    assert "1 departments made: 环卫处" in lines


def test_closed_cases_arrive_ended_and_open_ones_enter_the_queue(
    importer: Actor, export: Path
) -> None:
    outcome = import_file(actor=importer, path=export, mapping=_mapping())
    assert (outcome.read, outcome.made, outcome.outcome["open"], outcome.faulty) == (4, 2, 1, 2)
    closed, waiting = Case.objects.order_by("external_id")
    assert (closed.state, closed.desk, closed.is_open) == ("closed", "", False)
    assert closed.ended_at == datetime(2026, 3, 3, 0, tzinfo=UTC)
    assert closed.grid_code == "330199001001001"
    assert closed.responsible is not None
    assert closed.responsible.zh == "环卫处"
    whole = Clock.objects.get(case=closed)
    assert (whole.stage, whole.limit_s, whole.used_s, whole.overdue) == (
        "whole",
        172800,
        86400,
        False,
    )
    assert (waiting.state, waiting.desk, waiting.is_open) == ("reported", "acceptor", True)
    assert waiting.kind == "component"
    assert waiting.position is None
    assert waiting.street_code.startswith("0000")
    assert Division.objects.filter(code=waiting.street_code, zh="滨江街道").exists()
    assert waiting.stage == "accept"
    assert waiting.due_at is not None
    assert LogEntry.objects.filter(case=closed).count() == 1


def test_a_bad_row_is_quarantined_with_what_is_wrong(importer: Actor, export: Path) -> None:
    outcome = import_file(actor=importer, path=export, mapping=_mapping(), keeps_quarantine=True)
    assert outcome.faults_by_code == {"value_unknown": 1, "value_unreadable": 1}
    text = Path(outcome.quarantine_key).read_text(encoding="utf-8-sig").splitlines()
    assert len(text) == 3
    assert text[0].startswith("ID,OPENED")
    assert "没有的" in text[1]
    assert ",reported_at,value_unreadable," in text[2]


def test_importing_twice_makes_nothing_twice(importer: Actor, export: Path) -> None:
    import_file(actor=importer, path=export, mapping=_mapping())
    again = import_file(actor=importer, path=export, mapping=_mapping())
    assert (again.made, again.skipped) == (0, 2)
    assert Case.objects.count() == 2


def test_a_dry_run_leaves_nothing_but_its_faults(importer: Actor, export: Path) -> None:
    outcome = import_file(actor=importer, path=export, mapping=_mapping(), dry_run=True)
    assert (outcome.made, outcome.faulty) == (2, 2)
    assert not Case.objects.exists()
    assert not Division.objects.filter(zh="滨江街道").exists()
    assert not Organisation.objects.filter(zh="环卫处").exists()
    run = ImportRun.objects.get()
    assert (run.state, run.dry_run, run.made, run.faulty) == ("done", True, 2, 2)
    assert list(ImportRow.objects.order_by("row").values_list("row", flat=True)) == [3, 4]


def test_a_killed_run_goes_on_where_it_stopped(
    importer: Actor, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 1, "cases")

    def killed(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(actor=importer, path=export, mapping=_mapping(), progress=killed)
    assert Case.objects.count() == 1
    outcome = import_file(actor=importer, path=export, mapping=_mapping())
    assert (outcome.read, outcome.made) == (4, 2)
    run = ImportRun.objects.get()
    assert (run.state, run.made, run.faulty, run.next_row) == ("done", 2, 2, 4)


def test_two_commands_at_the_same_file_share_one_run(
    importer: Actor, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(monkeypatch, 1, "cases")

    def overtaken(done: int) -> None:
        if done == 1:
            import_file(actor=importer, path=export, mapping=_mapping())

    with pytest.raises(ImportStopped):
        import_file(actor=importer, path=export, mapping=_mapping(), progress=overtaken)
    run = ImportRun.objects.get()
    assert (run.state, run.made, run.faulty, Case.objects.count()) == ("done", 2, 2, 2)


def test_unknown_types_become_local_ones_where_the_mapping_says_so(
    importer: Actor, export: Path
) -> None:
    fields = {**_mapping().model_dump()["fields"]}
    fields["type"] = {"column": "TYPE", "aliases": "types", "otherwise": "*"}
    mapping = _mapping(fields=fields, local_types={"class_code": "21", "class_zh": "外部导入类"})
    outcome = import_file(actor=importer, path=export, mapping=mapping)
    assert outcome.outcome["made_types"] == ["21001 没有的"]
    assert MatterType.objects.get(zh="没有的").local is True


def test_a_community_without_its_street_is_found_by_name_or_left_at_the_district(
    importer: Actor, tmp_path: Path
) -> None:
    fields = {**_mapping().model_dump()["fields"]}
    fields |= {"district": {"column": "DEPT"}, "community": {"column": "LON"}}
    del fields["department"], fields["lon"], fields["lat"]
    row = "{0},2026-03-05 09:30:00,-,-,垃圾,{1},-,{2},东区,-\n"
    path = tmp_path / "export.csv"
    places = [("红旗社区", "滨江街道"), ("红旗社区", "-"), ("没听说过", "-"), ("-", "滨江街道")]
    rows = [row.format(n, *place) for n, place in enumerate(places)]
    path.write_text(HEAD + "".join(rows))
    outcome = import_file(actor=importer, path=path, mapping=_mapping(fields=fields))
    assert [name.split()[1] for name in outcome.outcome["made_divisions"]] == [
        "东区",
        "滨江街道",
        "红旗社区",
    ]
    found = list(Case.objects.order_by("external_id"))
    assert [(len(one.street_code), len(one.community_code)) for one in found] == [
        (9, 12),
        (9, 12),
        (0, 0),
        (9, 0),
    ]
    assert found[0].community_code == found[1].community_code
    assert len({one.district_code for one in found}) == 1


def test_positions_that_mean_unknown_are_not_taken(importer: Actor, export: Path) -> None:
    lon, lat = middle(0, 0)
    mapping = _mapping(no_position=[{"lon": lon, "lat": lat}])
    outcome = import_file(actor=importer, path=export, mapping=mapping)
    assert outcome.outcome["without_position"] == 2
    assert not Case.objects.filter(position__isnull=False).exists()


def test_rows_without_a_position_can_be_quarantined(importer: Actor, export: Path) -> None:
    outcome = import_file(
        actor=importer, path=export, mapping=_mapping(without_position="quarantine")
    )
    assert (outcome.made, outcome.faults_by_code["position_missing"]) == (1, 2)


def test_a_missing_column_stops_before_anything_is_written(importer: Actor, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("ID,OPENED\n1,2026-01-01 00:00:00\n")
    with pytest.raises(ColumnMissing):
        import_file(actor=importer, path=path, mapping=_mapping())
    assert not ImportRun.objects.exists()


def test_without_the_permission_nothing_is_imported(export: Path) -> None:
    with pytest.raises(Forbidden):
        import_file(actor=_person("case.read"), path=export, mapping=_mapping())
    assert not Case.objects.exists()


def test_the_arriving_chain_proves(importer: Actor, export: Path) -> None:
    import_file(actor=importer, path=export, mapping=_mapping())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM cases_case c JOIN cases_logentry e ON e.case_id = c.id"
            " AND e.seq = c.log_length AND e.hash = c.log_head"
        )
        assert cursor.fetchone()[0] == 2
