"""Exports of components: every format, read back through our own mapping; limits and rights."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from shapely.geometry import LineString

from chengyun.administration.models import AuditEntry
from chengyun.administration.operations import change_setting
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.components.commands import export_components_command
from chengyun.components.models import Component
from chengyun.components.rules.access import COMMAND_LINE
from chengyun.components.tests.builders import FENCE, LAMP, OTHER_COMMUNITY, City
from chengyun.intake.operations.local import import_file
from chengyun.intake.queries.shipped import shipped_mappings
from chengyun.territory.tests.builders import middle

URL = "/api/v1/components/export"


def content(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content
    data: bytes = b"".join(answer.streaming_content)
    return data


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "gpkg", "shp"])
def test_what_is_exported_can_be_imported_and_changes_nothing(
    city: City, tmp_path: Path, form: str
) -> None:
    city.component(owner_id=city.water.pk, name="=甲", address="滨江路", bearing=12.5)
    city.component(type_code=LAMP, column=1, row=3, state="lost", accuracy="A")
    path = tmp_path / "out"
    path.write_bytes(content(city.client.get(URL, {"format": form})))
    mapping = shipped_mappings(("components",))["chengyun"]
    run = import_file(actor=COMMAND_LINE, path=path, mapping=mapping)
    counts = (run.read, run.made, run.changed, run.skipped, run.faulty)
    assert counts == (2, 0, 0, 2, 0)


def test_a_shape_is_exported_as_it_is(city: City, tmp_path: Path) -> None:
    city.component()
    city.component(type_code=FENCE, geometry=LineString([middle(0, 0), middle(2, 0)]))
    archive = zipfile.ZipFile(io.BytesIO(content(city.client.get(URL, {"format": "shp"}))))
    shapes = [name for name in archive.namelist() if name.endswith(".shp")]
    assert shapes == ["components_linestring.shp", "components_point.shp"]
    path = tmp_path / "out.gpkg"
    path.write_bytes(content(city.client.get(URL, {"format": "gpkg"})))
    mapping = shipped_mappings(("components",))["chengyun"]
    assert import_file(actor=COMMAND_LINE, path=path, mapping=mapping).skipped == 2


def test_only_what_the_filter_leaves_and_the_reader_may_see(city: City) -> None:
    one, two = city.component(), city.component(type_code=LAMP, row=2)
    text = content(city.client.get(URL, {"format": "csv", "type": LAMP})).decode("utf-8-sig")
    assert two.code in text
    assert one.code not in text
    street = make_person(permissions=["components.read"], division_code=OTHER_COMMUNITY[:9])
    text = content(signed_in(street).get(URL, {"format": "csv"})).decode("utf-8-sig")
    assert (two.code in text, one.code in text) == (True, False)
    assert AuditEntry.objects.filter(act="components.exported").count() == 2


def test_too_many_are_refused(city: City) -> None:
    change_setting(actor=SYSTEM, key="components.export_max_rows", value=100)
    first = city.component()
    copies = [Component(**_copy(first, number)) for number in range(100)]
    Component.objects.bulk_create(copies)
    answer = city.client.get(URL)
    assert (answer.status_code, answer.json()["code"]) == (422, "export_too_large")


def _copy(one: Component, number: int) -> dict[str, Any]:
    values = {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields}
    return values | {"id": None, "code": f"33019901003{number + 500:06d}"}


def test_the_command_writes_by_the_name_of_the_file(city: City, tmp_path: Path) -> None:
    one = city.component()
    path = tmp_path / "all.csv"
    runner = CliRunner()
    assert runner.invoke(export_components_command, [str(path)]).exit_code == 0
    assert one.code in path.read_text(encoding="utf-8-sig")
    wrong = runner.invoke(export_components_command, [str(tmp_path / "all.doc")])
    assert wrong.exit_code == 2


@pytest.mark.django_db
def test_who_may_export() -> None:
    assert Client().get(URL).status_code == 401
    assert signed_in(make_person()).get(URL).status_code == 403
