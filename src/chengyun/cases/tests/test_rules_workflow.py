from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chengyun.cases.rules import faults
from chengyun.cases.rules.facts import NOBODY, CaseFacts, Holder
from chengyun.cases.tests.rules_walk import (
    BY_DESK,
    COLLECTOR,
    FLOW,
    GARDENS,
    OTHER_COLLECTOR,
    ROADS,
    STAFF,
    STEPS_TO,
    Person,
    Walk,
    walk_to,
    walk_to_failed_check,
)
from chengyun.kernel.errors import Fault, SeveralFaults

# Written from the domain's description, not from the table: state, act, desk, next state.
# fmt: off
MAIN_MOVES = """
reported        send_verification        acceptor      verifying
verifying       answer_verification      collector     reported
verifying       recall_verification      acceptor      reported
reported        accept                   acceptor      accepted
reported        refuse                   acceptor      not_accepted
accepted        file                     shift_leader  filed
accepted        decline_filing           shift_leader  not_filed
accepted        send_back_to_acceptor    shift_leader  reported
filed           dispatch                 dispatcher    dispatched
filed           return_to_acceptor       dispatcher    reported
dispatched      start_handling           department    handling
dispatched      hand_back                department    handled
handling        hand_back                department    handled
handled         send_back_to_department  dispatcher    handling
handled         give_feedback            dispatcher    feedback_given
feedback_given  send_check               acceptor      checking
checking        answer_check             collector     check_passed
checking        recall_check             acceptor      feedback_given
check_failed    rework                   dispatcher    dispatched
check_failed    redispatch               dispatcher    dispatched
check_passed    send_back_check          shift_leader  feedback_given
check_passed    close                    shift_leader  closed
dispatched      apply_return             department    dispatched
handling        apply_return             department    handling
filed           apply_void               dispatcher    filed
dispatched      apply_void               dispatcher    dispatched
handling        apply_void               dispatcher    handling
handled         apply_void               dispatcher    handled
check_failed    apply_void               dispatcher    check_failed
"""
# fmt: on
MOVES = [line.split() for line in MAIN_MOVES.split("\n") if line]
OPEN_STATES = [state for state in STEPS_TO if state != "closed"]


def _walk_in(state: str) -> Walk:
    return walk_to_failed_check() if state == "check_failed" else walk_to(state)


def _other(act: str) -> dict[str, Any]:
    return {"organisation_id": GARDENS} if act == "redispatch" else {}


@pytest.mark.parametrize(("state", "act", "desk", "end"), MOVES, ids=str)
def test_move(state: str, act: str, desk: str, end: str) -> None:
    walk = _walk_in(state)
    if act == "accept":
        walk.do("send_verification")
        walk.do("answer_verification")
    decision = walk.do(act, desk, **_other(act))
    assert (decision.from_state, decision.to_state, decision.desk) == (state, end, desk)
    assert decision.event.startswith("case.")


ONLY_LOGGED = {"comment", "mark_yellow", "mark_red", "relay_clocks"}


@pytest.mark.parametrize("state", [*OPEN_STATES, "check_failed"])
def test_no_other_move_is_switched_on(state: str) -> None:
    expected = {(act, desk) for start, act, desk, _ in MOVES if start == state}
    walk = _walk_in(state)
    seen = {(act, person.desk) for person in STAFF for act in walk.offers(person)}
    assert {pair for pair in seen if pair[0] not in ONLY_LOGGED} == expected


@pytest.mark.parametrize("state", [*OPEN_STATES, "check_failed"])
def test_no_desk_does_the_act_of_another(state: str) -> None:
    walk = _walk_in(state)
    for start, act, desk, _ in MOVES:
        if start != state:
            continue
        for person in STAFF:
            if person.desk == desk:
                continue
            with pytest.raises(faults.WrongDesk) as caught:
                walk.do(act, person, **_other(act))
            assert caught.value.status == 403
    assert walk.case.state == state


@pytest.mark.parametrize(("start", "act", "desk", "end"), MOVES, ids=str)
def test_no_act_from_another_state(start: str, act: str, desk: str, end: str) -> None:
    allowed = {state for state, other, _, _ in MOVES if other == act}
    for state in (*OPEN_STATES, "check_failed", "closed"):
        if state in allowed:
            continue
        walk = _walk_in(state)
        with pytest.raises(faults.ActNotPossible):
            walk.do(act, desk)
        assert walk.case.state == state


def test_every_act_that_is_switched_off_says_so() -> None:
    off = [act for act, moves in FLOW.acts.items() if not moves[0].enabled]
    assert {"apply_extension", "apply_suspension", "supervise", "urge", "appeal"} <= set(off)
    assert {"reopen", "merge_duplicate", "split", "raise_dispute", "force_close"} <= set(off)
    assert {"archive", "restore", "fast_track", "save_draft"} <= set(off)
    for act in off:
        with pytest.raises(faults.ActSwitchedOff):
            walk_to("handling").do(act)


def test_an_act_that_does_not_exist() -> None:
    with pytest.raises(faults.UnknownAct):
        walk_to("reported").do("teleport", "acceptor")


@pytest.mark.parametrize("source", ["hotline", "public", "letter", "media"])
def test_a_public_report_is_accepted_only_when_verified(source: str) -> None:
    assert FLOW.table.sources[source].public
    walk = walk_to("reported")
    with pytest.raises(faults.ReportNotVerified):
        walk.do("accept")
    assert not walk.offers(BY_DESK["acceptor"])["accept"].enabled
    walk.do("send_verification")
    walk.do("answer_verification", result=False)
    assert walk.case.verified is False
    with pytest.raises(faults.ReportNotVerified):
        walk.do("accept")
    walk.do("send_verification")
    assert walk.case.verified is None
    walk.do("answer_verification", result=True)
    assert walk.do("accept").to_state == "accepted"


def test_a_collectors_report_needs_a_photo_but_no_verification() -> None:
    walk = Walk(case=CaseFacts(source="collector"))
    with pytest.raises(faults.PhotosMissing):
        walk.do("report", "collector", photos={})
    walk.do("report", "collector")
    assert walk.do("accept").to_state == "accepted"


def test_self_handled_needs_photos_before_and_after() -> None:
    walk = Walk(case=CaseFacts(source="collector"))
    for photos in ({}, {"report": 1}, {"disposal": 1}):
        with pytest.raises((faults.PhotosMissing, SeveralFaults)):
            walk.do("report_self_handled", photos=photos)
    decision = walk.do("report_self_handled", photos={"report": 1, "disposal": 1})
    assert (decision.to_state, decision.ended, decision.holder) == ("self_closed", True, NOBODY)
    assert walk.clocks == ()


@pytest.mark.parametrize(
    ("state", "act", "missing", "field"),
    [
        ("reported", "send_verification", {"assignee_id": None}, "assignee_id"),
        ("reported", "refuse", {"reason": " "}, "reason"),
        ("verifying", "answer_verification", {"result": None}, "result"),
        ("verifying", "answer_verification", {"photos": {}}, "attachments"),
        ("accepted", "file", {"standard_id": None}, "standard_id"),
        ("accepted", "decline_filing", {"reason": ""}, "reason"),
        ("accepted", "send_back_to_acceptor", {"opinion": ""}, "opinion"),
        ("filed", "dispatch", {"organisation_id": None}, "organisation_id"),
        ("filed", "return_to_acceptor", {"opinion": " "}, "opinion"),
        ("handling", "hand_back", {"photos": {"report": 3}}, "attachments"),
        ("handling", "hand_back", {"opinion": ""}, "opinion"),
        ("handling", "apply_return", {"opinion": ""}, "opinion"),
        ("handled", "send_back_to_department", {"opinion": ""}, "opinion"),
        ("checking", "answer_check", {"result": None}, "result"),
        ("checking", "answer_check", {"photos": {}}, "attachments"),
        ("check_failed", "rework", {"opinion": ""}, "opinion"),
        ("check_passed", "close", {"condition": ""}, "condition"),
        ("handling", "comment", {"opinion": ""}, "opinion"),
        ("filed", "apply_void", {"opinion": ""}, "opinion"),
    ],
)
def test_required_words_and_photos(
    state: str, act: str, missing: dict[str, Any], field: str
) -> None:
    walk = _walk_in(state)
    with pytest.raises(Fault) as caught:
        walk.do(act, "dispatcher" if act == "comment" else "", **missing)
    assert (caught.value.field, caught.value.status) == (field, 422)
    assert caught.value.text("zh-CN") != caught.value.text("en")
    assert walk.case.state == state


def test_everything_missing_is_said_at_once() -> None:
    walk = walk_to("handling")
    with pytest.raises(SeveralFaults) as caught:
        walk.do("hand_back", opinion="", photos={})
    assert [fault.field for fault in caught.value.faults] == ["opinion", "attachments"]


def test_only_the_assignee_answers() -> None:
    other = Person(desk="collector", id=OTHER_COLLECTOR)
    for state, act in (("verifying", "answer_verification"), ("checking", "answer_check")):
        walk = walk_to(state)
        with pytest.raises(faults.NotTheAssignee):
            walk.do(act, other)
        assert not walk.offers(other)[act].enabled
        assert walk.case.holder == Holder(desk="collector", person_id=COLLECTOR)


@pytest.mark.parametrize("act", ["start_handling", "hand_back", "apply_return"])
def test_only_the_department_that_holds_the_case_acts(act: str) -> None:
    walk = walk_to("dispatched")
    gardens = Person(desk="department", organisation_id=GARDENS)
    with pytest.raises(faults.NotYourOrganisation):
        walk.do(act, gardens)
    assert walk.case.holder == Holder(desk="department", organisation_id=ROADS)


def test_who_starts_handling_becomes_the_handler_unless_another_is_named() -> None:
    walk = walk_to("dispatched")
    assert walk.do("start_handling", assignee_id=None).holder.person_id == 21
    named = walk_to("dispatched").do("start_handling", assignee_id=77).holder
    assert named == Holder(desk="department", organisation_id=ROADS, person_id=77)


def test_a_centre_does_not_dispatch_to_itself() -> None:
    walk = walk_to("filed")
    with pytest.raises(faults.OrganisationCannotDispose):
        walk.do("dispatch", organisation_disposes=False)


def test_rework_goes_to_the_same_department_and_redispatch_to_another() -> None:
    walk = walk_to_failed_check()
    with pytest.raises(faults.SameOrganisation):
        walk.do("redispatch", organisation_id=ROADS)
    walk.do("rework", organisation_id=GARDENS)
    assert (walk.case.responsible_organisation_id, walk.case.rework_count) == (ROADS, 1)
    other = walk_to_failed_check()
    other.do("redispatch", organisation_id=GARDENS)
    assert (other.case.responsible_organisation_id, other.case.rework_count) == (GARDENS, 0)
    assert other.case.holder.organisation_id == GARDENS


def test_a_return_waits_for_the_dispatcher() -> None:
    walk = walk_to("handling")
    walk.do("apply_return")
    assert (walk.case.state, walk.case.pending) == ("handling", "return")
    assert walk.case.holder == Holder(desk="dispatcher")
    for act in ("hand_back", "apply_return", "apply_void"):
        with pytest.raises(faults.DecisionPending):
            walk.do(act)
    assert set(walk.offers(BY_DESK["dispatcher"])) == {"approve_return", "reject_return", "comment"}
    walk.do("reject_return")
    assert (walk.case.pending, walk.case.return_count) == ("", 1)
    assert walk.case.holder == Holder(desk="department", organisation_id=ROADS)
    walk.do("apply_return")
    walk.do("approve_return")
    assert (walk.case.state, walk.case.pending, walk.case.return_count) == ("filed", "", 2)


def test_nothing_is_decided_that_nobody_applied_for() -> None:
    for act in ("approve_return", "reject_return", "approve_void", "reject_void"):
        with pytest.raises(faults.NothingPending):
            walk_to("handling").do(act)


def test_the_refuse_window() -> None:
    walk = walk_to("dispatched")
    walk.case = _with(walk.case, refuse_until=walk.at + timedelta(minutes=10))
    assert walk.offers(BY_DESK["department"])["apply_return"].enabled
    with pytest.raises(faults.RefuseWindowOver):
        walk.do("apply_return", minutes=11)
    walk.at -= timedelta(minutes=1)
    walk.do("apply_return", minutes=0)


def _with(case: CaseFacts, **changed: Any) -> CaseFacts:
    values = {name: getattr(case, name) for name in CaseFacts.__dataclass_fields__}
    return CaseFacts(**{**values, **changed})


@pytest.mark.parametrize("state", ["filed", "dispatched", "handling", "handled", "check_failed"])
def test_voiding_takes_the_shift_leaders_word(state: str) -> None:
    walk = _walk_in(state)
    before = walk.case.holder
    walk.do("apply_void")
    assert walk.case.holder == Holder(desk="shift_leader")
    with pytest.raises(faults.WrongDesk):
        walk.do("approve_void", "dispatcher")
    walk.do("reject_void")
    assert walk.case.state == state
    assert (walk.case.holder.desk, walk.case.holder.organisation_id) == (
        before.desk,
        before.organisation_id,
    )
    walk.do("apply_void")
    decision = walk.do("approve_void")
    assert (decision.to_state, decision.ended, decision.holder) == ("voided", True, NOBODY)
    assert walk.running() == set()


def test_a_comment_changes_nothing() -> None:
    walk = walk_to("handling")
    walk.do("apply_return")
    before, clocks = walk.case, walk.clocks
    for person in STAFF:
        if person.desk not in {"system", "administrator"}:
            walk.do("comment", person)
    assert (walk.case, walk.clocks) == (before, clocks)
    with pytest.raises(faults.ActNotPossible):
        walk_to("closed").do("comment")


def test_an_import_enters_where_the_case_was() -> None:
    walk = Walk()
    decision = walk.do("import", "system", to_state="handled")
    assert decision.holder == Holder(desk="dispatcher")
    assert walk.running() == {"whole", "feedback"}
    ended = Walk()
    assert ended.do("import", "system", to_state="closed").holder == NOBODY
    assert ended.clocks == ()
    with pytest.raises(faults.InputMissing):
        Walk().do("import", "system", to_state="nowhere")
    with pytest.raises(faults.WrongDesk):
        Walk().do("import", "acceptor", to_state="closed")


def test_labels() -> None:
    assert FLOW.label("accept") == ("受理", "Accept")
    assert FLOW.label("answer_check", result=False) == (
        "核查回复：不通过",
        "Answer check: Not passed",
    )
    assert FLOW.label("from_an_older_version") == ("from_an_older_version",) * 2


def test_an_offer_says_what_it_needs() -> None:
    offer = walk_to("checking").offers(BY_DESK["collector"])["answer_check"]
    assert offer.results == ((True, "通过", "Passed"), (False, "不通过", "Not passed"))
    assert (offer.needs.photos, offer.needs.phase) == ({"check": 1}, "check")
    assert (offer.primary, offer.danger, offer.key) == (True, False, "Y")
    back = walk_to("handling").offers(BY_DESK["department"])
    assert back["hand_back"].primary
    assert back["hand_back"].needs.required == {"opinion"}
    assert not walk_to("dispatched").offers(BY_DESK["department"])["hand_back"].primary


def test_every_fault_speaks_both_languages() -> None:
    kinds = [kind for kind in vars(faults).values() if isinstance(kind, type)]
    own = [kind for kind in kinds if issubclass(kind, Fault) and kind.__module__ == faults.__name__]
    assert len({kind.code for kind in own}) == len(own) > 15
    assert all(kind.zh != kind.en and kind.status in {403, 409, 422} for kind in own)
