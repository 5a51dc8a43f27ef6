"""What stands in the streets: the same for a seed, in its cell, as many as asked, written whole."""

from __future__ import annotations

from collections import Counter

import numpy as np
import shapely

from chengyun.demo.rules.furniture import PIECES_A_GRID, furnish
from chengyun.demo.rules.projection import to_plane
from chengyun.demo.tests.towns import small_town, tiny_town


def test_the_same_seed_places_the_same_pieces() -> None:
    first = [pieces.lon.tolist() for pieces in furnish(tiny_town())]
    assert first == [pieces.lon.tolist() for pieces in furnish(tiny_town())]
    assert first != [pieces.lon.tolist() for pieces in furnish(tiny_town(2))]


def test_there_are_about_ten_a_grid_of_many_types_and_each_lies_in_its_cell() -> None:
    town = small_town()
    cells = town.fabric.polygons(town.fabric.cells)
    count: Counter[str] = Counter()
    for pieces in furnish(town):
        count[pieces.kind.type_code] += len(pieces)
        x, y = to_plane(pieces.lon, pieces.lat)
        away = shapely.distance(cells[pieces.cell], shapely.points(x, y))
        assert float(np.max(away, initial=0)) < 0.05
    wanted = PIECES_A_GRID * len(town.fabric.cells)
    assert 0.85 * wanted < count.total() < 1.05 * wanted
    assert len(count) >= 25
    assert count["01037"] > 0.15 * count.total()
