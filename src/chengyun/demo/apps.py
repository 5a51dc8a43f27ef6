"""Django application of the context."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Register the context with Django."""

    name = "chengyun.demo"
    label = "demo"
