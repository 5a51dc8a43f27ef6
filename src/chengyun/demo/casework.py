"""The cases of the generated city: past ones told to their end, others caught half-way."""

import heapq
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from chengyun.cases.operations.bulk import PastCase
from chengyun.cases.rules.clocks import DISPOSAL
from chengyun.demo.components_near import ComponentsNear
from chengyun.demo.histories import Casebook
from chengyun.demo.quick_histories import QuickBook
from chengyun.demo.rules.casting import Casting
from chengyun.demo.rules.codes import CASE_PREFIX
from chengyun.demo.rules.draws import scalar_draws
from chengyun.demo.rules.reports import Report, ReportSource, matter_patterns
from chengyun.demo.rules.society import Society
from chengyun.demo.rules.stories import Step, tell_story
from chengyun.demo.rules.timing import limit_seconds, when_backward, when_forward
from chengyun.demo.rules.town import Town
from chengyun.demo.rules.under_way import UnderWay, plan_under_way
from chengyun.demo.standing import GridPlace, Platform, StandardRow, TypeRow

_TASKS = ("verifying", "checking")
_FOR_THE_FIRST = 3
_BEFORE_HANDLING = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What the platform knows of types, filing conditions and grids."""

    types: dict[tuple[str, str], TypeRow]
    standards: dict[tuple[str, str], list[StandardRow]]
    grids: dict[str, GridPlace]


@dataclass(slots=True)
class Script:
    """A numbered report on its way: with steps and moments where these are settled already."""

    report: Report
    number: str = ""
    steps: list[Step] | None = None
    moments: Sequence[datetime] = ()


class CaseWriter:
    """Writes the cases of a town, oldest first."""

    def __init__(
        self,
        *,
        town: Town,
        society: Society,
        platform: Platform,
        catalogue: Catalogue,
        zone: tzinfo,
        components: ComponentsNear,
    ) -> None:
        self._town = town
        self._society = society
        self._platform = platform
        self._catalogue = catalogue
        self._zone = zone
        self._components = components
        self._casting = Casting(society)
        self._source = ReportSource(town, platform.now, zone)
        self._numbers: Counter[date] = Counter()

    def taken_on(self, day: date) -> int:
        """Return how many case numbers of a day have been given."""
        return self._numbers[day]

    def scripts(self, count: int, months: int, open_count: int) -> Iterator[Script]:
        """Yield what is to be told, in the order of the reports, numbered."""
        caught = sorted(self._caught(open_count), key=_reported_at)
        past = (
            Script(report) for portion in self._source.past(count, months) for report in portion
        )
        for script in heapq.merge(past, caught, key=_reported_at):
            script.number = self._number(script.report)
            yield script

    def tell(self, script: Script) -> PastCase:
        """Return the case of a script, as far as it has come by now. Touches no database."""
        report, steps, moments = script.report, script.steps, script.moments
        draw = self._draw(report)
        standard = self._standard(report, draw)
        if steps is None:
            self._bind(report, may_move=True)
            self._source.describe(report)
            steps = self._story(report, standard, draw, None)
            moments = when_forward(steps, report.at, standard.limit, self._platform.timekeeper)
        return self._book(script, standard, draw).write(steps, moments)

    def _bind(self, report: Report, *, may_move: bool) -> None:
        if self._components.bind(report, may_move=may_move):
            self._source.go_with_cell(report)

    def _book(
        self, script: Script, standard: StandardRow, draw: random.Random
    ) -> Casebook | QuickBook:
        report = script.report
        code = self._town.divisions.grid_codes[report.cell]
        book = Casebook if self._platform.guarded else QuickBook
        return book(
            platform=self._platform,
            report=report,
            place=self._catalogue.grids[code],
            type=self._catalogue.types[report.pattern.kind, report.pattern.code],
            standard=standard,
            number=script.number,
            draw=draw,
        )

    def _number(self, report: Report) -> str:
        day = report.at.astimezone(self._zone).date()
        self._numbers[day] += 1
        return f"{CASE_PREFIX}{day:%Y%m%d}-{self._numbers[day]:05d}"

    def _draw(self, report: Report) -> random.Random:
        return scalar_draws(self._town.seed, "case", report.number)

    def _standard(self, report: Report, draw: random.Random) -> StandardRow:
        rows = self._catalogue.standards[report.pattern.kind, report.pattern.code]
        urgent = [row for row in rows if row.limit.unit.value.startswith("urgent")]
        ordinary = [row for row in rows if row not in urgent]
        chosen = urgent if report.urgent and urgent else ordinary or rows
        return draw.choice(chosen)

    def _story(
        self, report: Report, standard: StandardRow, draw: random.Random, target: str | None
    ) -> list[Step]:
        code = self._town.divisions.grid_codes[report.cell]
        cast = self._casting.cast(code, standard.department_kind, draw)
        return tell_story(report, cast, draw, target)

    def _caught(self, count: int) -> Iterator[Script]:
        """Yield reports with the steps that bring them where the plan wants them."""
        draw = scalar_draws(self._town.seed, "under way")
        planned = plan_under_way(count, draw)
        weights = [pattern.weight for pattern in matter_patterns()]
        patterns = draw.choices(matter_patterns(), weights, k=len(planned))
        reports = self._source.fresh(patterns, self._cells(planned, draw))
        for report, plan in zip(reports, planned, strict=True):
            report.source = plan.source or report.source
            report.self_handled = False
            self._bind(report, may_move=False)
            self._source.describe(report)
            chance = self._draw(report)
            standard = self._standard(report, chance)
            steps = self._story(report, standard, chance, plan.target)
            steps, moments = self._timed(steps, plan, standard)
            report.at = moments[0]
            yield Script(report, steps=steps, moments=moments)

    def _cells(self, planned: Sequence[UnderWay], draw: random.Random) -> list[int | None]:
        """Choose cells so that the first collector, whose account is shown, has tasks."""
        codes = self._town.divisions.grid_codes
        cell_of = {code: cell for cell, code in enumerate(codes)}
        home = [cell_of[code] for code in self._society.of_role("collector")[0].grids]
        given: Counter[str] = Counter()
        cells: list[int | None] = []
        for plan in planned:
            given[plan.target] += 1
            at_home = plan.target in _TASKS and given[plan.target] <= _FOR_THE_FIRST
            cells.append(draw.choice(home) if at_home else None)
        return cells

    def _timed(
        self, steps: list[Step], plan: UnderWay, standard: StandardRow
    ) -> tuple[list[Step], list[datetime]]:
        """Return the steps with their moments such that the clock stands where the plan wants."""
        platform = self._platform
        limit = standard.limit if plan.stage == DISPOSAL else platform.limits[plan.stage].limit
        used = plan.used
        if plan.target == "handling":
            steps = [*steps[:-1], replace(steps[-1], share=used * _BEFORE_HANDLING)]
            used *= 1 - _BEFORE_HANDLING
        last = platform.timekeeper.back(platform.now, used * limit_seconds(limit), limit.unit)
        return steps, when_backward(steps, last, standard.limit, platform.timekeeper)


def _reported_at(script: Script) -> datetime:
    return script.report.at
