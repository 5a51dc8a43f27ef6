"""Organisations and people: codes are right, every grid is looked after."""

from collections import Counter

from chengyun.administration.rules.credit_code import checked_credit_code
from chengyun.demo.rules.society import people_city
from chengyun.demo.tests.towns import small_town

ROLES = {
    "administrator",
    "integrator",
    "leader",
    "inspector",
    "hotline_operator",
    "acceptor",
    "shift_leader",
    "dispatcher",
    "department",
    "collector",
}


def test_credit_codes_are_right_and_belong_to_nobody() -> None:
    for organisation in people_city(small_town()).organisations:
        assert checked_credit_code(organisation.credit_code) == organisation.credit_code
        assert organisation.credit_code[2:8] == "990100"


def test_the_tree_of_organisations_is_in_order() -> None:
    seen = {""}
    for organisation in people_city(small_town()).organisations:
        assert organisation.parent in seen
        assert organisation.code not in seen
        seen.add(organisation.code)


def test_everybody_has_a_name_of_his_own_to_sign_in_with() -> None:
    society = people_city(small_town())
    usernames = [person.username for person in society.people]
    codes = {organisation.code for organisation in society.organisations}
    assert len(set(usernames)) == len(usernames)
    assert {person.role for person in society.people} == ROLES
    assert all(person.organisation in codes for person in society.people)


def test_each_grid_has_one_collector_with_a_round_of_five_to_fifteen() -> None:
    town = small_town()
    society = people_city(town)
    held = Counter(code for person in society.people for code in person.grids)
    assert set(held) == set(town.divisions.grid_codes)
    assert set(held.values()) == {1}
    for person in society.of_role("collector"):
        assert 5 <= len(person.grids) <= 15
        assert len({code[:12] for code in person.grids}) == 1
        assert person.grids[0].startswith(person.division_code)


def test_the_same_seed_brings_the_same_people() -> None:
    assert people_city(small_town()).people == people_city(small_town()).people
