"""Recipes: the buildings, yards and fields that stand on a site of a given use."""

import csv
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from chengyun.demo.rules.footprints import (
    Building,
    Frame,
    RowStyle,
    Shape,
    chamfered,
    ell,
    ellipse,
    horseshoe,
    rectangle,
    rows,
    track,
)


@dataclass(slots=True, kw_only=True)
class Site:
    """A piece of land to build on.

    corners : outline in the plane [m], counter-clockwise
    angle : direction of the rows [rad]; own_angle : that of the sides of the block
    centrality : 1 in the middle of the business centre, 0 far away
    """

    corners: Shape
    angle: float
    own_angle: float
    use: str
    centrality: float
    draw: random.Random


@dataclass(slots=True, kw_only=True)
class Built:
    """What a recipe puts on a site: buildings, and yards as (kind, outline)."""

    buildings: list[Building] = field(default_factory=list)
    yards: list[tuple[str, Shape]] = field(default_factory=list)


@cache
def row_styles() -> dict[str, tuple[RowStyle, float]]:
    """Return the row style and inset [m] of each use that is built in rows."""
    text = resources.files("chengyun.demo").joinpath("data/building_rows.csv").read_text("utf-8")
    return {
        row["use"]: (_row_style(row), float(row["inset_m"]))
        for row in csv.DictReader(text.splitlines())
    }


def _row_style(row: dict[str, str]) -> RowStyle:
    return RowStyle(
        depth_m=float(row["depth_m"]),
        pitch_m=float(row["pitch_m"]),
        length_m=(float(row["length_min_m"]), float(row["length_max_m"])),
        gap_m=float(row["gap_m"]),
        heights_m=(float(row["height_min_m"]), float(row["height_max_m"])),
        kind=row["kind"],
        shape=row["shape"],
        skip=float(row["skip"]),
        wobble_m=float(row["wobble_m"]),
        floor_m=float(row["floor_m"]),
    )


def inset_of(use: str) -> float:
    """Return how far buildings stay from the edge of the site [m]."""
    return row_styles()[use][1] if use in row_styles() else _INSETS.get(use, 6.0)


_INSETS = {"shop_street": 1.0, "mall": 8.0, "office": 8.0, "stadium": 10.0, "rail_station": 8.0}


def build(site: Site) -> Built:
    """Return what stands on a site."""
    built = Built()
    recipe = _RECIPES.get(site.use)
    frame = Frame(site.corners, site.angle)
    if recipe is not None:
        if site.use not in _IN_ROWS:
            frame.fit_inside()
        recipe(site, frame, built)
    elif site.use in row_styles():
        use = "tower_slab" if site.use == "tower" and site.draw.random() < 0.45 else site.use
        built.buildings.extend(rows(frame, row_styles()[use][0], site.draw))
    return built


def _middle(frame: Frame) -> tuple[float, float]:
    return (frame.x0 + frame.x1) / 2, (frame.y0 + frame.y1) / 2


def _extent(frame: Frame) -> tuple[float, float]:
    return frame.x1 - frame.x0, frame.y1 - frame.y0


def _add(
    built: Built, frame: Frame, shape: Shape, at: tuple[float, float], height: float, kind: str
) -> None:
    outline = frame.place(shape, *at)
    built.buildings.append(Building(outline=outline, height_m=round(height, 1), kind=kind))


def _part(site: Site, frame: Frame, low: float, high: float, use: str) -> Iterator[Building]:
    """Yield rows on the part of a site between two shares of its height."""
    style = row_styles()[use][0]
    depth = frame.y1 - frame.y0
    part = Frame(site.corners, site.angle)
    part.y0, part.y1 = frame.y0 + low * depth, frame.y0 + high * depth
    return rows(part, style, site.draw)


def _office(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    x, y = _middle(frame)
    draw = site.draw
    reach = 0.78 + 0.12 * draw.random()
    storeys = 26 + 170 * site.centrality**2 * draw.uniform(0.35, 1.0)
    side = min(46.0, 0.5 * min(wide, deep)) * draw.uniform(0.85, 1.05)
    if draw.random() < 0.75 or site.centrality > 0.4:
        podium = chamfered(wide * reach, deep * reach, 4 if draw.random() < 0.4 else 0.5)
        _add(built, frame, podium, (x, y), draw.choice([12, 16, 20]), "commercial")
        tower: Shape = draw.choice(
            [rectangle(side, side * 0.8), chamfered(side, side, side * 0.2), ellipse(side, side)]
        )
        dx, dy = draw.uniform(-0.12, 0.12) * wide, draw.uniform(-0.12, 0.12) * deep
        _add(built, frame, tower, (x + dx, y + dy), storeys, "office")
    else:
        _add(built, frame, ell(wide * 0.85, deep * 0.8, 18), (x, y), draw.uniform(18, 40), "office")


def _hotel(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    x, y = _middle(frame)
    _add(built, frame, rectangle(wide * 0.8, deep * 0.6), (x, y - deep * 0.06), 14, "hotel")
    _add(
        built,
        frame,
        rectangle(min(62, wide * 0.75), 19),
        (x, y),
        site.draw.uniform(42, 96),
        "hotel",
    )


def _mall(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    shape = chamfered(min(170, wide * 0.94), min(120, deep * 0.9), 7)
    _add(built, frame, shape, _middle(frame), site.draw.choice([22, 26, 31]), "mall")


def _shop_street(site: Site, frame: Frame, built: Built) -> None:
    built.buildings.extend(_frontage(site, 12.0, (9, 22), (4, 11), "retail"))
    style = row_styles()["courtyard"][0]
    built.buildings.extend(rows(frame, style, site.draw, margin_m=16))


def _frontage(
    site: Site, depth: float, length: tuple[float, float], heights: tuple[float, float], kind: str
) -> Iterator[Building]:
    """Yield buildings side by side along every side of a site."""
    corners = site.corners
    for k, (x0, y0) in enumerate(corners):
        x1, y1 = corners[(k + 1) % len(corners)]
        side = math.hypot(x1 - x0, y1 - y0)
        if side < length[0] + 2 * depth:
            continue
        angle = math.atan2(y1 - y0, x1 - x0)
        at = depth
        while at < side - depth - length[0]:
            long = min(site.draw.uniform(*length), side - depth - at)
            local = Frame([(x0, y0), (x1, y1)], angle)
            start = local.into((x0, y0))
            outline = local.place(
                rectangle(long - 0.4, depth), start[0] + at + long / 2, start[1] + depth / 2 + 0.3
            )
            high = round(site.draw.uniform(*heights), 1)
            yield Building(outline=outline, height_m=high, kind=kind)
            at += long


def _school(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    x, _ = _middle(frame)
    big = site.use == "middle_school"
    field_deep = min(92.0 if big else 62.0, deep * 0.48)
    field_wide = min(field_deep * 1.9, wide * 0.96)
    built.yards.append(
        ("pitch", frame.place(track(field_wide, field_deep), x, frame.y0 + field_deep * 0.62))
    )
    built.yards.append(
        (
            "grass",
            frame.place(
                track(field_wide * 0.86, field_deep * 0.7), x, frame.y0 + field_deep * 0.62
            ),
        )
    )
    if deep < 56 or wide < 50:
        _add(
            built, frame, ell(wide * 0.8, deep * 0.36, 10), (x, frame.y1 - deep * 0.2), 15, "school"
        )
        return
    top = frame.y1 - deep * 0.21
    _add(
        built,
        frame,
        horseshoe(min(74, wide * 0.56), min(46, deep * 0.34), 13),
        (x - wide * 0.1, top),
        18 if big else 15,
        "school",
    )
    _add(built, frame, rectangle(24, 32), (x + wide * 0.3, top), 12, "school")


def _kindergarten(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    _add(built, frame, ell(wide * 0.75, deep * 0.7, 12), _middle(frame), 10.8, "kindergarten")


def _hospital(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    x, y = _middle(frame)
    _add(
        built,
        frame,
        rectangle(wide * 0.86, deep * 0.22),
        (x, frame.y0 + deep * 0.2),
        20,
        "hospital",
    )
    _add(
        built,
        frame,
        rectangle(min(70, wide * 0.8), 20),
        (x, y + deep * 0.06),
        site.draw.uniform(48, 78),
        "hospital",
    )
    for side in (-1, 1):
        at = (x + side * wide * 0.24, frame.y1 - deep * 0.13)
        _add(built, frame, rectangle(min(34, wide * 0.25), 16), at, 24, "hospital")


def _government(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    x, y = _middle(frame)
    _add(built, frame, rectangle(min(96, wide * 0.86), 22), (x, y + deep * 0.16), 46, "government")
    for side in (-1, 1):
        at = (x + side * min(46, wide * 0.32), y - deep * 0.06)
        _add(built, frame, rectangle(15, min(52, deep * 0.36)), at, 20, "government")
    plaza = rectangle(wide * 0.5, deep * 0.22)
    built.yards.append(("pedestrian", frame.place(plaza, x, frame.y0 + deep * 0.16)))


def _small_office(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    kind = {"police": "police", "fire_station": "fire_station"}.get(site.use, "government")
    _add(
        built,
        frame,
        ell(min(54, wide * 0.8), min(44, deep * 0.75), 13),
        _middle(frame),
        site.draw.choice([14.4, 18, 21.6]),
        kind,
    )


def _museum(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    x, y = _middle(frame)
    _add(
        built, frame, chamfered(min(90, wide * 0.8), min(64, deep * 0.62), 12), (x, y), 19, "museum"
    )
    built.yards.append(
        ("pedestrian", frame.place(rectangle(wide * 0.5, deep * 0.16), x, frame.y0 + deep * 0.13))
    )


def _stadium(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    x, y = _middle(frame)
    long, broad = min(230.0, wide * 0.97), min(180.0, deep * 0.97)
    _add(built, frame, ellipse(long, broad, 40), (x, y), 30, "stadium")


def _temple(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    x, _ = _middle(frame)
    for k, share in enumerate((0.2, 0.48, 0.76)):
        hall = rectangle(min(34, wide * 0.4) * (0.7 + 0.3 * (k == 1)), 15)
        _add(built, frame, hall, (x, frame.y0 + deep * share), 9 + 5 * (k == 1), "place_of_worship")
    for side in (-1, 1):
        at = (x + side * min(28, wide * 0.33), frame.y0 + deep * 0.5)
        _add(built, frame, rectangle(8, deep * 0.5), at, 5, "place_of_worship")


def _rail_station(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    x, y = _middle(frame)
    hall = chamfered(min(210, wide * 0.8), min(64, deep * 0.34), 8)
    _add(built, frame, hall, (x, y + deep * 0.12), 26, "transportation")
    plaza = rectangle(wide * 0.6, deep * 0.28)
    built.yards.append(("pedestrian", frame.place(plaza, x, frame.y0 + deep * 0.2)))


def _utility(site: Site, frame: Frame, built: Built) -> None:
    wide, deep = _extent(frame)
    x, y = _middle(frame)
    radius = min(26.0, wide * 0.3, deep * 0.3)
    for dx in (-0.24, 0.24):
        _add(
            built,
            frame,
            ellipse(radius, radius, 18),
            (x + dx * wide, y + deep * 0.18),
            9,
            "utility",
        )
    _add(built, frame, rectangle(min(40, wide * 0.5), 14), (x, y - deep * 0.22), 9, "utility")


def _plaza(site: Site, frame: Frame, built: Built) -> None:
    built.yards.append(("pedestrian", list(site.corners)))


def _factory(site: Site, frame: Frame, built: Built) -> None:
    built.buildings.extend(_part(site, frame, 0.24, 1.0, "factory"))
    built.buildings.extend(_part(site, frame, 0.0, 0.22, "walkup"))


def _tower_with_shops(site: Site, frame: Frame, built: Built) -> None:
    use = "tower_slab" if site.draw.random() < 0.45 else "tower"
    built.buildings.extend(rows(frame, row_styles()[use][0], site.draw))


_IN_ROWS = frozenset({"tower", "factory", "shop_street"})
_RECIPES: dict[str, Callable[[Site, Frame, Built], None]] = {
    "office": _office,
    "hotel": _hotel,
    "mall": _mall,
    "shop_street": _shop_street,
    "primary_school": _school,
    "middle_school": _school,
    "kindergarten": _kindergarten,
    "hospital": _hospital,
    "government": _government,
    "street_office": _small_office,
    "police": _small_office,
    "fire_station": _small_office,
    "museum": _museum,
    "stadium": _stadium,
    "temple": _temple,
    "rail_station": _rail_station,
    "utility": _utility,
    "plaza": _plaza,
    "factory": _factory,
    "tower": _tower_with_shops,
}
