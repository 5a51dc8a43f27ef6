"""Who takes part in a case, and which departments it may go to."""

import random

from chengyun.demo.rules.society import DemoPerson, Society
from chengyun.demo.rules.stories import Cast

_ROLES = {
    "hotline": "hotline_operator",
    "acceptor": "acceptor",
    "shift_leader": "shift_leader",
    "dispatcher": "dispatcher",
    "inspector": "inspector",
    "leader": "leader",
}


class Casting:
    """Finds people by role and place."""

    def __init__(self, society: Society) -> None:
        self._collectors = {code: person for person in society.people for code in person.grids}
        self._by_desk: dict[tuple[str, str], list[DemoPerson]] = {}
        for desk, role in _ROLES.items():
            for person in society.of_role(role):
                self._by_desk.setdefault((desk, person.division_code), []).append(person)
        self._handlers: dict[str, list[DemoPerson]] = {}
        for person in society.of_role("department"):
            self._handlers.setdefault(person.organisation, []).append(person)
        self._kinds: dict[str, list[str]] = {}
        for organisation in society.organisations:
            if organisation.department_kind:
                self._kinds.setdefault(organisation.department_kind, []).append(organisation.code)

    def department_for(self, kind: str, grid_code: str) -> str:
        """Return the code of the organisation of a kind that answers for a grid."""
        codes = self._kinds.get(kind, [])
        for width in (9, 6, 4):
            wanted = f"{grid_code[:width]}-{kind}"
            if wanted in codes:
                return wanted
        return f"{grid_code[:9]}-street_office"

    def cast(self, grid_code: str, department_kind: str, draw: random.Random) -> Cast:
        """Return who takes part in a case in a grid."""
        department = self.department_for(department_kind, grid_code)
        others = [
            kind
            for kind in ("municipal", "sanitation", "enforcement", "landscaping")
            if kind != department_kind
        ]
        other = self.department_for(draw.choice(others), grid_code)
        return Cast(
            collector=self._collectors[grid_code],
            hotline=self._desk("hotline", grid_code, draw),
            acceptor=self._desk("acceptor", grid_code, draw),
            shift_leader=self._desk("shift_leader", grid_code, draw),
            dispatcher=self._desk("dispatcher", grid_code, draw),
            inspector=self._desk("inspector", grid_code, draw),
            leader=self._desk("leader", grid_code, draw),
            handler=draw.choice(self._handlers[department]),
            department=department,
            other=other,
            other_handler=draw.choice(self._handlers[other]),
        )

    def _desk(self, desk: str, grid_code: str, draw: random.Random) -> DemoPerson:
        district = self._by_desk.get((desk, grid_code[:6]), [])
        city = self._by_desk.get((desk, ""), [])
        if district and draw.random() < 0.6:
            return draw.choice(district)
        return draw.choice(city or district)
