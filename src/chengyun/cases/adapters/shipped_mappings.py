"""The mappings that come with the product."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from chengyun.cases.adapters.mapping import Mapping, mapping_from

_SUFFIX = ".yaml"


@cache
def shipped_mappings() -> dict[str, Mapping]:
    """Return the mappings by file name without its ending."""
    return {name: mapping_from(text) for name, text in _texts().items()}


def shipped_text(name: str) -> str | None:
    """Return a mapping as its file says it, to be copied and changed; None without one."""
    return _texts().get(name)


@cache
def _texts() -> dict[str, str]:
    folder = files("chengyun.cases").joinpath("data", "mappings")
    return {
        one.name.removesuffix(_SUFFIX): one.read_text(encoding="utf-8")
        for one in sorted(folder.iterdir(), key=lambda one: one.name)
        if one.name.endswith(_SUFFIX)
    }
