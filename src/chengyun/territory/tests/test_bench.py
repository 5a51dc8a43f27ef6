"""The measures run and name what they measured."""

from __future__ import annotations

import pytest

from chengyun.territory.bench import measure, tiles_around
from chengyun.territory.operations.areas import rebuild_areas
from chengyun.territory.rules.tiles import Tile
from chengyun.territory.tests.builders import make_grids

pytestmark = pytest.mark.django_db


def test_figures_of_lookup_and_tiles() -> None:
    assert list(measure()) == []
    assert tiles_around(14, 3) == []
    make_grids(columns=2, rows=2)
    rebuild_areas()
    figures = {figure.name: figure for figure in measure()}
    assert figures["place.find.ms"].rows == 4
    assert figures["tile.grids.z14.max_kb"].value > 0
    assert set(tiles_around(14, 3)) == {Tile(14, 13653, 6759)}
