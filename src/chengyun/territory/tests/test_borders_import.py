"""Borders of divisions from a file."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from shapely.geometry import Point, box, mapping
from shapely.geometry.base import BaseGeometry

from chengyun.administration.models import AuditEntry
from chengyun.administration.rules.actor import Actor, Grant
from chengyun.territory.adapters.vector_files import open_vector
from chengyun.territory.commands import import_group
from chengyun.territory.models import Division
from chengyun.territory.operations.borders import BorderReport, import_borders
from chengyun.territory.rules.scope import COMMAND_LINE
from chengyun.territory.tests.builders import COMMUNITY, make_divisions

pytestmark = pytest.mark.django_db
WEST, EAST = box(120, 30, 120.01, 30.01), box(120.01, 30, 120.02, 30.01)


@pytest.fixture(autouse=True)
def divisions() -> None:
    make_divisions()


def collection(*given: tuple[Any, BaseGeometry]) -> bytes:
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": mapping(shape)}
        for code, shape in given
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def run(content: bytes, actor: Actor = COMMAND_LINE, **options: Any) -> BorderReport:
    return import_borders(actor=actor, file=open_vector(io.BytesIO(content)), **options)


def test_parts_of_one_division_make_one_area_and_again_changes_nothing() -> None:
    content = collection(
        (int(COMMUNITY), WEST), (COMMUNITY, EAST), (f"{COMMUNITY[:6]}000000", WEST)
    )
    report = run(content)
    assert (report.features, report.changed, report.written) == (3, 2, True)
    border = Division.objects.get(code=COMMUNITY).geometry
    assert border is not None
    assert (border.num_geom, border.extent) == (1, (120, 30, 120.02, 30.01))
    assert Division.objects.get(code=COMMUNITY[:6]).geometry is not None
    assert AuditEntry.objects.filter(act="divisions.borders_imported").count() == 1
    assert run(content).changed == 0


def test_one_fault_and_nothing_is_written() -> None:
    report = run(collection((COMMUNITY, WEST), ("990101", EAST), ("x", EAST), (COMMUNITY, Point())))
    assert sorted((fault.index, fault.code, fault.reason) for fault in report.faults[:2]) == [
        (2, "x", "unknown_division"),
        (3, COMMUNITY, "geometry_empty"),
    ]
    assert (report.faults[2].code, report.faults[2].reason) == ("990101", "unknown_division")
    assert not report.written
    assert not Division.objects.filter(geometry__isnull=False).exists()


def test_scope_and_dry_run() -> None:
    grant = Grant(role_code="x", permissions=frozenset({"territory.manage"}), division_code="44")
    outside = run(collection((COMMUNITY, WEST)), Actor(person_id=None, name="x", grants=(grant,)))
    assert [fault.reason for fault in outside.faults] == ["outside_scope"]
    dry = run(collection((COMMUNITY, WEST)), dry_run=True)
    assert (dry.changed, dry.written) == (1, False)
    assert not Division.objects.filter(geometry__isnull=False).exists()


def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "b.geojson"
    path.write_bytes(collection((COMMUNITY, WEST)))
    told = CliRunner().invoke(import_group, ["borders", str(path)])
    assert (told.exit_code, told.output) == (0, "1 features (EPSG:4326): 1 borders changed\n")
    path.write_bytes(collection(("990101", WEST)))
    told = CliRunner().invoke(import_group, ["borders", str(path)])
    assert told.exit_code == 1
    assert "990101: unknown_division" in told.output
