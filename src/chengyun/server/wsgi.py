"""Django's WSGI application, called by `asgi.py` in its threads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.server.settings")
application = get_wsgi_application()
