"""One supervisor per data folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from chengyun.kernel.errors import Fault


class AlreadyRunning(Fault):
    """Another supervisor holds the data folder."""

    code = "already_running"
    status = 409
    zh = (
        "数据目录 {folder} 正由进程 {pid} 使用。"
        "请先停止它（kill {pid}），或用 --data-dir 指定另一目录。"
    )
    en = (
        "The data folder {folder} is in use by process {pid}. "
        "Stop it first (kill {pid}), or choose another folder with --data-dir."
    )


class FolderLock:
    """A lock that the system frees when its holder dies, however it dies."""

    def __init__(self, folder: Path) -> None:
        """Lock `folder`; nothing is taken yet."""
        self.folder = folder
        self.left_behind: int | None = None
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock.

        Afterwards `left_behind` is the pid of a former holder that ended without giving it back.

        raises : AlreadyRunning
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        file = os.fdopen(descriptor, "r+")
        former = file.read().strip()
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise AlreadyRunning(folder=self.folder, pid=former or "?") from error
        self.left_behind = int(former) if former.isdigit() else None
        self._file = file
        self._write(str(os.getpid()))

    def give_back(self) -> None:
        """Give the lock back in order."""
        if self._file is not None:
            self._write("")
            self._file.close()
            self._file = None

    def _write(self, text: str) -> None:
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            self._file.write(text)
            self._file.flush()
