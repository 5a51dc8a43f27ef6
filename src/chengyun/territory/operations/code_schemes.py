"""Changing code schemes: a city adds its own, or corrects the days of validity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction

from chengyun.administration.operations import announce_change, record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.kernel import codes
from chengyun.kernel.errors import Invalid
from chengyun.territory.models import CodeScheme
from chengyun.territory.rules.scope import MANAGE, require_everywhere


@transaction.atomic
def save_code_scheme(
    *,
    actor: Actor,
    subject: str,
    standard: str,
    parts: Sequence[dict[str, Any]],
    valid_from: date | None = None,
    valid_to: date | None = None,
    predecessor: str = "",
    source: str = "",
    certainty: str = "",
) -> CodeScheme:
    """Add a scheme, or replace the one of this subject and standard.

    raises : InvalidCodeScheme, Invalid, Forbidden
    """
    require_everywhere(actor, MANAGE)
    if valid_from and valid_to and valid_to < valid_from:
        raise Invalid(
            field="valid_to", reason_zh="早于开始日期", reason_en="lies before the first day"
        )
    codes.CodeScheme(
        subject=subject,
        standard=standard,
        parts=tuple(codes.CodePart(**part) for part in parts),
    )
    scheme, _ = CodeScheme.objects.update_or_create(
        subject=subject,
        standard=standard,
        defaults={
            "parts": list(parts),
            "valid_from": valid_from,
            "valid_to": valid_to,
            "predecessor": predecessor,
            "source": source,
            "certainty": certainty,
        },
    )
    detail = {"parts": list(parts), "valid_from": valid_from, "valid_to": valid_to}
    record_audit(actor, "code_scheme.saved", f"code_scheme:{subject} {standard}", detail)
    announce_change("reference")
    return scheme
