"""The private PostgreSQL cluster under the data folder: make, start, stop.

It listens on a unix socket only. PostgreSQL refuses to run as root, so as root the server runs as
the system user `postgres`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from chengyun.kernel.errors import Fault

SOCKET_PATH_LIMIT = 107
_SYSTEM_USER = "postgres"
_KNOWN_PLACES = ("/usr/lib/postgresql", "/usr/pgsql-15", "/opt/homebrew/opt", "/usr/local/opt")


class ClusterFault(Fault):
    """The private cluster cannot be made or started."""

    code = "cluster_failed"
    status = 500
    zh = "数据库无法启动：{reason}"
    en = "The private database cannot start: {reason}"


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
        for folder in (self.data, self.socket_dir, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
            _give(folder)
        _run(
            [
                *_as_server_user(),
                _binary("initdb"),
                f"--pgdata={self.data}",
                "--username=chengyun",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
            ]
        )

    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground."""
        options = (
            "listen_addresses=",
            f"unix_socket_directories={self.socket_dir}",
            "unix_socket_permissions=0777",
            "max_connections=100",
            "shared_buffers=256MB",
            "jit=off",
            "random_page_cost=1.1",
            "wal_compression=on",
            *self.settings,
        )
        arguments = [part for option in options for part in ("-c", option)]
        return [*_as_server_user(), _binary("postgres"), "-D", str(self.data), *arguments]

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server, wait until it answers, return its process."""
        self.socket_dir.mkdir(parents=True, exist_ok=True)
        _give(self.socket_dir)
        _give(self.data)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, start_new_session=True, cwd=self.data
            )
        self._wait(process)
        return process

    def _wait(self, process: subprocess.Popen[bytes], timeout_s: float = 60) -> None:
        probe = [_binary("pg_isready"), "-q", "-h", str(self.socket_dir)]
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if subprocess.run(probe, check=False).returncode == 0:
                return
            if process.poll() is not None:
                break
            time.sleep(0.05)
        raise ClusterFault(reason=_tail(self.log))

    def create_database(self, name: str = "chengyun") -> None:
        """Make the application's database, with PostGIS in the template, if it is not there."""
        psql = [_binary("psql"), "-qAt", "-h", str(self.socket_dir), "-U", "chengyun"]
        found = subprocess.run(
            [*psql, "-d", "postgres", "-c", f"SELECT 1 FROM pg_database WHERE datname='{name}'"],
            check=True,
            capture_output=True,
            text=True,
        )
        if found.stdout.strip():
            return
        extensions = (
            "CREATE EXTENSION IF NOT EXISTS postgis; CREATE EXTENSION IF NOT EXISTS btree_gist"
        )
        _run([*psql, "-d", "template1", "-c", extensions])
        _run([*psql, "-d", "postgres", "-c", f'CREATE DATABASE "{name}"'])


def _binary(name: str) -> str:
    """Return the path of a PostgreSQL program: the newest installed."""
    for place in _KNOWN_PLACES:
        found = sorted(Path(place).glob(f"*/bin/{name}"), key=_version, reverse=True)
        if found:
            return str(found[0])
    path = shutil.which(name)
    if path:
        return path
    raise ClusterFault(reason=f"{name} not found; install postgresql and postgis (make setup)")


def _version(path: Path) -> float:
    try:
        return float(path.parents[1].name)
    except ValueError:
        return 0.0


def _as_server_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={_SYSTEM_USER}", f"--regid={_SYSTEM_USER}", "--init-groups", "--"]


def _give(folder: Path) -> None:
    if os.geteuid() != 0 or not folder.exists():
        return
    entry = pwd.getpwnam(_SYSTEM_USER)
    if folder.stat().st_uid != entry.pw_uid:
        os.chown(folder, entry.pw_uid, entry.pw_gid)


def _check_socket_path(folder: Path) -> None:
    path = str(folder / ".s.PGSQL.5432")
    if len(path.encode()) > SOCKET_PATH_LIMIT:
        raise ClusterFault(reason=f"the path {path} is longer than {SOCKET_PATH_LIMIT} bytes")


def _run(command: list[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise ClusterFault(reason=(done.stderr or done.stdout).strip()[-500:])


def _tail(path: Path) -> str:
    return path.read_text(errors="replace")[-800:] if path.exists() else "no log"
