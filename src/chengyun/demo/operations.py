"""Building the generated city into the platform's tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction

from chengyun.administration.operations import bulk as administration_bulk
from chengyun.administration.operations import change_setting
from chengyun.administration.queries import time_zone, working_calendar
from chengyun.administration.rules.actor import SYSTEM
from chengyun.cases.operations.bulk import write_encoded
from chengyun.cases.operations.limits import stage_limits
from chengyun.cases.operations.loading import much_at_once
from chengyun.cases.operations.outfitting import (
    go_on_numbering,
    refresh_statistics,
    store_files,
)
from chengyun.cases.operations.standards import save_dispatch_rule
from chengyun.cases.rules.workflow import workflow
from chengyun.demo.addresses import write_addresses
from chengyun.demo.casework import CaseWriter, Catalogue
from chengyun.demo.components_near import ComponentsNear, PlacedComponent
from chengyun.demo.furniture import write_furniture
from chengyun.demo.grid_groups import write_duties, write_grid_groups
from chengyun.demo.queries import city as queries
from chengyun.demo.rules.accounts import SIGN_IN_WORD
from chengyun.demo.rules.casting import Casting
from chengyun.demo.rules.codes import CASE_PREFIX, CITY, CITY_EN, CITY_ZH, PROVINCE
from chengyun.demo.rules.divisions import Community, District, Street
from chengyun.demo.rules.layers import map_layers
from chengyun.demo.rules.pictures import Picture, draw_pictures
from chengyun.demo.rules.places import place_kinds
from chengyun.demo.rules.projection import ORIGIN_LAT, ORIGIN_LON, geometries_to_lonlat
from chengyun.demo.rules.reports import matter_patterns
from chengyun.demo.rules.sizes import CitySize
from chengyun.demo.rules.society import Society, people_city
from chengyun.demo.rules.timing import Timekeeper
from chengyun.demo.rules.town import Town, build_town
from chengyun.demo.standing import Platform
from chengyun.demo.telling import Told, tell_all, uncollected
from chengyun.territory.operations import bulk as territory_bulk

SOURCE = "demo"
_TELL_EVERY = 5_000

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What was written."""

    grids: int
    features: int
    organisations: int
    people: int
    cases: int
    open_cases: int
    components: int
    addresses: int
    groups: int
    society: Society


@transaction.atomic
def build_city(
    *,
    size: CitySize,
    seed: int,
    now: datetime,
    months: int | None = None,
    processes: int = 0,
    guarded: bool = False,
    tell: Tell = print,
) -> Built:
    """Write a generated city: ground, organisations, people, past and present cases.

    now : anchor of time, aware; nothing happens after it
    processes : children that tell the cases; 0 = none
    guarded : whether every act of a story is asked for permission; slower
    tell : told of each step in a word
    """
    tell("drawing the city")
    with uncollected():
        town = build_town(size, seed)
    since = now - timedelta(days=31 * ((months or size.months) + 2))
    _take_the_time()
    _name_node(town)
    features, addresses = _write_place(town, since, tell)
    tell("moving people in")
    society = people_city(town)
    groups = _write_responsible(town, society, since, tell)
    tell("writing the rules of dispatch")
    casting = Casting(society)
    catalogue = Catalogue(
        types=queries.matter_types(), standards=queries.standards(), grids=queries.grids()
    )
    _write_rules(town, casting, catalogue)
    tell("placing what stands in the streets")
    components = write_furniture(town, casting, _organisation_ids(), now)
    platform = replace(_platform(town, society, now), guarded=guarded)
    tell("telling the cases")
    writer = CaseWriter(
        town=town,
        society=society,
        platform=platform,
        catalogue=catalogue,
        zone=time_zone(),
        components=_components_near(town),
    )
    counts = _write_history(writer, town, now, months or size.months, processes, tell)
    return Built(
        grids=len(town.fabric.cells),
        features=features,
        organisations=len(society.organisations),
        people=len(society.people),
        cases=counts[0],
        open_cases=counts[1],
        components=components,
        addresses=addresses,
        groups=groups,
        society=society,
    )


def _write_place(town: Town, since: datetime, tell: Tell) -> tuple[int, int]:
    """Write grids, map and addresses; return how many features and addresses."""
    tell("writing divisions and grids")
    write_ground(town, since)
    tell("writing the map")
    features = _write_map(town)
    tell("writing addresses")
    return features, write_addresses(town, since)


def _write_responsible(town: Town, society: Society, since: datetime, tell: Tell) -> int:
    """Write who is there, and management and evaluation grids; return how many of these."""
    _write_society(society, since)
    tell("grouping the grids")
    groups = write_grid_groups(town, _organisation_ids(), since)
    tell("dissolving the divisions")
    territory_bulk.finish_bulk()
    return groups


def _take_the_time() -> None:
    """Let the transaction wait while something is drawn: a large city is drawn for minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def _components_near(town: Town) -> ComponentsNear:
    cells = {code: cell for cell, code in enumerate(town.divisions.grid_codes)}
    placed: dict[str, list[PlacedComponent]] = {}
    types = [pattern.code for pattern in matter_patterns() if pattern.kind == "component"]
    for kind, code, lon, lat, grid in queries.components(types):
        placed.setdefault(kind, []).append((code, lon, lat, cells[grid]))
    return ComponentsNear(placed)


def _write_history(
    writer: CaseWriter, town: Town, now: datetime, months: int, processes: int, tell: Tell
) -> tuple[int, int]:
    """Write the cases, let numbering and statistics go on from them; return all and open ones."""
    counts = _live_through(writer, town, months, processes, tell)
    today = now.astimezone(time_zone()).date()
    go_on_numbering(today, writer.taken_on(today))
    refresh_statistics()
    return counts


def _live_through(
    writer: CaseWriter, town: Town, months: int, processes: int, tell: Tell
) -> tuple[int, int]:
    """Write the cases of the months; return how many, and how many are open still."""
    size = town.size
    count = round(size.cases * months / size.months)
    scripts = writer.scripts(count, months, size.open_cases)
    with much_at_once(count):
        counts = _write_cases(tell_all(writer, scripts, processes), tell, count)
        tell("building the indexes of the cases")
    return counts


def _name_node(town: Town) -> None:
    west, south, east, north = _bounds(town)
    values = {
        "node.name": CITY_ZH,
        "node.name_en": CITY_EN,
        "node.division_code": f"{CITY}00",
        "node.tier": "city",
        "node.map_centre": [ORIGIN_LON, ORIGIN_LAT],
        "node.map_bounds": [west, south, east, north],
        "node.map_zoom": town.size.map_zoom,
        "cases.number_prefix": CASE_PREFIX,
    }
    for key, value in values.items():
        change_setting(actor=SYSTEM, key=key, value=value, reason="demo")


def _bounds(town: Town) -> tuple[float, float, float, float]:
    outline = geometries_to_lonlat(town.fabric.polygons(town.fabric.cells))
    bounds = [shape.bounds for shape in outline]
    return (
        min(box[0] for box in bounds),
        min(box[1] for box in bounds),
        max(box[2] for box in bounds),
        max(box[3] for box in bounds),
    )


def write_ground(town: Town, since: datetime) -> None:
    """Write the divisions and grids of a town."""
    divisions = town.divisions
    row = territory_bulk.DivisionRow
    rows = [
        row(code=PROVINCE, zh="演示省", en="Demo Province", source=SOURCE),
        row(code=CITY, zh=CITY_ZH, en=CITY_EN, source=SOURCE),
    ]
    named: list[District | Street | Community] = [
        *divisions.districts,
        *divisions.streets,
        *divisions.communities,
    ]
    rows.extend(
        row(code=one.code, zh=one.zh, en=one.en, source=SOURCE, valid_from=since.date())
        for one in sorted(named, key=lambda one: one.code)
    )
    territory_bulk.copy_divisions(rows)
    territory_bulk.copy_grids(_grid_rows(town, since))


def _grid_rows(town: Town, since: datetime) -> Iterator[territory_bulk.GridRow]:
    divisions, fabric = town.divisions, town.fabric
    shapes = geometries_to_lonlat(fabric.polygons(fabric.cells))
    for cell in sorted(range(len(shapes)), key=lambda cell: divisions.grid_codes[cell]):
        code = divisions.grid_codes[cell]
        use = fabric.blocks[fabric.cell_blocks[cell]].use
        yield territory_bulk.GridRow(
            code=code,
            community_code=code[:12],
            geometry=shapes[cell],
            valid_from=since,
            area_class=divisions.area_classes[cell],
            area_m2=divisions.areas_m2[cell],
            land_use=place_kinds()[use].land_kind or use,
        )


def _write_map(town: Town) -> int:
    written = 0
    named: set[str] = set()
    for layer, features in map_layers(town):
        written += territory_bulk.copy_features(
            layer,
            (
                territory_bulk.FeatureRow(
                    geometry=feature.geometry,
                    kind=feature.kind,
                    zh=feature.zh,
                    en=feature.en,
                    height_m=feature.height_m,
                    min_zoom=feature.min_zoom,
                    attributes=feature.attributes,
                    source=SOURCE,
                )
                for feature in features
            ),
        )
        named.add(layer)
    for layer in sorted(named):
        territory_bulk.describe_layer(
            layer, attribution="虚构城市 · fictional city", crs="EPSG:4490"
        )
    return written


def _write_society(society: Society, since: datetime) -> None:
    administration_bulk.insert_organisations(
        actor=SYSTEM,
        rows=[
            administration_bulk.OrganisationRow(
                code=one.code,
                parent=one.parent,
                kind=one.kind,
                zh=one.zh,
                en=one.en,
                division_code=one.division_code,
                credit_code=one.credit_code,
                department_kind=one.department_kind,
                sort=one.sort,
            )
            for one in society.organisations
        ],
    )
    ids = administration_bulk.insert_people(
        actor=SYSTEM,
        password=SIGN_IN_WORD,
        rows=[
            administration_bulk.PersonRow(
                username=one.username,
                name=one.name,
                phone=one.phone,
                organisation=one.organisation,
                role=one.role,
                post=one.post,
                division_code=one.division_code,
                own_organisation=one.own_organisation,
            )
            for one in society.people
        ],
    )
    write_duties(society, ids, since)


def _write_rules(town: Town, casting: Casting, catalogue: Catalogue) -> None:
    """Write dispatch rules for every matter: one for each area that has its own department."""
    organisations = _organisation_ids()
    number = 0
    for pattern in matter_patterns():
        kinds = [row.department_kind for row in catalogue.standards[pattern.kind, pattern.code]]
        kind = max(kinds, key=kinds.count)
        chosen = {
            _area_of(code): code
            for street in town.divisions.streets
            if (code := casting.department_for(kind, street.code)) in organisations
        }
        for division, code in chosen.items():
            number += 1
            save_dispatch_rule(
                actor=SYSTEM,
                code=f"R-{number}",
                matter_type_id=catalogue.types[pattern.kind, pattern.code].id,
                division_code=division,
                organisation_id=organisations[code],
            )


def _organisation_ids() -> dict[str, int]:
    return {code: pk for code, (pk, _) in queries.organisations().items()}


def _area_of(organisation_code: str) -> str:
    """Return the division for which a department works, empty for the whole city."""
    division, _, _ = organisation_code.partition("-")
    return "" if division == CITY else division


def _platform(town: Town, society: Society, now: datetime) -> Platform:
    platform = Platform(
        workflow=workflow(),
        timekeeper=Timekeeper(working_calendar()),
        limits=stage_limits(),
        now=now,
        people=queries.people(),
        organisations=queries.organisations(),
        pictures=_store_pictures(town.seed),
    )
    missing = {person.username for person in society.people} - platform.people.keys()
    if missing:
        raise LookupError(f"people were not written: {sorted(missing)[:3]}")
    return platform


def _store_pictures(seed: int) -> dict[tuple[str, bool], list[Picture]]:
    pictures: dict[tuple[str, bool], list[Picture]] = {}
    files: dict[str, bytes] = {}
    for drawn in draw_pictures(seed):
        files[drawn.picture.storage_key] = drawn.content
        files[drawn.picture.thumbnail_key] = drawn.thumbnail
        pictures.setdefault((drawn.scene, drawn.after), []).append(drawn.picture)
    store_files(files)
    return pictures


def _write_cases(told: Iterator[Told], tell: Tell, count: int) -> tuple[int, int]:
    written = still_open = 0
    every = max(_TELL_EVERY, count // 50)
    for portion in told:
        write_encoded(portion.encoded)
        before, written = written, written + portion.cases
        still_open += portion.still_open
        if written // every > before // every:
            tell(f"{written:,} of about {count:,} cases")
    return written, still_open
