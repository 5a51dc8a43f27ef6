"""`chengyun backup` and `chengyun restore`."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from chengyun.server.backups.faults import BackupMissing
from chengyun.server.backups.making import make_backup
from chengyun.server.backups.manifest import Manifest, backup_names, read_manifest
from chengyun.server.backups.places import database, open_target
from chengyun.server.backups.restoring import Source, restore_backup
from chengyun.server.backups.sealing import new_key, read_key, seal_for

_STEPS = {
    "database": "数据库 / the database",
    "files": "附件 / the files",
    "parts": "备份文件 / the parts of the backup",
    "journal": "事件日志 / the journal",
}


def _tell(step: str) -> None:
    click.echo(f"· {_STEPS[step]}", err=True)


@click.command()
@click.option("--to", "target", help="Folder, or s3://key:secret@bucket/prefix?endpoint=…")
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    envvar="CHENGYUN_BACKUP_RECIPIENT",
    help="Encrypt for this public key (age1…); several may open it.",
)
@click.option(
    "--new-key",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Only make a key pair: the private key into this file, the public one is printed.",
)
@click.option("--list", "only_list", is_flag=True, help="Only list the backups there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def backup(
    target: str | None,
    recipients: tuple[str, ...],
    new_key: Path | None,
    only_list: bool,
    as_json: bool,
) -> None:
    """Back up database and files, beside the running platform or without it."""
    if new_key is not None:
        _make_key(new_key)
        return
    if target is None:
        raise click.UsageError("Say where with --to.")
    store = open_target(target, make=not only_list)
    if only_list:
        for name in backup_names(store):
            _print(read_manifest(store, name), as_json=as_json)
        return
    seal = seal_for(recipients)
    with database(alone=False) as cluster:
        made = make_backup(target=store, seal=seal, cluster=cluster, tell=_tell)
    _print(made, as_json=as_json)


@click.command()
@click.argument("source")
@click.option("--name", help="Which backup; the newest unless given.")
@click.option(
    "--identity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="CHENGYUN_BACKUP_IDENTITY",
    help="File with the private key of an encrypted backup.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def restore(source: str, name: str | None, identity: Path | None, as_json: bool) -> None:
    """Restore a backup from a folder or bucket into an empty installation (--data-dir before)."""
    store = open_target(source)
    names = backup_names(store)
    if not names or (name is not None and name not in names):
        raise BackupMissing(name=f" {name}" if name else "", target=source.rpartition("@")[2])
    manifest = read_manifest(store, name or names[-1])
    key = read_key(identity) if identity else None
    chosen = Source(store=store, manifest=manifest, key=key)
    with database(alone=True) as cluster:
        restore_backup(source=chosen, cluster=cluster, tell=_tell)
    _print(manifest, as_json=as_json)


def _make_key(path: Path) -> None:
    try:
        public = new_key(path)
    except FileExistsError:
        raise click.UsageError(f"{path} exists already.") from None
    click.echo(public)


def _print(found: Manifest, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    sealed = "encrypted" if found.encrypted else "not encrypted"
    click.echo(
        f"{found.name}  {found.cases:,} cases, {found.log_entries:,} log entries,"
        f" {found.files:,} files, dump {found.dump_bytes / 2**20:,.1f} MiB, {sealed}"
    )
