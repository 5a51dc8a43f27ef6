"""Django application of the context."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Register the context with Django."""

    name = "chengyun.cases"
    label = "cases"
