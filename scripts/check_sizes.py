"""Measure functions, files and nesting; known breaches stand in a list that may only shrink.

Usage: check_sizes.py [--write]
"""

from __future__ import annotations

import ast
import json
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BASELINE = ROOT / "scripts" / "sizes_baseline.json"
FOLDERS = ("src", "tests", "scripts")
LIMITS = {"function": 60, "file": 500, "nesting": 3}
HABITS = {"function median": 10, "function p90": 30, "file p90": 300}

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.With, ast.AsyncWith, ast.Match)


@dataclass(frozen=True)
class Measure:
    """One figure: of what kind, where, how much."""

    kind: str
    place: str
    value: int


def measures_of(path: Path) -> Iterator[Measure]:
    """Yield the figures of one file."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    yield Measure("file", name, text.count("\n"))
    for qualified, function in functions_of(ast.parse(text), ""):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        yield Measure("function", f"{name}::{qualified}", lines)
        yield Measure("nesting", f"{name}::{qualified}", depth_of(function))


def functions_of(node: ast.AST, prefix: str) -> Iterator[tuple[str, _Function]]:
    """Yield every function with its qualified name; inner ones too."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, _Function):
            yield prefix + inner.name, inner
        named = f"{inner.name}." if isinstance(inner, _Function | ast.ClassDef) else ""
        yield from functions_of(inner, prefix + named)


def depth_of(node: ast.AST, depth: int = 0) -> int:
    """Return how deep the blocks go; an `elif` is no deeper than its `if`."""
    deepest = depth
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, _Function | ast.ClassDef | ast.Lambda):
            continue
        chained = isinstance(node, ast.If) and isinstance(inner, ast.If) and node.orelse == [inner]
        step = 1 if isinstance(inner, _BLOCKS) and not chained else 0
        deepest = max(deepest, depth_of(inner, depth + step))
    return deepest


def faults_of(found: dict[str, int], known: dict[str, int]) -> Iterator[str]:
    """Yield what is wrong: new breaches, grown ones, and entries that no longer hold."""
    for key, value in sorted(found.items()):
        if key not in known:
            yield f"{key} is {value}, the limit is {LIMITS[key.split(' ', 1)[0]]}"
        elif value > known[key]:
            yield f"{key} grew from {known[key]} to {value}"
    for key, value in sorted(known.items()):
        if found.get(key, 0) < value:
            yield f"{key} got better than {value}: take it out of {BASELINE.name} (--write)"


def main() -> int:
    """Check, or with --write keep the present breaches as the list."""
    files = [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]
    measures = [measure for path in files for measure in measures_of(path)]
    found = {f"{m.kind} {m.place}": m.value for m in measures if m.value > LIMITS[m.kind]}
    if "--write" in sys.argv[1:]:
        BASELINE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        return 0
    known = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {}
    faults = list(faults_of(found, known)) + list(missed_habits(measures))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def missed_habits(measures: list[Measure]) -> Iterator[str]:
    """Yield the habits of the whole house that are not kept."""
    functions = [m.value for m in measures if m.kind == "function" and "/tests/" not in m.place]
    lengths = [m.value for m in measures if m.kind == "file" and m.value > 0]
    figures = {
        "function median": statistics.median(functions),
        "function p90": statistics.quantiles(functions, n=10)[-1],
        "file p90": statistics.quantiles(lengths, n=10)[-1],
    }
    print(", ".join(f"{name} {value:.0f}" for name, value in figures.items()))
    for name, value in figures.items():
        if value > HABITS[name]:
            yield f"{name} is {value:.0f}, the habit is {HABITS[name]}"


if __name__ == "__main__":
    raise SystemExit(main())
