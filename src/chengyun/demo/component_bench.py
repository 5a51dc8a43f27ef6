"""Measures components: the import of a CSV file of the town's furniture, and reading them."""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from chengyun.administration.operations import bulk as administration_bulk
from chengyun.administration.rules.actor import SYSTEM
from chengyun.components.rules.access import COMMAND_LINE
from chengyun.demo.address_bench import cpu_s, figure
from chengyun.demo.component_reads import measure_reads
from chengyun.demo.furniture import Sequences
from chengyun.demo.operations import write_ground
from chengyun.demo.rules.furniture import PIECES_A_GRID, furnish
from chengyun.demo.rules.sizes import CitySize
from chengyun.demo.rules.town import Town, build_town
from chengyun.intake.operations.local import import_file
from chengyun.intake.queries.shipped import shipped_mappings
from chengyun.kernel.clock import now

_OWNER: Final = "bench-owner"
_COLUMNS: Final = ("code", "type", "name", "state", "owner", "address", "initial_on", "lon", "lat")
_STATES: Final = (*("intact",) * 9, "damaged")
_FEWEST_GRIDS: Final = 60
Figure = dict[str, Any]


def measure(rows: int, *, seed: int = 2) -> Iterator[Figure]:
    """Import about so many components into an empty database, twice, read them, yield figures.

    The first time every row is made; the second time each is found by its code and compared.
    """
    grids = max(rows // PIECES_A_GRID, _FEWEST_GRIDS)
    town = build_town(CitySize(name="bench", grids=grids, months=1, cases=1, open_cases=1), seed)
    write_ground(town, now())
    owner = administration_bulk.OrganisationRow(
        code=_OWNER, parent="", kind="department", zh="权属单位", en="Owner", division_code=""
    )
    administration_bulk.insert_organisations(actor=SYSTEM, rows=[owner])
    with tempfile.TemporaryDirectory(prefix="cyc") as folder:
        path = Path(folder) / "components.csv"
        _write(path, town, rows)
        made = _imported("import.components", path)
        yield made
        # A file that differs by a line is another file, and a run of its own.
        with path.open("a", encoding="utf-8") as file:
            file.write("\n")
        yield _imported("import.components.again", path)
    yield from measure_reads(made["rows"])


@dataclass(slots=True)
class _Watch:
    """Where the run stood, as its row tells after each batch."""

    steps: list[int] = field(default_factory=list)

    def __call__(self, done: int) -> None:
        self.steps.append(done)


def _imported(name: str, path: Path) -> Figure:
    mapping = shipped_mappings(("components",))["chengyun"]
    mapping = mapping.model_copy(
        update={"fields": {k: v for k, v in mapping.fields.items() if k in _COLUMNS}}
    )
    watch = _Watch()
    started, busy, own = time.perf_counter(), cpu_s(), time.process_time()
    run = import_file(actor=COMMAND_LINE, path=path, mapping=mapping, progress=watch)
    took, worked = time.perf_counter() - started, cpu_s() - busy
    own = time.process_time() - own
    each = 1000 / max(run.read, 1)
    note = (
        f"CPU {worked * each:.3f} ms a row: process {own * each:.3f},"
        f" database {(worked - own) * each:.3f}; {run.made} made, {run.skipped} as before,"
        f" {run.faulty} bad, {len(watch.steps)} batches"
    )
    told = figure(f"{name}.rows_s", run.read / took, "rows/s", run.read, note)
    return told | {"cpu_ms_row": round(worked * each, 4)}


def _write(path: Path, town: Town, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(islice(_lines(town), rows))


def _lines(town: Town) -> Iterator[tuple[object, ...]]:
    codes, sequences = town.divisions.grid_codes, Sequences()
    for pieces in furnish(town):
        kind = pieces.kind.type_code
        for i in range(len(pieces)):
            road = int(pieces.road[i])
            yield (
                sequences.next(codes[int(pieces.cell[i])][:6] + kind),
                kind,
                "",
                _STATES[i % len(_STATES)],
                _OWNER,
                f"{town.roads.roads[road].zh}{pieces.door[i]}号" if road >= 0 else "",
                "2024-05-17",
                float(pieces.lon[i]),
                float(pieces.lat[i]),
            )
