"""The `chengyun` command. Sub-commands are imported when they are called, so that --help is quick.

A context adds `commands.py`; its click commands or groups are named in `_COMMANDS`. A context's
callback may use the ORM: Django is set up before its module is imported.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from chengyun import __version__
from chengyun.kernel.errors import Fault


@dataclass(frozen=True)
class _Entry:
    module: str
    attribute: str
    needs_django: bool = True


_COMMANDS: dict[str, tuple[_Entry, ...]] = {
    "up": (_Entry("chengyun.server.commands", "up", needs_django=False),),
    "demo": (_Entry("chengyun.demo.commands", "demo"),),
    "import": (
        _Entry("chengyun.territory.commands", "import_group"),
        _Entry("chengyun.components.commands", "import_group"),
        _Entry("chengyun.cases.commands", "import_group"),
        _Entry("chengyun.administration.commands", "import_group"),
    ),
    "grids": (_Entry("chengyun.territory.commands", "grids"),),
    "export": (
        _Entry("chengyun.components.commands", "export_group"),
        _Entry("chengyun.territory.address_commands", "export_group"),
    ),
    "token": (_Entry("chengyun.administration.commands", "token"),),
    "audit": (_Entry("chengyun.administration.audit_commands", "audit"),),
    "administrator": (_Entry("chengyun.administration.commands", "administrator"),),
    "setting": (_Entry("chengyun.administration.commands", "setting_command"),),
    "check": (
        _Entry("chengyun.cases.commands", "check"),
        _Entry("chengyun.administration.commands", "check"),
        _Entry("chengyun.server.chaos_commands", "check", needs_django=False),
        _Entry("chengyun.server.soak_commands", "check", needs_django=False),
    ),
    "bench": (
        _Entry("chengyun.demo.commands", "bench"),
        _Entry("chengyun.demo.address_commands", "bench"),
        _Entry("chengyun.demo.component_commands", "bench"),
        _Entry("chengyun.cases.commands_bench", "bench", needs_django=False),
    ),
    "backup": (_Entry("chengyun.server.backup_commands", "backup"),),
    "restore": (_Entry("chengyun.server.backup_commands", "restore"),),
    "openapi": (_Entry("chengyun.server.commands", "openapi"),),
    "migrate": (_Entry("chengyun.server.commands", "migrate"),),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands whose modules exist."""
        return [name for name, entries in _COMMANDS.items() if any(map(_exists, entries))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command; groups of several contexts are merged."""
        found = [c for entry in _COMMANDS.get(cmd_name, ()) if (c := _load(entry)) is not None]
        if not found:
            return None
        return found[0] if len(found) == 1 else _merged(cmd_name, found)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an expected error is one line, not a trace."""
        try:
            return super().invoke(ctx)
        except Fault as fault:
            raise click.ClickException(fault.text(_language())) from fault
        except Exception as error:  # the edge of the command line
            if not _is_unreachable(error):
                raise
            raise click.ClickException(_NO_DATABASE[_language()]) from error


_NO_DATABASE = {
    "zh": "数据库未运行。请先执行 chengyun up，或设置 CHENGYUN_DATABASE_URL。",
    "en": "The database is not running. Start `chengyun up` first, or set CHENGYUN_DATABASE_URL.",
}


def _language() -> str:
    return "zh" if os.environ.get("LANG", "").lower().startswith("zh") else "en"


def _is_unreachable(error: Exception) -> bool:
    """Tell whether the database could not be connected to (it has said nothing yet)."""
    if type(error).__name__ != "OperationalError":
        return False
    return getattr(error.__cause__ or error, "sqlstate", None) is None


def _exists(entry: _Entry) -> bool:
    return importlib.util.find_spec(entry.module) is not None


def _load(entry: _Entry) -> click.Command | None:
    if not _exists(entry):
        return None
    if entry.needs_django:
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.server.settings")
        django.setup()
    loaded = getattr(importlib.import_module(entry.module), entry.attribute, None)
    return loaded if isinstance(loaded, click.Command) else None


def _merged(name: str, found: list[click.Command]) -> click.Group:
    merged = click.Group(name, help=found[0].help)
    for command in found:
        if not isinstance(command, click.Group):
            raise click.ClickException(f"{name}: only groups can be merged")
        for sub_name, sub in command.commands.items():
            merged.add_command(sub, sub_name)
    return merged


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chengyun")
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="CHENGYUN_DATA_DIR",
    help="Folder that holds everything a run writes (default: ./var).",
)
def main(data_dir: Path | None) -> None:
    """Chengyun (城运): the city operation management service platform."""
    if data_dir is not None:
        os.environ["CHENGYUN_DATA_DIR"] = str(data_dir.resolve())


if __name__ == "__main__":
    main()
