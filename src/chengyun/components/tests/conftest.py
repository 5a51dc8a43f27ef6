"""Fixtures of components."""

from __future__ import annotations

import pytest

from chengyun.components.tests.builders import City, make_city


@pytest.fixture
def city(db: None) -> City:
    return make_city()
