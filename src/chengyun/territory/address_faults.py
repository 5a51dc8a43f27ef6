"""What can be wrong with a request about addresses."""

from __future__ import annotations

from chengyun.kernel.errors import Conflict, Fault


class AddressCodeTaken(Conflict):
    """Another address has or had the code."""

    code = "address_code_taken"
    zh = "地址编码 {value} 已被使用（停用的编码也不能再用）。请换一个编码。"
    en = "The address code {value} is or was in use; codes are never given again. Choose another."


class AddressChanged(Fault):
    """Somebody else changed the address meanwhile."""

    code = "address_changed"
    status = 412
    zh = "该地址已被他人修改（现为第 {version} 版）。请刷新后重试。"
    en = "Somebody else changed this address (now version {version}). Reload and try again."


class AddressRetired(Conflict):
    """The address is no longer in force."""

    code = "address_retired"
    zh = "地址“{value}”已停用，不能再变更。"
    en = "The address “{value}” is no longer in force and cannot be changed."


class AddressHasChildren(Conflict):
    """Addresses in force stand below the one that shall go."""

    code = "address_has_children"
    zh = "该地址下还有 {count} 个现行地址。请先停用或合并它们，或把该地址合并到另一个地址。"
    en = (
        "{count} addresses in force stand below this one. Retire or move them first, or merge "
        "this address into another."
    )


class AddressParentUnfit(Fault):
    """The parent is not there, not in force, or of a kind below which this one cannot stand."""

    code = "address_parent_unfit"
    zh = "上级地址不存在、已停用，或其类型不能作为{kind}的上级。请另选上级。"
    en = (
        "The parent does not exist, is not in force, or is of a kind below which a {kind} cannot "
        "stand. Choose another."
    )


class AddressNotMergeable(Fault):
    """The two addresses cannot become one."""

    code = "address_not_mergeable"
    zh = "只能合并到另一个现行的、同类型且不在其下级的地址。"
    en = "An address merges only into another in force, of its kind, that does not stand below it."


class AddressNumberMissing(Fault):
    """A door plate's name has no number."""

    code = "address_number_missing"
    zh = "门(楼)牌“{value}”中没有可识别的号码，如 12号、12-1号、甲12号、3号楼。"
    en = "The door plate “{value}” has no number that can be read, such as 12号, 12-1号 or 3号楼."


class AddressTwice(Conflict):
    """The street has this number already."""

    code = "address_twice"
    zh = "上级地址下已有现行的“{value}”。请修改原地址，或写明不同的号码。"
    en = "“{value}” is already in force below this parent. Change that one, or write another."


class AddressUnchanged(Fault):
    """The request changes nothing."""

    code = "address_unchanged"
    zh = "没有任何改动。"
    en = "Nothing would be changed."


class TooManyBelow(Fault):
    """More addresses stand below than one act renames."""

    code = "too_many_below"
    zh = "该地址下有超过 {limit} 个地址，不能一次改名。请分段处理，或用导入功能。"
    en = "More than {limit} addresses stand below this one. Rename in parts, or import."


class AddressWithoutPlace(Fault):
    """A row of a file does not say where the address lies."""

    code = "address_without_place"
    zh = "没有位置。请补充经纬度列，或使用带图形的文件。"
    en = "There is no position. Add columns of coordinates, or a file with geometries."


class AddressDivisionUnknown(Fault):
    """A row names a division that is not there, or that several have the name of."""

    code = "address_division_unknown"
    zh = "找不到区划“{value}”，或有重名。请写区划代码，或从大到小写全名称。"
    en = "There is no one division “{value}”. Write its code, or the names from large to small."


class AddressParentMissing(Fault):
    """A row names a parent that is not there."""

    code = "address_parent_missing"
    zh = (
        "找不到上级地址“{value}”。请先导入上级（文件中排在前面），或在映射中设 make_parents: true。"
    )
    en = (
        "There is no address “{value}” for it to stand below. Import that one first (further up in "
        "the file), or set make_parents: true in the mapping."
    )


class AddressRowRepeated(Fault):
    """An earlier row of the file has the code."""

    code = "address_row_repeated"
    zh = "编码 {value} 在文件中重复。"
    en = "The code {value} stands in the file twice."
