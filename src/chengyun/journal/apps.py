"""Django application of the context."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Register the context with Django."""

    name = "chengyun.journal"
    label = "journal"
