from __future__ import annotations

from typing import Any

import pytest

from chengyun.administration.rules.actor import Actor, Grant
from chengyun.administration.rules.axes import check_axes
from chengyun.administration.rules.credit_code import (
    SIGNS,
    CreditCodeInvalid,
    check_sign,
    checked_credit_code,
)
from chengyun.administration.rules.definitions import (
    data_rows,
    permission_definitions,
    setting_definitions,
)
from chengyun.administration.rules.faults import AxesConflict, GrantTooWide
from chengyun.administration.rules.masking import masked_name, masked_phone
from chengyun.administration.rules.naming import (
    checked_code,
    checked_division,
    checked_phone,
    checked_username,
)
from chengyun.administration.rules.password import PasswordPolicy, problem_of_password
from chengyun.administration.rules.pinyin import pinyin_keys
from chengyun.administration.rules.scope import Extent, Place, check_may_give, contains, reaches
from chengyun.administration.rules.settings import SettingValueInvalid, checked_value
from chengyun.kernel.errors import Forbidden, Invalid


@pytest.mark.parametrize(
    "text",
    ["91350100M000100Y43", " 9135 0100m000100y43 "],  # the worked example of GB 32100-2015
)
def test_credit_code_of_the_standard_is_taken(text: str) -> None:
    assert checked_credit_code(text) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("91350100M000100Y44", "check digit"),
        ("91350100M000100Y4", "18"),
        ("91350100M000100YI3", "I O S V Z"),
        ("9135O100M000100Y43", "I O S V Z"),
        ("913A0100M000100Y43", "division"),
        ("", "18"),
        ("９1350100M000100Y4", "18"),
    ],
)
def test_credit_code_that_does_not_fit_is_refused(text: str, word: str) -> None:
    with pytest.raises(CreditCodeInvalid, match=word):
        checked_credit_code(text)


def test_every_single_wrong_sign_of_a_credit_code_is_found() -> None:
    body = "91350100M000100Y4"
    right = check_sign(body)
    for place, sign in enumerate(body):
        for other in SIGNS:
            if other != sign:
                assert check_sign(body[:place] + other + body[place + 1 :]) != right


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341111", "138****1111"),
        ("02112345678", "021****5678"),
        ("12345", "***45"),
        ("1234567", "*****67"),
        ("12345678", "123***78"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_phones_are_masked(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_names_are_masked() -> None:
    assert masked_name("张三丰") == "张**"
    assert masked_name("") == ""


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("张三", "zhangsan zs"),
        ("重庆路街道", "chongqinglujiedao cqljd"),
        ("A1 水务", "a1 shuiwu asw"),
        ("", ""),
    ],
)
def test_names_are_read_in_pinyin(text: str, keys: str) -> None:
    assert pinyin_keys(text) == keys


POLICY = PasswordPolicy(min_length=10, min_classes=3)


@pytest.mark.parametrize("password", ["Jing-an-2026", "abcdEFGH99", "长城Long-wall1"])
def test_good_passwords(password: str) -> None:
    assert problem_of_password(password, policy=POLICY, username="li.lei", name="李雷") is None


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("Short-1", "at least 10"),
        ("alllowercase", "at least 3"),
        ("Li.Lei-2026-x", "user name"),
        ("iel.il-2026-X", "user name"),
        ("李雷-Pass-2026", "user name"),
        ("Aa1Aa1Aa1Aa1", "different"),
        ("A-1a" * 40, "at most 128"),
        ("Jing-an-2026\x00", "not allowed"),
    ],
)
def test_bad_passwords(password: str, word: str) -> None:
    problem = problem_of_password(password, policy=POLICY, username="li.lei", name="李雷")
    assert problem is not None
    assert word in problem[1]


def grant(**given: Any) -> Grant:
    return Grant(role_code="x", permissions=frozenset(given.pop("permissions", ())), **given)


@pytest.mark.parametrize(
    ("held", "wanted", "answer"),
    [
        ({}, {}, True),
        ({}, {"division_code": "310101"}, True),
        ({"division_code": "310101"}, {}, False),
        ({"division_code": "3101"}, {"division_code": "310101"}, True),
        ({"division_code": "310101"}, {"division_code": "3101"}, False),
        ({"division_code": "310101"}, {"division_code": "310102"}, False),
        ({"division_code": "310101"}, {"organisation": ("310101003", "/1/2/")}, True),
        ({"division_code": "310101"}, {"organisation": ("310102", "/1/3/")}, False),
        ({"organisation_path": "/1/2/"}, {"organisation": ("", "/1/2/9/")}, True),
        ({"organisation_path": "/1/2/"}, {"organisation": ("", "/1/")}, False),
        ({"organisation_path": "/1/2/"}, {}, False),
        ({"case_kinds": ("matter",)}, {"case_kinds": ("matter",)}, True),
        ({"case_kinds": ("matter",)}, {}, False),
        ({}, {"case_kinds": ("matter",)}, True),
    ],
)
def test_a_scope_contains_another(
    held: dict[str, Any], wanted: dict[str, Any], answer: bool
) -> None:
    own = wanted.pop("organisation", None)
    place = Place(division_code=own[0], path=own[1]) if own else None
    assert contains(grant(**held), Extent(organisation=place, **wanted)) is answer


def test_a_grant_reaches_organisations_of_its_division_and_subtree() -> None:
    place = Place(division_code="310101003", path="/1/2/3/")
    assert reaches([grant(division_code="310101")], place)
    assert reaches([grant(organisation_path="/1/2/")], place)
    assert not reaches([grant(division_code="310101", organisation_path="/1/4/")], place)
    assert not reaches([grant(organisation_path="/1/2/3/4/")], place)
    assert not reaches([], place)


def test_guarded_permissions_are_given_only_by_their_holder_over_all_of_the_scope() -> None:
    manager = Actor(
        person_id=1,
        name="",
        grants=(
            grant(permissions={"administration.people"}, division_code="3101"),
            grant(permissions={"administration.audit"}, division_code="310101"),
        ),
    )
    guarded = frozenset({"administration.audit"})

    def give(code: str, division: str) -> None:
        extent = Extent(division_code=division)
        check_may_give(manager, permissions=[code], extent=extent, guarded=guarded)

    give("case.read", "310102")
    give("administration.audit", "310101")
    with pytest.raises(GrantTooWide, match=r"administration\.audit"):
        give("administration.audit", "310102")
    with pytest.raises(GrantTooWide, match="32"):
        give("case.read", "32")
    with pytest.raises(Forbidden):
        check_may_give(
            Actor(person_id=2, name=""), permissions=[], extent=Extent(), guarded=guarded
        )


AXES = {code: known.axis for code, known in permission_definitions().items()}


@pytest.mark.parametrize(
    ("permissions", "conflict"),
    [
        (["case.act.acceptor", "case.act.shift_leader"], False),
        (["case.act.dispatcher", "case.act.department"], False),
        (["case.act.acceptor", "case.act.dispatcher"], True),
        (["case.act.collector", "case.act.department"], True),
        (["case.act.shift_leader", "case.act.inspector"], True),
        (["case.read", "case.act.department"], False),
        ([], False),
    ],
)
def test_the_two_axes_stay_apart(permissions: list[str], conflict: bool) -> None:
    if conflict:
        with pytest.raises(AxesConflict):
            check_axes(permissions, AXES)
    else:
        check_axes(permissions, AXES)


SETTINGS = setting_definitions()


@pytest.mark.parametrize("key", list(SETTINGS))
def test_every_default_is_a_value_of_its_setting(key: str) -> None:
    definition = SETTINGS[key]
    assert checked_value(definition, definition.default) == definition.default


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cases.yellow_share", 1.5),
        ("cases.yellow_share", "nan"),
        ("cases.yellow_share", None),
        ("cases.yellow_share", True),
        ("cases.yellow_share", "1e400"),
        ("cases.duplicate_radius_m", 50.5),
        ("cases.duplicate_radius_m", "50"),
        ("cases.duplicate_radius_m", 2**70),
        ("node.name", ""),
        ("node.name", "x" * 61),
        ("node.name", "a\x00b"),
        ("node.tier", "village"),
        ("node.tier", ["city"]),
        ("node.time_zone", "Mars/Olympus"),
        ("node.map_centre", [200, 0]),
        ("node.map_centre", [1]),
        ("node.map_centre", "121,31"),
        ("node.map_bounds", [122, 31, 121, 32]),
        ("node.base_maps", [{"code": "a"}]),
        ("node.base_maps", [{"code": "a", "zh": "甲", "kind": "xyz", "url": "javascript:x"}]),
        ("node.base_maps", {"code": "a"}),
        ("node.base_map_keys", {"A!": "x"}),
        ("administration.weekend", [0]),
        ("administration.weekend", [6, 6]),
        ("administration.weekend", [1, 2, 3, 4, 5, 6, 7]),
        ("administration.allow_both_axes", 1),
    ],
)
def test_values_that_do_not_fit_are_refused(key: str, value: object) -> None:
    with pytest.raises(SettingValueInvalid):
        checked_value(SETTINGS[key], value)


def test_a_decimal_may_come_as_text_and_an_empty_default_may_be_kept() -> None:
    assert checked_value(SETTINGS["cases.yellow_share"], "0.75") == 0.75
    assert checked_value(SETTINGS["administration.working_day_hours"], None) is None
    assert SETTINGS["cases.yellow_share"].default == 0.8


@pytest.mark.parametrize("text", ["", "a b", "名", "x" * 41, "-a", "a\n"])
def test_codes_that_are_none(text: str) -> None:
    with pytest.raises(Invalid):
        checked_code(text)


@pytest.mark.parametrize("text", ["1", "123", "12345", "1234567", "3101010030071", "３１"])
def test_divisions_that_are_none(text: str) -> None:
    with pytest.raises(Invalid):
        checked_division(text)


def test_shapes_of_names_and_numbers() -> None:
    assert checked_username(" ｌi.lei ") == "li.lei"
    assert checked_phone("+86 138-0000-1111") == "+86 138-0000-1111"
    for text in ("a", "a b", "x" * 61, "a\x00b"):
        with pytest.raises(Invalid):
            checked_username(text)
    with pytest.raises(Invalid):
        checked_phone("call me")


def test_roles_name_known_permissions_only_and_keep_the_axes_apart() -> None:
    rows = data_rows("roles.csv")
    assert len(rows) == 10
    for row in rows:
        permissions = row["permissions"].split()
        assert set(permissions) <= set(permission_definitions())
        check_axes(permissions, AXES)
