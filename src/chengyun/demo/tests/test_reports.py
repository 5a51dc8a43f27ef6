"""What is reported has the rhythm of a city."""

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import shapely

from chengyun.demo.rules.projection import geometries_to_lonlat
from chengyun.demo.rules.reports import Report, ReportSource, matter_patterns, rains_on
from chengyun.demo.tests.towns import NOW, small_town

ZONE = ZoneInfo("Asia/Shanghai")


def reports(count: int = 6_000, months: int = 6) -> list[Report]:
    source = ReportSource(small_town(), NOW, ZONE)
    return [report for portion in source.past(count, months) for report in portion]


@pytest.fixture(scope="module")
def past() -> list[Report]:
    return reports()


def test_the_same_seed_and_anchor_give_the_same_reports() -> None:
    assert reports(500, 2) == reports(500, 2)


def test_reports_come_in_order_and_never_after_the_anchor(past: list[Report]) -> None:
    moments = [report.at for report in past]
    assert len(moments) == 6_000
    assert moments == sorted(moments)
    assert moments[-1] < NOW
    assert moments[0] > NOW - timedelta(days=185)


def test_weekdays_and_office_hours_bring_more(past: list[Report]) -> None:
    days = Counter(report.at.astimezone(ZONE).weekday() for report in past)
    assert days[0] > 1.2 * days[6]
    hours = Counter(report.at.astimezone(ZONE).hour for report in past)
    assert hours[9] > 5 * hours[3]
    assert hours[9] > hours[12]


def test_rain_fills_the_gullies_and_empties_the_stalls(past: list[Report]) -> None:
    rainy = {
        day: rains_on(small_town().seed, day)
        for day in {report.at.astimezone(ZONE).date() for report in past}
    }
    counts = Counter(
        (report.pattern.code, rainy[report.at.astimezone(ZONE).date()]) for report in past
    )
    dry_days, wet_days = sum(not wet for wet in rainy.values()), sum(rainy.values())
    assert counts["01004", True] / wet_days > 1.5 * counts["01004", False] / dry_days
    assert counts["09001", True] / wet_days < 0.8 * counts["09001", False] / dry_days


def test_every_matter_of_the_mix_comes_up(past: list[Report]) -> None:
    seen = {report.pattern.code for report in past}
    wanted = {pattern.code for pattern in matter_patterns() if pattern.season == ""}
    assert wanted <= seen


def test_places_lie_within_their_grid(past: list[Report]) -> None:
    town = small_town()
    cells = geometries_to_lonlat(town.fabric.polygons(town.fabric.cells))
    inside = [shapely.contains_xy(cells[report.cell], report.lon, report.lat) for report in past]
    assert all(inside)


def test_some_places_are_hot(past: list[Report]) -> None:
    by_cell = Counter(report.cell for report in past).most_common()
    tenth = len(small_town().fabric.cells) // 10
    assert sum(count for _, count in by_cell[:tenth]) > 0.35 * len(past)


def test_words_name_the_place(past: list[Report]) -> None:
    source = ReportSource(small_town(), NOW, ZONE)
    texts = set()
    for report in past[:400]:
        source.describe(report)
        assert report.address
        assert report.address in report.text
        assert "{" not in report.title + report.text
        texts.add(report.text)
    assert len(texts) > 390
