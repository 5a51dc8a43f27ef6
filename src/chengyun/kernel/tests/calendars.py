"""Random plain calendars for property tests."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from chengyun.kernel.tests.minute_walker import PlainCalendar, china

FIRST_DAY = date(2026, 4, 20)
WINDOW_DAYS = 40
FIRST = china("2026-04-20 00:00")


@st.composite
def slots(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """One to three slots of a day, on quarters of an hour; two may touch."""
    count = draw(st.integers(1, 3))
    quarters = sorted(draw(st.lists(st.integers(0, 96), min_size=2 * count, max_size=2 * count)))
    pairs = zip(quarters[::2], quarters[1::2], strict=True)
    found = tuple((start * 15, end * 15) for start, end in pairs if start < end)
    return found or ((480, 720),)


def days() -> st.SearchStrategy[frozenset[date]]:
    """Some days around the change of season."""
    one = st.integers(0, WINDOW_DAYS - 1).map(lambda offset: FIRST_DAY + timedelta(days=offset))
    return st.frozensets(one, max_size=8)


@st.composite
def plain_calendars(draw: st.DrawFn) -> PlainCalendar:
    """A calendar whose season changes on 1 May, with holidays and make-up days around it."""
    return PlainCalendar(
        winter=draw(slots()), summer=draw(slots()), holidays=draw(days()), workdays=draw(days())
    )


def moments() -> st.SearchStrategy[datetime]:
    """Whole minutes shortly before the change of season."""
    return st.integers(0, 18 * 24 * 60).map(lambda minute: FIRST + timedelta(minutes=minute))
