"""Why an import is not begun, or ends before its end."""

from __future__ import annotations

from chengyun.kernel.errors import Conflict, Fault


class ImportTooLarge(Fault):
    """The file is larger than an import may be."""

    code = "import_too_large"
    status = 413
    zh = "文件超过 {limit} MB 上限。请压缩（.gz、.zip）、分批导入，或用命令 chengyun import 导入。"
    en = "The file is over {limit} MB. Compress it, import it in parts, or use `chengyun import`."


class TooManyImports(Conflict):
    """The person's earlier imports are still under way."""

    code = "too_many_imports"
    zh = "您已有 {most} 个导入任务在进行。请等它们完成后再导入。"
    en = "{most} of your imports are under way. Wait until one is done."


class ImportEnded(Conflict):
    """The run has ended already."""

    code = "import_ended"
    zh = "导入已结束（{state}），不能取消。"
    en = "The import has ended ({state}) and cannot be cancelled."


class ImportStopped(Conflict):
    """The run was cancelled, or somebody else works on it."""

    code = "import_stopped"
    zh = "导入已取消，或已由另一进程接手。"
    en = "The import was cancelled, or another process has taken it over."


class ImportBroken(Fault):
    """Something that nobody expected."""

    code = "import_broken"
    status = 500
    zh = "导入意外中断。已导入的保留，可重新导入；如再次出现请联系管理员查看日志。"
    en = "The import broke off. What it imported stays: import again, or look into the log."
