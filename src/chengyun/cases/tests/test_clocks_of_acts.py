"""What acts do to the clocks: exact instants over nights, weekends and holidays."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chengyun.administration.operations import change_setting
from chengyun.administration.rules.actor import SYSTEM
from chengyun.cases.models import Case, Clock
from chengyun.cases.tests.builders import RUBBISH, City, act, make_case, make_standard

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of 2026, Shanghai time. Working hours: 08-12 and 14-18."""
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def filed(city: City, when: datetime, limit: tuple[str, str]) -> Case:
    """Return a case filed just before `when` by a condition with the limit."""
    case = make_case(city, "accepted", at=when - 3 * MINUTE)
    number = Clock.objects.count()
    chosen = make_standard(city.types[RUBBISH], limit=limit, condition_no=100 + number)
    return act(city, case, "file", by="shift_leader", at=when - MINUTE, standard_id=chosen.pk)


def dispatched(city: City, when: datetime, limit: tuple[str, str]) -> Case:
    return act(city, filed(city, when, limit), "dispatch", by="dispatcher", at=when)


def disposal(case: Case, number: int = 1) -> Clock:
    return Clock.objects.get(case=case, stage="disposal", round=number)


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        # over the noon break and the night
        (at(3, 2, 11), ("4", "working_hour"), at(3, 2, 17)),
        (at(3, 2, 17), ("4", "working_hour"), at(3, 3, 11)),
        # exactly the end of a slot
        (at(3, 2, 8), ("4", "working_hour"), at(3, 2, 12)),
        # over a weekend
        (at(3, 6, 17), ("2", "working_hour"), at(3, 9, 9)),
        (at(3, 7, 10), ("1", "working_hour"), at(3, 9, 9)),
        # Spring Festival: Saturday 14 is worked, 15 to 23 are free
        (at(2, 13, 16, 30), ("4", "working_hour"), at(2, 14, 10, 30)),
        (at(2, 14, 17), ("4", "working_hour"), at(2, 24, 11)),
        (at(2, 14, 9), ("1", "working_day"), at(2, 24, 9)),
        # urgent and calendar units run through nights and holidays
        (at(2, 14, 23), ("2", "urgent_working_hour"), at(2, 15, 1)),
        (at(2, 14, 23), ("1", "urgent_working_day"), at(2, 15, 23)),
        (at(2, 14, 23), ("3", "calendar_day"), at(2, 17, 23)),
    ],
)
def test_the_disposal_runs_by_the_filing_conditions_limit(
    city: City, start: datetime, limit: tuple[str, str], due: datetime
) -> None:
    case = dispatched(city, start, limit)
    assert disposal(case).due_at == due
    assert (case.stage, case.due_at) == ("disposal", due)
    assert disposal(case).organisation_id == city.works.pk


def test_the_department_is_charged_only_for_its_own_time(city: City) -> None:
    case = dispatched(city, at(3, 2, 9), ("4", "working_hour"))
    act(city, case, "hand_back", by="department", at=at(3, 2, 11))
    clock = disposal(case)
    assert (clock.finished_at, clock.used_s) == (at(3, 2, 11), 2 * 3600)
    assert not clock.overdue
    act(city, case, "give_feedback", by="dispatcher", at=at(3, 2, 17))
    clock.refresh_from_db()
    assert clock.used_s == 2 * 3600


def test_rework_continues_the_clock_where_it_stopped(city: City) -> None:
    case = dispatched(city, at(3, 2, 9), ("4", "working_hour"))
    act(city, case, "hand_back", by="department", at=at(3, 2, 11))
    act(city, case, "give_feedback", by="dispatcher", at=at(3, 2, 11, 10))
    act(city, case, "send_check", by="acceptor", at=at(3, 2, 11, 20))
    act(city, case, "answer_check", by="collector", at=at(3, 2, 14, 30), result=False)
    act(city, case, "rework", by="dispatcher", at=at(3, 2, 15))
    clock = disposal(case)
    assert Clock.objects.filter(case=case, stage="disposal").count() == 1
    assert (clock.finished_at, clock.due_at) == (None, at(3, 2, 17))
    assert clock.paused_s == 2 * 3600  # 11-12 and 14-15
    act(city, case, "hand_back", by="department", at=at(3, 2, 17, 1))
    clock.refresh_from_db()
    assert (clock.used_s, clock.overdue, clock.light) == (4 * 3600 + 60, True, 3)
    assert case.rework_count == 1


def test_a_return_pauses_the_department_and_rejecting_it_gives_the_remainder(city: City) -> None:
    case = dispatched(city, at(3, 2, 9), ("4", "working_hour"))
    act(city, case, "apply_return", by="department", at=at(3, 2, 10))
    clock = disposal(case)
    assert (clock.paused_at, clock.used_s) == (at(3, 2, 10), 3600)
    assert (case.stage, case.desk) == ("dispatch", "dispatcher")
    act(city, case, "reject_return", by="dispatcher", at=at(3, 2, 11))
    clock.refresh_from_db()
    assert (clock.paused_at, clock.due_at) == (None, at(3, 2, 16))


def test_after_a_return_the_same_department_resumes_and_another_starts_anew(city: City) -> None:
    for organisation, rounds, due in (
        (city.works, 1, at(3, 2, 16)),
        (city.cleaning, 2, at(3, 2, 17)),
    ):
        case = dispatched(city, at(3, 2, 9), ("4", "working_hour"))
        act(city, case, "apply_return", by="department", at=at(3, 2, 10))
        act(city, case, "approve_return", by="dispatcher", at=at(3, 2, 10, 30))
        act(
            city,
            case,
            "dispatch",
            by="dispatcher",
            at=at(3, 2, 11),
            organisation_id=organisation.pk,
        )
        clocks = list(Clock.objects.filter(case=case, stage="disposal").order_by("round"))
        assert len(clocks) == rounds
        assert clocks[-1].due_at == due
        assert clocks[-1].organisation_id == organisation.pk
        assert clocks[0].exempt == (rounds == 2)


def test_the_acceptance_stands_still_while_a_collector_verifies(city: City) -> None:
    start = at(3, 2, 9)
    case = make_case(city, "reported", at=start)
    act(city, case, "send_verification", by="acceptor", at=start + 5 * MINUTE)
    assert case.due_at == start + 35 * MINUTE  # the collector's thirty minutes
    act(city, case, "answer_verification", by="collector", at=start + 25 * MINUTE)
    assert (case.stage, case.due_at) == ("accept", start + 35 * MINUTE)  # fifteen and twenty


def test_a_void_pauses_everything_but_the_decision_on_it(city: City) -> None:
    case = dispatched(city, at(3, 2, 9), ("4", "working_hour"))
    act(city, case, "apply_void", by="dispatcher", at=at(3, 2, 10))
    assert (case.stage, case.due_at) == ("approval", at(3, 2, 12))
    act(city, case, "reject_void", by="shift_leader", at=at(3, 2, 11))
    assert (case.stage, case.due_at) == ("disposal", at(3, 2, 16))


def test_closing_stops_every_clock_and_keeps_how_the_case_stood(city: City) -> None:
    case = make_case(city, "closed", at=at(3, 2, 9))
    assert not Clock.objects.filter(case=case, finished_at__isnull=True).exists()
    assert (case.stage, case.due_at, case.light) == ("", None, 0)
    whole = Clock.objects.get(case=case, stage="whole")
    assert whole.finished_at == case.ended_at
    assert (case.case_due_at, case.case_light) == (whole.due_at, 1)


def test_limits_and_the_yellow_share_are_settings(city: City) -> None:
    change_setting(actor=SYSTEM, key="cases.limit_accept", value="1小时")
    change_setting(actor=SYSTEM, key="cases.yellow_share", value="0.5")
    start = at(3, 2, 9)
    case = make_case(city, "reported", at=start)
    assert (case.due_at, case.yellow_at) == (start + HOUR, start + 30 * MINUTE)


def test_an_unknown_year_is_marked_not_guessed(city: City) -> None:
    case = make_case(city, "reported", at=datetime(2031, 6, 2, 9, tzinfo=SHANGHAI))
    assert case.calendar_uncertain
    assert Clock.objects.get(case=case, stage="whole").uncertain
    assert not Clock.objects.get(case=case, stage="accept").uncertain
    known = make_case(city, "reported", at=at(3, 2, 9))
    assert not known.calendar_uncertain
