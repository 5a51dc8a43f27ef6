"""What the desks are offered: departments by type x place, filing conditions by area class.

Every proposal says why. The most specific rule wins: a rule for the type before one for its class,
before one for its kind, before one for every type; then the smaller area before the larger; then
the higher priority.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MOST_SHOWN = 3
Name = tuple[str, str]
_KINDS: Mapping[str, Name] = {
    "component": ("所有部件", "every component"),
    "matter": ("所有事件", "every matter"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DispatchRule:
    """For cases of a type (or class, or all) in an area (or everywhere): this organisation.

    kind : component or matter, whose classes are numbered alike; "" = both
    """

    code: str
    organisation_id: int
    type_id: int | None = None
    kind: str = ""
    class_code: str = ""
    division_code: str = ""
    priority: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Department:
    """An organisation that disposes, for cases that no rule names: what it does, and where."""

    organisation_id: int
    department_kind: str
    division_code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedCase:
    """What the rules look at.

    place_codes : codes of the place that rules may name the beginning of (community, grid)
    department_kind : of the filing condition, "" where none is known
    type_name, class_name : (Chinese, English)
    place_names : (Chinese, English) of the divisions by code
    """

    type_id: int
    class_code: str
    place_codes: tuple[str, ...]
    kind: str = ""
    department_kind: str = ""
    type_name: Name = ("", "")
    class_name: Name = ("", "")
    place_names: Mapping[str, Name] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """An organisation with the reason; `rule_code` is "" where no rule named it."""

    organisation_id: int
    rule_code: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FilingCondition:
    """A filing condition, as far as choosing among them goes."""

    standard_id: int
    condition_no: int
    area_class: str = ""


def propose_departments(
    case: PlacedCase, rules: Iterable[DispatchRule], departments: Iterable[Department] = ()
) -> list[Proposal]:
    """Return the organisations for a case, the best first, each once.

    departments : asked where rules leave room: those of the filing condition's department kind,
        the one with the smallest area that holds the place first
    """
    fitting = sorted((rule for rule in rules if _fits(rule, case)), key=_rank)
    proposals = [_by_rule(rule, case) for rule in fitting]
    kin = [
        one
        for one in departments
        if case.department_kind
        and one.department_kind == case.department_kind
        and _holds(one.division_code, case.place_codes)
    ]
    kin.sort(key=lambda one: (-len(one.division_code), one.organisation_id))
    proposals += [_by_kind(one, case) for one in kin]
    first: dict[int, Proposal] = {}
    for proposal in proposals:
        first.setdefault(proposal.organisation_id, proposal)
    return list(first.values())[:MOST_SHOWN]


def applicable_conditions(
    conditions: Sequence[FilingCondition], area_class: str
) -> list[FilingCondition]:
    """Return the filing conditions that hold in an area class, by number.

    A condition for the class replaces the one of the same number for every class.
    """
    found: dict[int, FilingCondition] = {}
    for condition in sorted(conditions, key=lambda one: (one.condition_no, one.area_class)):
        if condition.area_class in {"", area_class}:
            found[condition.condition_no] = condition
    return list(found.values())


def _fits(rule: DispatchRule, case: PlacedCase) -> bool:
    if rule.type_id is not None and rule.type_id != case.type_id:
        return False
    if rule.class_code and rule.class_code != case.class_code:
        return False
    if rule.kind and rule.kind != case.kind:
        return False
    return _holds(rule.division_code, case.place_codes)


def _holds(division_code: str, place_codes: tuple[str, ...]) -> bool:
    return not division_code or any(code.startswith(division_code) for code in place_codes)


def _rank(rule: DispatchRule) -> tuple[int, int, int, str]:
    by_type = 0 if rule.type_id is not None else 1 if rule.class_code else 2 if rule.kind else 3
    return by_type, -len(rule.division_code), -rule.priority, rule.code


def _by_rule(rule: DispatchRule, case: PlacedCase) -> Proposal:
    type_zh, type_en = _what(rule, case)
    place_zh, place_en = _place(rule.division_code, case)
    return Proposal(
        organisation_id=rule.organisation_id,
        rule_code=rule.code,
        reason_zh=f"规则 {rule.code}：{type_zh} × {place_zh}",
        reason_en=f"rule {rule.code}: {type_en} x {place_en}",
    )


def _what(rule: DispatchRule, case: PlacedCase) -> Name:
    if rule.type_id is not None:
        return case.type_name
    if rule.class_code:
        return case.class_name
    return _KINDS.get(rule.kind, ("所有类型", "every type"))


def _by_kind(department: Department, case: PlacedCase) -> Proposal:
    place_zh, place_en = _place(department.division_code, case)
    return Proposal(
        organisation_id=department.organisation_id,
        rule_code="",
        reason_zh=f"立案条件的责任部门类别，管辖{place_zh}",
        reason_en=f"department kind of the filing condition, responsible for {place_en}",
    )


def _place(division_code: str, case: PlacedCase) -> Name:
    if not division_code:
        return "全部区域", "everywhere"
    return case.place_names.get(division_code, (division_code, division_code))
