"""Django application of the context."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Register the context with Django."""

    name = "chengyun.intake"
    label = "intake"
