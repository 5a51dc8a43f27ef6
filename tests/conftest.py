"""Fixtures of the journeys: whole platforms and a browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from platform_under_test import Platform, start_platform, throw_away


@pytest.fixture(scope="session")
def city() -> Iterator[Platform]:
    """A platform with a tiny demo city, shared by the journeys of one worker.

    CHENGYUN_TEST_PLATFORM names the data folder and port of one that runs already (dir:port).
    """
    running = os.environ.get("CHENGYUN_TEST_PLATFORM")
    if running:
        folder, _, port = running.rpartition(":")
        yield Platform(data_dir=Path(folder), port=int(port), process=None)
        return
    platform = start_platform(demo="tiny")
    yield platform
    throw_away(platform)


@pytest.fixture
def empty_platform() -> Iterator[Platform]:
    """A platform without a city, for one test alone."""
    platform = start_platform()
    yield platform
    throw_away(platform)
