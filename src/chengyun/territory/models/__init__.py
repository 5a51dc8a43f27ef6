"""Tables of the territory. Geometry is stored in EPSG:4490."""

from chengyun.territory.models.addresses import Address, AddressChange, AddressName
from chengyun.territory.models.divisions import CodeScheme, Division, DivisionArea
from chengyun.territory.models.grids import GridDuty, UnitGrid
from chengyun.territory.models.groups import GridGroup, GridGroupMember, GridSuccession, Shift
from chengyun.territory.models.maps import LayerVersion, MapFeature, MapLayer
from chengyun.territory.models.projection import STORAGE_SRID, WEB_SRID
from chengyun.territory.models.thematic import LayerChoice, ThematicFeature, ThematicLayer

__all__ = [
    "STORAGE_SRID",
    "WEB_SRID",
    "Address",
    "AddressChange",
    "AddressName",
    "CodeScheme",
    "Division",
    "DivisionArea",
    "GridDuty",
    "GridGroup",
    "GridGroupMember",
    "GridSuccession",
    "LayerChoice",
    "LayerVersion",
    "MapFeature",
    "MapLayer",
    "Shift",
    "ThematicFeature",
    "ThematicLayer",
    "UnitGrid",
]
