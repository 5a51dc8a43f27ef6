"""Seeds the reference data of cases from the product's data files. May run any number of times.

Matter types follow the data files. The default set of standards is written once and then belongs
to the city: an edited row is never overwritten.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib import resources

from django.db import transaction

from chengyun.cases.models import DisposalStandard, MatterType, StandardSet

CURRENT_STANDARD = "GB/T 47678.5-2026"
DEFAULT_SET = "default"
_TYPE_FIELDS = (
    "class_code",
    "class_zh",
    "class_en",
    "zh",
    "en",
    "component_code",
    "code_2013",
    "code_2007",
    "certainty",
    "active",
)


def seed_reference_data() -> None:
    """Write matter types and, once, the default set of standards."""
    with transaction.atomic():
        _seed_types()
        _seed_default_set()


def data_rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a data file of this context."""
    text = resources.files("chengyun.cases").joinpath("data", name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def _seed_types() -> None:
    MatterType.objects.bulk_create(
        [
            MatterType(**row, active=row["standard"] == CURRENT_STANDARD)
            for row in data_rows("matter_types.csv")
        ],
        update_conflicts=True,
        unique_fields=["standard", "kind", "code"],
        update_fields=_TYPE_FIELDS,
    )


def _seed_default_set() -> None:
    chosen, made = StandardSet.objects.get_or_create(
        code=DEFAULT_SET,
        defaults={
            "zh": "缺省立案、处置、结案标准",
            "en": "Default standards for filing, disposal and closing",
            "source": "时限取自一个城市的手册，缺项由本项目补齐；文字由本项目撰写",
            "certainty": "P",
            "active": not StandardSet.objects.filter(active=True).exists(),
        },
    )
    if not made:
        return
    types = {
        (kind, code): pk
        for kind, code, pk in MatterType.objects.filter(standard=CURRENT_STANDARD).values_list(
            "kind", "code", "id"
        )
    }
    rows = []
    for row in data_rows("default_standards.csv"):
        values = {k: v for k, v in row.items() if k not in {"kind", "code", "source", "certainty"}}
        matter_type_id = types[row["kind"], row["code"]]
        rows.append(DisposalStandard(set=chosen, matter_type_id=matter_type_id, **values))
    DisposalStandard.objects.bulk_create(rows)
