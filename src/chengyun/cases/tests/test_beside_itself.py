"""Every operation may run beside itself: threads against a real database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from chengyun.administration.tests.builders import bearer
from chengyun.cases.models import Attachment, Case, Clock, LogEntry, Task
from chengyun.cases.operations.advance import act_on_case
from chengyun.cases.operations.lights import mark_lights
from chengyun.cases.operations.report import report_case
from chengyun.cases.queries.chain import every_proof
from chengyun.cases.tests.builders import (
    MONDAY_9,
    RUBBISH,
    City,
    act,
    make_attachment,
    make_case,
    make_city,
    report_input,
    request_for,
)
from chengyun.kernel.errors import Fault
from chengyun.territory.tests.builders import middle

pytestmark = pytest.mark.django_db(transaction=True)
LATER = MONDAY_9 + timedelta(hours=1)


@pytest.fixture(name="town")
def made_town() -> City:
    return make_city()


@pytest.fixture(autouse=True)
def proved() -> Iterator[None]:
    yield
    assert [proof for proof in every_proof() if not proof.ok] == []


def beside(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls at the same moment; a fault's code stands for its result."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return call()
        except Fault as fault:
            return fault.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_acts_at_once_one_wins(town: City) -> None:
    case = make_case(town, "reported")
    actor = town.actor("acceptor")
    calls: list[Callable[[], Any]] = [
        lambda name=name: act_on_case(  # type: ignore[misc]
            actor=actor, case_id=case.pk, request=request_for(town, name, "acceptor"), at=LATER
        )
        for name in ("accept", "refuse", "accept", "send_verification")
    ]
    results = Counter(beside(calls))
    assert results == {None: 1, "act_not_possible": 3}
    assert LogEntry.objects.filter(case=case).count() == 2
    running = Clock.objects.filter(case=case, finished_at=None, paused_at=None)
    assert running.exclude(stage="whole").count() <= 1


def test_with_a_version_the_loser_hears_that_it_is_stale(town: City) -> None:
    case = make_case(town, "reported")
    actor = town.actor("acceptor")
    request = request_for(town, "comment", "acceptor")
    accept = request_for(town, "accept", "acceptor", version=case.version)
    calls: list[Callable[[], Any]] = [
        lambda: act_on_case(actor=actor, case_id=case.pk, request=accept, at=LATER),
        lambda: act_on_case(actor=actor, case_id=case.pk, request=accept, at=LATER),
        lambda: act_on_case(actor=actor, case_id=case.pk, request=request, at=LATER),
    ]
    assert Counter(beside(calls)) == {None: 2, "stale_version": 1}
    case.refresh_from_db()
    assert (case.state, case.version, case.log_length) == ("accepted", 2, 3)


def test_reports_at_once_get_numbers_of_their_own(town: City) -> None:
    actor = town.actor("collector")
    given = [report_input(town) for _ in range(8)]
    calls: list[Callable[[], Any]] = [
        lambda one=one: report_case(actor=actor, given=one, at=MONDAY_9)  # type: ignore[misc]
        for one in given
    ]
    ids = beside(calls)
    numbers = set(Case.objects.values_list("number", flat=True))
    assert len(set(ids)) == len(numbers) == 8


def test_one_photo_for_two_reports_at_once_serves_one(town: City) -> None:
    photo = make_attachment(town.people["collector"])
    actor = town.actor("collector")
    given = report_input(town, attachment_ids=[photo])
    results = beside([lambda: report_case(actor=actor, given=given, at=MONDAY_9)] * 4)
    assert results.count("attachment_not_usable") == 3
    assert Case.objects.count() == 1
    assert Attachment.objects.get(pk=photo).case_id == Case.objects.get().pk


def test_the_same_key_at_once_reports_once(town: City) -> None:
    lon, lat = middle(0, 0)
    photo = str(make_attachment(town.people["collector"]))
    body = {"type": RUBBISH, "location": {"lon": lon, "lat": lat}, "attachments": [photo]}
    client = bearer(town.people["collector"])

    def post() -> tuple[int, int]:
        answer = client.post(
            "/api/v1/cases",
            body,
            content_type="application/json",
            headers={"idempotency-key": "same"},
        )
        return answer.status_code, answer.json()["id"]

    results = beside([post] * 4)
    assert len(set(results)) == 1
    assert results[0][0] == 201
    assert Case.objects.count() == 1


def test_marks_beside_marks_and_acts_are_made_once(town: City) -> None:
    cases = [make_case(town, "reported") for _ in range(6)]
    actor = town.actor("acceptor")
    late = MONDAY_9 + timedelta(minutes=20)
    marks: list[Callable[[], Any]] = [lambda: mark_lights(at=late, batch=2)] * 3
    acts: list[Callable[[], Any]] = [
        lambda case=case: act_on_case(  # type: ignore[misc]
            actor=actor, case_id=case.pk, request=request_for(town, "accept", "acceptor"), at=late
        )
        for case in cases[:3]
    ]
    results = beside([*marks, *acts])
    assert results[3:] == [None, None, None]
    mark_lights(at=late)
    for case in cases:
        assert LogEntry.objects.filter(case=case, act="mark_red").count() <= 1
    assert LogEntry.objects.filter(case__in=cases[3:], act="mark_red").count() == 3


def test_two_answers_to_a_task_one_counts(town: City) -> None:
    case = make_case(town, "verifying")
    actor = town.actor("collector")
    requests = [
        request_for(town, "answer_verification", "collector", result=result)
        for result in (True, False)
    ]
    calls: list[Callable[[], Any]] = [
        lambda one=one: act_on_case(  # type: ignore[misc]
            actor=actor, case_id=case.pk, request=one, at=LATER
        )
        for one in requests
    ]
    assert Counter(beside(calls)) == {None: 1, "act_not_possible": 1}
    task = Task.objects.get(case=case)
    case.refresh_from_db()
    assert case.verified is task.result


def test_a_refused_act_rolls_everything_back(town: City) -> None:
    case = make_case(town, "handling")
    photo = make_attachment(town.people["department"])
    with pytest.raises(Fault):
        act(town, case, "hand_back", by="department", at=LATER, attachment_ids=[photo], opinion="")
    assert Attachment.objects.get(pk=photo).case_id is None
    case.refresh_from_db()
    assert (case.state, case.log_length) == ("handling", 5)
