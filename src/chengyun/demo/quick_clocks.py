"""The clocks of very many past cases, kept in epoch seconds and written as COPY text at once.

The same as `cases.rules.clocks` does on instants, which stays the one definition: a test tells
every case of a city both ways and compares the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from chengyun.cases.operations.copy_text import NULL
from chengyun.cases.rules import clocks as rules
from chengyun.cases.rules.clocks import WHOLE, Clock, Light, StageLimit
from chengyun.kernel.working_calendar import WorkingCalendar
from chengyun.kernel.working_time import UnknownYears, advanced, counted, plan_seconds

_ASSUME: Final = UnknownYears.ASSUME_WEEKENDS
_DAY_S: Final = 86_400
_TIMES: Final = tuple(
    f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}" for second in range(_DAY_S)
)
_DAYS: Final[dict[int, str]] = {}


def _day(day: int) -> str:
    text = _DAYS.get(day)
    if text is None:
        text = _DAYS[day] = datetime.fromtimestamp(day * _DAY_S, UTC).strftime("%Y-%m-%d")
    return text


def instant_text(second: int) -> str:
    """Return an epoch second as ISO 8601 in UTC, as COPY takes it."""
    return f"{_day(second // _DAY_S)}T{_TIMES[second % _DAY_S]}+00:00"


def exact_text(second: int) -> str:
    """Return an epoch second as ISO 8601 in UTC with microseconds, as the log is chained."""
    return f"{_day(second // _DAY_S)}T{_TIMES[second % _DAY_S]}.000000+00:00"


def _or_null(second: int | None) -> str:
    return NULL if second is None else instant_text(second)


@dataclass(slots=True)
class Tempo:
    """A stage's limit, worked out once."""

    rule: StageLimit
    calendar: WorkingCalendar
    words: str
    round_the_clock: bool
    granted: int
    yellow_s: int

    @classmethod
    def of(cls, rule: StageLimit, calendar: WorkingCalendar) -> Tempo:
        """Return the tempo of a limit."""
        limit = rule.limit
        around = limit.unit.round_the_clock
        granted = yellow_s = 0
        if around:
            plan = plan_seconds(0, limit, calendar, yellow_share=rule.yellow_share)
            granted, yellow_s = plan.limit_s, plan.yellow_s
        return cls(rule, calendar, f"{limit.amount}\t{limit.unit.value}", around, granted, yellow_s)

    def after(self, begin: int, seconds: int) -> int:
        """Return when `seconds` have been counted since `begin`."""
        if self.round_the_clock:
            return begin + seconds
        return advanced(begin, seconds, self.rule.limit.unit, self.calendar, _ASSUME)

    def counted(self, begin: int, end: int) -> int:
        """Return the seconds counted from `begin` to `end`, never negative."""
        if self.round_the_clock:
            return max(0, end - begin)
        return counted(begin, end, self.rule.limit.unit, self.calendar, _ASSUME)

    def knows(self, begin: int, end: int) -> bool:
        """Whether no year with unknown holidays matters from `begin` to `end`."""
        if self.round_the_clock:
            return True
        first, last = self.calendar.year_at(begin), self.calendar.year_at(end)
        return all(self.calendar.knows(year) for year in range(first, last + 1))


class QuickClock:
    """A clock of a case, changed in place. Fields as those of `cases.rules.clocks.Clock`."""

    __slots__ = (
        "due",
        "exempt",
        "finished",
        "limit_s",
        "organisation_id",
        "overdue",
        "paused",
        "paused_s",
        "pauses",
        "round",
        "stage",
        "started",
        "tempo",
        "uncertain",
        "used_s",
        "yellow",
        "yellow_s",
    )

    def __init__(
        self, stage: str, tempo: Tempo, at: int, number: int, organisation_id: int | None
    ) -> None:
        self.stage, self.tempo, self.started = stage, tempo, at
        self.round, self.organisation_id = number, organisation_id
        self.paused: int | None = None
        self.finished: int | None = None
        self.pauses: list[int] = []
        self.paused_s = self.used_s = 0
        self.overdue = self.exempt = self.uncertain = False
        if tempo.round_the_clock:
            self.limit_s, self.yellow_s = tempo.granted, tempo.yellow_s
            self.due, self.yellow = at + tempo.granted, at + tempo.yellow_s
            return
        rule = tempo.rule
        plan = plan_seconds(
            at, rule.limit, tempo.calendar, yellow_share=rule.yellow_share, unknown_years=_ASSUME
        )
        self.due, self.yellow, self.limit_s, self.yellow_s, assumed = plan
        self.uncertain = bool(assumed)

    @property
    def running(self) -> bool:
        """Whether time is counted now."""
        return self.finished is None and self.paused is None

    def pause(self, at: int) -> None:
        """Stand still from `at`."""
        if self.running:
            self._stop(at)
            self.paused = at

    def resume(self, at: int) -> None:
        """Run on after a pause."""
        if self.paused is not None and self.finished is None:
            self._move_on(self.paused, at)

    def go_on(self, at: int) -> None:
        """Run on after the finish."""
        if self.finished is not None:
            self._move_on(self.finished, at)

    def finish(self, at: int) -> None:
        """Finish at `at`."""
        if self.finished is None:
            self.resume(at)
            self._stop(at)
            self.finished = at

    def cancel(self, at: int) -> None:
        """Finish, charged to nobody."""
        if self.finished is None:
            self.finish(at)
            self.exempt = True

    def light(self, now: int) -> int:
        """Return the light at `now`, or the one it stopped with."""
        moment = self.finished or self.paused or now
        if self.overdue or moment > self.due:
            return Light.RED.value
        return Light.YELLOW.value if moment >= self.yellow else Light.GREEN.value

    def line(self, now: int) -> str:
        """Return the columns of `PastClock` as COPY text."""
        pauses = ",".join([f'"{instant_text(one).replace("T", " ")}"' for one in self.pauses])
        organisation = NULL if self.organisation_id is None else self.organisation_id
        return (
            f"{self.stage}\t{self.tempo.words}\t{self.limit_s}\t{instant_text(self.started)}"
            f"\t{instant_text(self.due)}\t{instant_text(self.yellow)}\t{self.round}"
            f"\t{organisation}\t{_or_null(self.paused)}\t{self.paused_s}\t{{{pauses}}}"
            f"\t{self.used_s}\t0\t{self.yellow_s}\t{_or_null(self.finished)}\t{self.light(now)}"
            f"\t{'t' if self.overdue else 'f'}\t{'t' if self.exempt else 'f'}"
            f"\t{'t' if self.uncertain else 'f'}"
        )

    def _stop(self, at: int) -> None:
        self.used_s = max(0, self.tempo.counted(self.started, at) - self.paused_s)
        self.overdue = self.overdue or at > self.due

    def _move_on(self, stopped: int, at: int) -> None:
        tempo = self.tempo
        self.paused_s += tempo.counted(stopped, at)
        if stopped < at:
            self.pauses += (stopped, at)
        self.paused = self.finished = None
        self.due = tempo.after(self.started, self.limit_s + self.paused_s)
        self.yellow = tempo.after(self.started, self.yellow_s + self.paused_s)
        self.uncertain = not tempo.knows(self.started, self.due)


def _exempt(clock: QuickClock, _at: int) -> None:
    clock.exempt = True


QUICK: Final[Mapping[Callable[[Clock, datetime, WorkingCalendar], Clock], Any]] = {
    rules.finish: QuickClock.finish,
    rules.pause: QuickClock.pause,
    rules.resume: QuickClock.resume,
    rules.cancel: QuickClock.cancel,
    rules.go_on: QuickClock.go_on,
}
exempt: Final = _exempt


def shown_columns(clocks: Iterable[QuickClock], now: int) -> dict[str, Any]:
    """Return the columns in which the case's row repeats its clocks, instants as text."""
    stage = whole = ended = None
    uncertain = False
    for clock in clocks:
        if clock.running:
            uncertain = uncertain or clock.uncertain
            if clock.stage == WHOLE:
                whole = whole or clock
            else:
                stage = stage or clock
        elif clock.stage == WHOLE and clock.finished is not None:
            ended = clock
    columns: dict[str, Any] = {"calendar_uncertain": uncertain, "stage": ""}
    if stage is not None:
        columns |= {
            "stage": stage.stage,
            "due_at": instant_text(stage.due),
            "yellow_at": instant_text(stage.yellow),
            "light": stage.light(now),
        }
    known = whole or ended
    if known is not None:
        free = known is ended and ended.exempt
        columns |= {
            "case_due_at": instant_text(known.due),
            "case_yellow_at": instant_text(known.yellow),
            "case_light": Light.NONE.value if free else known.light(now),
        }
    return columns
