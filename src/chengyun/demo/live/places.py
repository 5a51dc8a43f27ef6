"""Where things happen: where the platform's cases say that such things have happened before."""

import math
from dataclasses import dataclass, field
from typing import Any

from chengyun.demo.live.people import Person, Signing
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.living.matters import HOT_SPOTS, Matter
from chengyun.kernel.errors import Fault

_SAMPLE = 200
_NEAREST = 8
_MARKETS = "09005"


class CityHasNoCases(Fault):
    """There is no case to learn places from."""

    code = "city_has_no_cases"
    status = 409
    zh = "平台没有案卷，无从得知地点。请先执行 chengyun demo。"
    en = "The platform has no cases to learn places from. Run `chengyun demo` first."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the city: EPSG:4490 [degrees]."""

    lon: float
    lat: float
    address: str
    grid_code: str


@dataclass(kw_only=True)
class Places:
    """The places of each type, asked for when such a matter first comes up."""

    signing: Signing
    leader: Person
    _known: dict[str, list[Place]] = field(default_factory=dict)
    _spots: list[list[Place]] = field(default_factory=list)

    async def learn(self) -> None:
        """Learn some places and choose the hot spots among them; raises CityHasNoCases."""
        some = await self._asked({})
        if not some:
            raise CityHasNoCases
        markets = await self._asked({"type": _MARKETS}) or some
        draw = scalar_draws(self.signing.seed, "hot spots of life")
        chosen = [draw.choice(markets), *(draw.choice(some) for _ in range(HOT_SPOTS - 1))]
        everywhere = sorted({one.address: one for one in some + markets}.values(), key=_order)
        self._spots = [_nearest(one, everywhere) for one in chosen]
        self._known[""] = some

    async def of(self, matter: Matter) -> Place:
        """Return where a matter is."""
        if matter.spot is not None:
            found = self._spots[matter.spot]
        else:
            found = await self._of_type(matter)
        return found[int(matter.place * len(found))]

    def spot(self, number: int) -> Place:
        """Return the middle of a hot spot."""
        return self._spots[number][0]

    async def _of_type(self, matter: Matter) -> list[Place]:
        code = matter.pattern.code
        if code not in self._known:
            wanted = {"type": code, "kind": matter.pattern.kind}
            self._known[code] = await self._asked(wanted) or self._known[""]
        return self._known[code]

    async def _asked(self, wanted: dict[str, str]) -> list[Place]:
        query = {**wanted, "limit": _SAMPLE, "sort": "-reported"}
        answer = await self.signing.ask(self.leader, "GET", "/api/v1/cases", params=query)
        rows = answer.data["items"] if answer.is_good else []
        found = [_place(row) for row in rows if row["lon"] is not None and row["grid_code"]]
        return sorted(found, key=_order)


def _place(row: dict[str, Any]) -> Place:
    return Place(lon=row["lon"], lat=row["lat"], address=row["address"], grid_code=row["grid_code"])


def _order(place: Place) -> tuple[float, float, str]:
    return place.lon, place.lat, place.address


def _nearest(middle: Place, places: list[Place]) -> list[Place]:
    narrow = math.cos(math.radians(middle.lat))

    def away(one: Place) -> float:
        return math.hypot((one.lon - middle.lon) * narrow, one.lat - middle.lat)

    return sorted(places, key=away)[:_NEAREST]
