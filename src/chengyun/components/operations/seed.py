"""Seeds the component types from the product's data file. May run any number of times."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources
from typing import Any

from django.db import transaction

from chengyun.components.models import ComponentType
from chengyun.components.queries.types import CURRENT_STANDARD

_VALID_FROM = {CURRENT_STANDARD: "2026-07-01"}
_FIELDS = (
    "class_code",
    "class_zh",
    "class_en",
    "zh",
    "en",
    "geometry",
    "code_2013",
    "code_2007",
    "certainty",
    "note",
    "valid_from",
)


def seed_reference_data() -> None:
    """Write the component types; a city's own types (`local`) are left alone."""
    rows = [ComponentType(**row, valid_from=_VALID_FROM.get(row["standard"])) for row in _rows()]
    with transaction.atomic():
        ComponentType.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["standard", "code"],
            update_fields=_FIELDS,
        )


def _rows() -> Iterator[dict[str, Any]]:
    source = resources.files("chengyun.components").joinpath("data", "component_types.csv")
    yield from csv.DictReader(source.read_text(encoding="utf-8").splitlines())
