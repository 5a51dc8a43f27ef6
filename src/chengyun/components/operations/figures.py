"""Keeping the numbers of components, so that figures over a million rows are read at once."""

from __future__ import annotations

from typing import Final

from django.db import connection, transaction

from chengyun.components.models import ComponentCountAge
from chengyun.components.operations.writing import LAYER
from chengyun.kernel.clock import now
from chengyun.territory.queries.tiles import layer_version

_KEYS: Final = """type_id, state, source, competent_id, owner_id, maintainer_id, community_code,
    street_code, district_code"""
_COUNT: Final = f"""
INSERT INTO components_componentcount ({_KEYS}, retired_at, n)
SELECT {_KEYS}, min(retired_at), count(*) FROM components_component
GROUP BY {_KEYS}, retired_at IS NULL
"""


@transaction.atomic
def refresh_counts() -> bool:
    """Count all components anew, unless none changed since; tell whether they were counted."""
    version = int(layer_version(LAYER))
    age = ComponentCountAge.objects.select_for_update().first()
    if age is not None and age.layer_version == version:
        return False
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE components_componentcount IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM components_componentcount")
        cursor.execute(_COUNT)
    ComponentCountAge.objects.update_or_create(
        id=1, defaults={"counted_at": now(), "layer_version": version}
    )
    return True
