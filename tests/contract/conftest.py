"""Every route is asked in every way here, more often than one person may."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def unthrottled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lift the limits of what costs much: their own tests hold them."""
    monkeypatch.setenv("CHENGYUN_READ_LIMITS", "off")
