"""What people choose from what the platform offers them."""

from random import Random
from typing import Any

import pytest

from chengyun.demo.rules.living.choices import Choice, Situation, choose, wants_proposals
from chengyun.demo.rules.living.ground import Ground
from chengyun.demo.rules.living.tempers import Temper, tempers

RIGHT, WRONG = 11, 12
PROPOSALS: dict[str, Any] = {
    "standards": [
        {"id": 1, "limit_unit": "working_hour"},
        {"id": 2, "limit_unit": "urgent_working_hour"},
    ],
    "departments": [{"organisation": {"id": RIGHT}}],
    "collectors": [{"person": {"id": 5}}],
}
NEEDS = dict.fromkeys(
    ("opinion", "standard", "condition", "organisation", "assignee", "reason", "result"), False
)


def offer(act: str, *, photos: int = 0, phase: str = "other", **needs: Any) -> dict[str, Any]:
    whole = {**NEEDS, "photos": photos, "phase": phase, "reasons": "", **needs}
    return {"act": act, "enabled": True, "needs": whole}


def case(*acts: dict[str, Any], **facts: Any) -> dict[str, Any]:
    usual = {
        "id": 1,
        "state": "reported",
        "light": "green",
        "urgent": False,
        "verified": True,
        "rework_count": 0,
        "responsible": None,
        "standard": None,
        "clocks": [],
    }
    return {**usual, "acts": list(acts), **facts}


def temper(name: str) -> Temper:
    return next(one for one in tempers() if one.name == name)


def chosen(what: dict[str, Any], *, seed: int = 1, **facts: Any) -> Choice | None:
    usual: dict[str, Any] = {
        "proposals": PROPOSALS,
        "temper": temper("steady"),
        "ground": Ground(seed=2),
        "draw": Random(seed),
    }
    return choose(Situation(case=what, **{**usual, **facts}))


def the(found: Choice | None) -> Choice:
    assert found is not None
    return found


def usual_act(what: dict[str, Any], **facts: Any) -> str:
    """Return the act that is chosen most often."""
    acts = [the(chosen(what, seed=seed, **facts)).act for seed in range(30)]
    return max(set(acts), key=acts.count)


TO_ACCEPT = (offer("send_verification", assignee=True), offer("accept"), offer("refuse", reason=1))


def test_what_was_found_untrue_is_refused_as_such() -> None:
    found = the(chosen(case(*TO_ACCEPT, verified=False)))
    assert found.act == "refuse"
    assert found.body["reason"] == "no_fact"


def test_what_may_not_be_accepted_yet_is_sent_to_the_collector_of_the_grid() -> None:
    held = {**offer("accept"), "enabled": False}
    found = the(chosen(case(TO_ACCEPT[0], held, TO_ACCEPT[2], verified=None)))
    assert (found.act, found.body["assignee_id"]) == ("send_verification", 5)
    nobody = {**PROPOSALS, "collectors": []}
    assert chosen(case(TO_ACCEPT[0], held, verified=None), proposals=nobody) is None


def test_the_rest_is_accepted() -> None:
    assert usual_act(case(*TO_ACCEPT)) == "accept"


def test_urgent_cases_are_filed_with_an_urgent_limit() -> None:
    to_file = offer("file", standard=True)
    found = the(chosen(case(to_file, state="accepted", urgent=True)))
    assert (found.act, found.body["standard_id"]) == ("file", 2)


def test_careless_dispatchers_err_among_the_departments() -> None:
    to_dispatch = case(offer("dispatch", organisation=True), state="filed")
    facts = {"departments": (RIGHT, WRONG)}

    def sent_to(name: str) -> list[int]:
        found = [
            the(chosen(to_dispatch, seed=seed, temper=temper(name), **facts)) for seed in range(300)
        ]
        return [one.body["organisation_id"] for one in found]

    assert sent_to("careless").count(WRONG) == pytest.approx(36, abs=18)
    assert sent_to("fast").count(WRONG) <= 10


@pytest.mark.parametrize(
    ("responsible", "act", "decision"),
    [(WRONG, "apply_return", "approve_return"), (RIGHT, "start_handling", "reject_return")],
)
def test_departments_return_what_is_not_theirs(responsible: int, act: str, decision: str) -> None:
    theirs = {"state": "dispatched", "responsible": {"id": responsible}}
    at_hand = case(offer("start_handling"), offer("apply_return", reasons="return"), **theirs)
    assert usual_act(at_hand) == act
    asked = case(offer("approve_return"), offer("reject_return"), **theirs)
    assert usual_act(asked) == decision
    assert wants_proposals(at_hand)


def test_the_careless_only_say_that_they_have_done_it() -> None:
    to_do = case(
        offer("hand_back", photos=1, phase="disposal"),
        state="handling",
        clocks=[{"stage": "disposal", "limit_s": 7_200}],
    )

    def poor(name: str) -> int:
        found = [the(chosen(to_do, seed=k, temper=temper(name))) for k in range(300)]
        assert all((one.photos, one.phase) == (1, "disposal") for one in found)
        assert all(one.after is not one.poor for one in found)
        return sum(one.poor for one in found)

    assert poor("careless") == pytest.approx(120, abs=30)
    assert poor("fast") <= 10


def test_work_takes_a_share_of_the_limit_and_less_when_late() -> None:
    clocks = [{"stage": "disposal", "limit_s": 7_200}]
    to_do = case(offer("hand_back"), state="handling", clocks=clocks)
    long = [the(chosen(to_do, seed=k)).minutes for k in range(101)]
    assert sorted(long)[50] == pytest.approx(0.35 * 120, rel=0.25)
    late = [the(chosen({**to_do, "light": "red"}, seed=k)).minutes for k in range(101)]
    assert sorted(late)[50] == pytest.approx(30, rel=0.25)


CHECK = offer("answer_check", photos=1, phase="check", result=True)


def test_collectors_see_whether_the_work_was_done() -> None:
    ground = Ground(seed=2)
    ground.work(1, poor=True)
    strict = [the(chosen(case(CHECK), seed=k, ground=ground)) for k in range(100)]
    assert sum(one.body["result"] for one in strict) == pytest.approx(15, abs=12)
    lenient = [
        the(chosen(case(CHECK), seed=k, ground=ground, temper=temper("careless")))
        for k in range(100)
    ]
    assert sum(one.body["result"] for one in lenient) == pytest.approx(70, abs=15)
    ground.work(1, poor=False)
    good = the(chosen(case(CHECK), ground=ground))
    assert good.body["result"] is True
    assert good.after


def test_collectors_say_whether_the_matter_is_there() -> None:
    ground = Ground(seed=2)
    ground.report(1, real=False)
    asked = case(offer("answer_verification", photos=1, phase="verify", result=True))
    assert the(chosen(asked, ground=ground)).body["result"] is False


def test_failed_work_is_done_again_or_goes_to_another_department() -> None:
    failed = case(
        offer("rework", opinion=True),
        offer("redispatch", organisation=True, opinion=True),
        state="check_failed",
        responsible={"id": RIGHT},
    )
    assert usual_act(failed) == "rework"
    two = {**PROPOSALS, "departments": [{"organisation": {"id": one}} for one in (RIGHT, WRONG)]}
    found = [the(chosen(failed, seed=k, proposals=two)) for k in range(200)]
    moved = [one.body["organisation_id"] for one in found if one.act == "redispatch"]
    assert set(moved) == {WRONG}


def test_closing_names_the_condition_of_the_standard() -> None:
    to_close = case(
        offer("close", condition=True), state="check_passed", standard={"closing_zh": "问题消除"}
    )
    assert the(chosen(to_close)).body["condition"] == "问题消除"


def test_only_what_is_late_is_recalled() -> None:
    sent = case(offer("recall_check", opinion=True), state="checking")
    assert {chosen(sent, seed=k) for k in range(50)} == {None}
    late = [chosen({**sent, "light": "red"}, seed=k) for k in range(200)]
    assert sum(one is not None for one in late) == pytest.approx(60, abs=20)


def test_nobody_acts_where_nothing_is_offered() -> None:
    assert chosen(case()) is None
    assert chosen(case({**offer("close"), "enabled": False})) is None
    assert not wants_proposals(case(offer("close")))


def test_inspectors_write_to_late_cases() -> None:
    late = case(offer("comment", opinion=True, photos=0), light="red")
    found = [chosen(late, seed=k, chases=True) for k in range(200)]
    assert sum(one is not None for one in found) == pytest.approx(60, abs=20)
    assert sum(chosen(late, seed=k) is not None for k in range(200)) <= 10
