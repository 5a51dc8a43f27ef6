"""Django application of the context."""

from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    """Register the context with Django."""

    name = "chengyun.territory"
    label = "territory"
