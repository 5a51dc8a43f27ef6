"""The jobs of cases are there, on time, and may run twice."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django import app

from chengyun.cases import tasks
from chengyun.cases.models import LogEntry
from chengyun.cases.tests.builders import City, report

pytestmark = pytest.mark.django_db


def test_the_worker_knows_the_jobs_and_when_they_run() -> None:
    when = {
        found.task.name.rpartition(".")[2]: found.cron
        for found in app.periodic_registry.periodic_tasks.values()
        if found.task.name.startswith("chengyun.cases.")
    }
    assert when["mark_lights_of_clocks"] == "* * * * * */10"
    assert when["sweep_unused_attachments"] == "53 * * * *"
    assert when["sweep_files_without_a_row"] == "23 4 * * *"


def test_marking_twice_marks_once(city: City) -> None:
    case = report(city)  # in March, so long overdue
    for _ in range(2):
        tasks.mark_lights_of_clocks(timestamp=0)
    assert LogEntry.objects.filter(case=case, act="mark_red").count() == 2  # acceptance and whole
