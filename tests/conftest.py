"""Fixtures of the journeys: whole platforms and a browser."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from platform_under_test import Platform, running_platform, start_platform, throw_away


@pytest.fixture(scope="session")
def city() -> Iterator[Platform]:
    """A platform with a tiny demo city, shared by the journeys of one worker."""
    platform = running_platform() or start_platform(demo="tiny")
    yield platform
    throw_away(platform)


@pytest.fixture
def empty_platform() -> Iterator[Platform]:
    """A platform without a city, for one test alone."""
    platform = start_platform()
    yield platform
    throw_away(platform)
