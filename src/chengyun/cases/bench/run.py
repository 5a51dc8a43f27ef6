"""The bench from start to end: a platform of its own, filled, measured, thrown away."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from chengyun.cases.bench.figures import SUBJECTS, Bench, Figure
from chengyun.cases.bench.installation import Installation, own_folder, started


def measure(
    *,
    rows: int,
    seconds: float,
    port: int,
    folder: Path | None,
    subjects: Sequence[str],
    tell: Callable[[str], None],
) -> Iterator[Figure]:
    """Yield the figures at this number of cases.

    folder : kept, and filled further by a later run; None = a folder that is thrown away
    raises : BenchFailed
    """
    with own_folder(folder) as place, started(place, port) as platform:
        tell(f"filling {place} with {rows} cases")
        facts = platform.fill(rows, lambda done: tell(f"{done} cases"))
        bench = Bench(
            platform=platform,
            facts=facts,
            seconds=seconds,
            people=_signed_in(platform, facts),
            draw=random.Random(1),  # noqa: S311 - the same load in every run
            tell=tell,
        )
        for name in subjects or tuple(SUBJECTS):
            tell(f"measuring {name}")
            yield from SUBJECTS[name](bench)


def _signed_in(platform: Installation, facts: dict[str, object]) -> dict[str, dict[str, str]]:
    accounts = facts["accounts"]
    if not isinstance(accounts, dict):
        return {}
    return {
        role: platform.sign_in(username, str(facts["password"]))
        for role, username in accounts.items()
    }
