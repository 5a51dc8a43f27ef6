"""Rules of the living city: tempers, shifts, weather, matters; exact by seed."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from random import Random

import pytest

from chengyun.demo.rules.living.ground import Ground
from chengyun.demo.rules.living.matters import (
    HOT_SPOTS,
    SLOT_S,
    SLOTS_A_DAY,
    SQUARE,
    Matter,
    comes_back,
    matters_in_slot,
    slot_of,
    weights_at,
)
from chengyun.demo.rules.living.tempers import (
    is_on_duty,
    sets_aside,
    share_on_duty,
    temper_of,
    tempers,
)
from chengyun.demo.rules.living.weather import Season, Sky, is_festival, rain_hours
from chengyun.demo.rules.living.words import describe, opinion, reasons
from chengyun.demo.rules.reports import matter_patterns, rains_on, season_factor

ZONE = timezone(timedelta(hours=8))
DAY = date(2026, 11, 24)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=ZONE)
VENDORS, DRAINS = "09001", "01004"


def a_day(season: Season, per_day: float = 1_200) -> list[Matter]:
    first = slot_of(MIDNIGHT)
    slots = range(first, first + SLOTS_A_DAY)
    return [
        one
        for slot in slots
        for one in matters_in_slot(slot, season=season, per_day=per_day, zone=ZONE)
    ]


def test_everybody_keeps_his_temper_and_all_of_them_come_up() -> None:
    names = [f"collector{number:02d}" for number in range(400)]
    found = [temper_of(2, name).name for name in names]
    assert found == [temper_of(2, name).name for name in names]
    assert found != [temper_of(3, name).name for name in names]
    counts = Counter(found)
    assert {one.name for one in tempers()} == counts.keys()
    for one in tempers():
        assert counts[one.name] / 400 == pytest.approx(one.share, abs=0.07)
    assert sum(one.share for one in tempers()) == pytest.approx(1.0)


def test_the_slow_let_some_cases_lie_until_the_light_turns() -> None:
    slow = next(one for one in tempers() if one.name == "slow")
    fast = next(one for one in tempers() if one.name == "fast")

    def lying(light: str) -> set[int]:
        return {k for k in range(1_000) if sets_aside(2, "acceptor1", slow, k, light)}

    green, yellow = lying("green"), lying("yellow")
    assert len(green) == pytest.approx(250, abs=45)
    assert yellow < green
    assert len(yellow) == pytest.approx(125, abs=35)
    assert not lying("red")
    assert not any(sets_aside(2, "acceptor1", fast, k, "green") for k in range(1_000))


@pytest.mark.parametrize(
    ("role", "hour", "share"),
    [
        ("collector", 10, 1.0),
        ("collector", 2, 0.05),
        ("department", 3, 0.06),
        ("acceptor", 10, 1.0),
        ("dispatcher", 3, 0.3),
        ("hotline_operator", 23, 0.4),
        ("inspector", 0, 0.0),
    ],
)
def test_nights_are_quiet(role: str, hour: int, share: float) -> None:
    assert share_on_duty(role, hour) == share
    local = MIDNIGHT + timedelta(hours=hour)
    working = [is_on_duty(2, f"p{k}", role, local) for k in range(1_000)]
    assert sum(working) / 1_000 == pytest.approx(share, abs=0.05)


def test_rain_comes_in_spells_on_the_days_that_have_it() -> None:
    days = [DAY + timedelta(days=k) for k in range(200)]
    wet = [day for day in days if rains_on(2, day)]
    assert 0 < len(wet) < 200
    for day in days:
        begin, end = rain_hours(2, day)
        assert (begin < end) == (day in wet)
        assert 0 <= begin <= end <= 24
    begin, end = rain_hours(2, wet[0])
    noon = datetime(wet[0].year, wet[0].month, wet[0].day, tzinfo=ZONE)
    middle = noon + timedelta(hours=(begin + end) / 2)
    assert Season(seed=2).sky(middle).raining
    assert not Season(seed=2, weather="dry").sky(middle).raining
    assert Season(seed=2, weather="rain").sky(MIDNIGHT).raining


def test_a_festival_is_held_in_the_evening_of_some_days() -> None:
    held = [day for k in range(200) if is_festival(2, day := DAY + timedelta(days=k))]
    assert len(held) == pytest.approx(40, abs=16)
    evening = MIDNIGHT + timedelta(hours=19)
    always = Season(seed=2, weather="dry", festival=True)
    assert always.sky(evening) == Sky(raining=False, festival=True)
    assert not always.sky(MIDNIGHT + timedelta(hours=23)).festival
    assert always.sky(evening).zh == "晴·节庆"
    assert always.sky(evening).en == "dry, festival"


def test_the_same_seed_has_the_same_day() -> None:
    day = a_day(Season(seed=2, weather="dry"))
    assert day == a_day(Season(seed=2, weather="dry"))
    assert day != a_day(Season(seed=5, weather="dry"))
    assert len({one.key for one in day}) == len(day)
    assert all(first.at <= MIDNIGHT + timedelta(days=1) for first in day)


def test_a_day_has_as_many_matters_as_asked_for_and_rush_hours() -> None:
    day = a_day(Season(seed=2, weather="dry"))
    assert len(day) == pytest.approx(1_200, rel=0.1)
    hours = Counter(one.at.astimezone(ZONE).hour for one in day)
    assert hours[9] > 5 * hours[3]
    assert 20 < sum(one.twice for one in day) < 130
    assert 0 < sum(not one.real for one in day) < 80
    assert {one.source for one in day} >= {"collector", "hotline", "public"}
    spots = Counter(one.spot for one in day)
    assert set(spots) == {None, *range(HOT_SPOTS)}


def test_matters_lie_in_their_slot_in_order_of_time() -> None:
    slot = slot_of(MIDNIGHT + timedelta(hours=10))
    found = matters_in_slot(slot, season=Season(seed=2), per_day=200_000, zone=ZONE)
    assert len(found) > 500
    begin = datetime.fromtimestamp(slot * SLOT_S, UTC)
    moments = [one.at for one in found]
    assert moments == sorted(moments)
    assert begin <= moments[0]
    assert moments[-1] < begin + timedelta(seconds=SLOT_S)


def share_of(code: str, sky: Sky, hour: int) -> float:
    weights = weights_at(MIDNIGHT + timedelta(hours=hour), sky)
    place = [one.code for one in matter_patterns()].index(code)
    return weights[place]


def test_rain_brings_drains_and_keeps_vendors_away() -> None:
    dry, rain = Sky(raining=False, festival=False), Sky(raining=True, festival=False)
    assert share_of(DRAINS, rain, 10) == pytest.approx(3**1.5 * share_of(DRAINS, dry, 10))
    assert share_of(VENDORS, rain, 10) < share_of(VENDORS, dry, 10)


def test_a_festival_brings_vendors_to_the_square() -> None:
    dry, feast = Sky(raining=False, festival=False), Sky(raining=False, festival=True)
    assert share_of(VENDORS, feast, 19) == pytest.approx(9 * share_of(VENDORS, dry, 19))
    evening = slot_of(MIDNIGHT + timedelta(hours=19))
    season = Season(seed=2, weather="dry", festival=True)
    found = matters_in_slot(evening, season=season, per_day=50_000, zone=ZONE)
    vendors = [one for one in found if one.pattern.code == VENDORS]
    assert sum(one.spot == SQUARE for one in vendors) > 0.75 * len(vendors) > 0


def test_seasons_have_their_factor() -> None:
    assert season_factor("winter", 1) == 2.5
    assert season_factor("summer", 1) == 0.2
    assert season_factor("", 1) == 1.0


def test_matters_come_back_at_hot_spots_but_not_for_ever() -> None:
    day = a_day(Season(seed=2, weather="dry"))
    hot = next(one for one in day if one.spot is not None)
    cold = next(one for one in day if one.spot is None)

    def share(matter: Matter, *, poor: bool) -> float:
        draws = (Random(k) for k in range(400))
        return sum(comes_back(matter, one, poor=poor) is not None for one in draws) / 400

    assert share(hot, poor=False) == pytest.approx(0.45, abs=0.08)
    assert share(cold, poor=False) == pytest.approx(0.04, abs=0.03)
    assert share(cold, poor=True) == pytest.approx(0.34, abs=0.08)
    last, times = hot, 0
    while (again := comes_back(last, Random(1), poor=True)) is not None:
        assert again.at - last.at >= timedelta(hours=1)
        assert again.key != last.key
        last, times = again, times + 1
    assert times == 3


def test_the_ground_remembers_and_forgets() -> None:
    ground = Ground(seed=2)
    unseen = [ground.is_real(k) for k in range(1_000)]
    assert unseen == [Ground(seed=2).is_real(k) for k in range(1_000)]
    assert sum(unseen) == pytest.approx(940, abs=30)
    ground.report(7, real=False)
    ground.work(7, poor=True)
    assert not ground.is_real(7)
    assert ground.is_poor(7, 0)
    assert len(ground) == 1
    assert ground.leave(7)
    assert len(ground) == 0
    assert not ground.leave(7)


def test_words_fit_the_matter_and_the_temper() -> None:
    codes = [one.code for one in matter_patterns()]
    for code in codes:
        words = describe(code, "临江大道1号", 12, 0, Random(1))
        assert words["title"]
        assert "{" not in words["description"]
    assert "又" in describe(codes[0], "临江大道1号", 12, 1, Random(1))["description"] or (
        "再次" in describe(codes[0], "临江大道1号", 12, 1, Random(1))["description"]
    )
    assert opinion("close", "", short=True, draw=Random(1)) == "结。"
    assert len(opinion("close", "", short=False, draw=Random(1))) > 5
    assert "no_fact" in reasons("refuse")
