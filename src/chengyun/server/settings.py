"""Django settings. Everything that an installation may change comes from the environment."""

from __future__ import annotations

import os
from pathlib import Path

from chengyun.server import environment

_database = environment.database_address()
# A request that takes so long helps nobody; jobs and commands may take their time.
_LONGEST_QUERY = "-c statement_timeout=60s" if environment.is_web_process() else ""
# Only statements whose best plan is always the same are prepared: never plan them anew.
_KEPT_PLANS = "-c plan_cache_mode=force_generic_plan"
DATA_DIR = environment.data_dir()
SECRET_KEY = environment.secret_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("CHENGYUN_ALLOWED_HOSTS", "*").split(",")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "ninja",
    "procrastinate.contrib.django",
    "chengyun.journal.apps.JournalConfig",
    "chengyun.administration.apps.AdministrationConfig",
    "chengyun.intake.apps.IntakeConfig",
    "chengyun.territory.apps.TerritoryConfig",
    "chengyun.components.apps.ComponentsConfig",
    "chengyun.cases.apps.CasesConfig",
    "chengyun.demo.apps.DemoConfig",
]

# WhiteNoise wraps the WSGI application (wsgi.py); CSRF is checked by the API's session auth.
# Sessions are administration's own: no middleware reads a cookie before a route asks for it.
MIDDLEWARE = ["chengyun.server.middleware.edge"]
LOGGING_CONFIG = None  # server/logs.py
TRUSTED_PROXIES = frozenset(filter(None, os.environ.get("CHENGYUN_TRUSTED_PROXIES", "").split(",")))
CSRF_COOKIE_SAMESITE = "Lax"
APPEND_SLASH = False
PROCRASTINATE_IMPORT_PATHS = ["chengyun.server.tasks"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]
ROOT_URLCONF = "chengyun.server.urls"
AUTH_USER_MODEL = "administration.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": _database.name,
        "USER": _database.user,
        "PASSWORD": _database.password,
        "HOST": _database.host,
        "PORT": _database.port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": False,  # server/connections.py looks without a round trip
        "OPTIONS": {"options": f"{_LONGEST_QUERY} {_KEPT_PLANS}", **_database.options},
        "TEST": {"TEMPLATE": os.environ.get("CHENGYUN_TEST_TEMPLATE") or None},
    },
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_ROOT = DATA_DIR / "files"
STORAGE_URL = os.environ.get("CHENGYUN_STORAGE_URL", "")  # file:///… or s3://…; else MEDIA_ROOT
TILE_CACHE_MB = int(os.environ.get("CHENGYUN_TILE_CACHE_MB", "256"))
WEB_DIST = Path(__file__).resolve().parents[3] / "web" / "dist"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"  # tests only: fast
    if os.environ.get("CHENGYUN_TESTING")
    else "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
