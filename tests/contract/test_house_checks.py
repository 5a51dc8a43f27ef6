"""The checks of the house check what they say."""

from __future__ import annotations

import ast
import importlib.util
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"house_{name}", SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("found", "known", "faults"),
    [
        ({}, {}, 0),
        ({"function a": 70}, {"function a": 70}, 0),
        ({"function a": 70}, {}, 1),
        ({"function a": 71}, {"function a": 70}, 1),
        ({"function a": 65}, {"function a": 70}, 1),
        ({}, {"function a": 70}, 1),
    ],
)
def test_the_list_of_breaches_may_only_shrink(
    found: dict[str, int], known: dict[str, int], faults: int
) -> None:
    assert len(list(script("check_sizes").faults_of(found, known))) == faults


@pytest.mark.parametrize(
    ("blocks", "depth"),
    [
        ("pass", 0),
        ("if a:\n for b in c:\n  pass", 2),
        ("if a:\n pass\nelif b:\n pass\nelif c:\n pass", 1),
        ("if a:\n def g():\n  if b:\n   pass", 1),
        ("while a:\n with b:\n  try:\n   pass\n  finally:\n   pass", 3),
    ],
)
def test_nesting_counts_blocks(blocks: str, depth: int) -> None:
    function = ast.parse("def f():\n" + textwrap.indent(blocks, " ")).body[0]
    assert script("check_sizes").depth_of(function) == depth


def test_every_environment_variable_is_documented() -> None:
    table = script("settings_table")
    assert {"CHENGYUN_DATA_DIR", "CHENGYUN_DATABASE_URL"} <= table.names_in_code()
    assert "CHENGYUN_PROCESS" not in table.names_in_code()
