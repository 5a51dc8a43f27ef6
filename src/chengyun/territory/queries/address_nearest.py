"""The addresses nearest to a point, and the words that say where the point lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from chengyun.administration.rules.actor import Actor
from chengyun.kernel.clock import now
from chengyun.territory.queries.address_rows import rows_of, scope
from chengyun.territory.queries.locate import Place, find_place
from chengyun.territory.rules.addresses.nearness import BESIDE_M, NEAR_M, Nearness, nearness, worded

REACH_M: Final = 2_000
_REACH_DEGREES: Final = 0.02
_POINT: Final = "ST_SetSRID(ST_MakePoint(%s, %s), 4490)"
_ROW: Final = "a.id, a.kind, a.name, a.full, a.division_code"
# The index orders by degrees; a few more are taken and measured in metres.
_NEAREST: Final = f"""
SELECT {_ROW}, ST_X(a.point) AS lon, ST_Y(a.point) AS lat
FROM territory_address a
WHERE a.valid_to IS NULL AND a.kind = ANY(%s) AND {{scope}}
  AND a.point && ST_Expand({_POINT}, {_REACH_DEGREES})
ORDER BY a.point <-> {_POINT} LIMIT %s
"""
_STREET: Final = f"""
SELECT {_ROW}, ST_X(c.p) AS lon, ST_Y(c.p) AS lat
FROM (SELECT * FROM territory_address a
      WHERE a.valid_to IS NULL AND a.geometry IS NOT NULL AND a.kind = 'street' AND {{scope}}
        AND a.geometry && ST_Expand({_POINT}, {_REACH_DEGREES})
      ORDER BY a.geometry <-> {_POINT} LIMIT 3) a
CROSS JOIN LATERAL (SELECT ST_ClosestPoint(a.geometry, {_POINT}) AS p) c
"""
_MORE: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """An address near a point, and how the point lies from it."""

    row: dict[str, Any]
    near: Nearness

    def told(self) -> dict[str, Any]:
        """Return the row with distance, direction and words."""
        zh, en = worded(self.row["full"], self.near)
        return self.row | {
            "distance_m": self.near.distance_m,
            "bearing": self.near.bearing,
            "direction": {"zh": self.near.direction_zh, "en": self.near.direction_en},
            "text": {"zh": zh, "en": en},
        }


def describe_point(*, actor: Actor, lon: float, lat: float, limit: int = 5) -> dict[str, Any]:
    """Return the words for a point, the addresses nearest to it, and its grid and divisions.

    lon, lat : EPSG:4490 [degrees]
    returns : text None when no address is within 2 km; place None where no grid is
    raises : Forbidden
    """
    seen, values = scope(actor, "a")
    point = (lon, lat)
    plates = _measured(point, _nearest(seen, values, point, ["door_plate"], limit))
    places = _measured(point, _nearest(seen, values, point, ["poi"], limit))
    streets = _measured(point, _streets(seen, values, point))
    ordered = sorted([*plates, *places, *streets[:1]], key=lambda one: one.near.distance_m)
    return {
        "lon": lon,
        "lat": lat,
        "text": _text(plates, places, streets),
        "nearest": [one.told() for one in ordered[:limit]],
        "place": _place(find_place(lon=lon, lat=lat, at=now())),
    }


def _text(plates: list[Near], places: list[Near], streets: list[Near]) -> dict[str, str] | None:
    """Say where the point is: by a plate or place beside it, else by street and landmark."""
    beside = [one for one in (*plates[:1], *places[:1]) if one.near.distance_m <= BESIDE_M]
    if beside:
        return _words(beside[0])
    landmark = places[0] if places and places[0].near.distance_m <= NEAR_M else None
    if streets and streets[0].near.distance_m <= BESIDE_M:
        return _on_street(streets[0], landmark or (plates[0] if plates else None))
    every = sorted([*plates, *places, *streets], key=lambda one: one.near.distance_m)
    return _words(every[0]) if every else None


def _on_street(street: Near, landmark: Near | None) -> dict[str, str]:
    zh = en = street.row["full"]
    if landmark is not None and landmark.near.distance_m <= 2 * NEAR_M:
        near_zh, near_en = worded(landmark.row["name"], landmark.near)
        zh, en = f"{zh}（{near_zh}）", f"{en} ({near_en})"
    return {"zh": zh, "en": en}


def _words(one: Near) -> dict[str, str]:
    zh, en = worded(one.row["full"], one.near)
    return {"zh": zh, "en": en}


def _nearest(
    seen: str, values: list[Any], point: tuple[float, float], kinds: list[str], limit: int
) -> list[dict[str, Any]]:
    sql = _NEAREST.format(scope=seen)
    return rows_of(sql, [kinds, *values, *point, *point, limit * _MORE])


def _streets(seen: str, values: list[Any], point: tuple[float, float]) -> list[dict[str, Any]]:
    return rows_of(_STREET.format(scope=seen), [*values, *point, *point, *point])


def _measured(point: tuple[float, float], rows: list[dict[str, Any]]) -> list[Near]:
    near = [Near(row=row, near=nearness(of=point, to=(row["lon"], row["lat"]))) for row in rows]
    return sorted(near, key=lambda one: (one.near.distance_m, one.row["id"]))


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    named = {"district": place.district, "street": place.street, "community": place.community}
    return {
        "grid_code": place.grid_code,
        **{key: {"code": one.code, "zh": one.zh, "en": one.en} for key, one in named.items()},
    }
