"""Components: registered, changed, moved, retired; what each leaves behind, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from shapely.geometry import LineString, Point, Polygon

from chengyun.administration.models import AuditEntry
from chengyun.administration.tests.builders import actor_for, make_organisation, make_person
from chengyun.components.models import CodeCounter, Component, ComponentVersion
from chengyun.components.operations.change import (
    change_component,
    move_component,
    retire_component,
)
from chengyun.components.operations.register import ComponentInput, register_component
from chengyun.components.rules.access import ComponentOutsideScope
from chengyun.components.rules.faults import (
    ComponentChanged,
    ComponentCodeMismatch,
    ComponentCodeTaken,
    ComponentRetired,
    DictionaryValueUnknown,
    GeometryKindWrong,
    GeometryUnusable,
    NothingChanged,
    OrganisationUnknown,
)
from chengyun.components.tests.builders import COVER, FENCE, GREEN, LAMP, OTHER_COMMUNITY, City
from chengyun.journal.models import Event
from chengyun.kernel.codes import InvalidCode
from chengyun.kernel.coordinates import from_storage
from chengyun.kernel.errors import Fault, Forbidden, Invalid, NotFound
from chengyun.territory.faults import NoGridAtPoint
from chengyun.territory.queries.tiles import layer_version
from chengyun.territory.tests.builders import COMMUNITY, middle


def counts() -> tuple[int, ...]:
    return (
        Component.objects.count(),
        ComponentVersion.objects.count(),
        Event.objects.filter(kind__startswith="component.").count(),
        AuditEntry.objects.filter(act__startswith="component.").count(),
        sum(CodeCounter.objects.values_list("last", flat=True)),
    )


def test_a_component_gets_a_code_a_place_a_version_an_entry_and_an_event(city: City) -> None:
    one = city.component(column=1, owner_id=city.water.pk, address="滨江路 8 号")
    assert one.code == "33019901003000001"
    assert (one.name, one.state, one.accuracy) == ("雨水井盖", "intact", "")
    assert (one.grid_code, one.community_code) == (f"{COMMUNITY}002", COMMUNITY)
    assert (one.street_code, one.district_code) == (COMMUNITY[:9], COMMUNITY[:6])
    assert (one.position.x, one.position.y, one.shape) == (*middle(1, 0), None)
    version = ComponentVersion.objects.get(component=one)
    assert (version.version, version.act, version.by_name) == (1, "registered", city.keeper.name)
    event = Event.objects.get(kind="component.registered")
    assert (event.division_code, event.organisation_ids) == (COMMUNITY, [city.water.pk])
    entry = AuditEntry.objects.get(act="component.registered")
    assert (entry.subject, entry.detail) == (f"component:{one.pk}", {"code": one.code})
    assert layer_version("components") == "1"


def test_numbers_go_on_by_district_and_type(city: City) -> None:
    codes = [city.component(type_code=kind).code for kind in (COVER, COVER, LAMP)]
    assert codes == ["33019901003000001", "33019901003000002", "33019901037000001"]


def test_a_given_code_is_kept_and_counted(city: City) -> None:
    assert city.component(code="33019901003000041").code == "33019901003000041"
    assert city.component().code == "33019901003000042"


def test_an_old_code_of_sixteen_digits_is_kept(city: City) -> None:
    assert city.component(code="3301990103000007").code == "3301990103000007"


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("33019901037000001", ComponentCodeMismatch),
        ("33018801003000001", ComponentCodeMismatch),
        ("3301990100300000", ComponentCodeMismatch),
        ("330199", InvalidCode),
        ("33019901003OOOO01", InvalidCode),
    ],
)
def test_a_code_that_tells_another_type_or_place_is_refused(
    city: City, code: str, fault: type[Fault]
) -> None:
    before = counts()
    with pytest.raises(fault):
        city.component(code=code)
    assert counts() == before


def test_a_code_is_never_given_twice_even_of_a_retired_one(city: City) -> None:
    one = city.component()
    retire_component(actor=actor_for(city.keeper), component_id=one.pk, reason="道路改造")
    before = counts()
    with pytest.raises(ComponentCodeTaken):
        city.component(code=one.code)
    assert counts() == before


def test_an_older_type_code_means_the_present_type(city: City) -> None:
    assert city.component(type_code="0103").code.startswith("33019901003")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"geometry": Point(10, 10)}, NoGridAtPoint),
        ({"geometry": LineString([middle(0, 0), middle(1, 0)])}, GeometryKindWrong),
        ({"state": "molten"}, DictionaryValueUnknown),
        ({"source": "dream"}, DictionaryValueUnknown),
        ({"owner_id": 2**62}, OrganisationUnknown),
        ({"bearing": 360.0}, Invalid),
        ({"attributes": {"colour": "red"}}, Fault),
    ],
)
def test_what_is_wrong_is_refused_whole(
    city: City, given: dict[str, Any], fault: type[Fault]
) -> None:
    before = counts()
    with pytest.raises(fault):
        city.component(**given)
    assert counts() == before


def test_an_organisation_out_of_use_is_refused(city: City) -> None:
    gone = make_organisation(active=False)
    with pytest.raises(OrganisationUnknown):
        city.component(maintainer_id=gone.pk)


def test_lines_and_areas_keep_their_shape_and_a_point_on_it(city: City) -> None:
    fence = city.component(
        type_code=FENCE, geometry=LineString([middle(0, 0), middle(1, 0), middle(2, 0)])
    )
    assert fence.grid_code == f"{COMMUNITY}002"
    assert fence.shape is not None
    assert fence.shape.geom_type == "LineString"
    lon, lat = middle(0, 1)
    lawn = Polygon([(lon, lat), (lon + 1e-4, lat), (lon + 1e-4, lat + 1e-4), (lon, lat + 1e-4)])
    assert city.component(type_code=GREEN, geometry=lawn).grid_code == f"{COMMUNITY}004"
    assert city.component(type_code=GREEN).shape is None


def test_an_area_that_crosses_itself_is_refused(city: City) -> None:
    lon, lat = middle(0, 0)
    bow = Polygon([(lon, lat), (lon + 1e-4, lat + 1e-4), (lon + 1e-4, lat), (lon, lat + 1e-4)])
    with pytest.raises(GeometryUnusable):
        city.component(type_code=GREEN, geometry=bow)


def test_positions_of_a_map_service_are_converted(city: City) -> None:
    lon, lat = middle(2, 1)
    one = city.component(geometry=Point(from_storage(lon, lat, "GCJ-02")), crs="GCJ-02")
    assert one.grid_code == f"{COMMUNITY}006"
    assert (one.position.x, one.position.y) == pytest.approx((lon, lat), abs=1e-6)
    assert one.position_source == "GCJ-02"


def test_a_change_is_told_field_by_field(city: City) -> None:
    one = city.component()
    version = change_component(
        actor=actor_for(city.keeper),
        component_id=one.pk,
        values={"state": "damaged", "owner_id": city.water.pk, "name": one.name},
        version=1,
        reason="巡查发现",
    )
    assert version == 2
    told = ComponentVersion.objects.get(component=one, version=2)
    assert told.changes == {"state": ["intact", "damaged"], "owner_id": [None, city.water.pk]}
    assert (told.act, told.reason) == ("changed", "巡查发现")
    one.refresh_from_db()
    assert (one.state, one.version) == ("damaged", 2)
    assert Event.objects.filter(kind="component.changed").count() == 1


def test_versions_can_be_neither_changed_nor_removed(city: City) -> None:
    city.component()
    for statement in ("UPDATE {} SET by_name = 'x'", "DELETE FROM {}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format("components_componentversion"))
    assert ComponentVersion.objects.filter(by_name=city.keeper.name).count() == 1


def test_a_stale_or_empty_change_is_refused(city: City) -> None:
    one, actor = city.component(), actor_for(city.keeper)
    change_component(actor=actor, component_id=one.pk, values={"note": "a"}, version=1)
    before = counts()
    for values, version, fault in (
        ({"note": "b"}, 1, ComponentChanged),
        ({"note": "a"}, 2, NothingChanged),
        ({"code": "1"}, 2, Invalid),
        ({"state": "molten"}, 2, DictionaryValueUnknown),
    ):
        with pytest.raises(fault):
            change_component(actor=actor, component_id=one.pk, values=values, version=version)
    one.refresh_from_db()
    assert (one.note, one.version, counts()) == ("a", 2, before)


def test_a_moved_component_keeps_its_code_and_gets_another_grid(city: City) -> None:
    one = city.component()
    move_component(actor=actor_for(city.keeper), component_id=one.pk, geometry=Point(middle(1, 3)))
    moved = Component.objects.get(pk=one.pk)
    assert (moved.code, moved.community_code) == (one.code, OTHER_COMMUNITY)
    changes = ComponentVersion.objects.get(component=one, version=2).changes
    assert changes["position"] == [list(middle(0, 0)), list(middle(1, 3))]
    assert changes["grid_code"] == [f"{COMMUNITY}001", f"{OTHER_COMMUNITY}005"]
    with pytest.raises(NoGridAtPoint):
        move_component(actor=actor_for(city.keeper), component_id=one.pk, geometry=Point(1, 1))
    assert Component.objects.get(pk=one.pk).version == 2


def test_a_retired_component_changes_no_more(city: City) -> None:
    one, actor = city.component(), actor_for(city.keeper)
    with pytest.raises(Invalid):
        retire_component(actor=actor, component_id=one.pk, reason=" ")
    retire_component(actor=actor, component_id=one.pk, reason="道路改造")
    one.refresh_from_db()
    assert one.state == "removed"
    assert one.retired_at is not None
    before = counts()
    with pytest.raises(ComponentRetired):
        change_component(actor=actor, component_id=one.pk, values={"note": "b"})
    with pytest.raises(ComponentRetired):
        move_component(actor=actor, component_id=one.pk, geometry=Point(middle(1, 0)))
    with pytest.raises(ComponentRetired):
        retire_component(actor=actor, component_id=one.pk, reason="again")
    assert counts() == before


def test_who_may_register_is_limited_by_area_and_organisation(city: City) -> None:
    street = make_person(permissions=["components.manage"], division_code=OTHER_COMMUNITY[:9])
    water = make_person(permissions=["components.manage"], scope_organisation=city.water)
    reader = make_person(permissions=["components.read"])

    def register(person: Any, **given: Any) -> int:
        values: dict[str, Any] = {"type_code": COVER, "geometry": Point(middle(0, 0))} | given
        return register_component(actor=actor_for(person), given=ComponentInput(**values))

    before = counts()
    with pytest.raises(Forbidden):
        register(reader)
    with pytest.raises(ComponentOutsideScope):
        register(street)
    with pytest.raises(ComponentOutsideScope):
        register(water)
    assert counts() == before
    assert register(street, geometry=Point(middle(0, 2)))
    assert register(water, maintainer_id=city.water.pk)


def test_nobody_changes_what_he_cannot_see_or_give_away(city: City) -> None:
    mine, other = city.component(owner_id=city.water.pk), city.component()
    person = make_person(permissions=["components.manage"], scope_organisation=city.water)
    actor = actor_for(person)
    with pytest.raises(NotFound):
        change_component(actor=actor, component_id=other.pk, values={"note": "x"})
    with pytest.raises(ComponentOutsideScope):
        change_component(actor=actor, component_id=mine.pk, values={"owner_id": None})
    assert change_component(actor=actor, component_id=mine.pk, values={"note": "x"}) == 2
    assert Component.objects.get(pk=other.pk).version == 1
