"""The acts possible on a case as a screen needs them: their words and what they ask for."""

from __future__ import annotations

from typing import Any

from chengyun.cases.rules.table import Needs
from chengyun.cases.rules.workflow import Offer


def act_shown(offer: Offer) -> dict[str, Any]:
    """Return an act; `reason` says why it is not possible just now."""
    return {
        "act": offer.act,
        "zh": offer.zh,
        "en": offer.en,
        "primary": offer.primary,
        "danger": offer.danger,
        "key": offer.key or None,
        "needs": {
            **_needs(offer.needs),
            "opinion_zh": offer.opinion_zh,
            "opinion_en": offer.opinion_en,
            "result": bool(offer.results),
            "results": [{"value": v, "zh": zh, "en": en} for v, zh, en in offer.results],
        },
        "enabled": offer.enabled,
        "reason": offer.fault.text("zh") if offer.fault else None,
        "reason_en": offer.fault.text("en") if offer.fault else None,
    }


def _needs(needs: Needs) -> dict[str, Any]:
    return {
        "opinion": "opinion" in needs.required,
        "photos": sum(needs.photos.values()),
        "phase": needs.phase,
        "standard": "standard" in needs.required,
        "condition": "condition" in needs.required,
        "organisation": "organisation" in needs.required,
        "assignee": "assignee" in needs.required,
        "reason": "reason" in needs.required,
        "reasons": needs.reasons,
        "accepts": sorted(needs.accepted),
    }
