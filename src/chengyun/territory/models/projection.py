"""The reference systems of stored geometry, and the form that tiles want."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.db.models import Func

STORAGE_SRID = 4490
WEB_SRID = 3857


def web_polygon() -> Func:
    """Return the geometry for tiles, wound as vector tiles want it."""
    return Func(
        Transform("geometry", WEB_SRID),
        function="ST_ForcePolygonCW",
        output_field=models.MultiPolygonField(srid=WEB_SRID),
    )
