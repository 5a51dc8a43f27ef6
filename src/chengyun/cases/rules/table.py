"""Read the workflow table and the lists beside it (`cases/data/*.csv`) into values.

Cells hold lists with "|". `docs/reference/workflow.md` explains the columns; in short:
from_states: states, "new" (no case yet) or "open" (every state that is neither a draft nor ended);
to_state: a state, "same" or "given"; pending: "" (none may wait), "+x" (begins), "-x" (is decided),
"-x+y" (goes to the next level), "*" (does not matter); clock: op:stage, where the stage may be
"state" or "*"; holder_after: "state" (default of the new state), "same", "none", "actor" or
desk/who.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib.resources import files

from chengyun.cases.rules.facts import NEW, ClockEffect, TaskEffect
from chengyun.cases.rules.faults import WorkflowInvalid
from chengyun.kernel.units import Limit

CLOCK_OPS = frozenset(
    {
        "start",
        "finish",
        "pause",
        "resume",
        "continue",
        "start_or_resume",
        "cancel",
        "extend",
        "exempt",
    }
)
TASK_OPS = frozenset({"open", "answer", "cancel"})
TASK_KINDS = frozenset({"verify", "check"})
NEEDS = frozenset(
    {"opinion", "photo", "standard", "condition", "organisation", "assisting", "assignee", "reason"}
)
PHASES = {
    "report": ("上报", "report"),
    "verify": ("核实", "verification"),
    "disposal": ("处置后", "disposal"),
    "check": ("核查", "check"),
    "other": ("其他", "other"),
}
WHOS = frozenset({"desk", "organisation", "assignee"})
AXES = frozenset({"supervision", "command", "disposal", "any"})
ANY = "*"
RESULTS = {"": None, "true": True, "false": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """A role's desk."""

    code: str
    zh: str
    en: str
    axis: str
    permission: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One of the seven steps of the loop, as the bar on a case's page shows them."""

    code: str
    no: int
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A clock's stage with its default limit; `limit_from` is "setting" or "standard"."""

    code: str
    zh: str
    en: str
    limit: Limit
    yellow_share: Decimal
    limit_from: str
    charged_to: str


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """A state: the clock that runs in it, its step, and its holder by default."""

    code: str
    zh: str
    en: str
    stage: str
    step: str
    terminal: bool
    desk: str
    holder: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a report comes from."""

    code: str
    zh: str
    en: str
    public: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """What an act asks for: the names required, those accepted, and photos by phase."""

    required: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()
    photos: dict[str, int] = field(default_factory=dict)
    reasons: str = ""

    @property
    def phase(self) -> str:
        """Phase of the attachments that come with the act."""
        return next(reversed(self.photos), "other")


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One row of the workflow table."""

    row: int
    act: str
    zh: str
    en: str
    result: bool | None
    result_zh: str
    result_en: str
    from_states: frozenset[str]
    to_state: str
    needs_pending: str
    leaves_pending: str
    axis: str
    desks: tuple[str, ...]
    guards: tuple[str, ...]
    needs: Needs
    clock: tuple[ClockEffect, ...]
    sets: tuple[tuple[str, str], ...]
    task: TaskEffect | None
    event: str
    holder_after: str
    primary: frozenset[str]
    danger: bool
    key: str
    opinion_zh: str
    opinion_en: str
    enabled: bool
    note: str

    @property
    def name(self) -> str:
        """How a problem names the row."""
        return f"row {self.row} ({self.act})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Everything that the workflow is made of."""

    moves: tuple[Move, ...]
    states: dict[str, State]
    stages: dict[str, Stage]
    desks: dict[str, Desk]
    steps: dict[str, Step]
    sources: dict[str, Source]
    reasons: frozenset[str]


@cache
def shipped_table() -> Table:
    """Return the table that is shipped with the program.

    raises : WorkflowInvalid when a cell cannot be read
    """
    return read_table({name: _shipped(f"{name}.csv") for name in _FILES})


_FILES = ("workflow", "states", "stages", "desks", "steps", "sources", "dictionaries")


def _shipped(name: str) -> str:
    return files("chengyun.cases").joinpath("data", name).read_text(encoding="utf-8")


def read_table(texts: dict[str, str]) -> Table:
    """Return the table made of the CSV texts by file name (without ".csv").

    raises : WorkflowInvalid when a cell cannot be read
    """
    rows = {name: list(csv.DictReader(text.splitlines())) for name, text in texts.items()}
    states = {row["code"]: _state(row) for row in rows["states"]}
    problems: list[str] = []
    moves = tuple(_moves(rows["workflow"], states, problems))
    if problems:
        raise WorkflowInvalid(problems)
    return Table(
        moves=moves,
        states=states,
        stages={row["code"]: _stage(row) for row in rows["stages"]},
        desks={row["code"]: _desk(row) for row in rows["desks"]},
        steps={row["code"]: _step(row) for row in rows["steps"]},
        sources={row["code"]: _source(row) for row in rows["sources"]},
        reasons=frozenset(row["dictionary"] for row in rows["dictionaries"]),
    )


def _state(row: dict[str, str]) -> State:
    return State(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        stage=row["stage"],
        step=row["step"],
        terminal=row["terminal"] == "yes",
        desk=row["desk"],
        holder=row["holder"],
    )


def _stage(row: dict[str, str]) -> Stage:
    return Stage(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        limit=Limit.of(row["limit_value"], row["limit_unit"]),
        yellow_share=Decimal(row["yellow_share"]),
        limit_from=row["limit_from"],
        charged_to=row["charged_to"],
    )


def _desk(row: dict[str, str]) -> Desk:
    return Desk(
        code=row["code"],
        zh=row["zh"],
        en=row["en"],
        axis=row["axis"],
        permission=row["permission"],
    )


def _step(row: dict[str, str]) -> Step:
    return Step(code=row["code"], no=int(row["no"]), zh=row["zh"], en=row["en"])


def _source(row: dict[str, str]) -> Source:
    return Source(code=row["code"], zh=row["zh"], en=row["en"], public=row["public"] == "yes")


def _moves(
    rows: list[dict[str, str]], states: dict[str, State], problems: list[str]
) -> Iterator[Move]:
    for number, row in enumerate(rows, start=2):
        try:
            yield _move(number, row, states)
        except (ValueError, KeyError, TypeError) as fault:
            problems.append(f"row {number} ({row.get('act')}): cannot be read: {fault}")


def _move(number: int, row: dict[str, str], states: dict[str, State]) -> Move:
    from_states = _from_states(row["from_states"], states)
    needs_pending, leaves_pending = _pending(row["pending"])
    return Move(
        row=number,
        act=row["act"],
        zh=row["zh"],
        en=row["en"],
        result=RESULTS[row["result"]],
        result_zh=row["result_zh"],
        result_en=row["result_en"],
        from_states=from_states,
        to_state=row["to_state"],
        needs_pending=needs_pending,
        leaves_pending=leaves_pending,
        axis=row["axis"],
        desks=_list(row["desk"]),
        guards=_list(row["guard"]),
        needs=_needs(_list(row["needs"])),
        clock=tuple(ClockEffect(*_pair(cell)) for cell in _list(row["clock"])),
        sets=tuple(_setting(cell) for cell in _list(row["sets"])),
        task=TaskEffect(*_pair(row["task"])) if row["task"] else None,
        event=row["event"],
        holder_after=row["holder_after"],
        primary=_primary(row["primary"], from_states),
        danger=_yes(row["danger"]),
        key=row["key"],
        opinion_zh=row["opinion_zh"],
        opinion_en=row["opinion_en"],
        enabled=_yes(row["enabled"]),
        note=row["note"],
    )


def _list(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def _yes(cell: str) -> bool:
    return {"yes": True, "no": False}[cell]


def _pair(cell: str) -> tuple[str, str]:
    first, _, second = cell.partition(":")
    return first, second


def _setting(cell: str) -> tuple[str, str]:
    """Read "verified:result", or "rework+1" as ("rework", "+1")."""
    for sign in "+-":
        if sign in cell:
            name, _, amount = cell.partition(sign)
            return name, sign + amount
    return _pair(cell)


def _from_states(cell: str, states: dict[str, State]) -> frozenset[str]:
    named = {NEW if part == "new" else part for part in _list(cell)}
    if "open" in named:
        named.remove("open")
        named |= {code for code, state in states.items() if not state.terminal and code != "draft"}
    return frozenset(named)


def _pending(cell: str) -> tuple[str, str]:
    """Return what must wait before and what waits after; both "*" where it does not matter."""
    if cell == ANY:
        return ANY, ANY
    before, plus, after = cell.partition("+")
    if before and not before.startswith("-"):
        msg = f"pending “{cell}”"
        raise ValueError(msg)
    return before.removeprefix("-"), after if plus else ""


def _primary(cell: str, from_states: frozenset[str]) -> frozenset[str]:
    if cell in {"yes", "no"}:
        return from_states if cell == "yes" else frozenset()
    return frozenset(_list(cell))


def _needs(cells: tuple[str, ...]) -> Needs:
    required, accepted, photos, reasons = set(), set(), {}, ""
    for cell in cells:
        name, _, rest = cell.partition(":")
        bare = name.removesuffix("?")
        if bare not in NEEDS:
            msg = f"need “{cell}”"
            raise ValueError(msg)
        if bare == "photo":
            count, _, phase = rest.partition(":")
            photos[phase] = int(count)
            continue
        accepted.add(bare)
        if bare == name:
            required.add(bare)
        if bare == "reason":
            reasons = rest
    return Needs(
        required=frozenset(required), accepted=frozenset(accepted), photos=photos, reasons=reasons
    )
