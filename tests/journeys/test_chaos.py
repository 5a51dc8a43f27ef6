"""Processes are killed while clients act; nothing that was acknowledged is lost or doubled."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from platform_under_test import clean_environment, free_port

from chengyun.server.chaos.proof import FAULTS

STORM = [
    "check",
    "chaos",
    "--json",
    "--acts",
    "200",
    "--kills",
    "3",
    "--clients",
    "8",
    "--seed",
    "7",
]
pytestmark = pytest.mark.journey


def test_what_was_acknowledged_outlives_killed_processes(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chengyun", *STORM, "--port", str(free_port())],
        env=clean_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    figures = {one["name"].removeprefix("chaos."): one for one in told}
    assert [one for one in told if one["good"] is False] == [], done.stderr
    assert done.returncode == 0, done.stderr
    assert figures["acts"]["value"] >= 200
    assert figures["kills"]["note"] == "1 database, 1 web, 1 worker"
    assert set(FAULTS) <= set(figures)
    assert figures["cases"]["value"] > 0
