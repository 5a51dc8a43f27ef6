"""One batch of an import of addresses, set-based, in the caller's transaction.

The largest come first, in waves: what stands below another finds it written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from chengyun.intake.rules.kinds import Outcome
from chengyun.kernel.errors import Fault, Invalid
from chengyun.territory.address_faults import (
    AddressCodeTaken,
    AddressParentMissing,
    AddressParentUnfit,
    AddressRetired,
    AddressTwice,
)
from chengyun.territory.faults import OutsideScope
from chengyun.territory.models import Address
from chengyun.territory.operations.address_insert import (
    Settled,
    Terms,
    add_former,
    insert_addresses,
)
from chengyun.territory.operations.address_known import (
    KEEP_DIVISION,
    bring_up,
    differences,
    known_by_code,
    known_by_place,
)
from chengyun.territory.operations.address_parents import (
    Node,
    Sought,
    found_nodes,
    nodes_by_code,
    nodes_by_id,
)
from chengyun.territory.operations.address_reading import GivenAddress, is_changed_place
from chengyun.territory.queries.locate import PointInTime, find_places
from chengyun.territory.rules.addresses.kinds import KINDS, may_stand_below
from chengyun.territory.rules.addresses.numbers import normal_number, plain
from chengyun.territory.rules.scope import MANAGE, prefixes_of

_RANKS: dict[str, int] = {kind: rank for rank, kind in enumerate(KINDS)}


class AddressBatch:
    """Writes rows; what it did is in `outcome`."""

    def __init__(self, terms: Terms) -> None:
        self.outcome = Outcome(counts={"parents_made": 0})
        self._terms = terms
        self._prefixes = prefixes_of(terms.actor, MANAGE)
        self._nodes: dict[str, Node] = {}
        self._known: dict[str, Address] = {}

    def write(self, rows: Sequence[GivenAddress]) -> None:
        """Write rows, the largest first; a row that cannot be is a fault of the outcome."""
        with connection.cursor() as cursor:
            cursor.execute("LOCK territory_address IN ROW EXCLUSIVE MODE")
        self._known = known_by_code(one.code for one in rows)
        waiting = self._divided(rows)
        while waiting:
            missing = {one.parent_code for one in waiting} - set(self._nodes) - {""}
            self._nodes |= nodes_by_code(missing)
            ready = [
                one for one in waiting if not one.parent_code or one.parent_code in self._nodes
            ]
            if not ready:
                break
            first = min(map(_rank, ready))
            wave = [one for one in ready if _rank(one) == first]
            taken = {one.row for one in wave}
            waiting = [one for one in waiting if one.row not in taken]
            self._write_wave(wave)
        for one in waiting:
            self._orphaned(one, "", one.parent_code)

    def _divided(self, rows: Sequence[GivenAddress]) -> list[GivenAddress]:
        """Return the rows with the divisions where they lie, without those that cannot be."""
        at = self._terms.at
        untold = [one for one in rows if not one.division]
        places = find_places([PointInTime(lon=r.lon, lat=r.lat, at=at) for r in untold])
        pairs = zip(untold, places, strict=True)
        found = {one.row: place.community_code for one, place in pairs if place}
        kept: list[GivenAddress] = []
        for one in rows:
            known = self._known.get(one.code)
            division = one.division or found.get(one.row, "")
            if known is not None and not one.division:
                stays = known.kind in KEEP_DIVISION or not is_changed_place(known, one)
                division = known.division_code if stays or not division else division
            placed = one.in_division(division)
            fault = self._fault_of(placed, known)
            if fault is None:
                kept.append(placed)
            else:
                self._bad(one, fault)
        return kept

    def _fault_of(self, one: GivenAddress, known: Address | None) -> Fault | None:
        if known is not None and not known.division_code.startswith(self._prefixes):
            return OutsideScope(field="code", code=known.division_code)
        if known is not None and known.valid_to is not None:
            return AddressRetired(field="code", value=known.full)
        if known is not None and known.kind != one.kind:
            return AddressCodeTaken(field="code", value=one.code)
        if not one.division and not one.parent_code:
            return Invalid(
                field="division",
                reason_zh="该位置不在任何网格内，请写明区划",
                reason_en="no grid is there: state the division",
            )
        if one.division and not one.division.startswith(self._prefixes):
            return OutsideScope(field="division", code=one.division)
        return None

    def _write_wave(self, wave: Sequence[GivenAddress]) -> None:
        settled = self._settled(wave)
        known = known_by_place([one for one in settled if one.given.code not in self._known])
        fresh: dict[tuple[object, ...], Settled] = {}
        there: list[tuple[Settled, Address]] = []
        for one in settled:
            given = one.given
            address = self._known.get(given.code) or known.get(given.row)
            if address is not None and given.code and address.code not in {None, given.code}:
                self._bad(given, AddressTwice(field="name", value=given.name))
            elif address is not None:
                there.append((one, address))
            elif one.place not in fresh:
                fresh[one.place] = one
            elif not given.code:
                self.outcome.skipped += 1
            elif given.number:
                self._bad(given, AddressTwice(field="name", value=given.name))
            else:  # another code: another of the same name
                fresh[(given.row,)] = one
        self._note_nodes(insert_addresses(list(fresh.values()), self._terms))
        self.outcome.made += len(fresh)
        self._remember(one.given for one in fresh.values())
        for one, address in there:
            self._change(one, address)

    def _settled(self, wave: Sequence[GivenAddress]) -> list[Settled]:
        below = {one.row: self._nodes.get(one.parent_code) for one in wave}
        good = list(wave)
        for step in range(max(len(one.parts) for one in wave)):
            good = self._stepped_down(good, step, below)
        settled = []
        for one in good:
            parent = below[one.row]
            division = one.division or (parent.division_code if parent else "")
            fits = may_stand_below(one.kind, parent.kind if parent else "")
            untold = parent is None and one.code in self._known
            if not fits and not untold:
                self._bad(one, AddressParentUnfit(field="parent", kind=one.kind))
            elif not division.startswith(self._prefixes):
                self._bad(one, OutsideScope(field="parent", code=division))
            else:
                settled.append(Settled(given=one.in_division(division), parent=parent))
        return settled

    def _stepped_down(
        self, wave: Sequence[GivenAddress], step: int, below: dict[int, Node | None]
    ) -> list[GivenAddress]:
        """Find, or make, the part at a place of each row's chain; return the rows that go on."""
        asking = [one for one in wave if len(one.parts) > step and not one.parent_code]
        sought = {one.row: _sought(one, step, below[one.row]) for one in asking}
        found = dict(zip(sought, found_nodes(list(sought.values())), strict=True))
        lost = [one for one in asking if found[one.row] is None]
        if lost and self._terms.make_parents:
            found |= self._made_parents(lost, sought)
        below |= found
        for one in asking:
            if found[one.row] is None:
                self._orphaned(one, *one.parts[step])
        return [one for one in wave if one.row not in found or found[one.row] is not None]

    def _made_parents(
        self, lost: Sequence[GivenAddress], sought: dict[int, Sought]
    ) -> dict[int, Node | None]:
        """Make the parents that rows name and nobody has: each once, at its first row's point."""
        makers: dict[tuple[str, str, str, int], Settled] = {}
        for row in lost:
            part = sought[row.row]
            fits = may_stand_below(part.kind, part.below.kind if part.below else "")
            number = normal_number(part.name) if part.kind == "door_plate" else ""
            if part.key in makers or not fits or (part.kind == "door_plate" and not number):
                continue
            wide = part.district if part.kind == "street" else part.division
            division = wide if wide.startswith(self._prefixes) else part.division
            given = GivenAddress(
                row=0,
                code="",
                kind=part.kind,
                name=part.name,
                number=number,
                lon=part.lon,
                lat=part.lat,
                division=division,
                source=row.source,
            )
            makers[part.key] = Settled(given=given, parent=part.below)
        nodes = insert_addresses(list(makers.values()), self._terms)
        made = [one.given for one in makers.values()]
        new = [one for one in made if _trial_key(one) not in self._terms.trial]
        self.outcome.counts["parents_made"] += len(new)
        self._remember(new)
        by_key = dict(zip(makers, nodes, strict=True))
        return {row.row: by_key.get(sought[row.row].key) for row in lost}

    def _note_nodes(self, nodes: Iterable[Node]) -> None:
        self._nodes |= {node.code: node for node in nodes if node.code}

    def _remember(self, rows: Iterable[GivenAddress]) -> None:
        for one in rows:
            self._terms.trial[_trial_key(one)] = one.kind
            if one.code:
                self._terms.trial[one.code] = one.kind

    def _orphaned(self, one: GivenAddress, kind: str, parent: str) -> None:
        """Note that a row's parent is missing, unless this dry run would have made it before."""
        key = f"{kind} {one.division[:6]} {plain(parent)}" if kind else parent
        made = self._terms.trial.get(key)
        if made is not None and may_stand_below(one.kind, one.parts[-1][0] if kind else made):
            self.outcome.made += 1
            self._remember([one])
        else:
            self._bad(one, AddressParentMissing(field="parent", value=parent[:60]))

    def _change(self, one: Settled, address: Address) -> None:
        terms = self._terms
        if not terms.update:
            self.outcome.skipped += 1
            return
        changes = differences(one, address, terms.told)
        try:
            with transaction.atomic():
                if changes:
                    bring_up(one, address, changes, terms)
                added = add_former(address, one.given.former, reason=terms.reason)
        except Fault as fault:
            self._bad(one.given, fault)
            return
        if changes or added:
            self.outcome.changed += 1
        else:
            self.outcome.skipped += 1
        self._note_nodes(nodes_by_id([address.pk]).values() if changes else ())

    def _bad(self, one: GivenAddress, fault: Fault) -> None:
        self.outcome.faults[one.row] = fault


def _rank(one: GivenAddress) -> tuple[int, int]:
    return _RANKS[one.kind], len(one.parts)


def _trial_key(one: GivenAddress) -> str:
    return f"{one.kind} {one.division[:6]} {plain(one.name)}"


def _sought(one: GivenAddress, step: int, below: Node | None) -> Sought:
    kind, name = one.parts[step]
    return Sought(
        kind=kind, name=name, division=one.division, lon=one.lon, lat=one.lat, below=below
    )
