"""The commands of docs/howto/import.md, as they stand there, on the real data they speak of.

The data is no part of the repository: CHENGYUN_TEST_DATA says where it lies, else ../shared/data.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from platform_under_test import Platform, clean_environment, start_platform, throw_away

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("CHENGYUN_TEST_DATA") or ROOT.parent / "shared" / "data").resolve()
PAGE = ROOT / "docs" / "howto" / "import.md"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("real-data"),
    pytest.mark.skipif(
        not (DATA / "shanghai_osm").is_dir(),
        reason=f"the real data is not at {DATA}; CHENGYUN_TEST_DATA says where it is",
    ),
]


@pytest.fixture
def own_platform() -> Iterator[Platform]:
    """A platform without a city."""
    platform = start_platform()
    yield platform
    throw_away(platform)


def test_a_district_s_export_on_the_map_of_shanghai(own_platform: Platform) -> None:
    told = _run(own_platform, _commands("shanghai"))
    assert "buildings       1855 features" in told
    assert "roads           1094 features" in told
    assert "1092 squares in 20 communities, 5 streets:" in told
    for district in ("黄浦区 310101", "虹口区 310109", "杨浦区 310110", "浦东新区 310115"):
        assert district in told
    assert told.count("6000 rows read: 6000 cases made (2 open), 0 here already, 0 faulty") == 2
    assert "6000 without a position, 0 outside the grids" in told

    with _client(own_platform) as asked:
        imported, tried = asked.get("/imports").json()["items"]
        assert (tried["dry_run"], imported["dry_run"]) == (True, False)
        for run in (tried, imported):
            assert _counts(run) == {
                "read": 6000,
                "made": 6000,
                "open": 2,
                "skipped": 0,
                "faulty": 0,
                "without_position": 6000,
                "outside_grids": 0,
            }
        waiting = asked.get("/cases", params={"system": imported["mapping"], "open": "true"}).json()
        states = [(one["state"], one["holder"]["desk"]) for one in waiting["items"]]
        assert states == [("reported", "acceptor")] * 2

        before = _everything(asked)
        again = _run(own_platform, _commands("shanghai").splitlines()[-1])
        assert "6000 rows read: 0 cases made (0 open), 6000 here already, 0 faulty" in again
        assert _everything(asked) == before


def test_the_requests_of_boston_in_a_data_folder_of_their_own(own_platform: Platform) -> None:
    told = _run(own_platform, _commands("boston"))
    assert "58251 rows read: 58251 cases made (3681 open), 0 here already, 0 faulty" in told
    assert "4775 without a position, 0 outside the grids" in told
    with _client(own_platform) as asked:
        (run,) = asked.get("/imports").json()["items"]
        assert _counts(run) == {
            "read": 58251,
            "made": 58251,
            "open": 3681,
            "skipped": 0,
            "faulty": 0,
            "without_position": 4775,
            "outside_grids": 0,
        }
        found = asked.get("/cases", params={"number": "IM20110701-101000295613"}).json()["items"]
        (closed,) = [asked.get(f"/cases/{one['id']}").json() for one in found]
        assert (closed["state"], closed["title"], closed["reported_at"]) == (
            "closed",
            "Street Light Outages",
            "2011-07-01T05:32:33Z",
        )
        assert (closed["lon"], closed["lat"]) == pytest.approx((-71.0772, 42.2715))
        assert closed["grid_code"].startswith("990101")
        (whole,) = closed["clocks"]
        assert (whole["used_s"], whole["overdue"]) == (12_865, False)


def _commands(mark: str) -> str:
    """Return the block of commands that stands behind a mark on the page."""
    found = re.search(
        rf"<!-- tested: {mark} -->\n```sh\n(.+?)```", PAGE.read_text("utf-8"), re.DOTALL
    )
    assert found, mark
    return found[1].strip()


def _run(platform: Platform, commands: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eu", "-c", commands],
        env={**clean_environment(platform.data_dir), "DATA": str(DATA), "PATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def _client(platform: Platform) -> httpx.Client:
    token = platform.chengyun("token", "create", "--user", "admin").split()[-1]
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"{platform.url}/api/v1", headers=headers, timeout=60)


def _counts(run: dict[str, Any]) -> dict[str, int]:
    names = ("read", "made", "open", "skipped", "faulty", "without_position", "outside_grids")
    return {name: run[name] for name in names}


def _everything(asked: httpx.Client) -> dict[str, Any]:
    """Return what an import could have changed: figures of the cases, divisions, departments."""
    paths = ("/cases/statistics", "/territory/divisions?parent=3101", "/matter-types?class_code=21")
    found = {path: asked.get(path) for path in paths}
    found["organisations"] = asked.get("/administration/organisations", params={"limit": 200})
    assert {answer.status_code for answer in found.values()} == {200}, found
    return {path: {**answer.json(), "at": None} for path, answer in found.items()}
