"""A city is backed up while it runs, and lives on elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from platform_under_test import Platform, clean_environment, start_platform, throw_away

SIGN_IN = {"username": "acceptor1", "password": "Linjiang-2026"}

pytestmark = pytest.mark.journey


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's system user may enter."""
    made = Path(tempfile.mkdtemp(prefix="cyr"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def refused(data_dir: Path, *arguments: str) -> str:
    """Run a command that must fail; return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "chengyun", *arguments],
        env={**clean_environment(data_dir), "LANG": "en_US.UTF-8"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stderr


@contextmanager
def signed_in(platform: Platform) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=platform.url, timeout=30) as client:
        client.post("/api/v1/session", json=SIGN_IN).raise_for_status()
        yield client


def test_an_encrypted_backup_of_a_running_city_is_restored(city: Platform, folder: Path) -> None:
    public = city.chengyun("backup", "--new-key", str(folder / "key")).strip()
    target = folder / "backups"
    options = ("backup", "--to", str(target), "--recipient", public, "--json")
    first = json.loads(city.chengyun(*options))
    assert first["cases"] > 0
    assert first["files"] > 0
    assert json.loads(city.chengyun("backup", "--to", str(target), "--list", "--json")) == first
    assert not any(path.suffix != ".age" for path in (target / "files").rglob("*.*"))

    new = folder / "new"
    assert "key" in refused(new, "restore", str(target))
    Platform(data_dir=new, port=0, process=None).chengyun(
        "restore", str(target), "--identity", str(folder / "key"), timeout_s=300
    )
    assert "not empty" in refused(new, "restore", str(target), "--identity", str(folder / "key"))
    _lives_on(city, new, first)


def _lives_on(city: Platform, new: Path, made: dict[str, int]) -> None:
    restored = start_platform(data_dir=new)
    try:
        proof = json.loads(restored.chengyun("check", "log", "--json"))
        assert proof["cases"] == made["cases"]
        assert proof["entries"] >= made["log_entries"]  # clocks go on, lights are marked
        assert proof["broken"] == []
        with signed_in(city) as before, signed_in(restored) as after:
            listed = [client.get("/api/v1/cases?limit=50").json() for client in (before, after)]
            photos = [item["thumbnail"] for item in listed[1]["items"] if item["thumbnail"]]
            assert [i["id"] for i in listed[0]["items"]] == [i["id"] for i in listed[1]["items"]]
            assert photos
            assert before.get(photos[0]).content == after.get(photos[0]).content
            _is_live(after)
    finally:
        throw_away(restored)


def _is_live(client: httpx.Client) -> None:
    """What happens after the restore follows what happened before it."""
    grid = client.get("/api/v1/territory/grids?limit=1").json()["items"][0]
    report = {
        "source": "other",
        "type": "06010",
        "description": "恢复后上报",
        "location": {"lon": grid["lon"], "lat": grid["lat"]},
    }
    headers = {"X-CSRFToken": client.cookies["csrftoken"]}
    with client.stream("GET", "/live") as line:
        lines = line.iter_lines()
        next(lines)
        answer = client.post("/api/v1/cases", json=report, headers=headers)
        assert answer.status_code == 201, answer.text
        assert any(text == "event: case.reported" for text in lines)


def test_a_damaged_backup_changes_nothing(city: Platform, folder: Path) -> None:
    target = folder / "backups"
    made = json.loads(city.chengyun("backup", "--to", str(target), "--json"))
    dump = target / "backups" / made["name"] / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-100])
    assert "damaged" in refused(folder / "new", "restore", str(target))
    assert "later version" in refused(folder / "new", "restore", str(_newer(target, made)))
    assert "no backup" in refused(folder / "new", "restore", str(target), "--name", "nothing")


def _newer(target: Path, made: dict[str, object]) -> Path:
    """Make the backup look like one of a later program."""
    manifest = target / "backups" / str(made["name"]) / "manifest.json"
    migrations = {"cases": "9999_of_tomorrow"}
    manifest.write_text(json.dumps({**made, "migrations": migrations}), encoding="utf-8")
    return target
