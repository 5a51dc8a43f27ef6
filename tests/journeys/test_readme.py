"""What README tells a newcomer to type does what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from platform_under_test import Platform, clean_environment

ROOT = Path(__file__).parents[2]
STATES = [
    "verifying",
    "reported",
    "accepted",
    "filed",
    "dispatched",
    "handled",
    "feedback_given",
    "checking",
    "check_passed",
    "closed",
]


def block_of(heading: str) -> str:
    """Return the first block of commands under a heading of README."""
    _, _, rest = (ROOT / "README.md").read_text(encoding="utf-8").partition(f"## {heading}\n")
    found = re.search(r"```sh\n(.+?)```", rest, re.DOTALL)
    assert found, heading
    return found[1]


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
@pytest.mark.journey
def test_the_loop_of_the_readme_closes_a_case(city: Platform) -> None:
    commands = block_of("The loop in a dozen lines").replace("http://127.0.0.1:8000", city.url)
    done = subprocess.run(
        ["bash", "-eu", "-c", commands],
        cwd=ROOT,
        env=clean_environment(city.data_dir),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    *states, proof = done.stdout.split()
    assert states == STATES
    assert proof.startswith('{"ok":true,"length":11,')
