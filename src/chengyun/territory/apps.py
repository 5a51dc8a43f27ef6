"""Django application of the context."""

from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    """Register the context with Django, its layers of tiles, its rows with intake."""

    name = "chengyun.territory"
    label = "territory"

    def ready(self) -> None:
        """Add the layers of grids and those that people add, and addresses to be imported."""
        from chengyun.intake.rules.kinds import register_kind
        from chengyun.territory.operations.address_import import ADDRESSES
        from chengyun.territory.queries.group_tiles import GroupTiles
        from chengyun.territory.queries.thematic_layers import ThematicTiles
        from chengyun.territory.queries.tiles import register_layer
        from chengyun.territory.rules.grouping import EVALUATION, MANAGEMENT

        for kind in (MANAGEMENT, EVALUATION):
            register_layer(f"{kind}_grids", GroupTiles(kind=kind))
        register_layer("thematic", ThematicTiles())
        register_kind(ADDRESSES)
