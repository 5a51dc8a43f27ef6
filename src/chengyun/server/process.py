"""Entry of the supervisor's children: `python -m chengyun.server.process web|worker|prepare …`.

Logs and settings come first, then the program is imported: a child that cannot even be imported
says why in its own log, and no program is the main module.
"""

from __future__ import annotations

import importlib
import sys

from chengyun.server import child

PROGRAMS = ("web", "worker", "prepare")


def main(arguments: list[str]) -> None:
    """Run a program with the rest of the arguments."""
    program, *rest = arguments
    if program not in PROGRAMS:
        raise SystemExit(f"unknown program {program!r}; known: {', '.join(PROGRAMS)}")
    child.begin(program)
    import django

    django.setup()
    importlib.import_module(f"chengyun.server.{program}").main(rest)


if __name__ == "__main__":
    main(sys.argv[1:])
