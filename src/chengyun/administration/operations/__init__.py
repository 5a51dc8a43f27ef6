"""Writes of administration."""

from chengyun.administration.operations.audit import record_audit
from chengyun.administration.operations.changes import announce_change
from chengyun.administration.operations.pinyin import fill_pinyin
from chengyun.administration.operations.seed import seed_reference_data
from chengyun.administration.operations.sessions import end_session, end_sessions_of, open_session
from chengyun.administration.operations.settings import change_setting
from chengyun.administration.operations.tokens import create_token, revoke_token

__all__ = [
    "announce_change",
    "change_setting",
    "create_token",
    "end_session",
    "end_sessions_of",
    "fill_pinyin",
    "open_session",
    "record_audit",
    "revoke_token",
    "seed_reference_data",
]
