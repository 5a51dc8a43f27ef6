"""Two at once, on connections of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from chengyun.administration.models import IdempotencyRecord, Organisation, Post, SignInAttempt
from chengyun.administration.operations.idempotency import Answer, run_once
from chengyun.administration.operations.organisations import move_organisation
from chengyun.administration.operations.sign_in import sign_in
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.rules.faults import AccountLocked, SignInFailed
from chengyun.administration.tests.builders import actor_for, make_organisation, make_person
from chengyun.kernel.errors import Fault

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(number: int, act: Callable[[int], Any]) -> list[Any]:
    """Run `act` in threads that start together; return results and faults."""
    barrier = Barrier(number)

    def run(index: int) -> Any:
        try:
            barrier.wait(20)
            return act(index)
        except Fault as fault:
            return type(fault)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def test_the_same_key_at_once_does_the_work_once() -> None:
    actor = actor_for(make_person())

    def act() -> Answer:
        post = Post.objects.create(code=f"p{Post.objects.count()}", zh="岗")
        return Answer(status=201, body={"id": post.pk})

    answers = at_once(
        6, lambda _: run_once(actor=actor, key="k", fingerprint="f", act=act).body["id"]
    )
    assert len(set(answers)) == 1
    assert Post.objects.count() == 1
    assert IdempotencyRecord.objects.get().status == 201


def test_two_moves_at_once_cannot_make_a_ring() -> None:
    first, second = make_organisation(), make_organisation()
    pairs = [(first.pk, second.pk), (second.pk, first.pk)]
    at_once(
        2,
        lambda i: move_organisation(
            actor=SYSTEM, organisation_id=pairs[i][0], parent_id=pairs[i][1]
        ),
    )
    roots = Organisation.objects.filter(pk__in=[first.pk, second.pk], parent=None)
    assert roots.count() == 1
    child = Organisation.objects.exclude(parent=None).get()
    assert child.path == f"/{roots.get().pk}/{child.pk}/"


def test_many_wrong_passwords_at_once_do_not_slip_past_the_lock() -> None:
    person = make_person()
    results = at_once(
        16, lambda _: sign_in(username=person.username, password="wrong", address="10.0.0.1")
    )
    assert results.count(SignInFailed) <= 5
    assert results.count(AccountLocked) >= 11
    assert SignInAttempt.objects.count() == results.count(SignInFailed)
