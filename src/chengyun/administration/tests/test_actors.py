from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chengyun.administration.models import Organisation, Person, Role
from chengyun.administration.operations import create_token, revoke_token
from chengyun.administration.queries import find_access_by_token, find_actor, setting, watch
from chengyun.administration.queries.freshness import SEQUENCES, FreshCache, Watch
from chengyun.administration.rules.actor import SYSTEM, Actor
from chengyun.administration.tests.builders import (
    actor_for,
    grant_role,
    make_organisation,
    make_person,
)
from chengyun.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db


@pytest.fixture
def looking() -> Iterator[Watch]:
    watch().start_afresh(check_every_s=0)
    yield watch()
    watch().start_afresh(check_every_s=3600)


def test_a_grant_covers_the_subtree_of_its_organisation() -> None:
    city = make_organisation(kind="city", division_code="310100")
    department = make_organisation(parent=city)
    team = make_organisation(parent=department)
    make_organisation(parent=city)
    person = make_person(role="department", scope_organisation=department)
    (grant,) = actor_for(person).grants
    assert grant.organisation_ids == (department.pk, team.pk)
    assert grant.organisation_path == f"/{city.pk}/{department.pk}/"
    assert grant.covers(
        division_code="310101", organisation_ids=frozenset({team.pk}), case_kind="matter"
    )
    assert not grant.covers(
        division_code="310101", organisation_ids=frozenset({city.pk}), case_kind="matter"
    )


def test_the_sixth_organisation_is_not_below_the_sixtieth() -> None:
    first = make_organisation()
    twin = Organisation.objects.create(
        code="twin", zh="孪生", kind="other", path=f"/{first.pk}7/", active=True
    )
    person = make_person(role="department", scope_organisation=first)
    assert twin.pk not in actor_for(person).grants[0].organisation_ids


def test_permissions_of_all_grants_add_up_and_roles_out_of_use_count_for_nothing() -> None:
    person = make_person(permissions=["case.read"], division_code="310101")
    grant_role(person, permissions=["case.report"], case_kinds=["matter"])
    dead = grant_role(person, permissions=["case.batch"])
    Role.objects.filter(pk=dead.role_id).update(active=False)
    actor = actor_for(person)
    assert actor.permissions == {"case.read", "case.report"}
    assert actor.scope_for("case.report")[0].case_kinds == ("matter",)
    assert actor.can("case.read")
    with pytest.raises(Forbidden):
        actor.require("case.batch")
    with pytest.raises(Forbidden):
        actor.require_everywhere("case.read")


def test_a_person_out_of_use_is_no_actor() -> None:
    assert find_actor(make_person(active=False).pk) is None
    assert find_actor(2**40) is None


def test_the_platform_keeps_house_but_sits_at_no_desk() -> None:
    SYSTEM.require_everywhere("administration.settings")
    assert not any(code.startswith("case.act.") for code in SYSTEM.permissions)


def test_the_second_request_asks_the_database_nothing() -> None:
    secret = create_token(actor=SYSTEM, person_id=make_person().pk, name="t").secret
    assert find_access_by_token(token=secret, address="10.0.0.1")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        access = find_access_by_token(token=secret, address="10.0.0.1")
    assert len(queries) == 0
    assert access is not None
    assert access.actor.address == "10.0.0.1"


def test_revocation_holds_at_once_in_this_process() -> None:
    made = create_token(actor=SYSTEM, person_id=make_person().pk, name="t")
    assert find_access_by_token(token=made.secret, address=None)
    revoke_token(actor=SYSTEM, token_id=made.id)
    assert find_access_by_token(token=made.secret, address=None) is None


def test_a_change_in_another_process_is_seen_at_the_next_look(looking: Watch) -> None:
    person = make_person(role="leader")
    secret = create_token(actor=SYSTEM, person_id=person.pk, name="t").secret
    assert find_access_by_token(token=secret, address=None)
    Person.objects.filter(pk=person.pk).update(is_active=False)  # nothing announced yet
    assert find_access_by_token(token=secret, address=None)
    _bump("access")
    assert find_access_by_token(token=secret, address=None) is None


def test_looking_costs_one_query_for_both_topics(looking: Watch) -> None:
    setting("node.name")
    with CaptureQueriesContext(connection) as queries:
        setting("node.name")
    assert len(queries) == 1


def test_what_was_read_while_a_change_was_announced_is_not_kept() -> None:
    cache: FreshCache[str, int] = FreshCache("access")
    values = iter([1, 2])

    def load() -> int:
        watch().forget("access")
        return next(values)

    assert cache.get_or_load("a", load) == 1
    assert cache.get_or_load("a", load) == 2


def test_what_is_not_there_is_not_kept() -> None:
    cache: FreshCache[str, int | None] = FreshCache("access")
    values = iter([None, 2])
    assert cache.get_or_load("a", lambda: next(values)) is None
    assert cache.get_or_load("a", lambda: next(values)) == 2


def test_an_actor_without_grants_may_nothing() -> None:
    nobody = Actor(person_id=1, name="甲")
    assert nobody.permissions == frozenset()
    with pytest.raises(Forbidden):
        nobody.scope_for("case.read")


def _bump(topic: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass)", [SEQUENCES[topic]])  # type: ignore[index]
