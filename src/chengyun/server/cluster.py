"""The private PostgreSQL cluster under the data folder: make, start, stop.

It listens on a unix socket only, in a folder that no other user may enter. PostgreSQL refuses to
run as root: then it runs as the system user `postgres`, or, where that user cannot reach the data
folder, inside a user namespace.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import psutil

from chengyun.kernel.errors import Fault
from chengyun.server import environment

SOCKET_PATH_LIMIT = 107
OLDEST = 15
_SYSTEM_USER = "postgres"
_KNOWN_PLACES = ("/usr/lib/postgresql", "/usr/pgsql-15", "/opt/homebrew/opt", "/usr/local/opt")
_SERVER_OPTIONS = (
    "listen_addresses=",
    "unix_socket_permissions=0777",  # the folder around it is closed
    "max_connections=60",
    "maintenance_work_mem=128MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=15min",
    "jit=off",
    "random_page_cost=1.1",
    # No replicas: what is copied into new or emptied tables is then not logged twice.
    "wal_level=minimal",
    "max_wal_senders=0",
    "idle_in_transaction_session_timeout=120s",
    "log_line_prefix=%m [%p] ",
)
# Of the machine's memory: an eighth is the server's own cache, within these limits [MiB].
_OWN_CACHE = (128, 4096)


class ClusterFault(Fault):
    """The private cluster cannot be made or started."""

    code = "cluster_failed"
    status = 500
    zh = "数据库无法启动：{reason}"
    en = "The private database cannot start: {reason}"


class ProgramMissing(Fault):
    """PostgreSQL or one of its programs is not installed."""

    code = "postgresql_missing"
    status = 500
    zh = (
        "未找到 PostgreSQL 程序 {name}。请运行 make setup，或安装 PostgreSQL（15 以上）与 PostGIS。"
    )
    en = (
        "The PostgreSQL program {name} is missing. "
        "Run `make setup`, or install PostgreSQL 15+ and PostGIS."
    )


class FolderOutOfReach(Fault):
    """Root's data folder cannot be reached by the user that PostgreSQL runs as."""

    code = "folder_out_of_reach"
    status = 500
    zh = (
        "以 root 运行时，数据库使用系统用户 postgres，但它无法进入 {folder}（上级目录权限不足），"
        "本机也不允许用户命名空间。请用 --data-dir 指定它能进入的目录（例如 /var/lib/chengyun），"
        "或改用普通用户运行。"
    )
    en = (
        "As root, the database runs as the system user postgres, which cannot enter {folder} "
        "(a parent folder is closed), and this machine allows no user namespaces. Choose another "
        "folder with --data-dir (such as /var/lib/chengyun), or run as an ordinary user."
    )


class Identity(Enum):
    """As whom the server runs."""

    OURSELVES = "ourselves"
    SYSTEM_USER = "system user"
    NAMESPACE = "user namespace"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A private cluster: `data` holds its files, `socket_dir` its socket."""

    data: Path
    socket_dir: Path
    log: Path
    settings: tuple[str, ...] = ()

    def ensure(self) -> None:
        """Make the cluster if there is none."""
        if (self.data / "PG_VERSION").exists():
            return
        _check_socket_path(self.socket_dir)
        self.data.mkdir(parents=True, exist_ok=True)
        self._own_folders()
        _run(
            [
                *self._prefix(),
                self.binary("initdb"),
                f"--pgdata={self.data}",
                "--username=chengyun",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ],
            folder=self.data,
        )

    def identity(self) -> Identity:
        """Return as whom the server runs; an existing cluster stays with its owner.

        raises : FolderOutOfReach
        """
        if os.geteuid() != 0:
            return Identity.OURSELVES
        if (self.data / "PG_VERSION").exists():
            owner = self.data.stat().st_uid
            return Identity.NAMESPACE if owner == 0 else Identity.SYSTEM_USER
        if _system_user_reaches(self.data):
            return Identity.SYSTEM_USER
        if _namespaces_work():
            return Identity.NAMESPACE
        raise FolderOutOfReach(folder=self.data)

    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground."""
        place = f"unix_socket_directories={self.socket_dir}"
        memory = memory_options(psutil.virtual_memory().total)
        options = (*_SERVER_OPTIONS, *memory, self._compression(), place, *self.settings)
        arguments = [part for option in options for part in ("-c", option)]
        return [*self._prefix(), self.binary("postgres"), "-D", str(self.data), *arguments]

    def _compression(self) -> str:
        """Return how pages in the log are compressed: lz4 where the server was built with it.

        PostgreSQL's own way took several times what an act on a case at rest costs otherwise.
        """
        wanted = "wal_compression=lz4"
        asked = [*self._prefix(), self.binary("postgres"), "-D", str(self.data), "-c", wanted]
        tried = subprocess.run([*asked, "-C", "wal_compression"], check=False, capture_output=True)
        return wanted if tried.returncode == 0 else "wal_compression=off"

    def start(self, timeout_s: float = 300) -> subprocess.Popen[bytes]:
        """Start the server, wait until it answers, return its process."""
        self._own_folders()
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, start_new_session=True, cwd=self.data
            )
        self._wait(process, timeout_s)
        return process

    def stop_left_behind(self) -> None:
        """Stop a server on this data that a former supervisor left running."""
        pid = self._left_behind()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        end = time.monotonic() + 60
        while self._left_behind() is not None:
            if time.monotonic() > end:
                raise ClusterFault(reason=f"process {pid} does not stop")
            time.sleep(0.1)

    def _left_behind(self) -> int | None:
        """Return the pid of a living server on this data."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if str(self.data).encode() in words else None

    def _own_folders(self) -> None:
        for folder in (self.socket_dir, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        self.socket_dir.chmod(0o700)
        self.log.touch()
        if os.geteuid() == 0 and self.identity() is Identity.SYSTEM_USER:
            entry = pwd.getpwnam(_SYSTEM_USER)
            for place in (self.data, self.socket_dir):
                os.chown(place, entry.pw_uid, entry.pw_gid)

    def _prefix(self) -> list[str]:
        """Return the words before the server's: whom it runs as, and that it ends with us."""
        guard = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
        identity = self.identity()
        if identity is Identity.SYSTEM_USER:
            user = [f"--reuid={_SYSTEM_USER}", f"--regid={_SYSTEM_USER}", "--init-groups"]
            return [*guard, *user, "--"]
        namespace = _NAMESPACE if identity is Identity.NAMESPACE else []
        return [*namespace, *guard, "--"] if guard else namespace

    def _wait(self, process: subprocess.Popen[bytes], timeout_s: float) -> None:
        probe = [self.binary("pg_isready"), "-q", "-h", str(self.socket_dir)]
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if subprocess.run(probe, check=False).returncode == 0:
                return
            if process.poll() is not None:
                break
            time.sleep(0.05)
        if process.poll() is None:
            process.kill()
            process.wait()
        raise ClusterFault(reason=_tail(self.log))

    def create_database(self, name: str = "chengyun") -> None:
        """Make the application's database, with PostGIS in the template, if it is not there."""
        psql = [self.binary("psql"), "-XqAt", "-h", str(self.socket_dir), "-U", "chengyun"]
        found = _run(
            [*psql, "-d", "postgres", "-c", f"SELECT 1 FROM pg_database WHERE datname='{name}'"]
        )
        if found.strip():
            return
        extensions = (
            "CREATE EXTENSION IF NOT EXISTS postgis; CREATE EXTENSION IF NOT EXISTS btree_gist"
        )
        _run([*psql, "-d", "template1", "-c", extensions])
        _run([*psql, "-d", "postgres", "-c", f'CREATE DATABASE "{name}"'])

    def binary(self, name: str) -> str:
        """Return the path of a program: of the cluster's version, else of the newest installed."""
        marker = self.data / "PG_VERSION"
        version = float(marker.read_text()) if marker.exists() else None
        return _find_binary(name, version)


def memory_options(total: int) -> tuple[str, ...]:
    """Return the options that follow the machine's memory.

    total : [bytes]
    source : the manual of PostgreSQL, "Resource Consumption", advises up to a quarter on a machine
        that serves nothing else; this one serves the web processes too
    """
    mib = total // 2**20
    smallest, largest = _OWN_CACHE
    own = max(smallest, min(largest, mib // 8))
    return (f"shared_buffers={own}MB", f"effective_cache_size={max(own, mib // 2)}MB")


def private_cluster(folder: Path) -> Cluster:
    """Return the cluster of a data folder."""
    return Cluster(
        data=folder / "pg", socket_dir=environment.socket_dir(), log=folder / "log" / "database.log"
    )


_NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]


def _find_binary(name: str, version: float | None) -> str:
    found = [path for place in _KNOWN_PLACES for path in Path(place).glob(f"*/bin/{name}")]
    fitting = [path for path in found if version is None or _version(path) == version]
    if fitting:
        return str(max(fitting, key=_version))
    path = shutil.which(name)
    if path is None or (found and version is not None):
        raise ProgramMissing(name=name if version is None else f"{name} {version:g}")
    return path


def _version(path: Path) -> float:
    try:
        return float(path.parents[1].name)
    except ValueError:
        return 0.0


def _system_user_reaches(folder: Path) -> bool:
    """Tell whether the system user exists and may enter every folder above."""
    try:
        pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        return False
    above = next(place for place in folder.parents if place.exists())
    user = [f"--reuid={_SYSTEM_USER}", f"--regid={_SYSTEM_USER}", "--init-groups"]
    probe = ["setpriv", *user, "--", "test", "-x", str(above)]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


def _namespaces_work() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_NAMESPACE, "true"], check=False, capture_output=True).returncode == 0


def _check_socket_path(folder: Path) -> None:
    path = str(folder / ".s.PGSQL.5432")
    if len(path.encode()) > SOCKET_PATH_LIMIT:
        raise ClusterFault(reason=f"the path {path} is longer than {SOCKET_PATH_LIMIT} bytes")


def _run(command: list[str], folder: Path | None = None) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    if done.returncode:
        raise ClusterFault(reason=(done.stderr or done.stdout).strip()[-500:])
    return done.stdout


def _tail(path: Path) -> str:
    return path.read_text(errors="replace")[-800:] if path.exists() else "no log"
