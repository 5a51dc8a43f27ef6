"""Reporting a case: what is written, who may, from where."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from chengyun.cases.models import Attachment, Case, Clock, LogEntry, Reporter
from chengyun.cases.operations.attachments import AttachmentNotUsable
from chengyun.cases.operations.report import PlaceOutsideScope, ReporterInput, report_case
from chengyun.cases.queries.types import TypeAmbiguous, TypeUnknown
from chengyun.cases.rules.faults import PhotosMissing
from chengyun.cases.rules.log_entry import LogContent, entry_hash
from chengyun.cases.rules.reporting import SourceNotYours, SourceUnknown
from chengyun.cases.tests.builders import (
    COVER,
    MONDAY_9,
    RUBBISH,
    City,
    make_attachment,
    make_type,
    photos,
    report,
    report_input,
)
from chengyun.journal.models import Event
from chengyun.kernel.errors import Fault, Forbidden
from chengyun.kernel.text import term_keys
from chengyun.territory.faults import NoGridAtPoint
from chengyun.territory.tests.builders import COMMUNITY, DISTRICT, STREET, middle

pytestmark = pytest.mark.django_db


def test_a_report_is_placed_timed_and_waits_at_the_acceptors_desk(city: City) -> None:
    case = report(city, address="解放路 118 号", description="垃圾成堆", given_in="GCJ-02")
    assert (case.state, case.desk, case.is_open) == ("reported", "acceptor", True)
    assert (case.source, case.kind, case.title) == ("collector", "matter", f"类型{RUBBISH}")
    assert case.matter_type_id == city.types[RUBBISH].pk
    assert case.grid_id == city.grids[0].pk
    assert case.grid_code == f"{COMMUNITY}001"
    assert (case.community_code, case.street_code, case.district_code) == (
        COMMUNITY,
        STREET,
        DISTRICT,
    )
    assert case.position is not None
    assert case.position.coords == middle(0, 0)
    assert case.position_source == "GCJ-02"
    assert case.area_class == "B"
    assert case.created_by_id == city.people["collector"].pk
    assert case.reported_at == case.updated_at == MONDAY_9
    assert case.version == 1


def test_two_clocks_start_the_whole_case_and_the_acceptance(city: City) -> None:
    case = report(city)
    clocks = {clock.stage: clock for clock in Clock.objects.filter(case=case)}
    assert set(clocks) == {"whole", "accept"}
    assert clocks["accept"].due_at == datetime(2026, 3, 2, 1, 15, tzinfo=UTC)
    assert clocks["accept"].yellow_at == datetime(2026, 3, 2, 1, 12, tzinfo=UTC)
    assert clocks["accept"].limit_s == 900
    # 15 working days of 8 hours from Monday 09:00 end on Monday three weeks later, 09:00
    assert clocks["whole"].due_at == datetime(2026, 3, 23, 1, 0, tzinfo=UTC)
    assert (case.stage, case.due_at) == ("accept", clocks["accept"].due_at)
    assert case.case_due_at == clocks["whole"].due_at
    assert (case.light, case.case_light) == (1, 1)


def test_numbers_are_counted_daily_in_the_platforms_time_zone(city: City) -> None:
    late = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)
    numbers = [
        report(city, at=late).number,
        report(city, at=late).number,
        report(city, at=datetime(2026, 3, 2, 16, 0, tzinfo=UTC)).number,
    ]
    assert numbers == ["000000-20260302-00001", "000000-20260302-00002", "000000-20260303-00001"]


def test_the_first_entry_opens_the_chain(city: City) -> None:
    case = report(city, description="垃圾成堆")
    entry = LogEntry.objects.get(case=case)
    assert (entry.seq, entry.act, entry.from_state, entry.to_state) == (1, "report", "", "reported")
    assert (entry.actor_name, entry.role) == ("collector", "collector")
    assert (entry.opinion, entry.receiver) == ("垃圾成堆", "受理员")
    assert entry.data["number"] == case.number
    content = LogContent(
        act=entry.act,
        at=entry.at,
        to_state=entry.to_state,
        actor_id=entry.actor_id,
        actor_name=entry.actor_name,
        role=entry.role,
        organisation_id=entry.organisation_id,
        organisation_name=entry.organisation_name,
        opinion=entry.opinion,
        receiver=entry.receiver,
        attachment_ids=tuple(str(one) for one in entry.attachment_ids),
        lon=middle(0, 0)[0],
        lat=middle(0, 0)[1],
        data=entry.data,
    )
    made = entry_hash(b"", case_id=case.pk, seq=1, content=content)
    assert bytes(entry.hash) == bytes(case.log_head) == made
    assert case.log_length == 1


def test_the_event_carries_what_scopes_are_compared_with(city: City) -> None:
    case = report(city)
    event = Event.objects.get()
    assert (event.kind, event.subject) == ("case.reported", f"case:{case.pk}")
    assert (event.division_code, event.case_kind) == (COMMUNITY, "matter")
    assert event.payload == {
        "case_id": case.pk,
        "number": case.number,
        "title": case.title,
        "act": "report",
        "act_name": {"zh": "上报", "en": "Report"},
        "from_state": "",
        "from_state_name": None,
        "state": "reported",
        "state_name": {"zh": "待受理", "en": "Reported"},
        "desk": "acceptor",
        "desk_name": {"zh": "受理员", "en": "Acceptor"},
        "organisation": None,
        "light": "green",
        "by": city.people["collector"].pk,
        "by_name": "collector",
        "person_ids": [city.people["collector"].pk],
        "version": 1,
    }


def test_photos_are_bound_and_the_first_is_the_cases_face(city: City) -> None:
    ids = photos(city.people["collector"], 2)
    case = report(city, attachment_ids=ids)
    assert set(Attachment.objects.filter(case=case).values_list("id", flat=True)) == set(ids)
    assert case.thumbnail == ids[0]


def test_a_callers_name_and_number_lie_apart(city: City) -> None:
    person = ReporterInput(name="王先生", phone="13812342207")
    case = report(city, by="hotline_operator", reporter=person)
    kept = Reporter.objects.get(case=case)
    assert (kept.name, kept.phone, kept.source) == ("王先生", "13812342207", "hotline")
    assert not set(term_keys(["13812342207", "王先"])) & set(case.search)


def test_search_terms_hold_number_type_place_and_words(city: City) -> None:
    case = report(city, address="解放路 118 号", description="井盖旁垃圾")
    for term in ("垃圾", "解放", "118", "20260302", RUBBISH):
        assert set(term_keys([term])) <= set(case.search)


def test_a_self_handled_report_is_closed_at_once_and_runs_no_clock(city: City) -> None:
    person = city.people["collector"]
    ids = [make_attachment(person), make_attachment(person, phase="disposal")]
    case = report(city, self_handled=True, attachment_ids=ids)
    assert (case.state, case.desk, case.is_open) == ("self_closed", "", False)
    assert case.ended_at == MONDAY_9
    assert not Clock.objects.filter(case=case).exists()
    assert case.light == 0


def test_self_handling_needs_photos_before_and_after(city: City) -> None:
    with pytest.raises(PhotosMissing):
        report(city, self_handled=True)
    assert not Case.objects.exists()


def test_a_collectors_report_needs_a_photo(city: City) -> None:
    with pytest.raises(PhotosMissing):
        report(city, attachment_ids=[])
    assert not Case.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("code", [RUBBISH, "0612", f"{DISTRICT}{RUBBISH}", f"{DISTRICT}0612"])
def test_older_and_full_codes_are_mapped(city: City, code: str) -> None:
    assert report(city, type_code=code).matter_type_id == city.types[RUBBISH].pk


def test_a_component_case_keeps_its_kind_and_component(city: City) -> None:
    case = report(city, type_code=COVER, component_code="33019901002000017")
    assert (case.kind, case.component_code) == ("component", "33019901002000017")


def test_a_code_of_both_kinds_asks_for_the_kind(city: City) -> None:
    make_type("06012", kind="component")
    with pytest.raises(TypeAmbiguous):
        report(city)
    assert report(city, kind="component").kind == "component"


@pytest.mark.parametrize("code", ["99999", "", "0", "x" * 40])
def test_an_unknown_code_is_refused(city: City, code: str) -> None:
    with pytest.raises(TypeUnknown):
        report(city, type_code=code)


def test_outside_every_grid_is_a_clear_fault(city: City) -> None:
    with pytest.raises(NoGridAtPoint):
        report(city, lon=100.0, lat=30.0)


def test_outside_the_reporters_area_is_refused(city: City) -> None:
    with pytest.raises(PlaceOutsideScope):
        report(city, by="outsider", source="collector")


@pytest.mark.parametrize(
    "role", ["shift_leader", "dispatcher", "department", "inspector", "leader"]
)
def test_who_lacks_the_permission_reports_nothing(city: City, role: str) -> None:
    with pytest.raises(Forbidden):
        report(city, by=role)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("role", "source", "expected"),
    [
        ("hotline_operator", "", "hotline"),
        ("hotline_operator", "public", "public"),
        ("acceptor", "letter", "letter"),
        ("acceptor", "media", "media"),
        ("integrator", "", "platform"),
        ("integrator", "monitoring", "monitoring"),
        ("collector", "", "collector"),
    ],
)
def test_each_desk_reports_from_its_sources(
    city: City, role: str, source: str, expected: str
) -> None:
    assert report(city, by=role, source=source).source == expected


@pytest.mark.parametrize(
    ("role", "source", "fault"),
    [
        ("collector", "hotline", SourceNotYours),
        ("hotline_operator", "collector", SourceNotYours),
        ("integrator", "collector", SourceNotYours),
        ("collector", "telepathy", SourceUnknown),
    ],
)
def test_another_desks_source_is_refused(
    city: City, role: str, source: str, fault: type[Fault]
) -> None:
    with pytest.raises(fault):
        report(city, by=role, source=source)


def test_anothers_photo_and_a_used_one_cannot_be_bound(city: City) -> None:
    foreign = make_attachment(city.people["second_collector"])
    used = photos(city.people["collector"], 1)
    report(city, attachment_ids=used)
    for ids in ([foreign], used):
        with pytest.raises(AttachmentNotUsable):
            report(city, attachment_ids=ids)


def test_a_survey_keeps_its_record_type_and_an_urgent_case_its_mark(city: City) -> None:
    case = report(city, record_type="survey", urgent=True)
    assert (case.record_type, case.urgent) == ("survey", True)


def test_reporting_costs_a_known_number_of_queries(
    city: City, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    report(city)  # fills the process's copies
    given, actor = report_input(city), city.actor("collector")
    with django_assert_num_queries(5):
        report_case(actor=actor, given=given, at=MONDAY_9)
