from __future__ import annotations

import pytest

from chengyun.cases.rules.proposals import (
    Department,
    DispatchRule,
    FilingCondition,
    PlacedCase,
    applicable_conditions,
    propose_departments,
)

COVER, CLASS = 7, "01"
COMMUNITY, GRID = "990102001007", "990102001007012"
CASE = PlacedCase(
    type_id=COVER,
    class_code=CLASS,
    place_codes=(COMMUNITY, GRID),
    department_kind="municipal",
    type_name=("雨水箅子异常", "Storm drain grate abnormal"),
    class_name=("市政公用设施", "Municipal public utilities"),
    place_names={"990102001": ("滨江街道", "Binjiang Street")},
)


def _rule(code: str, organisation: int, **more: object) -> DispatchRule:
    return DispatchRule(code=code, organisation_id=organisation, **more)  # type: ignore[arg-type]


EVERYTHING = _rule("R-1", 1)
BY_CLASS = _rule("R-2", 2, class_code=CLASS)
BY_CLASS_AND_STREET = _rule("R-3", 3, class_code=CLASS, division_code="990102001")
BY_TYPE = _rule("R-4", 4, type_id=COVER)
BY_TYPE_AND_STREET = _rule("R-5", 5, type_id=COVER, division_code="990102001")
BY_TYPE_AND_GRID = _rule("R-6", 6, type_id=COVER, division_code=GRID)
OTHER_TYPE = _rule("R-7", 7, type_id=COVER + 1)
OTHER_STREET = _rule("R-8", 8, type_id=COVER, division_code="990102002")
RULES = [
    *(EVERYTHING, BY_CLASS, BY_CLASS_AND_STREET, BY_TYPE),
    *(BY_TYPE_AND_STREET, BY_TYPE_AND_GRID, OTHER_TYPE, OTHER_STREET),
]


@pytest.mark.parametrize(
    ("rules", "organisations"),
    [
        pytest.param(RULES, [6, 5, 4], id="the most specific first"),
        pytest.param([EVERYTHING, BY_CLASS_AND_STREET, BY_CLASS], [3, 2, 1], id="class and area"),
        pytest.param([BY_TYPE, BY_CLASS_AND_STREET], [4, 3], id="type before area"),
        pytest.param([OTHER_TYPE, OTHER_STREET], [], id="none fits"),
        pytest.param([_rule("R-9", 9, priority=1), EVERYTHING], [9, 1], id="priority"),
        pytest.param([_rule("R-0", 9), EVERYTHING], [9, 1], id="code"),
        pytest.param([BY_TYPE, _rule("R-9", 4)], [4], id="each organisation once"),
    ],
)
def test_the_most_specific_rule_wins(rules: list[DispatchRule], organisations: list[int]) -> None:
    assert [one.organisation_id for one in propose_departments(CASE, rules)] == organisations


def test_every_proposal_says_why() -> None:
    first, *_, last = propose_departments(CASE, [EVERYTHING, BY_TYPE_AND_STREET])
    assert first.reason_zh == "规则 R-5：雨水箅子异常 × 滨江街道"
    assert first.reason_en == "rule R-5: Storm drain grate abnormal x Binjiang Street"
    assert last.reason_zh == "规则 R-1：所有类型 × 全部区域"
    by_class = propose_departments(CASE, [BY_CLASS])[0]
    assert by_class.reason_zh == "规则 R-2：市政公用设施 × 全部区域"


def test_without_a_rule_the_department_kind_of_the_condition_proposes() -> None:
    departments = [
        Department(organisation_id=1, department_kind="municipal"),
        Department(organisation_id=2, department_kind="municipal", division_code="990102"),
        Department(organisation_id=3, department_kind="municipal", division_code="990103"),
        Department(organisation_id=4, department_kind="gardens", division_code="990102"),
    ]
    found = propose_departments(CASE, [], departments)
    assert [(one.organisation_id, one.rule_code) for one in found] == [(2, ""), (1, "")]
    assert "990102" in found[0].reason_zh
    assert propose_departments(CASE, [BY_TYPE], departments)[0].organisation_id == 4


def test_conditions_of_the_area_class_replace_the_general_ones() -> None:
    general, class_a = FilingCondition(standard_id=1, condition_no=1), "A"
    conditions = [
        general,
        FilingCondition(standard_id=2, condition_no=1, area_class=class_a),
        FilingCondition(standard_id=3, condition_no=2),
        FilingCondition(standard_id=4, condition_no=3, area_class="C"),
    ]
    assert [one.standard_id for one in applicable_conditions(conditions, class_a)] == [2, 3]
    assert [one.standard_id for one in applicable_conditions(conditions, "B")] == [1, 3]
    assert [one.standard_id for one in applicable_conditions(conditions, "")] == [1, 3]
