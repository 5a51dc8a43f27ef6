"""Pure rules of the territory: squares, faults of grids, zooms, tile numbers."""
