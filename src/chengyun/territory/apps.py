"""Django application of the context."""

from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    """Register the context with Django, and its layers of tiles."""

    name = "chengyun.territory"
    label = "territory"

    def ready(self) -> None:
        """Add the layers of management and evaluation grids, and those that people add."""
        from chengyun.territory.queries.group_tiles import GroupTiles
        from chengyun.territory.queries.thematic_layers import ThematicTiles
        from chengyun.territory.queries.tiles import register_layer
        from chengyun.territory.rules.grouping import EVALUATION, MANAGEMENT

        for kind in (MANAGEMENT, EVALUATION):
            register_layer(f"{kind}_grids", GroupTiles(kind=kind))
        register_layer("thematic", ThematicTiles())
