"""Django application of the context."""

from django.apps import AppConfig


class ComponentsConfig(AppConfig):
    """Register the context with Django, and its layer with the map."""

    name = "chengyun.components"
    label = "components"

    def ready(self) -> None:
        """Add the layer of components."""
        from chengyun.components.queries.tiles import LAYER, ComponentTiles
        from chengyun.territory.queries.tiles import register_layer

        register_layer(LAYER, ComponentTiles())
