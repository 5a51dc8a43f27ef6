"""What may be wrong with a table as a whole."""

from __future__ import annotations

from chengyun.kernel.errors import Fault


class TableUnreadable(Fault):
    """The file is not the table that the mapping says it is."""

    code = "table_unreadable"
    zh = "无法读取表格：{reason_zh}"
    en = "The table cannot be read: {reason_en}"
