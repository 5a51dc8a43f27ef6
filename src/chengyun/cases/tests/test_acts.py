"""Every act: by the right role, the wrong one, elsewhere, in the wrong state, without its words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from chengyun.administration.tests.builders import make_organisation, make_person
from chengyun.cases.models import Attachment, Case, LogEntry, Task
from chengyun.cases.operations.advance import StaleVersion, act_on_case, act_on_cases
from chengyun.cases.operations.attachments import AttachmentNotUsable
from chengyun.cases.operations.choices import (
    ActRequest,
    AssigneeNotFitting,
    AssistingNotFitting,
    OrganisationUnknown,
    ReasonUnknown,
    StandardNotFitting,
)
from chengyun.cases.rules import faults
from chengyun.cases.tests.builders import (
    COVER,
    MONDAY_9,
    RUBBISH,
    City,
    act,
    make_attachment,
    make_case,
    make_standard,
    report,
    request_for,
)
from chengyun.journal.models import Event
from chengyun.kernel.errors import Forbidden, Invalid, NotFound

pytestmark = pytest.mark.django_db
LATER = MONDAY_9 + timedelta(hours=1)

# act, role, state before, state after, desk after
ACTS = [
    ("send_verification", "acceptor", "reported", "verifying", "collector"),
    ("answer_verification", "collector", "verifying", "reported", "acceptor"),
    ("recall_verification", "acceptor", "verifying", "reported", "acceptor"),
    ("accept", "acceptor", "reported", "accepted", "shift_leader"),
    ("refuse", "acceptor", "reported", "not_accepted", ""),
    ("file", "shift_leader", "accepted", "filed", "dispatcher"),
    ("decline_filing", "shift_leader", "accepted", "not_filed", ""),
    ("send_back_to_acceptor", "shift_leader", "accepted", "reported", "acceptor"),
    ("dispatch", "dispatcher", "filed", "dispatched", "department"),
    ("return_to_acceptor", "dispatcher", "filed", "reported", "acceptor"),
    ("start_handling", "department", "dispatched", "handling", "department"),
    ("hand_back", "department", "handling", "handled", "dispatcher"),
    ("send_back_to_department", "dispatcher", "handled", "handling", "department"),
    ("give_feedback", "dispatcher", "handled", "feedback_given", "acceptor"),
    ("send_check", "acceptor", "feedback_given", "checking", "collector"),
    ("answer_check", "collector", "checking", "check_passed", "shift_leader"),
    ("recall_check", "acceptor", "checking", "feedback_given", "acceptor"),
    ("rework", "dispatcher", "check_failed", "dispatched", "department"),
    ("redispatch", "dispatcher", "check_failed", "dispatched", "department"),
    ("send_back_check", "shift_leader", "check_passed", "feedback_given", "acceptor"),
    ("close", "shift_leader", "check_passed", "closed", ""),
    ("apply_return", "department", "dispatched", "dispatched", "dispatcher"),
    ("apply_void", "dispatcher", "filed", "filed", "shift_leader"),
]
STRANGERS = {
    "collector": "second_collector",
    "acceptor": "dispatcher",
    "shift_leader": "dispatcher",
    "dispatcher": "acceptor",
    "department": "collector",
}
IDS = [row[0] for row in ACTS]


def snapshot(case: Case) -> tuple[Any, ...]:
    row = Case.objects.filter(pk=case.pk).values_list()[0]
    events = Event.objects.filter(subject=f"case:{case.pk}").count()
    unbound = Attachment.objects.filter(case=case).count()
    return (row, LogEntry.objects.filter(case=case).count(), events, unbound)


@pytest.mark.parametrize(("name", "role", "start", "end", "desk"), ACTS, ids=IDS)
def test_the_right_role_moves_the_case(
    city: City, name: str, role: str, start: str, end: str, desk: str
) -> None:
    case = make_case(city, start)
    before = case.version
    act(city, case, name, by=role, at=LATER)
    assert (case.state, case.desk) == (end, desk)
    assert case.version == before + 1
    assert case.updated_at == LATER
    assert case.is_open == (desk != "")
    entry = LogEntry.objects.filter(case=case).latest("seq")
    assert (entry.act, entry.from_state, entry.to_state) == (name, start, end)
    assert (entry.role, entry.actor_name) == (role, role)
    assert case.log_length == entry.seq
    assert bytes(case.log_head) == bytes(entry.hash)
    assert Event.objects.latest("seq").payload["act"] == name


@pytest.mark.parametrize(("name", "role", "start", "end", "desk"), ACTS, ids=IDS)
def test_the_wrong_role_is_refused_and_nothing_changes(
    city: City, name: str, role: str, start: str, end: str, desk: str
) -> None:
    case = make_case(city, start)
    stranger = STRANGERS[role]
    request = request_for(city, name, stranger)
    before = snapshot(case)
    with pytest.raises((faults.WrongDesk, faults.NotTheAssignee)):
        act_on_case(actor=city.actor(stranger), case_id=case.pk, request=request, at=LATER)
    assert snapshot(case) == before


@pytest.mark.parametrize(("name", "role", "start", "end", "desk"), ACTS, ids=IDS)
def test_from_another_area_the_case_is_not_there(
    city: City, name: str, role: str, start: str, end: str, desk: str
) -> None:
    case = make_case(city, start)
    request = request_for(city, name, "outsider")
    before = snapshot(case)
    with pytest.raises(NotFound):
        act_on_case(actor=city.actor("outsider"), case_id=case.pk, request=request, at=LATER)
    assert snapshot(case) == before


@pytest.mark.parametrize(("name", "role", "start", "end", "desk"), ACTS, ids=IDS)
def test_from_a_wrong_state_it_is_a_conflict(
    city: City, name: str, role: str, start: str, end: str, desk: str
) -> None:
    case = make_case(city, "closed")
    request = request_for(city, name, role)
    before = snapshot(case)
    with pytest.raises((faults.ActNotPossible, faults.WrongDesk)) as refusal:
        act_on_case(actor=city.actor(role), case_id=case.pk, request=request, at=LATER)
    assert refusal.value.status in {409, 403}
    assert snapshot(case) == before


def test_a_conflict_says_what_is_possible_instead(city: City) -> None:
    case = make_case(city, "reported")
    act(city, case, "accept", by="acceptor", at=LATER)
    leader = city.actor("shift_leader")
    with pytest.raises(faults.ActNotPossible) as refusal:
        act_on_case(actor=leader, case_id=case.pk, request=ActRequest(act="close"), at=LATER)
    assert "现在可以：立案" in refusal.value.text("zh")
    assert "Possible now: file" in refusal.value.text("en")


@pytest.mark.parametrize(
    ("state", "name"), [("dispatched", "start_handling"), ("handling", "hand_back")]
)
def test_another_department_does_not_even_see_the_case(city: City, state: str, name: str) -> None:
    case = make_case(city, state)
    with pytest.raises(NotFound):
        act(city, case, name, by="cleaner", at=LATER)


def test_an_assisting_department_sees_the_case_and_does_not_act_on_it(city: City) -> None:
    case = make_case(city, "filed")
    assisting = [city.cleaning.pk]
    act(city, case, "dispatch", by="dispatcher", at=LATER, assisting_ids=assisting)
    assert case.assisting_ids == assisting
    with pytest.raises(faults.NotYourOrganisation):
        act(city, case, "start_handling", by="cleaner", at=LATER)


def test_only_the_collector_to_whom_a_task_was_sent_answers_it(city: City) -> None:
    case = make_case(city, "verifying")
    with pytest.raises(faults.NotTheAssignee):
        act(city, case, "answer_verification", by="second_collector", at=LATER)


def test_supervision_never_disposes_or_dispatches_and_command_never_closes(city: City) -> None:
    forbidden = {
        "dispatch": ("filed", ["collector", "acceptor", "shift_leader"]),
        "hand_back": ("handling", ["collector", "acceptor", "shift_leader", "dispatcher"]),
        "redispatch": ("check_failed", ["acceptor", "shift_leader"]),
        "file": ("accepted", ["dispatcher", "inspector", "leader", "department"]),
        "close": ("check_passed", ["dispatcher", "inspector", "leader", "department"]),
        "answer_check": ("checking", ["dispatcher", "inspector", "department"]),
    }
    for name, (state, roles) in forbidden.items():
        case = make_case(city, state)
        for role in roles:
            with pytest.raises((faults.WrongDesk, NotFound)):
                act(city, case, name, by=role, at=LATER)


def test_a_centre_never_gets_a_case_to_dispose_of(city: City) -> None:
    centre = make_organisation(kind="supervision_centre")
    case = make_case(city, "filed")
    with pytest.raises(faults.OrganisationCannotDispose):
        act(city, case, "dispatch", by="dispatcher", at=LATER, organisation_id=centre.pk)


def test_a_public_report_is_accepted_only_after_it_was_verified_as_true(city: City) -> None:
    case = report(city, by="hotline_operator", source="public")
    with pytest.raises(faults.ReportNotVerified):
        act(city, case, "accept", by="acceptor", at=LATER)
    act(city, case, "send_verification", by="acceptor", at=LATER)
    act(city, case, "answer_verification", by="collector", at=LATER, result=False)
    assert case.verified is False
    with pytest.raises(faults.ReportNotVerified):
        act(city, case, "accept", by="acceptor", at=LATER)
    act(city, case, "send_verification", by="acceptor", at=LATER)
    assert case.verified is None
    act(city, case, "answer_verification", by="collector", at=LATER)
    assert case.verified is True
    act(city, case, "accept", by="acceptor", at=LATER)
    assert case.state == "accepted"


def test_a_task_is_opened_for_the_collector_answered_and_kept(city: City) -> None:
    case = make_case(city, "verifying")
    task = Task.objects.get(case=case)
    assert (task.kind, task.assignee_id) == ("verify", city.people["collector"].pk)
    assert (task.sent_at, task.due_at) == (case.updated_at, case.due_at)
    assert case.holder_person_id == task.assignee_id
    act(city, case, "answer_verification", by="collector", at=LATER, opinion="属实", result=True)
    task.refresh_from_db()
    assert (task.answered_at, task.result, task.opinion) == (LATER, True, "属实")
    assert case.holder_person_id is None


def test_a_recalled_task_ends_without_a_result(city: City) -> None:
    case = make_case(city, "verifying")
    act(city, case, "recall_verification", by="acceptor", at=LATER)
    task = Task.objects.get(case=case)
    assert (task.answered_at, task.result) == (LATER, None)


@pytest.mark.parametrize("name", ["answer_verification", "answer_check", "hand_back"])
def test_photos_are_required_on_site(city: City, name: str) -> None:
    state, role = next((row[2], row[1]) for row in ACTS if row[0] == name)
    case = make_case(city, state)
    with pytest.raises(faults.PhotosMissing):
        act(city, case, name, by=role, at=LATER, attachment_ids=[])


def test_a_video_is_no_photo(city: City) -> None:
    case = make_case(city, "handling")
    video = make_attachment(city.people["department"], kind="video")
    with pytest.raises(faults.PhotosMissing):
        act(city, case, "hand_back", by="department", at=LATER, attachment_ids=[video])


def test_photos_take_the_phase_of_the_act(city: City) -> None:
    case = make_case(city, "handling")
    photo = make_attachment(city.people["department"], phase="report")
    act(city, case, "hand_back", by="department", at=LATER, attachment_ids=[photo])
    assert Attachment.objects.get(pk=photo).phase == "disposal"
    entry = LogEntry.objects.filter(case=case).latest("seq")
    assert entry.attachment_ids == [photo]


def test_a_photo_serves_once(city: City) -> None:
    photo = make_attachment(city.people["department"])
    first, second = make_case(city, "handling"), make_case(city, "handling")
    act(city, first, "hand_back", by="department", at=LATER, attachment_ids=[photo])
    with pytest.raises(AttachmentNotUsable):
        act(city, second, "hand_back", by="department", at=LATER, attachment_ids=[photo])


@pytest.mark.parametrize(
    ("name", "missing", "field"),
    [
        ("file", {"standard_id": None}, "standard_id"),
        ("close", {"condition": ""}, "condition"),
        ("dispatch", {"organisation_id": None}, "organisation_id"),
        ("send_check", {"assignee_id": None}, "assignee_id"),
        ("refuse", {"reason": ""}, "reason"),
        ("hand_back", {"opinion": "  "}, "opinion"),
        ("answer_check", {"result": None}, "result"),
        ("rework", {"opinion": ""}, "opinion"),
    ],
)
def test_required_words_are_asked_for(
    city: City, name: str, missing: dict[str, Any], field: str
) -> None:
    state, role = next((row[2], row[1]) for row in ACTS if row[0] == name)
    case = make_case(city, state)
    with pytest.raises(faults.InputMissing) as refusal:
        act(city, case, name, by=role, at=LATER, **missing)
    assert refusal.value.field == field


def test_a_filing_condition_must_fit_type_area_and_be_in_use(city: City) -> None:
    case = make_case(city, "accepted")
    kind = city.types[RUBBISH]
    unfit = [
        city.standards[COVER].pk,
        make_standard(kind, area_class="A", condition_no=2).pk,
        make_standard(kind, condition_no=3, active=False).pk,
        999_999,
    ]
    for standard_id in unfit:
        with pytest.raises(StandardNotFitting):
            act(city, case, "file", by="shift_leader", at=LATER, standard_id=standard_id)
    fitting = make_standard(kind, area_class="B", condition_no=4)
    act(city, case, "file", by="shift_leader", at=LATER, standard_id=fitting.pk)
    assert case.standard_id == fitting.pk


def test_chosen_organisations_and_people_must_exist_and_fit(city: City) -> None:
    case = make_case(city, "filed")
    closed = make_organisation(active=False)
    for organisation_id in (999_999, closed.pk):
        with pytest.raises(OrganisationUnknown):
            act(city, case, "dispatch", by="dispatcher", at=LATER, organisation_id=organisation_id)
    for assisting in ([999_999], [city.works.pk]):
        with pytest.raises(AssistingNotFitting):
            act(city, case, "dispatch", by="dispatcher", at=LATER, assisting_ids=assisting)
    waiting = make_case(city, "reported")
    elsewhere = make_person(role="collector", division_code="330188")
    for person in (city.people["acceptor"], elsewhere):
        with pytest.raises(AssigneeNotFitting):
            act(
                city,
                waiting,
                "send_verification",
                by="acceptor",
                at=LATER,
                assignee_id=person.pk,
            )


@pytest.mark.parametrize(
    ("state", "name", "role"),
    [("reported", "refuse", "acceptor"), ("filed", "apply_void", "dispatcher")],
)
def test_a_reason_is_one_of_the_acts_dictionary(
    city: City, state: str, name: str, role: str
) -> None:
    case = make_case(city, state)
    with pytest.raises(ReasonUnknown):
        act(city, case, name, by=role, at=LATER, reason="bad_mood")
    act(city, case, name, by=role, at=LATER, reason="other")


def test_a_handler_is_of_the_department(city: City) -> None:
    case = make_case(city, "dispatched")
    with pytest.raises(AssigneeNotFitting):
        act(
            city,
            case,
            "start_handling",
            by="department",
            at=LATER,
            assignee_id=city.people["cleaner"].pk,
        )
    act(city, case, "start_handling", by="department", at=LATER)
    assert case.holder_person_id == city.people["department"].pk


def test_a_new_department_brings_its_own_assistants(city: City) -> None:
    case = make_case(city, "filed")
    street = make_organisation(kind="street")
    act(city, case, "dispatch", by="dispatcher", at=LATER, assisting_ids=[street.pk])
    assert case.responsible_id == city.works.pk
    act(city, case, "apply_return", by="department", at=LATER)
    act(city, case, "approve_return", by="dispatcher", at=LATER)
    act(city, case, "dispatch", by="dispatcher", at=LATER, organisation_id=city.cleaning.pk)
    assert (case.responsible_id, case.assisting_ids) == (city.cleaning.pk, [])
    assert (case.holder_organisation_id, case.return_count) == (city.cleaning.pk, 1)


def test_while_a_return_is_decided_the_department_waits(city: City) -> None:
    case = make_case(city, "handling")
    act(city, case, "apply_return", by="department", at=LATER)
    assert (case.pending, case.desk) == ("return", "dispatcher")
    with pytest.raises(faults.DecisionPending):
        act(city, case, "hand_back", by="department", at=LATER)
    act(city, case, "reject_return", by="dispatcher", at=LATER)
    assert (case.pending, case.desk) == ("", "department")
    assert case.holder_organisation_id == city.works.pk


def test_the_refuse_window_closes_after_its_working_hours(city: City) -> None:
    case = make_case(city, "dispatched")  # at 09:03 on Monday; 8 working hours end on Tuesday
    tuesday = MONDAY_9 + timedelta(days=1, minutes=3)
    with pytest.raises(faults.RefuseWindowOver):
        act(city, case, "apply_return", by="department", at=tuesday + timedelta(seconds=1))
    act(city, case, "apply_return", by="department", at=tuesday)
    assert case.pending == "return"


def test_a_void_is_approved_by_the_other_axis(city: City) -> None:
    case = make_case(city, "filed")
    act(city, case, "apply_void", by="dispatcher", at=LATER)
    with pytest.raises(faults.WrongDesk):
        act(city, case, "approve_void", by="dispatcher", at=LATER)
    act(city, case, "approve_void", by="shift_leader", at=LATER)
    assert (case.state, case.is_open, case.ended_at) == ("voided", False, LATER)


def test_a_switched_off_act_and_an_unknown_one_are_told_apart(city: City) -> None:
    case = make_case(city, "dispatched")
    with pytest.raises(faults.ActSwitchedOff):
        act(city, case, "apply_extension", by="department", at=LATER)
    with pytest.raises(faults.UnknownAct):
        act(city, case, "teleport", by="department", at=LATER)


def test_a_comment_changes_only_the_log(city: City) -> None:
    case = make_case(city, "dispatched")
    version, holder = case.version, case.holder_organisation_id
    act(city, case, "comment", by="inspector", at=LATER, opinion="请抓紧")
    assert (case.version, case.holder_organisation_id) == (version, holder)
    assert LogEntry.objects.filter(case=case).latest("seq").opinion == "请抓紧"


def test_a_stale_version_is_refused(city: City) -> None:
    case = make_case(city, "reported")
    seen = case.version
    act(city, case, "send_verification", by="acceptor", at=LATER, version=seen)
    with pytest.raises(StaleVersion) as refusal:
        act(city, case, "recall_verification", by="acceptor", at=LATER, version=seen)
    assert refusal.value.status == 412
    assert case.state == "verifying"


def test_moments_of_the_main_path_are_kept(city: City) -> None:
    case = make_case(city, "closed")
    minutes = [
        int((moment - MONDAY_9) / timedelta(minutes=1))
        for moment in (
            case.accepted_at,
            case.filed_at,
            case.dispatched_at,
            case.handled_at,
            case.ended_at,
        )
        if moment
    ]
    assert minutes == [1, 2, 3, 5, 9]


def test_who_receives_the_case_stands_in_the_log(city: City) -> None:
    case = make_case(city, "closed")
    receivers = dict(LogEntry.objects.filter(case=case).values_list("act", "receiver"))
    assert receivers == {
        "report": "受理员",
        "accept": "值班长",
        "file": "派遣员",
        "dispatch": "市政管护中心",
        "start_handling": "市政管护中心 department",
        "hand_back": "派遣员",
        "give_feedback": "受理员",
        "send_check": "collector",
        "answer_check": "值班长",
        "close": "",
    }


def test_where_the_actor_stood_is_kept(city: City) -> None:
    case = make_case(city, "verifying")
    act(city, case, "answer_verification", by="collector", at=LATER, lon=120.0001, lat=30.0002)
    position = LogEntry.objects.filter(case=case).latest("seq").position
    assert position is not None
    assert position.coords == (120.0001, 30.0002)


def test_a_clock_that_lags_behind_does_not_run_backwards(city: City) -> None:
    case = make_case(city, "accepted")
    act(city, case, "file", by="shift_leader", at=MONDAY_9 - timedelta(hours=1))
    assert case.filed_at == case.accepted_at


def test_a_batch_tells_of_each_case_and_one_fault_stops_no_other(city: City) -> None:
    waiting, accepted = make_case(city, "reported"), make_case(city, "accepted")
    request = ActRequest(act="accept")
    ids = [waiting.pk, accepted.pk, 999_999, waiting.pk]
    outcomes = act_on_cases(actor=city.actor("acceptor"), case_ids=ids, request=request, at=LATER)
    told = [(one.case_id, one.fault.code if one.fault else None) for one in outcomes]
    assert told == [
        (waiting.pk, None),
        (accepted.pk, "act_not_possible"),
        (999_999, "not_found"),
    ]
    waiting.refresh_from_db()
    assert waiting.state == "accepted"


def test_a_batch_needs_its_permission_and_has_a_limit(city: City) -> None:
    request = ActRequest(act="comment", opinion="x")
    with pytest.raises(Forbidden):
        act_on_cases(actor=city.actor("collector"), case_ids=[1], request=request)
    with pytest.raises(Invalid):
        act_on_cases(actor=city.actor("acceptor"), case_ids=range(201), request=request)


def test_acting_costs_a_known_number_of_queries(
    city: City, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    case, actor = make_case(city, "reported"), city.actor("acceptor")
    with django_assert_num_queries(5):
        act_on_case(actor=actor, case_id=case.pk, request=ActRequest(act="accept"), at=LATER)
