"""Limits of the stages: settings of the platform, and the filing condition for the disposal."""

from __future__ import annotations

from chengyun.administration.queries import setting
from chengyun.administration.queries.freshness import FreshCache
from chengyun.cases.rules.clocks import DISPOSAL, StageLimit
from chengyun.cases.rules.workflow import workflow
from chengyun.kernel.units import Limit, parse_limit

_limits: FreshCache[str, dict[str, StageLimit]] = FreshCache("reference")


def stage_limits(disposal: Limit | None = None) -> dict[str, StageLimit]:
    """Return the limit of every stage as set now.

    disposal : limit of the filing condition, which replaces the setting
    """
    limits = _limits.get_or_load("stages", _load)
    if disposal is None:
        return limits
    share = limits[DISPOSAL].yellow_share
    return limits | {DISPOSAL: StageLimit(limit=disposal, yellow_share=share)}


def _load() -> dict[str, StageLimit]:
    share = setting("cases.yellow_share")
    return {
        stage: StageLimit(limit=_limit_of(setting(f"cases.limit_{stage}")), yellow_share=share)
        for stage in workflow().table.stages
    }


def _limit_of(text: str) -> Limit:
    amount, _, unit = text.partition(" ")
    return Limit.of(amount, unit) if unit else parse_limit(text)
