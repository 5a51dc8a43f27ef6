"""Django application of the context."""

from django.apps import AppConfig


class ComponentsConfig(AppConfig):
    """Register the context with Django."""

    name = "chengyun.components"
    label = "components"
