"""The life of a case as a list of steps: who does what, and how long it takes until then."""

import csv
import math
import random
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from chengyun.demo.rules.reports import Report
from chengyun.demo.rules.society import DemoPerson

MINUTE = 60.0
PUBLIC_SOURCES = frozenset({"hotline", "public", "letter", "media"})
_REPORTERS = {
    "collector": "collector",
    "hotline": "hotline",
    "letter": "hotline",
    "media": "acceptor",
    "inspection": "inspector",
    "leader": "leader",
}
_MOST_CHECKS = 2

TARGETS = {
    "reported": ("report", None),
    "verifying": ("send_verification", None),
    "verified": ("answer_verification", True),
    "accepted": ("accept", None),
    "filed": ("file", None),
    "dispatched": ("dispatch", None),
    "handling": ("start_handling", None),
    "return_applied": ("apply_return", None),
    "void_applied": ("apply_void", None),
    "handled": ("hand_back", None),
    "feedback_given": ("give_feedback", None),
    "checking": ("send_check", None),
    "check_failed": ("answer_check", False),
    "check_passed": ("answer_check", True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Who has to do with a case.

    department : code of the responsible organisation; other : one to which it may wrongly go
    """

    collector: DemoPerson
    hotline: DemoPerson
    acceptor: DemoPerson
    shift_leader: DemoPerson
    dispatcher: DemoPerson
    inspector: DemoPerson
    leader: DemoPerson
    handler: DemoPerson
    department: str
    other: str
    other_handler: DemoPerson


@dataclass(slots=True, kw_only=True)
class Step:
    """One act. Not frozen: millions are made, and a frozen one costs three times as much.

    gap_s : time since the step before [s]; share : the same as a share of the disposal limit,
    counted in the tempo of its unit; one of them is 0
    person : None = the system
    photos : how many photos come with it
    """

    act: str
    desk: str
    person: DemoPerson | None
    gap_s: float = 0.0
    share: float = 0.0
    result: bool | None = None
    opinion: str = ""
    reason: str = ""
    organisation: str = ""
    assignee: DemoPerson | None = None
    photos: int = 0


@cache
def _opinions() -> dict[tuple[str, str], list[str]]:
    text = resources.files("chengyun.demo").joinpath("data/opinions.csv").read_text("utf-8")
    found: dict[tuple[str, str], list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault((row["act"], row["variant"]), []).append(row["zh"])
    return found


@cache
def _variants(act: str) -> tuple[str, ...]:
    return tuple(variant for name, variant in _opinions() if name == act)


def tell_story(
    report: Report, cast: Cast, draw: random.Random, target: str | None = None
) -> list[Step]:
    """Return the steps of a case from report to end, or up to a target of TARGETS."""
    story = _Story(report, cast, draw, target)
    story.tell()
    return story.steps


@dataclass(slots=True)
class _Story:
    report: Report
    cast: Cast
    draw: random.Random
    target: str | None
    steps: list[Step] = field(default_factory=list)
    done: bool = False

    def tell(self) -> None:
        self._report()
        if self.done or not self._establish():
            return
        self._dispatch()
        if self.done:
            return
        self._dispose(first=True)
        while not self.done and not self._checked():
            self._rework()
        self._office("close", self.cast.shift_leader, 6, "shift_leader")

    def _aims(self, *targets: str) -> bool:
        return self.target in targets

    def _chance(self, share: float) -> bool:
        """Tell whether something rare happens; never on the way to a target."""
        return self.target is None and self.draw.random() < share

    def _minutes(self, median: float, spread: float = 0.75) -> float:
        return MINUTE * median * math.exp(self.draw.gauss(0.0, spread))

    def _words(self, act: str, variant: str = "") -> str:
        return self.draw.choice(_opinions().get((act, variant)) or [""])

    def _variant(self, act: str) -> str:
        return self.draw.choice(_variants(act))

    def _add(self, step: Step) -> None:
        if self.done:
            return
        self.steps.append(step)
        if self.target is not None and TARGETS[self.target] == (step.act, step.result):
            self.done = True

    def _office(
        self,
        act: str,
        person: DemoPerson,
        median: float,
        desk: str,
        *,
        variant: str = "",
        assignee: DemoPerson | None = None,
        organisation: str = "",
    ) -> None:
        self._add(
            Step(
                act=act,
                desk=desk,
                person=person,
                gap_s=self._minutes(median),
                opinion=self._words(act, variant),
                reason=variant,
                assignee=assignee,
                organisation=organisation,
            )
        )

    def _report(self) -> None:
        desk = _REPORTERS.get(self.report.source, "system")
        self_handled = self.report.self_handled and self._chance(1.0)
        if self_handled and self.report.source == "collector":
            self._add(
                Step(
                    act="report_self_handled",
                    desk=desk,
                    person=self.cast.collector,
                    opinion=self._words("report_self_handled"),
                    photos=2,
                )
            )
            self.done = True
            return
        people = {
            "collector": self.cast.collector,
            "hotline": self.cast.hotline,
            "acceptor": self.cast.acceptor,
            "inspector": self.cast.inspector,
            "leader": self.cast.leader,
        }
        photos = 0 if desk == "hotline" else self.draw.choice((1, 1, 1, 2, 2))
        self._add(
            Step(
                act="report",
                desk=desk,
                person=people.get(desk),
                opinion=self.report.text,
                photos=photos,
            )
        )

    def _establish(self) -> bool:
        """Verify, accept, file; tell whether the case goes on to be dispatched."""
        public = self.report.source in PUBLIC_SOURCES
        if public or self._aims("verifying", "verified") or self._chance(0.05):
            self._verify()
            if not self.done and self.steps[-1].result is False:
                self._refuse("no_fact")
                return False
        if self._chance(0.022):
            self._refuse(self._variant("refuse"))
            return False
        self._office("accept", self.cast.acceptor, 4, "acceptor")
        if self._chance(0.008):
            self._office("send_back_to_acceptor", self.cast.shift_leader, 5, "shift_leader")
            self._office("accept", self.cast.acceptor, 4, "acceptor")
        if self._chance(0.012):
            variant = self._variant("decline_filing")
            self._office(
                "decline_filing", self.cast.shift_leader, 5, "shift_leader", variant=variant
            )
            return False
        self._office("file", self.cast.shift_leader, 4, "shift_leader")
        return not self.done

    def _verify(self) -> None:
        collector = self.cast.collector
        self._office("send_verification", self.cast.acceptor, 3, "acceptor", assignee=collector)
        true = not self._chance(0.075)
        self._add(
            Step(
                act="answer_verification",
                desk="collector",
                person=collector,
                gap_s=self._minutes(15, 0.5),
                result=true,
                opinion=self._words("answer_verification", "true" if true else "false"),
                photos=1,
            )
        )

    def _refuse(self, variant: str) -> None:
        self._office("refuse", self.cast.acceptor, 4, "acceptor", variant=variant)

    def _dispatch(self) -> None:
        """Dispatch, with a return or a voiding on the way now and then."""
        cast, dispatcher = self.cast, self.cast.dispatcher
        wrong = self._chance(0.022) or self._aims("return_applied")
        first = cast.other if wrong else cast.department
        self._office("dispatch", dispatcher, 4, "dispatcher", organisation=first)
        if wrong:
            self._return_case(cast.other_handler)
        elif self._chance(0.012):
            variant = self._variant("apply_return")
            self._office("apply_return", cast.handler, 50, "department", variant=variant)
            self._office("reject_return", dispatcher, 7, "dispatcher")
        if self._chance(0.012) or self._aims("void_applied"):
            variant = self._variant("apply_void")
            self._office("apply_void", dispatcher, 35, "dispatcher", variant=variant)
            agreed = self.draw.random() < 0.75
            act = "approve_void" if agreed else "reject_void"
            self._office(act, cast.shift_leader, 30, "shift_leader")
            self.done = self.done or agreed

    def _return_case(self, handler: DemoPerson) -> None:
        dispatcher = self.cast.dispatcher
        variant = self._variant("apply_return")
        self._office("apply_return", handler, 45, "department", variant=variant)
        self._office("approve_return", dispatcher, 7, "dispatcher")
        department = self.cast.department
        self._office("dispatch", dispatcher, 3, "dispatcher", organisation=department)

    def _dispose(self, *, first: bool) -> None:
        handler = self.cast.handler
        share = 0.40 * math.exp(self.draw.gauss(0.0, 0.62))
        if not first:
            share *= 0.35
        share = min(3.0, max(0.03, share))
        early = self.draw.uniform(0.1, 0.5)
        if self.draw.random() < 0.88 or self._aims("handling"):
            self._add(
                Step(
                    act="start_handling",
                    desk="department",
                    person=handler,
                    share=share * early,
                    opinion=self._words("start_handling"),
                    assignee=handler,
                )
            )
            share *= 1 - early
        self._hand_back(handler, share)
        if self._chance(0.01):
            dispatcher = self.cast.dispatcher
            self._office("send_back_to_department", dispatcher, 10, "dispatcher")
            self._hand_back(handler, 0.1)
        self._office("give_feedback", self.cast.dispatcher, 7, "dispatcher")

    def _hand_back(self, handler: DemoPerson, share: float) -> None:
        self._add(
            Step(
                act="hand_back",
                desk="department",
                person=handler,
                share=share,
                opinion=self._words("hand_back"),
                photos=1,
            )
        )

    def _checked(self) -> bool:
        """Send the check and answer it; tell whether it was passed."""
        collector = self.cast.collector
        self._office("send_check", self.cast.acceptor, 7, "acceptor", assignee=collector)
        checks = sum(step.act == "answer_check" for step in self.steps)
        fails = self._chance(0.07) or self._aims("check_failed")
        passed = checks >= _MOST_CHECKS or not fails
        self._add(
            Step(
                act="answer_check",
                desk="collector",
                person=collector,
                gap_s=self._minutes(48, 0.55),
                result=passed,
                opinion=self._words("answer_check", "true" if passed else "false"),
                photos=1,
            )
        )
        return passed

    def _rework(self) -> None:
        self._office("rework", self.cast.dispatcher, 5, "dispatcher")
        self._dispose(first=False)
