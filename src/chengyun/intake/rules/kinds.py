"""Kinds of rows that can be imported: a closed registry that upper contexts fill at the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from chengyun.administration.rules.actor import Actor
from chengyun.intake.rules.mapping import Mapping, mistake, validated
from chengyun.intake.rules.source import Row
from chengyun.kernel.errors import Fault


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldName:
    """What people call a field that a mapping may fill."""

    zh: str
    en: str
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a writer is made for: one go at a run.

    crs : of the file, as the mapping or else the file states it; '' where neither does
    """

    actor: Actor
    mapping: Mapping
    file: str
    crs: str
    dry_run: bool


@dataclass(kw_only=True)
class Outcome:
    """What a batch did: counts of rows, bad rows by number, and what the kind tells besides.

    counts : further counts by name, added up over the batches
    names : names of what was made on the way, put together over the batches
    facts : words that replace those of earlier batches
    """

    made: int = 0
    changed: int = 0
    skipped: int = 0
    faults: dict[int, Fault] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)


class Writer(Protocol):
    """Writes rows of one kind."""

    def look_up(self) -> None:
        """Look up anew what rows refer to: somebody else may have made it meanwhile."""

    def write(self, rows: Sequence[Row]) -> Outcome:
        """Write a batch in the caller's transaction, which a dry run takes back."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of rows.

    code : also the `purpose` of its mappings
    context : names its audits; kinds of one context are imported one after the other
    permission : to import it
    everywhere : the permission must hold without a limit of place
    limit : the setting that says how large an upload may be [MiB]
    form : of its mappings
    fields : that a mapping may fill, by name, in order
    batch : rows in one transaction
    done_event, progress_event : kinds in the journal, '' = not told
    extras : what `Outcome` tells besides, with the values of a run that did nothing
    """

    code: str
    context: str
    permission: str
    everywhere: bool = False
    limit: str
    form: type[Mapping]
    fields: Callable[[], Table[str, FieldName]]
    writer: Callable[[Work], Writer]
    batch: int = 1000
    done_event: str
    progress_event: str = ""
    extras: Table[str, Any] = field(default_factory=dict)

    def require(self, actor: Actor) -> None:
        """Raise Forbidden unless the actor may import rows of the kind."""
        if self.everywhere:
            actor.require_everywhere(self.permission)
        else:
            actor.require(self.permission)


_kinds: Final[dict[str, Kind]] = {}


def register_kind(kind: Kind) -> None:
    """Make a kind known; each code once."""
    if kind.code in _kinds:
        raise ValueError(f"kind {kind.code} twice")
    _kinds[kind.code] = kind


def kind_of(code: str) -> Kind:
    """Return the kind; raise KeyError for one that nobody registered."""
    return _kinds[code]


def parse_mapping(data: Any, *, kinds: Sequence[str]) -> Mapping:
    """Check the mapping in `data`, for one of the kinds; raise MappingInvalid naming the place.

    kinds : where there is one alone, the mapping need not name it
    """
    if not isinstance(data, dict):
        raise mistake("file", "it is no mapping")
    purpose = data.get("purpose", kinds[0] if len(kinds) == 1 else None)
    if not isinstance(purpose, str) or purpose not in kinds:
        raise mistake("purpose", f"it is one of {', '.join(kinds)}")
    mapping = validated(kind_of(purpose).form, {**data, "purpose": purpose})
    mapping.check()
    return mapping
