"""Reading typed addresses: numbers, crossings, words of nearness; composing; ranking."""

from __future__ import annotations

import pytest

from chengyun.territory.rules.addresses.keys import grams_with_one_fault, name_keys
from chengyun.territory.rules.addresses.kinds import composed, may_stand_below
from chengyun.territory.rules.addresses.nearness import nearness, worded
from chengyun.territory.rules.addresses.numbers import normal_number, number_value
from chengyun.territory.rules.addresses.ranking import Name, Question, fit
from chengyun.territory.rules.addresses.reading import Asked, read


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("１２号", "12"),
        ("12-1号", "12-1"),
        ("12—1号", "12-1"),
        ("12之1", "12-1"),
        ("甲12", "甲12"),
        ("12号甲", "12甲"),
        ("012号", "12"),
        ("十二号", "12"),
        ("一百二十三号", "123"),
        ("一〇八号", "108"),
        ("3号楼", "3楼"),
        ("3 幢", "3楼"),
        ("12弄", "12弄"),
        ("12a", "12A"),
        ("人民路", ""),
        ("", ""),
    ],
)
def test_a_number_has_one_form(written: str, number: str) -> None:
    assert normal_number(written) == number


def test_plates_are_ordered_by_their_digits() -> None:
    assert [number_value(one) for one in ("12-1", "甲7", "3楼", "")] == [12, 7, 3, None]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("人民路12号", Asked(name="人民路", numbers=("12",))),
        (
            "江北区人民路 12弄3号2号楼201室",
            Asked(name="江北区人民路", numbers=("12弄", "3", "2楼")),
        ),
        ("人民路十二号人民大厦", Asked(name="人民路", numbers=("12",), tail="人民大厦")),
        ("人民路798", Asked(name="人民路", numbers=("798",))),
        ("798艺术区", Asked(name="798艺术区")),
        ("中山五路", Asked(name="中山五路")),
        ("1号码头", Asked(name="1号码头")),
        ("renminlu12", Asked(name="renminlu", numbers=("12",), latin=True)),
        ("RML", Asked(name="rml", latin=True)),
        ("人民公园旁", Asked(name="人民公园", relation="旁")),
        ("近人民广场", Asked(name="人民广场")),
        ("人民公园对面50米", Asked(name="人民公园", relation="对面50米")),
        ("人民路以东100米处", Asked(name="人民路", relation="以东100米处")),
        ("口", Asked(name="口")),
        ("，。", Asked(name="")),
    ],
)
def test_a_text_is_read(text: str, asked: Asked) -> None:
    assert read(text) == asked


@pytest.mark.parametrize(
    "text",
    [
        "人民路与解放路交叉口",
        "人民路和解放路路口",
        "人民路解放路口",
        "人民路近解放路",
        "人民路/解放路口",
    ],
)
def test_a_crossing_is_read(text: str) -> None:
    assert read(text).crossing == ("人民路", "解放路")


def test_a_whole_goes_from_large_to_small() -> None:
    assert (
        composed(["江北区", "和平街道"], ["人民路", "12号", "3号楼"])
        == "江北区和平街道人民路12号3号楼"
    )
    assert composed(["江北区"], ["江北区", "人民路"]) == "江北区人民路"
    assert len(composed([], ["长" * 200, "短" * 200])) == 300


def test_what_may_stand_below_what() -> None:
    assert may_stand_below("door_plate", "street")
    assert not may_stand_below("door_plate", "")
    assert not may_stand_below("street", "door_plate")


def test_keys_of_a_name() -> None:
    keys = name_keys("重庆 路")
    assert (keys.name, keys.pinyin, keys.initials, keys.grams) == (
        "重庆路",
        "chongqinglu",
        "cql",
        ("重庆", "庆路"),
    )
    assert grams_with_one_fault("人民北路") == [
        ["人民"],
        ["人民", "民北"],
        ["北路"],
        ["北路", "民北"],
    ]
    assert grams_with_one_fault("人民") == []


@pytest.mark.parametrize(
    ("of", "distance", "direction", "words"),
    [
        ((120.0, 30.0), 0.0, "北", "人民公园"),
        ((120.0, 30.0002), 22.3, "北", "人民公园旁"),
        ((120.001, 30.0), 96.4, "东", "近人民公园"),
        ((119.99, 29.99), 1472.6, "西南", "人民公园西南约1470米"),
    ],
)
def test_words_for_a_point(
    of: tuple[float, float], distance: float, direction: str, words: str
) -> None:
    near = nearness(of=of, to=(120.0, 30.0))
    assert (near.distance_m, near.direction_zh) == (distance, direction)
    assert worded("人民公园", near)[0] == words


def named(zh: str, *, current: bool = True) -> Name:
    keys = name_keys(zh)
    return Name(
        name=keys.name,
        pinyin=keys.pinyin,
        initials=keys.initials,
        division_code="330199001001",
        full=f"江北区{zh}",
        is_current=current,
    )


def test_better_fits_rank_higher() -> None:
    question = Question(rest="人民路", pinyin="renminlu")
    known = ["人民路", "人民路小学", "仁民路", "新人民路", "人民大路", "解放街"]
    scores = [fit(question, named(one)) for one in known]
    assert [match for _, match in scores] == [
        "exact",
        "begins",
        "pinyin",
        "contains",
        "typo",
        "typo",
    ]
    assert [score for score, _ in scores] == sorted((score for score, _ in scores), reverse=True)
    assert fit(question, named("人民路", current=False)) == (0.97, "old_name")
    elsewhere = Question(rest="人民路", pinyin="renminlu", divisions=("330188",))
    assert fit(elsewhere, named("人民路")) == (0.6, "exact")
