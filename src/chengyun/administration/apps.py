"""Django application of the context."""

from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    """Register the context with Django."""

    name = "chengyun.administration"
    label = "administration"
