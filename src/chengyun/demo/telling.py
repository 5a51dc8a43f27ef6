"""Telling many cases on all cores: children tell and encode, this process writes in order."""

import gc
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.pool import AsyncResult, Pool

from chengyun.cases.operations.bulk import EncodedHistory, encode_history, take_case_ids
from chengyun.demo.casework import CaseWriter, Script

_PORTION = 500
_AHEAD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A portion of cases, encoded."""

    encoded: EncodedHistory
    cases: int
    still_open: int


class _Teller:
    """The writer that the children inherit when they are forked."""

    writer: CaseWriter | None = None


def tell_all(writer: CaseWriter, scripts: Iterable[Script], processes: int) -> Iterator[Told]:
    """Yield the cases of the scripts in portions, in order.

    processes : children that tell; 0 = this process does it
    """
    _Teller.writer = writer
    portions = _portions(iter(scripts))
    if processes == 0:
        for scripted in portions:
            yield _told(take_case_ids(len(scripted)), scripted)
        return
    with uncollected(), multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from _in_order(pool, portions, processes * _AHEAD)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles of objects meanwhile: a city has millions of objects and makes none.

    Each look would go through all of them, and have every child copy the pages that it shares.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def _portions(scripts: Iterator[Script]) -> Iterator[list[Script]]:
    while portion := list(islice(scripts, _PORTION)):
        yield portion


def _in_order(pool: Pool, portions: Iterator[list[Script]], ahead: int) -> Iterator[Told]:
    waiting: deque[AsyncResult[Told]] = deque()
    for scripts in portions:
        waiting.append(pool.apply_async(_told, (take_case_ids(len(scripts)), scripts)))
        if len(waiting) >= ahead:
            yield waiting.popleft().get()
    while waiting:
        yield waiting.popleft().get()


def _told(ids: Sequence[int], scripts: Sequence[Script]) -> Told:
    if _Teller.writer is None:
        raise RuntimeError("the writer was not inherited")
    cases = [_Teller.writer.tell(script) for script in scripts]
    return Told(
        encoded=encode_history(ids, cases),
        cases=len(cases),
        still_open=sum(bool(case.values["is_open"]) for case in cases),
    )
