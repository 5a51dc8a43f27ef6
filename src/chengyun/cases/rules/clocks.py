"""The clocks of a case: one ledger per case, one clock per stage and round, one for the whole.

Everything is counted in the tempo of the clock's unit: round the clock for urgent and calendar
units, inside the working calendar for working units. At any instant
    used = counted(started_at → now) - paused_s
    due_at = started_at + limit_s + extended_s + paused_s
where the sums, too, are walked in the clock's tempo. A finished clock that goes on (rework) treats
the time between as a pause. A clock is overdue after `due_at`, not at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import IntEnum

from chengyun.cases.rules.facts import ClockEffect
from chengyun.cases.rules.table import ANY, Table
from chengyun.kernel.units import Limit
from chengyun.kernel.working_calendar import WorkingCalendar
from chengyun.kernel.working_time import (
    DEFAULT_YELLOW_SHARE,
    UnknownYears,
    advance,
    is_known_between,
    overdue_multiple,
    plan_deadline,
    working_seconds_between,
)

WHOLE = "whole"
DISPOSAL = "disposal"
_ASSUME = UnknownYears.ASSUME_WEEKENDS


class Light(IntEnum):
    """A clock's light, as stored."""

    NONE = 0
    GREEN = 1
    YELLOW = 2
    RED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """One run of one stage's clock. Seconds are counted ones, in the tempo of the limit's unit.

    due_at, yellow_at : while paused or finished: as they stood then
    paused_s : counted seconds of the pauses that ended
    pauses : when they began and ended, in turn; None where only their sum is known
    used_s : counted seconds up to the last pause or the finish; see `used_at` for a running clock
    limit_s : counted seconds that the limit grants, without `extended_s`
    yellow_s : counted seconds after which it warns; None where only `yellow_at` is known
    overdue : set at a pause or the finish, and never taken back
    exempt : overdue or not, it is not charged
    uncertain : runs into a year whose holidays are not known; to be shown
    key : the caller's own mark (a row's id), carried along
    """

    stage: str
    limit: Limit
    started_at: datetime
    due_at: datetime
    yellow_at: datetime
    limit_s: int
    round: int = 1
    organisation_id: int | None = None
    paused_at: datetime | None = None
    paused_s: int = 0
    pauses: tuple[datetime, ...] | None = ()
    used_s: int = 0
    extended_s: int = 0
    yellow_s: int | None = None
    finished_at: datetime | None = None
    overdue: bool = False
    exempt: bool = False
    uncertain: bool = False
    key: int | None = None

    @property
    def open(self) -> bool:
        """Whether it has not finished."""
        return self.finished_at is None

    @property
    def running(self) -> bool:
        """Whether time is counted now."""
        return self.finished_at is None and self.paused_at is None

    @property
    def total_s(self) -> int:
        """Counted seconds granted, extensions included."""
        return self.limit_s + self.extended_s


@dataclass(frozen=True, kw_only=True, slots=True)
class StageLimit:
    """The limit with which a stage's clock starts."""

    limit: Limit
    yellow_share: Decimal = DEFAULT_YELLOW_SHARE


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """What the case's row repeats of its clocks, for lists and marks."""

    stage: str
    due_at: datetime | None
    yellow_at: datetime | None
    light: Light
    case_due_at: datetime | None
    case_yellow_at: datetime | None
    case_light: Light
    uncertain: bool


def default_limits(table: Table) -> dict[str, StageLimit]:
    """Return each stage's limit as shipped; settings and the filing condition replace them."""
    return {
        code: StageLimit(limit=stage.limit, yellow_share=stage.yellow_share)
        for code, stage in table.stages.items()
    }


def start(
    stage: str,
    rule: StageLimit,
    at: datetime,
    calendar: WorkingCalendar,
    *,
    number: int = 1,
    organisation_id: int | None = None,
) -> Clock:
    """Return a clock that starts at `at`, as round `number` of its stage.

    raises : CalendarExhausted; a year with unknown holidays is taken by weekends and marked
    """
    plan = plan_deadline(
        at, rule.limit, calendar, yellow_share=rule.yellow_share, unknown_years=_ASSUME
    )
    return Clock(
        stage=stage,
        limit=rule.limit,
        started_at=at.replace(microsecond=0),
        due_at=plan.due_at,
        yellow_at=plan.yellow_at,
        limit_s=plan.limit_s,
        yellow_s=plan.yellow_s,
        round=number,
        organisation_id=organisation_id,
        uncertain=bool(plan.assumed_years),
    )


def pause(clock: Clock, at: datetime, calendar: WorkingCalendar) -> Clock:
    """Return the clock standing still from `at`; unchanged when it does not run."""
    if not clock.running:
        return clock
    return replace(
        clock,
        paused_at=at.replace(microsecond=0),
        used_s=used_at(clock, at, calendar),
        overdue=clock.overdue or at > clock.due_at,
    )


def resume(clock: Clock, at: datetime, calendar: WorkingCalendar) -> Clock:
    """Return the paused clock running on with its remainder; unchanged when it is not paused."""
    if clock.paused_at is None or not clock.open:
        return clock
    return _moved_on(clock, clock.paused_at, at, calendar)


def go_on(clock: Clock, at: datetime, calendar: WorkingCalendar) -> Clock:
    """Return the finished clock running on where it stopped; unchanged when it has not finished."""
    if clock.finished_at is None:
        return clock
    return _moved_on(clock, clock.finished_at, at, calendar)


def finish(clock: Clock, at: datetime, calendar: WorkingCalendar) -> Clock:
    """Return the clock finished at `at`; unchanged when it has finished before."""
    if not clock.open:
        return clock
    clock = resume(clock, at, calendar)
    return replace(
        clock,
        finished_at=at.replace(microsecond=0),
        used_s=used_at(clock, at, calendar),
        overdue=clock.overdue or at > clock.due_at,
    )


def cancel(clock: Clock, at: datetime, calendar: WorkingCalendar) -> Clock:
    """Return the clock finished and exempt: what it measured is not charged to anybody."""
    return replace(finish(clock, at, calendar), exempt=True) if clock.open else clock


def extend(clock: Clock, extra: Limit, at: datetime, calendar: WorkingCalendar) -> Clock:
    """Return the clock with time added at its deadline; unchanged when finished or overdue."""
    if not clock.open or clock.overdue or at > clock.due_at:
        return clock
    plan = plan_deadline(clock.due_at, extra, calendar, unknown_years=_ASSUME)
    longer = replace(clock, extended_s=clock.extended_s + plan.limit_s)
    share = Decimal(_yellow_s(clock, calendar)) / Decimal(clock.total_s)
    return _laid_out(longer, int(share * longer.total_s), calendar)


def relaid(clock: Clock, calendar: WorkingCalendar) -> Clock:
    """Return an open clock reckoned anew by an edited calendar; unchanged where nothing differs.

    The granted seconds stay; deadline, warning, the length of its pauses and, while it stands
    still, the time used follow the calendar. What was marked as overdue at a stop stays so.
    """
    if not clock.open or clock.limit.unit.round_the_clock:
        return clock
    fresh = _laid_out(_recounted(clock, calendar), _yellow_s(clock, calendar), calendar)
    if clock.paused_at is not None:
        counted = _counted(clock, clock.started_at, clock.paused_at, calendar)
        fresh = replace(fresh, used_s=max(0, counted - fresh.paused_s))
    known = replace(clock, yellow_s=fresh.yellow_s)
    return clock if fresh == known else fresh


def used_at(clock: Clock, at: datetime, calendar: WorkingCalendar) -> int:
    """Return the counted seconds used at `at`; of a standing clock those it stopped with."""
    if not clock.running:
        return clock.used_s
    counted = _counted(clock, clock.started_at, at, calendar)
    return max(0, counted - clock.paused_s)


def remaining_at(clock: Clock, at: datetime, calendar: WorkingCalendar) -> int:
    """Return the counted seconds left at `at`; negative once overdue."""
    return clock.total_s - used_at(clock, at, calendar)


def overdue_multiple_at(clock: Clock, at: datetime, calendar: WorkingCalendar) -> Decimal:
    """Return (used - limit) / limit, 0 when in time."""
    return overdue_multiple(used_at(clock, at, calendar), clock.total_s)


def light_at(clock: Clock, at: datetime) -> Light:
    """Return the light at `at`; of a paused or finished clock the one it stopped with.

    green before `yellow_at`, yellow from it to `due_at` (included), red after
    """
    moment = clock.finished_at or clock.paused_at or at
    if clock.overdue or moment > clock.due_at:
        return Light.RED
    return Light.YELLOW if moment >= clock.yellow_at else Light.GREEN


def present(clocks: Iterable[Clock], at: datetime) -> Present:
    """Return what the case's row repeats: the running stage's clock and the whole case's."""
    running = [clock for clock in clocks if clock.running]
    stage = next((clock for clock in running if clock.stage != WHOLE), None)
    whole = next((clock for clock in running if clock.stage == WHOLE), None)
    return Present(
        stage=stage.stage if stage else "",
        due_at=stage.due_at if stage else None,
        yellow_at=stage.yellow_at if stage else None,
        light=light_at(stage, at) if stage else Light.NONE,
        case_due_at=whole.due_at if whole else None,
        case_yellow_at=whole.yellow_at if whole else None,
        case_light=light_at(whole, at) if whole else Light.NONE,
        uncertain=any(clock.uncertain for clock in running),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """Applies the clock effects of a decision.

    limits : each stage's limit at this moment, the disposal's from the filing condition
    organisation_id : the responsible department, to which a disposal clock is charged
    extension : time granted by an extension
    """

    calendar: WorkingCalendar
    limits: Mapping[str, StageLimit]
    organisation_id: int | None = None
    extension: Limit | None = None

    def apply(
        self, clocks: Sequence[Clock], effects: Iterable[ClockEffect], at: datetime
    ) -> tuple[Clock, ...]:
        """Return the clocks after the effects, in the same order, new ones at the end.

        Unchanged clocks are the same objects. Write what stopped before what starts: one clock
        beside the whole case's runs at a time. Imported cases may lack clocks: what would stop is
        then passed over, what would go on starts afresh.
        """
        ledger = list(clocks)
        for effect in effects:
            self._apply(ledger, effect, at)
        return tuple(ledger)

    def _apply(self, ledger: list[Clock], effect: ClockEffect, at: datetime) -> None:
        match effect.op:
            case "start":
                self._start(ledger, effect.stage, at)
            case "finish":
                self._finish(ledger, effect.stage, at)
            case "pause":
                self._pause(ledger, effect.stage, at)
            case "resume":
                self._resume(ledger, effect.stage, at)
            case "continue":
                self._continue(ledger, effect.stage, at)
            case "start_or_resume":
                self._start_or_resume(ledger, effect.stage, at)
            case "cancel":
                self._cancel(ledger, effect.stage, at)
            case "extend":
                self._extend(ledger, effect.stage, at)
            case "exempt":
                self._exempt(ledger, effect.stage)
            case _:
                msg = f"no such clock effect: {effect}"
                raise ValueError(msg)

    def _change(self, ledger: list[Clock], stage: str, change: Callable[[Clock], Clock]) -> None:
        for index, clock in enumerate(ledger):
            if stage in {ANY, clock.stage}:
                ledger[index] = change(clock)

    def _start(self, ledger: list[Clock], stage: str, at: datetime) -> None:
        self._finish(ledger, stage, at)
        rounds = [clock.round for clock in ledger if clock.stage == stage]
        ledger.append(
            start(
                stage,
                self.limits[stage],
                at,
                self.calendar,
                number=max(rounds, default=0) + 1,
                organisation_id=self.organisation_id if stage == DISPOSAL else None,
            )
        )

    def _finish(self, ledger: list[Clock], stage: str, at: datetime) -> None:
        self._change(ledger, stage, lambda clock: finish(clock, at, self.calendar))

    def _pause(self, ledger: list[Clock], stage: str, at: datetime) -> None:
        self._change(ledger, stage, lambda clock: pause(clock, at, self.calendar))

    def _cancel(self, ledger: list[Clock], stage: str, at: datetime) -> None:
        self._change(ledger, stage, lambda clock: cancel(clock, at, self.calendar))

    def _resume(self, ledger: list[Clock], stage: str, at: datetime) -> None:
        if stage != ANY and not any(clock.open and clock.stage == stage for clock in ledger):
            self._start(ledger, stage, at)
        self._change(ledger, stage, lambda clock: resume(clock, at, self.calendar))

    def _continue(self, ledger: list[Clock], stage: str, at: datetime) -> None:
        last = _last(ledger, stage)
        if last is None:
            self._start(ledger, stage, at)
            return
        ledger[last] = go_on(resume(ledger[last], at, self.calendar), at, self.calendar)

    def _start_or_resume(self, ledger: list[Clock], stage: str, at: datetime) -> None:
        last = _last(ledger, stage)
        same = last is not None and ledger[last].organisation_id == self.organisation_id
        if last is not None and ledger[last].paused_at is not None and ledger[last].open and same:
            ledger[last] = resume(ledger[last], at, self.calendar)
            return
        self._cancel(ledger, stage, at)
        self._start(ledger, stage, at)

    def _extend(self, ledger: list[Clock], stage: str, at: datetime) -> None:
        extra = self.extension or self.limits[stage].limit
        self._change(ledger, stage, lambda clock: extend(clock, extra, at, self.calendar))

    def _exempt(self, ledger: list[Clock], stage: str) -> None:
        self._change(ledger, stage, lambda clock: replace(clock, exempt=True))


def problems(clocks: Iterable[Clock], at: datetime, calendar: WorkingCalendar) -> list[str]:
    """Return what is wrong with a case's clocks; empty when every invariant holds."""
    clocks = list(clocks)
    found = [
        f"{clock.stage}/{clock.round}: {text}"
        for clock in clocks
        for text, wrong in (
            ("negative used time", min(clock.used_s, clock.paused_s, clock.extended_s) < 0),
            ("used more than elapsed", _overcounted(clock, at, calendar)),
            (
                "finishes before it starts",
                bool(clock.finished_at and clock.finished_at < clock.started_at),
            ),
            ("warns after it is due", clock.yellow_at > clock.due_at),
        )
        if wrong
    ]
    running = [clock.stage for clock in clocks if clock.running]
    if len([stage for stage in running if stage != WHOLE]) > 1 or running.count(WHOLE) > 1:
        found.append(f"several clocks run: {', '.join(running)}")
    return found


def _overcounted(clock: Clock, at: datetime, calendar: WorkingCalendar) -> bool:
    moment = clock.finished_at or clock.paused_at or at
    counted = _counted(clock, clock.started_at, moment, calendar)
    return used_at(clock, moment, calendar) + clock.paused_s > counted


def _last(ledger: list[Clock], stage: str) -> int | None:
    rounds = [(clock.round, index) for index, clock in enumerate(ledger) if clock.stage == stage]
    return max(rounds)[1] if rounds else None


def _counted(clock: Clock, first: datetime, last: datetime, calendar: WorkingCalendar) -> int:
    return working_seconds_between(first, last, clock.limit.unit, calendar, unknown_years=_ASSUME)


def _yellow_s(clock: Clock, calendar: WorkingCalendar) -> int:
    """Return the counted seconds after which the clock warns."""
    if clock.yellow_s is not None:
        return clock.yellow_s
    counted = _counted(clock, clock.started_at, clock.yellow_at, calendar) - clock.paused_s
    return min(max(0, counted), clock.total_s)


def _moved_on(clock: Clock, stopped_at: datetime, at: datetime, calendar: WorkingCalendar) -> Clock:
    stood_still = _counted(clock, stopped_at, at, calendar)
    yellow_s = _yellow_s(clock, calendar)
    known, end = clock.pauses, at.replace(microsecond=0)
    pause = (stopped_at, end) if stopped_at < end else ()
    moved = replace(
        clock,
        paused_at=None,
        finished_at=None,
        paused_s=clock.paused_s + stood_still,
        pauses=None if known is None else known + pause,
    )
    return _laid_out(moved, yellow_s, calendar)


def _recounted(clock: Clock, calendar: WorkingCalendar) -> Clock:
    """Return the clock with the length of its pauses by this calendar."""
    if clock.pauses is None:
        return clock
    pairs = zip(clock.pauses[::2], clock.pauses[1::2], strict=True)
    return replace(clock, paused_s=sum(_counted(clock, *pair, calendar) for pair in pairs))


def _laid_out(clock: Clock, yellow_s: int, calendar: WorkingCalendar) -> Clock:
    """Return the clock with deadline and warning reckoned from its start and its pauses."""
    unit, begin = clock.limit.unit, clock.started_at
    due = advance(begin, clock.total_s + clock.paused_s, unit, calendar, unknown_years=_ASSUME)
    yellow = advance(begin, yellow_s + clock.paused_s, unit, calendar, unknown_years=_ASSUME)
    return replace(
        clock,
        due_at=due,
        yellow_at=yellow,
        yellow_s=yellow_s,
        uncertain=not is_known_between(begin, due, unit, calendar),
    )
