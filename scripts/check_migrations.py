"""Check that each context's migrations form one line and agree with its models."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from django.db.migrations.loader import MigrationLoader
from django.utils import translation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.server.settings")
OURS = ("journal", "administration", "intake", "territory", "components", "cases", "demo")


def main() -> int:
    """Print what is wrong; return 1 when anything is."""
    import django

    django.setup()
    translation.deactivate_all()  # names of Django's own fields are kept in English
    loader = MigrationLoader(None)
    faults = [*forks(loader), *missing(loader)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def forks(loader: MigrationLoader) -> Iterator[str]:
    """Yield the contexts whose migrations fork, or use a number twice."""
    graph = loader.graph
    for label in OURS:
        leaves = graph.leaf_nodes(label)
        if len(leaves) > 1:
            yield f"{label}: {len(leaves)} last migrations: {sorted(name for _, name in leaves)}"
        numbers = Counter(name[:4] for app, name in graph.nodes if app == label)
        twice = [number for number, count in numbers.items() if count > 1]
        if twice:
            yield f"{label}: numbers used twice: {twice}"


def missing(loader: MigrationLoader) -> Iterator[str]:
    """Yield the model changes that have no migration."""
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.state import ProjectState

    state = loader.project_state()
    detector = MigrationAutodetector(state, ProjectState.from_apps(apps))
    changes = detector.changes(graph=loader.graph)
    for label, migrations in changes.items():
        if label in OURS:
            wanted = [op.describe() for migration in migrations for op in migration.operations]
            yield f"{label}: models without a migration: {wanted}"


if __name__ == "__main__":
    raise SystemExit(main())
