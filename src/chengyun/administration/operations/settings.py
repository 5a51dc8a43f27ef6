"""Changing settings, with their history."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from chengyun.administration.models import Setting, SettingChange
from chengyun.administration.operations.audit import record_audit
from chengyun.administration.operations.changes import announce_change
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.definitions import setting_definitions
from chengyun.administration.rules.settings import UnknownSetting, checked_value
from chengyun.journal.operations import record_event
from chengyun.kernel.clock import now

HIDDEN = "***"


@transaction.atomic
def change_setting(*, actor: Actor, key: str, value: Any, reason: str = "") -> Any:
    """Set a setting for the whole platform and return the value as stored.

    raises : Forbidden, UnknownSetting, SettingValueInvalid
    """
    actor.require_everywhere("administration.settings")
    definition = setting_definitions().get(key)
    if definition is None:
        raise UnknownSetting(key=key)
    new = checked_value(definition, value)
    found = Setting.objects.select_for_update().filter(key=key).first()
    old = found.value if found else definition.default
    if old == new and type(old) is type(new):
        return new
    Setting.objects.update_or_create(key=key, defaults={"value": new})
    shown_old, shown_new = (HIDDEN, HIDDEN) if definition.secret else (old, new)
    SettingChange.objects.create(
        key=key, old=shown_old, new=shown_new, by_id=actor.person_id, at=now(), reason=reason[:300]
    )
    detail = {"old": shown_old, "new": shown_new, "reason": reason}
    record_audit(actor, "setting.changed", f"setting:{key}", detail)
    record_event(
        at=now(),
        kind="administration.setting_changed",
        subject=f"setting:{key}",
        actor_id=actor.person_id,
        payload={"key": key},
    )
    announce_change("reference")
    return new
