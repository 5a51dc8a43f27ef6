"""What can be wrong with management, responsibility and evaluation grids."""

from __future__ import annotations

from chengyun.kernel.errors import Fault


class MembersStandApart(Fault):
    """The unit grids of a management grid do not hang together."""

    code = "members_stand_apart"
    zh = "管理网格须由相邻的单元网格组成。与其余网格不相邻：{apart}。请补上中间的网格或去掉它们。"
    en = (
        "A management grid is made of adjacent unit grids. These stand apart from the rest: "
        "{apart}. Add what lies between, or leave them out."
    )


class MembersTaken(Fault):
    """A member belongs to another grid of the kind already."""

    code = "members_taken"
    status = 409
    zh = "下列网格已属于其他网格：{taken}。请先从原网格中移出。"
    en = "These belong to another grid already: {taken}. Take them out there first."


class GroupsOfOtherClass(Fault):
    """The management grids of an evaluation grid are not all of its class."""

    code = "groups_of_other_class"
    zh = "下列管理网格的类别与评价网格不同：{codes}。"
    en = "These management grids are not of the class of the evaluation grid: {codes}."


class GroupWithoutClass(Fault):
    """An evaluation grid needs a class."""

    code = "group_without_class"
    zh = "评价网格必须注明类别（A、B 或 C）。"
    en = "An evaluation grid needs a class (A, B or C)."


class GroupCodeUsed(Fault):
    """Codes are never used twice."""

    code = "group_code_used"
    status = 409
    zh = "编码 {code} 已使用过，编码不得重复使用。请换一个，或留空自动编码。"
    en = "The code {code} has been used; codes are never reused. Choose another or leave it empty."


class UnknownManagementGrids(Fault):
    """Some codes have no management grid in force."""

    code = "unknown_management_grids"
    zh = "找不到现行的管理网格：{codes}。"
    en = "No management grid in force has the code: {codes}."


class UnknownOrganisation(Fault):
    """The organisation is not there or switched off."""

    code = "unknown_organisation"
    zh = "机构不存在或已停用：{organisation}。"
    en = "The organisation does not exist or is switched off: {organisation}."


class UnknownShift(Fault):
    """There is no such shift in use."""

    code = "unknown_shift"
    zh = "没有这个班次，或已停用：{shift}。"
    en = "There is no such shift in use: {shift}."


class ShiftCodeUsed(Fault):
    """A shift's code is unique."""

    code = "shift_code_used"
    status = 409
    zh = "班次编码 {code} 已存在。"
    en = "There is a shift with the code {code} already."


class ShiftInUse(Fault):
    """People are still bound in the shift."""

    code = "shift_in_use"
    status = 409
    zh = "该班次还有 {count} 条责任绑定，不能停用。请先调整网格责任。"
    en = "{count} bindings are still in this shift. Change them first."
