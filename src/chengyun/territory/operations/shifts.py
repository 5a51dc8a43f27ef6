"""Shifts of collectors: made, changed, switched off."""

from __future__ import annotations

from collections.abc import Collection
from datetime import time

from django.db import IntegrityError, transaction

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.kernel.errors import NotFound
from chengyun.territory.group_faults import ShiftCodeUsed, ShiftInUse
from chengyun.territory.models import GridDuty, Shift
from chengyun.territory.rules.scope import MANAGE, require_everywhere


@transaction.atomic
def save_shift(
    *,
    actor: Actor,
    shift_id: int | None,
    code: str,
    zh: str,
    en: str,
    weekdays: Collection[int],
    starts: time,
    ends: time,
    active: bool = True,
) -> Shift:
    """Make a shift, or change the hours of one from now on.

    weekdays : days on which it begins, 1 = Monday
    ends : not after `starts` = on the next day
    raises : ShiftCodeUsed, ShiftInUse, NotFound, Forbidden
    """
    require_everywhere(actor, MANAGE)
    shift = Shift() if shift_id is None else _held(shift_id)
    if not active and shift.pk:
        bound = GridDuty.objects.filter(shift=shift, valid_to=None).count()
        if bound:
            raise ShiftInUse(field="active", count=bound)
    shift.code, shift.zh, shift.en = code, zh, en
    shift.weekdays, shift.starts, shift.ends = sorted(set(weekdays)), starts, ends
    shift.active = active
    try:
        with transaction.atomic():
            shift.save()
    except IntegrityError as error:
        raise ShiftCodeUsed(field="code", code=code) from error
    detail = {
        "weekdays": shift.weekdays,
        "starts": starts.isoformat("minutes"),
        "ends": ends.isoformat("minutes"),
        "active": active,
    }
    record_audit(actor, "shift.saved", f"shift:{code}", detail)
    return shift


def _held(shift_id: int) -> Shift:
    shift = Shift.objects.select_for_update().filter(pk=shift_id).first()
    if shift is None:
        raise NotFound(what=f"班次 {shift_id}")
    return shift
