"""Settings: values with their defaults, definitions, history."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from chengyun.administration.models import Setting
from chengyun.administration.queries.freshness import FreshCache
from chengyun.administration.queries.listing import Listing
from chengyun.administration.rules.actor import Actor
from chengyun.administration.rules.definitions import SettingDefinition, setting_definitions
from chengyun.administration.rules.settings import UnknownSetting

_values: FreshCache[str, dict[str, Any]] = FreshCache("reference")


def setting(key: str) -> Any:
    """Return the present value of a setting, from this process's copy.

    A number of kind decimal comes as Decimal.
    raises : UnknownSetting
    """
    definition = setting_definitions().get(key)
    if definition is None:
        raise UnknownSetting(key=key)
    value = _values.get_or_load("all", _load).get(key, definition.default)
    if definition.kind == "decimal" and value is not None:
        return Decimal(str(value))
    return value


def time_zone() -> ZoneInfo:
    """Return the time zone of the platform."""
    return ZoneInfo(setting("node.time_zone"))


def _load() -> dict[str, Any]:
    return dict(Setting.objects.values_list("key", "value"))


def list_settings(*, actor: Actor, group: str = "", q: str = "") -> list[dict[str, Any]]:
    """Return every setting with its definition and value, in the order of the definitions.

    A secret's value is never returned, only whether it is set.
    raises : Forbidden
    """
    actor.require("administration.settings")
    stored = dict(Setting.objects.values_list("key", "value"))
    wanted = q.strip().lower()
    return [
        _described(definition, stored)
        for definition in setting_definitions().values()
        if (not group or definition.group == group)
        and (not wanted or wanted in f"{definition.key} {definition.zh} {definition.en}".lower())
    ]


def get_setting(*, actor: Actor, key: str) -> dict[str, Any]:
    """Return one setting with its definition and value; raises Forbidden, UnknownSetting."""
    actor.require("administration.settings")
    definition = setting_definitions().get(key)
    if definition is None:
        raise UnknownSetting(key=key[:80])
    return _described(definition, dict(Setting.objects.filter(key=key).values_list("key", "value")))


def list_setting_changes(
    *, actor: Actor, key: str, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return a page of a setting's history, newest first: {items, next}."""
    get_setting(actor=actor, key=key)
    listing = Listing(
        kind="setting_changes",
        columns='c.id, c.at, c.old, c."new", c.reason, c.by_id, p.name AS by_name',
        source="administration_settingchange c LEFT JOIN administration_person p ON p.id = c.by_id",
        keys=(("c.id", int),),
        descending=True,
    )
    listing.where("c.key = %s", key)
    rows, token = listing.page(limit=limit, after=after)
    return {"items": rows, "next": token}


def _described(definition: SettingDefinition, stored: dict[str, Any]) -> dict[str, Any]:
    value = stored.get(definition.key, definition.default)
    return {
        "key": definition.key,
        "type": definition.kind,
        "group": definition.group,
        "zh": definition.zh,
        "en": definition.en,
        "unit": definition.unit,
        "minimum": definition.minimum,
        "maximum": definition.maximum,
        "choices": list(definition.choices),
        "secret": definition.secret,
        "default": None if definition.secret else definition.default,
        "value": None if definition.secret else value,
        "is_set": definition.key in stored,
        "source": definition.source,
        "certainty": definition.certainty,
    }
