"""`chengyun audit archive`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from chengyun.administration.operations.audit_archive import archive_audit
from chengyun.administration.rules.actor import SYSTEM
from chengyun.kernel.clock import now


@click.group()
def audit() -> None:
    """Look after the audit log."""


@audit.command("archive")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def archive(file: Path, *, as_json: bool) -> None:
    """Move entries older than `administration.audit_keep_months` into FILE (JSON lines, gzip).

    Nothing else ever removes an entry. The removal is an entry of its own, with the checksum.
    """
    done = archive_audit(actor=SYSTEM, path=file, at=now())
    told = {"rows": done.rows, "until": done.until.isoformat(), "sha256": done.sha256}
    if as_json:
        click.echo(json.dumps(told))
    else:
        click.echo(f"{done.rows} entries before {told['until']} moved to {file}, {done.sha256}")
