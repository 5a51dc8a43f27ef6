"""What may be wrong with a mapping file, or with a row that is read through one."""

from __future__ import annotations

from chengyun.kernel.errors import Fault


class MappingInvalid(Fault):
    """The mapping file has a mistake."""

    code = "mapping_invalid"
    zh = "映射文件有误，{where}：{reason}"
    en = "The mapping file has a mistake at {where}: {reason}"


class ValueUnknown(Fault):
    """An alias table does not know the value."""

    code = "value_unknown"
    zh = "“{value}”不在别名表 {aliases} 中。请在映射文件中补充。"
    en = "“{value}” is not in the alias table {aliases}. Add it to the mapping."


class ValueMissing(Fault):
    """A required field is empty."""

    code = "value_missing"
    zh = "缺少必填项 {name}。"
    en = "The required field {name} is empty."


class ValueUnreadable(Fault):
    """A value is not of the kind it should be."""

    code = "value_unreadable"
    zh = "{name} 的值“{value}”无法识别。"
    en = "The value “{value}” of {name} cannot be read."


class ColumnMissing(Fault):
    """The mapping names a column that the table does not have."""

    code = "column_missing"
    zh = "表格中没有列“{column}”。现有列：{columns}"
    en = "The table has no column “{column}”. It has: {columns}"
