"""Jobs of administration."""

from __future__ import annotations

from procrastinate.contrib.django import app

from chengyun.administration.operations.upkeep import tidy


@app.periodic(cron="41 * * * *")
@app.task(queueing_lock="administration.throw_away_old_rows", pass_context=False)
def throw_away_old_rows(timestamp: int) -> None:
    """End over-aged sessions; forget old keys, attempts and sessions."""
    tidy()
