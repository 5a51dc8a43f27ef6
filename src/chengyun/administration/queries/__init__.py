"""Reads of administration."""

from chengyun.administration.queries.actors import (
    Access,
    find_access_by_session,
    find_access_by_token,
    find_actor,
)
from chengyun.administration.queries.calendar import working_calendar
from chengyun.administration.queries.freshness import watch
from chengyun.administration.queries.node import base_map_key, identity, node
from chengyun.administration.queries.settings import setting, time_zone

__all__ = [
    "Access",
    "base_map_key",
    "find_access_by_session",
    "find_access_by_token",
    "find_actor",
    "identity",
    "node",
    "setting",
    "time_zone",
    "watch",
    "working_calendar",
]
