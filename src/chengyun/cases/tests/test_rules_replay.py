from __future__ import annotations

from dataclasses import replace

import pytest

from chengyun.cases.rules.facts import CaseFacts
from chengyun.cases.rules.replay import LogDoesNotReplay, replay
from chengyun.cases.tests.rules_walk import FLOW, GARDENS, Walk, walk_to

FIRST = CaseFacts(source="hotline", public_source=True)


def _eventful() -> Walk:
    walk = walk_to("handling")
    walk.do("comment", "dispatcher")
    walk.do("apply_return")
    walk.do("approve_return")
    walk.do("dispatch", organisation_id=GARDENS)
    walk.do("apply_void")
    walk.do("reject_void")
    return walk


def test_the_log_leads_to_the_case() -> None:
    walk = _eventful()
    assert replay(FLOW, walk.log, FIRST) == walk.case
    assert (walk.case.return_count, walk.case.responsible_organisation_id) == (1, GARDENS)


def test_an_empty_log_leads_nowhere() -> None:
    assert replay(FLOW, []) == CaseFacts()


def test_a_missing_entry_is_named() -> None:
    log = _eventful().log
    with pytest.raises(LogDoesNotReplay) as caught:
        replay(FLOW, [*log[:3], *log[4:]], FIRST)
    assert caught.value.values["seq"] == 5


def test_a_changed_entry_is_named() -> None:
    log = _eventful().log
    log[2] = replace(log[2], to_state="accepted")
    with pytest.raises(LogDoesNotReplay) as caught:
        replay(FLOW, log, FIRST)
    assert caught.value.values["seq"] == 3


def test_an_act_that_the_table_does_not_know_is_named() -> None:
    log = _eventful().log
    log[1] = replace(log[1], act="teleport")
    with pytest.raises(LogDoesNotReplay) as caught:
        replay(FLOW, log, FIRST)
    assert "teleport" in caught.value.text("zh-CN")


def test_an_imported_case_replays() -> None:
    walk = Walk()
    walk.do("import", "system", to_state="dispatched", organisation_id=GARDENS)
    walk.do("hand_back", "department") if walk.case.holder.organisation_id else None
    assert replay(FLOW, walk.log, FIRST) == walk.case
