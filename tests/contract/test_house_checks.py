"""The checks of the house check what they say."""

from __future__ import annotations

import ast
import importlib.util
import json
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


RULES = {"licences": ["MIT", "Apache-2.0"], "exceptions": {"odd": "LGPL: as a library"}}


@pytest.mark.parametrize(
    ("name", "licence", "faults"),
    [
        ("a", "MIT", 0),
        ("a", "(MIT OR Apache-2.0)", 0),
        ("a", "MIT AND GPL-3.0", 1),
        ("a", "", 1),
        ("odd", "LGPL-3.0-only", 0),
    ],
)
def test_a_licence_is_allowed_or_an_exception(name: str, licence: str, faults: int) -> None:
    assert len(list(script("audit").licence_faults({name: licence}, RULES))) == faults


@pytest.mark.parametrize(
    ("package", "faults"),
    [
        ({"source": {"registry": "r"}, "wheels": [{"hash": "sha256:0"}]}, 0),
        ({"source": {"registry": "r"}, "wheels": [{}]}, 1),
        ({"source": {"registry": "r"}}, 1),
        ({"source": {"git": "r"}, "wheels": [{"hash": "sha256:0"}]}, 1),
    ],
)
def test_a_lock_names_the_registry_and_hashes(package: dict[str, object], faults: int) -> None:
    lock = {"package": [{"name": "a", **package}]}
    assert len(list(script("audit").lock_faults(lock))) == faults


def test_a_front_end_package_has_its_checksum() -> None:
    packages = {"": {}, "good": {"integrity": "sha512-0"}, "bad": {}, "near": {"link": True}}
    assert len(list(script("audit").web_lock_faults({"packages": packages}))) == 2


def test_a_dependency_says_why() -> None:
    direct = '[project]\ndependencies = [\n  "a>=1", # reads rows\n  "b>=2",\n]\n'
    project = direct + "[dependency-groups]\ndev = []\n"
    assert list(script("audit").reason_faults(project)) == ["pyproject.toml: b>=2 does not say why"]


def test_a_known_hole_fails_unless_accepted_and_silence_is_told() -> None:
    hole = {"id": "PYSEC-1", "aliases": ["CVE-1"]}
    answer = json.dumps({"dependencies": [{"name": "a", "version": "1", "vulns": [hole]}]})
    holes = script("audit").holes
    assert holes(answer, {}) == ["a 1: PYSEC-1"]
    assert holes(answer, {"CVE-1": "2026-11-23, not reached"}) == []
    assert holes("no network", {}) is None


def test_our_own_dependencies_are_in_order() -> None:
    assert script("audit").offline_faults() == []
