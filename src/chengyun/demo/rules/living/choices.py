"""Which act somebody chooses for a case: from what the platform offers, as at the screen."""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from chengyun.demo.rules.living.ground import Ground
from chengyun.demo.rules.living.tables import rows
from chengyun.demo.rules.living.tempers import Temper
from chengyun.demo.rules.living.words import opinion, reasons

_SPREAD = 0.5
_MOST_WORK_MIN = 600.0
_HURRY_MIN = 30.0
_COMMENTS, _CHASED = 0.02, 0.3
_WITH_PROPOSALS = frozenset(
    {"send_verification", "send_check", "file", "dispatch", "redispatch", "apply_return"}
    | {"approve_return"}
)
Offers = Mapping[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An act with what it needs.

    body : fields of the request; version and attachments come on top
    minutes : how long it takes in the city's time
    photos : how many, of which phase, and whether they show the work done
    """

    act: str
    body: dict[str, Any]
    minutes: float
    photos: int
    phase: str
    after: bool
    poor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A case in front of somebody.

    proposals : what the platform proposes; empty where `wants_proposals` says so
    departments : ids of the organisations that dispose, to err among
    chases : whether this is somebody who goes after late cases, and only writes to them
    """

    case: dict[str, Any]
    proposals: dict[str, Any]
    temper: Temper
    ground: Ground
    draw: random.Random
    departments: tuple[int, ...] = ()
    chases: bool = False

    @property
    def offers(self) -> Offers:
        """The acts that are possible now."""
        return enabled(self.case)

    @property
    def is_poor(self) -> bool:
        """Whether the work on it is poor and this person says so."""
        poor = self.ground.is_poor(self.case["id"], self.case["rework_count"])
        return poor and self.draw.random() >= self.temper.lenient

    @property
    def is_misplaced(self) -> bool:
        """Whether another department than the responsible one is proposed first."""
        first = [one["organisation"]["id"] for one in self.proposals.get("departments", [])][:1]
        responsible = self.case["responsible"]
        return bool(first and responsible and responsible["id"] != first[0])

    def sometimes(self, act: str) -> bool:
        """Tell whether a rarer act is done in place of the usual one."""
        return act in self.offers and self.draw.random() < _acts()[act][1]


def enabled(case: dict[str, Any]) -> Offers:
    """Return the acts of a case that are possible now, by code."""
    return {one["act"]: one for one in case["acts"] if one["enabled"]}


def wants_proposals(case: dict[str, Any]) -> bool:
    """Tell whether somebody would look at the proposals before choosing."""
    return not _WITH_PROPOSALS.isdisjoint(enabled(case))


def choose(situation: Situation) -> Choice | None:
    """Return what somebody does with a case; None when there is nothing for him to do."""
    offers = situation.offers
    share = _CHASED if situation.chases else _COMMENTS
    if "comment" in offers and situation.draw.random() < share:
        return _filled(situation, "comment")
    for trigger, decide in _DECISIONS:
        if trigger in offers:
            wanted = decide(situation)
            return wanted if wanted is None else _filled(situation, *wanted)
    return None


Wanted = tuple[str, bool | None]  # act, and its answer where it is asked for one


def _verification(situation: Situation) -> Wanted:
    return "answer_verification", situation.ground.is_real(situation.case["id"])


def _check(situation: Situation) -> Wanted:
    return "answer_check", not situation.is_poor


def _void(situation: Situation) -> Wanted:
    return "reject_void" if situation.sometimes("reject_void") else "approve_void", None


def _return(situation: Situation) -> Wanted:
    return "approve_return" if situation.is_misplaced else "reject_return", None


def _reported(situation: Situation) -> Wanted:
    """Refuse what was found untrue, accept what may be accepted, have the rest verified."""
    if situation.case["verified"] is False:
        return "refuse", None
    if "accept" not in situation.offers:
        return "send_verification", None
    return "refuse" if situation.sometimes("refuse") else "accept", None


def _accepted(situation: Situation) -> Wanted:
    for act in ("decline_filing", "send_back_to_acceptor"):
        if situation.sometimes(act):
            return act, None
    return "file", None


def _passed(situation: Situation) -> Wanted:
    return "send_back_check" if situation.sometimes("send_back_check") else "close", None


def _filed(situation: Situation) -> Wanted:
    for act in ("apply_void", "return_to_acceptor"):
        if situation.sometimes(act):
            return act, None
    return "dispatch", None


def _handled(situation: Situation) -> Wanted:
    if situation.is_poor and situation.draw.random() < 0.3:
        return "send_back_to_department", None
    return "give_feedback", None


def _failed(situation: Situation) -> Wanted:
    others = len(situation.proposals.get("departments", [])) > 1
    return "redispatch" if others and situation.sometimes("redispatch") else "rework", None


def _dispatched(situation: Situation) -> Wanted:
    if "apply_return" in situation.offers and situation.is_misplaced:
        return "apply_return", None
    return "start_handling", None


def _overdue_task(act: str) -> Callable[[Situation], Wanted | None]:
    def decide(situation: Situation) -> Wanted | None:
        if situation.case["light"] == "red" and situation.sometimes(act):
            return act, None
        return None

    return decide


_DECISIONS: tuple[tuple[str, Callable[[Situation], Wanted | None]], ...] = (
    ("answer_verification", _verification),
    ("answer_check", _check),
    ("approve_void", _void),
    ("approve_return", _return),
    ("send_verification", _reported),
    ("file", _accepted),
    ("close", _passed),
    ("dispatch", _filed),
    ("give_feedback", _handled),
    ("rework", _failed),
    ("start_handling", _dispatched),
    ("hand_back", lambda _situation: ("hand_back", None)),
    ("send_check", lambda _situation: ("send_check", None)),
    ("recall_verification", _overdue_task("recall_verification")),
    ("recall_check", _overdue_task("recall_check")),
)


def _filled(situation: Situation, act: str, result: bool | None = None) -> Choice | None:
    """Return an act with all that it needs; None where the platform proposes nothing for it."""
    offer, draw, temper = situation.offers[act], situation.draw, situation.temper
    needs = offer["needs"]
    body: dict[str, Any] = {"act": act}
    if needs["result"]:
        body["result"] = result
    if needs["reason"] or needs["reasons"]:
        untrue = situation.case["verified"] is False and act == "refuse"
        body["reason"] = "no_fact" if untrue else draw.choice(reasons(act))
    for need, find in _FINDERS.items():
        if needs[need]:
            found = find(situation)
            if found is None:
                return None
            body.update(found)
    variant = body.get("reason", "" if result is None else str(result).lower())
    body["opinion"] = opinion(act, variant, short=draw.random() < temper.short, draw=draw)
    poor = act == "hand_back" and draw.random() < temper.skips
    return Choice(
        act=act,
        body=body,
        minutes=_minutes(situation, act),
        photos=needs["photos"] if act != "comment" else 0,
        phase=needs["phase"],
        after=_shows_work_done(act, result, poor=poor),
        poor=poor,
    )


def _shows_work_done(act: str, result: bool | None, *, poor: bool) -> bool:
    return (act == "hand_back" and not poor) or (act == "answer_check" and result is True)


def _standard(situation: Situation) -> dict[str, Any] | None:
    standards = situation.proposals["standards"]
    hurried = [one for one in standards if one["limit_unit"].startswith("urgent")]
    fitting = hurried if situation.case["urgent"] and hurried else standards
    return {"standard_id": situation.draw.choice(fitting)["id"]} if fitting else None


def _organisation(situation: Situation) -> dict[str, Any] | None:
    ids = [one["organisation"]["id"] for one in situation.proposals["departments"]]
    present = situation.case["responsible"]
    if present and situation.case["state"] == "check_failed":
        ids = [one for one in ids if one != present["id"]]
    if not ids:
        return None
    wrong = [one for one in situation.departments if one not in ids]
    errs = wrong and situation.draw.random() < situation.temper.errs
    return {"organisation_id": situation.draw.choice(wrong) if errs else ids[0]}


def _assignee(situation: Situation) -> dict[str, Any] | None:
    people = [one["person"]["id"] for one in situation.proposals["collectors"]]
    return {"assignee_id": situation.draw.choice(people)} if people else None


def _condition(situation: Situation) -> dict[str, Any] | None:
    standard = situation.case["standard"]
    return {"condition": standard["closing_zh"] if standard else "问题消除"}


_FINDERS: dict[str, Callable[[Situation], dict[str, Any] | None]] = {
    "standard": _standard,
    "organisation": _organisation,
    "assignee": _assignee,
    "condition": _condition,
}


def _minutes(situation: Situation, act: str) -> float:
    factor = math.exp(situation.draw.gauss(0.0, _SPREAD)) * situation.temper.tempo
    if act == "hand_back":
        return _work_minutes(situation.case) * factor
    return _acts()[act][0] * factor


def _work_minutes(case: dict[str, Any]) -> float:
    """Return how long a department usually works: a share of its limit, less in a hurry."""
    if case["light"] != "green":
        return _HURRY_MIN
    limits = [one["limit_s"] for one in case["clocks"] if one["stage"] == "disposal"]
    return min(_MOST_WORK_MIN, 0.35 * (limits[-1] if limits else 7_200) / 60)


@cache
def _acts() -> dict[str, tuple[float, float]]:
    """Return minutes and share by act."""
    return {
        row["act"]: (float(row["minutes"]), float(row["share"])) for row in rows("live_acts.csv")
    }
