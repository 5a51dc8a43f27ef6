"""What the clients must know of the demo city: who acts, where, on what."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from chengyun.demo.rules.accounts import SIGN_IN_WORD
from chengyun.kernel.errors import Fault
from chengyun.server.chaos.line import HOST, Line, as_json

MATTER_TYPE: Final = "06010"
STREET: Final = "990102001"
DESKS: Final = {
    "hotline": "hotline1",
    "acceptor": "acceptor1",
    "shift_leader": "shiftleader1",
    "dispatcher": "dispatcher1",
    "collector": "collector01",
    "leader": "leader1",
    "administrator": "admin",
}
DEPARTMENTS: Final = ("sanitation1", "municipal1", "enforcement1")
EXPORT_ROWS: Final = 100


class CityNotFit(Fault):
    """The demo city lacks what the clients need."""

    code = "city_not_fit"
    status = 500
    zh = "演示城市不可用：{reason}"
    en = "The demo city cannot be used: {reason}"


@dataclass(frozen=True, kw_only=True)
class City:
    """Headers by desk and by department's organisation; places as (lon, lat)."""

    desks: dict[str, dict[str, str]]
    departments: dict[int, dict[str, str]]
    collector_id: int
    places: list[tuple[float, float]]

    def standard_of(self, line: Line, case_id: int) -> int:
        """Return the filing condition that is proposed for a case."""
        headers = self.desks["shift_leader"]
        found = line.ask("GET", f"/api/v1/cases/{case_id}/proposals", headers).body
        return int(found["standards"][0]["id"])


def get_to_know(port: int, line: Line) -> City:
    """Sign everybody in, look at the grids; long exports become jobs early."""
    desks, ids = {}, {}
    for desk, username in DESKS.items():
        me, desks[desk] = _sign_in(port, username)
        ids[desk] = int(me["person"]["id"])
    departments = {}
    for username in DEPARTMENTS:
        me, headers = _sign_in(port, username)
        departments[int(me["person"]["organisation"]["id"])] = headers
    grids = line.ask(
        "GET", f"/api/v1/territory/grids?division={STREET}&limit=50", desks["leader"]
    ).body["items"]
    places = [(one["lon"], one["lat"]) for one in grids]
    if not places:
        raise CityNotFit(reason=f"no grid of {STREET}")
    line.ask(
        "PUT",
        "/api/v1/administration/settings/cases.export_direct_rows",
        {**desks["administrator"], "Content-Type": "application/json"},
        as_json({"value": EXPORT_ROWS, "reason": "chaos"}),
    )
    return City(desks=desks, departments=departments, collector_id=ids["collector"], places=places)


def _sign_in(port: int, username: str) -> tuple[Any, dict[str, str]]:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    body = as_json({"username": username, "password": SIGN_IN_WORD})
    connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    me = json.loads(answer.read())
    if answer.status != HTTPStatus.OK:
        raise CityNotFit(reason=f"sign-in of {username}: {answer.status} {me}")
    cookies = [
        value.partition(";")[0]
        for name, value in answer.getheaders()
        if name.lower() == "set-cookie"
    ]
    connection.close()
    token = next(part.partition("=")[2] for part in cookies if part.startswith("csrftoken="))
    return me, {"Cookie": "; ".join(cookies), "X-CSRFToken": token}
