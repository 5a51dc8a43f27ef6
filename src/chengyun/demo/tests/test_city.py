"""A whole small city in the database: every log proven, every desk with work in every light."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from chengyun.administration.operations.seed import seed_reference_data as seed_administration
from chengyun.cases.operations.bulk import encode_history, take_case_ids
from chengyun.cases.operations.numbers import take_numbers
from chengyun.cases.operations.seed import seed_reference_data as seed_cases
from chengyun.cases.rules.facts import CaseFacts
from chengyun.cases.rules.log_entry import LogContent, entry_hash
from chengyun.cases.rules.replay import LogStep, replay
from chengyun.cases.rules.workflow import workflow
from chengyun.components.operations.seed import seed_reference_data as seed_components
from chengyun.demo import operations
from chengyun.demo.casework import CaseWriter, Script
from chengyun.demo.operations import Built, build_city
from chengyun.demo.queries.taken import database_is_taken
from chengyun.demo.rules.sizes import CitySize
from chengyun.demo.telling import Told
from chengyun.demo.tests.towns import NOW

SIZE = CitySize(name="test", grids=300, months=1, cases=500, open_cases=120)
OPEN_STATES = {
    "reported",
    "verifying",
    "accepted",
    "filed",
    "dispatched",
    "handling",
    "handled",
    "feedback_given",
    "checking",
    "check_failed",
    "check_passed",
}


Check = Callable[[Built], None]
CHECKS: list[Check] = []


def check(test: Check) -> Check:
    """Count a function among what a city built once must satisfy."""
    CHECKS.append(test)
    return test


def told_both_ways(
    writer: CaseWriter, scripts: Iterable[Script], _processes: int
) -> Iterator[Told]:
    """Tell every case guarded and quickly; what is written must not differ by a byte."""
    quick = copy(writer)
    quick._platform = replace(writer._platform, guarded=False)
    every = list(scripts)
    ids = take_case_ids(len(every))
    guarded = [writer.tell(copy(script)) for script in every]
    encoded = encode_history(ids, guarded)
    assert encoded == encode_history(ids, [quick.tell(copy(script)) for script in every])
    still_open = sum(bool(case.values["is_open"]) for case in guarded)
    yield Told(encoded=encoded, cases=len(guarded), still_open=still_open)


@pytest.mark.django_db
def test_a_whole_city(subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch) -> None:
    seed_administration()
    seed_cases()
    seed_components()
    assert not database_is_taken()
    monkeypatch.setattr(operations, "tell_all", told_both_ways)
    city = build_city(size=SIZE, seed=3, now=NOW, guarded=True, tell=lambda _: None)
    for promise in CHECKS:
        with subtests.test(promise.__name__):
            promise(city)


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


@check
def figures_are_what_was_asked_for(city: Built) -> None:
    assert 250 <= city.grids <= 400
    assert city.cases >= SIZE.cases
    assert 90 <= city.open_cases <= 220
    assert rows("SELECT count(*) FROM cases_case WHERE is_open") == [(city.open_cases,)]
    assert rows("SELECT count(*) FROM territory_unitgrid") == [(city.grids,)]
    assert rows("SELECT count(*) FROM administration_person") == [(city.people,)]


@check
def components_are_coherent(city: Built) -> None:
    assert 2_400 <= city.components <= 4_200
    count = "SELECT count(*) FROM components_component c"
    assert rows(count) == [(city.components,)]
    assert rows("SELECT count(*) FROM components_componentversion WHERE version = 1") == [
        (city.components,)
    ]
    wrong = rows(
        f"""{count} JOIN components_componenttype t ON t.id = c.type_id
        LEFT JOIN territory_unitgrid g ON g.code = c.grid_code
        WHERE length(c.code) <> 17 OR c.code NOT LIKE c.district_code || t.code || '%%'
        OR g.id IS NULL OR NOT ST_Covers(ST_Buffer(g.geometry, 1e-6), c.position)
        OR c.competent_id IS NULL OR c.changed_on < c.initial_on"""
    )
    assert wrong == [(0,)]
    assert rows("SELECT count(*) FROM components_component WHERE search @> '{路灯}'")[0][0] > 100
    assert rows("SELECT sum(n) FROM components_componentcount") == [(city.components,)]
    indexes = "SELECT count(*) FROM pg_indexes WHERE tablename = 'components_component'"
    assert rows(indexes)[0][0] >= 12


@check
def cases_of_components_are_bound_to_one_of_their_type_beside_them(city: Built) -> None:
    bound = (
        "SELECT count(*) FILTER (WHERE component_code <> ''), count(*) FROM cases_case"
        " WHERE kind = 'component'"
    )
    named, every = rows(bound)[0]
    assert named > 0.75 * every > 0.07 * city.cases
    wrong = rows(
        """SELECT count(*) FROM cases_case c JOIN cases_mattertype m ON m.id = c.matter_type_id
        LEFT JOIN components_component o ON o.code = c.component_code
        LEFT JOIN components_componenttype t ON t.id = o.type_id
        WHERE c.component_code <> '' AND (c.kind <> 'component' OR t.code IS DISTINCT FROM m.code
        OR o.retired_at IS NOT NULL OR ST_Distance(ST_SetSRID(o.position, 4326)::geography,
            ST_SetSRID(c.position, 4326)::geography) > 50)"""
    )
    assert wrong == [(0,)]


@check
def a_taken_database_is_noticed(city: Built) -> None:
    assert city.cases
    assert database_is_taken()


@check
def every_log_is_chained_and_replays_to_its_case(city: Built) -> None:
    entries: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows(
        "SELECT case_id, seq, at, act, actor_id, actor_name, role, organisation_id,"
        " organisation_name, opinion, receiver, from_state, to_state, attachment_ids::text[],"
        " ST_X(position), ST_Y(position), data::text, hash FROM cases_logentry"
        " ORDER BY case_id, seq"
    ):
        entries.setdefault(row[0], []).append(row)
    assert len(entries) == city.cases
    heads = {
        row[0]: row[1:]
        for row in rows(
            "SELECT id, state, desk, holder_organisation_id, holder_person_id, pending,"
            " rework_count, return_count, log_length, log_head, source FROM cases_case"
        )
    }
    for case_id, log in entries.items():
        state, desk, organisation, person, pending, rework, returned, length, head, source = heads[
            case_id
        ]
        assert [row[1] for row in log] == list(range(1, length + 1))
        assert _proven(case_id, log) == bytes(head)
        public = workflow().table.sources[source].public
        steps = [
            LogStep(
                seq=r[1],
                act=r[3],
                from_state=r[11],
                to_state=r[12],
                actor_id=r[4],
                data=_json(r[16]),
            )
            for r in log
        ]
        facts = replay(workflow(), steps, CaseFacts(source=source, public_source=public))
        assert (facts.state, facts.pending) == (state, pending)
        assert (facts.holder.desk, facts.holder.organisation_id) == (desk, organisation)
        assert facts.holder.person_id == person
        assert (facts.rework_count, facts.return_count) == (rework, returned)


def _json(text: str) -> Any:
    return json.loads(text)


def _proven(case_id: int, log: list[tuple[Any, ...]]) -> bytes:
    head = b""
    for row in log:
        content = LogContent(
            at=row[2],
            act=row[3],
            actor_id=row[4],
            actor_name=row[5],
            role=row[6],
            organisation_id=row[7],
            organisation_name=row[8],
            opinion=row[9],
            receiver=row[10],
            from_state=row[11],
            to_state=row[12],
            attachment_ids=tuple(row[13]),
            lon=row[14],
            lat=row[15],
            data=_json(row[16]),
        )
        head = entry_hash(head, case_id=case_id, seq=row[1], content=content)
        assert head == bytes(row[17])
    return head


@check
def every_open_state_has_cases_in_every_light(city: Built) -> None:
    assert city.open_cases
    found = {
        (state, light) for state, light in rows("SELECT state, light FROM cases_case WHERE is_open")
    }
    assert {state for state, _ in found} == OPEN_STATES
    for state in OPEN_STATES:
        assert {light for other, light in found if other == state} >= {1, 2, 3}
    assert {row[0] for row in rows("SELECT pending FROM cases_case")} == {"", "return", "void"}


@check
def every_role_has_something_to_do(city: Built) -> None:
    desks = {row[0] for row in rows("SELECT DISTINCT desk FROM cases_case WHERE is_open")}
    assert desks == {"acceptor", "collector", "shift_leader", "dispatcher", "department"}
    first = city.society.of_role("collector")[0].username
    kinds = rows(
        "SELECT DISTINCT t.kind FROM cases_task t JOIN administration_person p"
        " ON p.id = t.assignee_id WHERE t.answered_at IS NULL AND p.username = %s",
        first,
    )
    assert {row[0] for row in kinds} == {"verify", "check"}


@check
def lights_fit_their_clocks(city: Built) -> None:
    assert city.cases
    wrong = rows(
        "SELECT number, light, yellow_at, due_at FROM cases_case WHERE is_open AND light <>"
        " CASE WHEN due_at < %s THEN 3 WHEN yellow_at <= %s THEN 2 ELSE 1 END",
        NOW,
        NOW,
    )
    assert wrong == []
    assert rows("SELECT count(*) FROM cases_case WHERE is_open AND due_at IS NULL") == [(0,)]


@check
def ends_are_mixed(city: Built) -> None:
    ends = Counter(row[0] for row in rows("SELECT state FROM cases_case WHERE NOT is_open"))
    assert ends["closed"] > 0.8 * sum(ends.values())
    assert {"not_accepted", "self_closed"} <= set(ends)
    assert rows("SELECT count(*) > 0 FROM cases_clock WHERE overdue AND stage = 'disposal'") == [
        (True,)
    ]
    assert rows("SELECT count(*) > 0 FROM cases_case WHERE rework_count > 0") == [(True,)]
    assert city.cases


@check
def cases_lie_in_their_grid_and_nothing_is_in_the_future(city: Built) -> None:
    assert city.cases
    outside = rows(
        "SELECT count(*) FROM cases_case c JOIN territory_unitgrid g ON g.id = c.grid_id"
        " WHERE NOT ST_Covers(g.geometry, c.position) OR g.code <> c.grid_code"
        " OR c.community_code <> left(g.code, 12) OR c.area_class <> g.area_class"
    )
    assert outside == [(0,)]
    assert rows("SELECT count(*) FROM cases_logentry WHERE at > %s", NOW) == [(0,)]
    assert rows("SELECT count(*) FROM cases_case WHERE updated_at > %s", NOW) == [(0,)]


@check
def numbers_are_daily_and_go_on(city: Built) -> None:
    today = NOW.astimezone(ZoneInfo("Asia/Shanghai")).date()
    taken = rows(
        "SELECT count(*), max(number) FROM cases_case WHERE number LIKE %s", f"LJ{today:%Y%m%d}-%%"
    )[0]
    assert taken[1] == f"LJ{today:%Y%m%d}-{taken[0]:05d}"
    assert take_numbers(today, 1) == [f"LJ{today:%Y%m%d}-{taken[0] + 1:05d}"]
    assert city.cases


@check
def photos_come_before_and_after(city: Built) -> None:
    assert city.cases
    phases = {row[0] for row in rows("SELECT DISTINCT phase FROM cases_attachment")}
    assert phases == {"report", "verify", "disposal", "check"}
    named = rows(
        "SELECT count(*) FROM cases_logentry l, unnest(l.attachment_ids) AS wanted(id)"
        " WHERE NOT EXISTS (SELECT FROM cases_attachment a WHERE a.id = wanted.id"
        " AND a.case_id = l.case_id)"
    )
    assert named == [(0,)]


@check
def a_department_is_proposed_by_a_rule_for_every_matter(city: Built) -> None:
    assert city.cases
    without = rows(
        "SELECT DISTINCT c.matter_type_id FROM cases_case c WHERE NOT EXISTS (SELECT FROM"
        " cases_dispatchrule r WHERE r.matter_type_id = c.matter_type_id"
        " AND c.grid_code LIKE r.division_code || '%%') AND c.dispatched_at IS NOT NULL"
    )
    assert without == []


@check
def every_unit_grid_is_managed_and_rated_and_some_collectors_take_turns(city: Built) -> None:
    groups = dict(rows("SELECT kind, count(*) FROM territory_gridgroup GROUP BY kind"))
    assert sum(groups.values()) == city.groups
    members = "SELECT kind, count(*) FROM territory_gridgroupmember GROUP BY kind"
    assert dict(rows(members)) == {"management": city.grids, "evaluation": groups["management"]}
    nobody = "SELECT count(*) FROM territory_gridgroup WHERE organisation_id IS NULL AND kind = %s"
    assert rows(nobody, "management") == [(0,)]
    bound = dict(
        rows(
            "SELECT coalesce(s.code, ''), count(DISTINCT d.grid_code) FROM territory_gridduty d"
            " LEFT JOIN territory_shift s ON s.id = d.shift_id GROUP BY 1"
        )
    )
    alone = len(city.society.of_role("collector")[-1].grids)
    assert bound["day"] == bound["evening"] + alone
    assert bound[""] + bound["day"] == city.grids
