"""Django application of the context."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Register the context with Django, and its layer with the tiles."""

    name = "chengyun.cases"
    label = "cases"

    def ready(self) -> None:
        """Add the layer of cases."""
        from chengyun.cases.queries.tiles import CaseTiles
        from chengyun.territory.queries.tiles import register_layer

        register_layer("cases", CaseTiles())
