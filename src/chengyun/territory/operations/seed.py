"""Seeds the reference data of the territory. May run any number of times."""

from __future__ import annotations

from django.db import transaction

from chengyun.administration.operations import announce_change
from chengyun.territory.models import CodeScheme
from chengyun.territory.rules.schemes import seed_rows


@transaction.atomic
def seed_reference_data() -> None:
    """Write the code schemes that are not there; an edited one belongs to the city."""
    CodeScheme.objects.bulk_create(
        [CodeScheme(**row) for row in seed_rows()], ignore_conflicts=True
    )
    announce_change("reference")
