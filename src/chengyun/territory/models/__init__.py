"""Tables of the territory. Geometry is stored in EPSG:4490."""

from chengyun.territory.models.divisions import CodeScheme, Division, DivisionArea
from chengyun.territory.models.grids import GridDuty, UnitGrid
from chengyun.territory.models.maps import LayerVersion, MapFeature, MapLayer
from chengyun.territory.models.projection import STORAGE_SRID, WEB_SRID

__all__ = [
    "STORAGE_SRID",
    "WEB_SRID",
    "CodeScheme",
    "Division",
    "DivisionArea",
    "GridDuty",
    "LayerVersion",
    "MapFeature",
    "MapLayer",
    "UnitGrid",
]
