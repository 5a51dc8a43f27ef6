"""pg_dump and pg_restore of the version that fits, on the database that the environment names."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from chengyun.server import environment
from chengyun.server.backups.faults import ProgramFailed
from chengyun.server.cluster import Cluster


def dump(path: Path, *, snapshot: str, cluster: Cluster | None) -> None:
    """Write the database as `snapshot` shows it to `path`, in PostgreSQL's own format."""
    options = ["--format=custom", "--compress=1", "--no-owner", "--no-privileges", "--no-comments"]
    _run("pg_dump", [*options, f"--snapshot={snapshot}", f"--file={path}"], cluster)


def restore(path: Path, *, cluster: Cluster | None) -> None:
    """Read a dump into the empty database, in one transaction: all of it or nothing."""
    options = ["--no-owner", "--no-privileges", "--no-comments", "--single-transaction"]
    name = environment.database_address().name
    _run("pg_restore", [*options, "--exit-on-error", f"--dbname={name}", str(path)], cluster)


def _run(program: str, arguments: list[str], cluster: Cluster | None) -> None:
    path = cluster.binary(program) if cluster else program
    try:
        done = subprocess.run(
            [path, *arguments], env=_environment(), capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise ProgramFailed(program=program, reason="not installed") from error
    if done.returncode:
        raise ProgramFailed(program=program, reason=done.stderr.strip()[-600:])


def _environment() -> dict[str, str]:
    """Return the address as libpq's variables: a password never stands on a command line."""
    address = environment.database_address()
    given = {
        "PGDATABASE": address.name,
        "PGUSER": address.user,
        "PGPASSWORD": address.password,
        "PGHOST": address.host,
        "PGPORT": address.port,
        **{f"PG{name.upper()}": value for name, value in address.options.items()},
    }
    return {**os.environ, **{name: value for name, value in given.items() if value}}
