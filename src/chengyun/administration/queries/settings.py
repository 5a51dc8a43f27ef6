"""Settings: values with their defaults, definitions, history."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from chengyun.administration.models import Setting
from chengyun.administration.queries.freshness import FreshCache
from chengyun.administration.rules.definitions import setting_definitions
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
