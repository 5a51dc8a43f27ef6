"""Who may report from which source, and what a case is called when nobody named it."""

from __future__ import annotations

from chengyun.cases.rules.access import COLLECTOR, SYSTEM
from chengyun.cases.rules.table import Table
from chengyun.kernel.errors import Fault
from chengyun.kernel.text import search_terms, term_keys

_OWN_SOURCES = {
    COLLECTOR: frozenset({"collector"}),
    "hotline": frozenset({"hotline", "public", "letter"}),
    "inspector": frozenset({"inspection"}),
    "leader": frozenset({"leader"}),
}
_DEFAULT_SOURCE = {
    COLLECTOR: "collector",
    "hotline": "hotline",
    "inspector": "inspection",
    "leader": "leader",
    SYSTEM: "platform",
}
_ORDER = (COLLECTOR, "hotline", "acceptor", "inspector", "leader", SYSTEM)


class SourceNotYours(Fault):
    """The source does not belong to the reporter's desk."""

    code = "source_not_yours"
    status = 403
    zh = "您的岗位不能以来源“{source}”上报。"
    en = "Your desk does not report from the source “{source}”."


class SourceUnknown(Fault):
    """There is no such source."""

    code = "source_unknown"
    zh = "没有案卷来源“{source}”。"
    en = "There is no source “{source}”."


def source_of(desks: frozenset[str], wanted: str, table: Table) -> tuple[str, str]:
    """Return the source of a report and the desk that reports it.

    Acceptors and other systems report from every source but a collector's walk, the others from
    their own. The collector's photo is asked for by the source, hence the rule.

    wanted : "" = the usual source of the actor's desk
    raises : SourceUnknown, SourceNotYours
    source : ours
    """
    mine = [desk for desk in _ORDER if desk in desks]
    if not wanted:
        desk = mine[0] if mine else SYSTEM
        return _DEFAULT_SOURCE.get(desk, "other"), desk
    if wanted not in table.sources:
        raise SourceUnknown(field="source", source=wanted)
    for desk in mine:
        own = _OWN_SOURCES.get(desk)
        if wanted in own if own is not None else wanted != "collector":
            return wanted, desk
    raise SourceNotYours(field="source", source=wanted)


def case_terms(*parts: str) -> list[int]:
    """Return the keys of a case's words: number, title, type, address, description."""
    return term_keys(search_terms(" ".join(parts)))
