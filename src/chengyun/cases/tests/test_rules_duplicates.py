from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chengyun.cases.rules.duplicates import KnownCase, Sighting, likely_duplicates
from chengyun.kernel.tests.minute_walker import china

NOW = china("2026-11-23 14:06")
REPORT = Sighting(type_id=7, lon=121.5, lat=31.2, at=NOW)
METRE_OF_LAT = 1 / 110_880


def _case(metres: float = 28, hours: float = 2, **changed: Any) -> KnownCase:
    values: dict[str, Any] = {
        "case_id": 1,
        "number": "LJ20261123-00397",
        "type_id": 7,
        "lon": 121.5,
        "lat": 31.2 + metres * METRE_OF_LAT,
        "reported_at": NOW - timedelta(hours=hours),
    }
    return KnownCase(**{**values, **changed})


@pytest.mark.parametrize(
    ("case", "likely"),
    [
        pytest.param(_case(), True, id="near in place and time"),
        pytest.param(_case(metres=49.5), True, id="just inside 50 m"),
        pytest.param(_case(metres=51), False, id="just outside 50 m"),
        pytest.param(_case(hours=24), True, id="exactly a day ago"),
        pytest.param(_case(hours=24.1), False, id="more than a day ago"),
        pytest.param(_case(type_id=8), False, id="another type"),
        pytest.param(_case(open=False), False, id="ended"),
    ],
)
def test_likely(case: KnownCase, *, likely: bool) -> None:
    assert bool(likely_duplicates(REPORT, [case])) is likely


def test_the_nearest_first_with_the_reason() -> None:
    found = likely_duplicates(REPORT, [_case(40, case_id=2), _case(28, hours=0.5)])
    assert [one.case_id for one in found] == [1, 2]
    assert found[0].reason_zh == "同类型，相距 28 米，30 分钟前上报，仍在办理"
    assert found[1].reason_en == "same type, 40 m away, reported 2 h ago, still open"


def test_at_most_five_are_shown() -> None:
    assert len(likely_duplicates(REPORT, [_case(metre, case_id=metre) for metre in range(9)])) == 5
