"""The side that judges is not the side that directs or does the work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chengyun.administration.rules.faults import AxesConflict

_JUDGING = "supervision"
_WORKING = frozenset({"command", "disposal"})


def check_axes(permissions: Iterable[str], axis_of: Mapping[str, str]) -> None:
    """Raise AxesConflict when the permissions stand on both sides.

    axis_of : axis of each permission, '' for those outside
    source : the separation of supervision and command in the cities' practice
    """
    held = sorted(set(permissions))
    judging = next((code for code in held if axis_of.get(code) == _JUDGING), None)
    working = next((code for code in held if axis_of.get(code) in _WORKING), None)
    if judging and working:
        raise AxesConflict(first=judging, second=working)
