"""What can be wrong with a component."""

from __future__ import annotations

from chengyun.kernel.errors import Conflict, Fault


class ComponentTypeUnknown(Fault):
    """No type has the code."""

    code = "component_type_unknown"
    zh = "没有部件类型“{value}”。请使用部件类型表中的代码（旧代码自动对应）。"
    en = "There is no component type “{value}”. Use a code of the list; older codes are mapped."


class ComponentCodeTaken(Conflict):
    """Another component has the code, or had it."""

    code = "component_code_taken"
    zh = "部件标识码 {value} 已使用过。标识码不得重复使用，请留空由平台编码。"
    en = "The code {value} has been given before and is never reused. Leave it empty to get one."


class ComponentCodeMismatch(Fault):
    """A part of the code contradicts the component's type or place."""

    code = "component_code_mismatch"
    zh = "标识码 {value} 的{part_zh}与部件不符：应为 {expected}。"
    en = "The {part} in the code {value} is not the component's: {expected} is."


class DictionaryValueUnknown(Fault):
    """The value is not in the dictionary, or out of use."""

    code = "dictionary_value_unknown"
    zh = "{name}没有取值“{value}”。可用：{known}"
    en = "“{value}” is no value of {name}. There are: {known}"


class OrganisationUnknown(Fault):
    """No organisation in use is meant."""

    code = "organisation_unknown"
    zh = "没有在用机构“{value}”。请使用机构代码、统一社会信用代码或全称。"
    en = "No organisation in use is “{value}”. Give its code, credit code or full name."


class GeometryKindWrong(Fault):
    """The geometry is not of the kind that the type is drawn as."""

    code = "geometry_kind_wrong"
    zh = "部件类型 {type} 应绘为{expected_zh}，给出的是 {given}。"
    en = "Components of type {type} are drawn as {expected}; this is a {given}."


class GeometryUnusable(Fault):
    """The geometry cannot be used."""

    code = "geometry_unusable"
    zh = "图形无法使用：{reason_zh}。"
    en = "The geometry cannot be used: {reason_en}."


class AttributeFault(Fault):
    """A further attribute is missing, unknown, or of another kind."""

    code = "attribute_invalid"
    zh = "属性“{name}”：{reason_zh}。"
    en = "Attribute “{name}”: {reason_en}."


class ComponentRetired(Conflict):
    """The component is retired."""

    code = "component_retired"
    zh = "部件 {value} 已停用，不能再变更。"
    en = "The component {value} is retired and changes no more."


class ComponentChanged(Fault):
    """Somebody changed the component meanwhile."""

    code = "stale_version"
    status = 412
    zh = "部件已被他人修改（当前第 {version} 版）。请刷新后重试。"
    en = "Somebody has changed the component (now version {version}). Reload and try again."


class NothingChanged(Fault):
    """The change leaves everything as it is."""

    code = "nothing_changed"
    zh = "没有任何变化。"
    en = "Nothing would change."


class OutsideEveryGrid(Fault):
    """No unit grid covers the row's position; the code is that of a single registration."""

    code = "no_grid_at_point"
    zh = "该位置（{lon}, {lat}）不在任何单元网格内。请检查坐标和坐标系，或先导入网格。"
    en = "No unit grid covers ({lon}, {lat}). Check position and CRS, or import the grids first."
