from __future__ import annotations

import csv
import io
from importlib.resources import files

import pytest

from chengyun.cases.rules.faults import WorkflowInvalid
from chengyun.cases.rules.table import read_table, shipped_table
from chengyun.cases.rules.validation import validate

NAMES = ("workflow", "states", "stages", "desks", "steps", "sources", "dictionaries")
STATES = """draft reported verifying not_accepted accepted not_filed filed dispatched handling
handled feedback_given checking check_failed check_passed closed suspended voided forced_close
self_closed archived"""


def _texts() -> dict[str, str]:
    folder = files("chengyun.cases").joinpath("data")
    return {name: folder.joinpath(f"{name}.csv").read_text(encoding="utf-8") for name in NAMES}


def _changed(
    table: str, column: str, value: str, *, act: str = "", code: str = ""
) -> dict[str, str]:
    """The shipped texts with one cell of the named row changed."""
    texts = _texts()
    rows = list(csv.DictReader(io.StringIO(texts[table])))
    row = next(row for row in rows if row.get("act") == act or row.get("code") == code)
    row[column] = value
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return {**texts, table: out.getvalue()}


def test_the_shipped_table_is_valid_and_holds_every_state() -> None:
    table = shipped_table()
    validate(table)
    assert set(table.states) == set(STATES.split())
    assert len(table.steps) == 7


def test_the_side_that_judges_does_not_do_the_work() -> None:
    for move in shipped_table().moves:
        if "department" in move.desks and move.to_state != "same" and len(move.desks) == 1:
            assert move.axis == "disposal"
        if move.to_state == "closed" and move.axis != "any":
            assert move.desks == ("shift_leader",)


@pytest.mark.parametrize(
    ("act", "column", "value", "problem"),
    [
        ("accept", "to_state", "acepted", "state “acepted” is not known"),
        ("accept", "from_states", "reported|recieved", "state “recieved” is not known"),
        ("accept", "from_states", "", "names no state to start from"),
        ("accept", "desk", "boss", "desk “boss” is not known"),
        ("accept", "guard", "is_nice", "guard “is_nice” is not known"),
        ("accept", "clock", "finish:accept|start:sleep", "clock stage “sleep” is not known"),
        ("accept", "clock", "stop:accept|start:filing", "clock op “stop” is not known"),
        ("accept", "clock", "start:filing", "while “accept” still runs"),
        ("accept", "clock", "finish:accept", "leaves “” running, not “filing”"),
        ("accept", "clock", "finish:filing|start:filing", "where “accept” runs"),
        ("accept", "needs", "opinion|flowers", "need “flowers”"),
        ("accept", "needs", "photo:1:party", "phase “party” is not known"),
        ("accept", "sets", "verified:maybe", "value of “verified” “maybe” is not known"),
        ("accept", "event", "accepted", "does not begin with “case.”"),
        ("accept", "enabled", "perhaps", "cannot be read"),
        ("accept", "holder_after", "dispatcher", "belongs to the desk “shift_leader”"),
        ("accept", "holder_after", "none", "without a holder"),
        ("accept", "axis", "command", "desk “acceptor” is not on the command axis"),
        ("accept", "key", "R", "the key R is taken"),
        ("refuse", "primary", "yes", "has 2 primary acts in the state reported"),
        ("refuse", "primary", "filed", "primary state “filed” is not known"),
        ("refuse", "needs", "reason:weather", "reason list “weather” is not known"),
        ("send_verification", "needs", "opinion?", "does not ask for one"),
        ("send_verification", "holder_after", "collector", "held by a person"),
        ("send_verification", "task", "open:party", "task “party” is not known"),
        ("close", "holder_after", "same", "leaves the holder “shift_leader” on the ended state"),
        ("close", "axis", "any", ""),
        ("approve_return", "pending", "-holiday", "nothing applies for “holiday”"),
        ("approve_return", "desk", "inspector", "which may not decide"),
        ("approve_return", "pending", "return", "cannot be read"),
        ("dispatch", "axis", "any", "only the command axis dispatches"),
        ("send_check", "enabled", "no", "its holder, the desk “acceptor”, has no way out"),
        ("recall_check", "act", "answer_check", "repeats"),
        ("comment", "zh", "", ""),
    ],
)
def test_a_wrong_row_is_named(act: str, column: str, value: str, problem: str) -> None:
    texts = _changed("workflow", column, value, act=act)
    if not problem:
        validate(read_table(texts))
        return
    with pytest.raises(WorkflowInvalid) as caught:
        validate(read_table(texts))
    assert problem in str(caught.value)


def test_every_problem_of_a_row_names_its_number_and_act() -> None:
    with pytest.raises(WorkflowInvalid) as caught:
        validate(read_table(_changed("workflow", "to_state", "acepted", act="accept")))
    assert caught.value.problems == ["row 11 (accept): state “acepted” is not known"]


@pytest.mark.parametrize(
    ("code", "column", "value", "problem"),
    [
        ("filed", "stage", "sleep", "state filed: stage “sleep”"),
        ("filed", "step", "dance", "state filed: step “dance”"),
        ("filed", "desk", "boss", "state filed: desk “boss”"),
        ("filed", "desk", "", "state filed: an ended state has no desk"),
        ("closed", "desk", "acceptor", "state closed: an ended state has no desk"),
        ("handling", "stage", "feedback", "runs"),
    ],
)
def test_a_wrong_state_is_named(code: str, column: str, value: str, problem: str) -> None:
    with pytest.raises(WorkflowInvalid) as caught:
        validate(read_table(_changed("states", column, value, code=code)))
    assert problem in str(caught.value)


def test_a_state_that_nothing_reaches_is_named() -> None:
    texts = _texts()
    texts["states"] += "lost,走失,Lost,,establish,no,acceptor,desk,\n"
    with pytest.raises(WorkflowInvalid) as caught:
        validate(read_table(texts))
    assert "state lost is never reached" in str(caught.value)


def test_a_state_from_which_no_way_leads_to_an_end_is_named() -> None:
    texts = _texts()
    ends = ("refuse", "decline_filing", "apply_void", "approve_void", "reject_void", "close")
    rows = list(csv.DictReader(io.StringIO(texts["workflow"])))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows({**row, "enabled": "no"} if row["act"] in ends else row for row in rows)
    with pytest.raises(WorkflowInvalid) as caught:
        validate(read_table({**texts, "workflow": out.getvalue()}))
    assert "state handled: no way leads from it to an end" in caught.value.problems
