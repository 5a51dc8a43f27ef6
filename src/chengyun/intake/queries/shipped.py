"""The mappings that come with the product."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from chengyun.intake.rules.kinds import kind_of, parse_mapping
from chengyun.intake.rules.mapping import MAX_MAPPING_BYTES, Mapping, mapping_data

_SUFFIX = ".yaml"


@cache
def shipped_mappings(kinds: tuple[str, ...]) -> dict[str, Mapping]:
    """Return the mappings for some kinds by file name without its ending."""
    return {
        name: mapping_from(text, kinds=kinds)
        for name, text in _texts(kinds).items()
        if mapping_data(text).get("purpose", kinds[0]) in kinds
    }


def shipped_text(kinds: tuple[str, ...], name: str) -> str | None:
    """Return a mapping as its file says it, to be copied and changed; None without one."""
    return _texts(kinds).get(name)


def mapping_from(content: bytes | str, *, kinds: tuple[str, ...]) -> Mapping:
    """Read and check a mapping as YAML; raise MappingInvalid naming the place."""
    return parse_mapping(mapping_data(content), kinds=kinds)


def load_mapping(path: Path, *, kinds: tuple[str, ...]) -> Mapping:
    """Read and check the mapping file at `path`; raise MappingInvalid naming the place."""
    with path.open("rb") as file:
        return mapping_from(file.read(MAX_MAPPING_BYTES + 1), kinds=kinds)


@cache
def _texts(kinds: tuple[str, ...]) -> dict[str, str]:
    contexts = sorted({kind_of(code).context for code in kinds})
    folders = [files(f"chengyun.{context}").joinpath("data", "mappings") for context in contexts]
    return {
        one.name.removesuffix(_SUFFIX): one.read_text(encoding="utf-8")
        for folder in folders
        for one in sorted(folder.iterdir(), key=lambda one: one.name)
        if one.name.endswith(_SUFFIX)
    }
