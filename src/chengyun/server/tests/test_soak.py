"""The reckoning of a soak: what rises, what was lost."""

from __future__ import annotations

from collections import Counter

import pytest

from chengyun.server.soak.proof import compare
from chengyun.server.soak.trend import after_warm_up, is_flat, rise, slope_per_hour
from chengyun.server.soak.watch import _values


def rising(per_hour: float, *, minutes: int = 30) -> list[tuple[float, float]]:
    """Measurements every ten seconds, with a saw tooth of 2 upon them."""
    return [(at, 300 + per_hour * at / 3_600 + (at % 60) / 30) for at in range(0, minutes * 60, 10)]


@pytest.mark.parametrize("per_hour", [0, 10, 120, -30])
def test_the_slope_is_found_through_noise(per_hour: float) -> None:
    series = [*rising(per_hour), (1_800.0, 900.0)]  # and one outlier
    assert slope_per_hour(series) == pytest.approx(per_hour, abs=2)
    assert rise(rising(per_hour)) == pytest.approx(per_hour / 2, abs=1)


def test_a_leak_is_not_flat_and_noise_is() -> None:
    assert is_flat(rising(0), allowed_per_hour=24, allowed=6)
    assert not is_flat(rising(60), allowed_per_hour=24, allowed=6)
    assert not is_flat([], allowed_per_hour=24, allowed=6)


def test_the_warm_up_does_not_count() -> None:
    warming = [(at, min(at, 600.0)) for at in range(0, 1_801, 10)]
    assert after_warm_up(warming)[0] == (600, 600)
    assert slope_per_hour(after_warm_up(warming)) == 0
    assert slope_per_hour(warming) > 0
    assert after_warm_up([]) == []
    assert slope_per_hour([(1.0, 5.0)]) == 0


def test_lost_and_unasked_acts_are_counted() -> None:
    receipts = Counter({(1, "report"): 1, (1, "comment"): 2, (2, "report"): 1})
    log = Counter({(1, "report"): 1, (1, "comment"): 1, (3, "report"): 2})
    assert compare(receipts, log, 0) == {"lost": 2, "unasked": 2}
    assert compare(receipts, log, 1) == {"lost": 2, "unasked": 1}
    assert compare(receipts, receipts, 3) == {"lost": 0, "unasked": 0}


def test_metrics_without_labels_are_read() -> None:
    text = '# HELP a b\na 3.5\nb{process="web"} 7\n\nc 1e+06\n'
    assert dict(_values(text)) == {"a": 3.5, "c": 1_000_000}
