"""Django application of the context."""

from django.apps import AppConfig


class ComponentsConfig(AppConfig):
    """Register the context with Django, its layer with the map, its rows with intake."""

    name = "chengyun.components"
    label = "components"

    def ready(self) -> None:
        """Add the layer of components, and components as a kind of imported rows."""
        from chengyun.components.operations.imports import COMPONENTS
        from chengyun.components.queries.tiles import LAYER, ComponentTiles
        from chengyun.intake.rules.kinds import register_kind
        from chengyun.territory.queries.tiles import register_layer

        register_layer(LAYER, ComponentTiles())
        register_kind(COMPONENTS)
