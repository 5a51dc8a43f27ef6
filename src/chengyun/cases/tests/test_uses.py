"""What open cases hold cannot be switched off; the refusal says how many, and what to do."""

from __future__ import annotations

import pytest
from django.test import Client

from chengyun.administration.models import DictionaryItem, Organisation, Person, Post
from chengyun.administration.tests.asking import ask, code_of, load
from chengyun.administration.tests.builders import make_person, signed_in
from chengyun.cases.models import Case, DispatchRule
from chengyun.cases.tests.builders import RUBBISH, City, act, make_case, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Client:
    return signed_in(make_person(role="administrator"))


def switch_off(boss: Client, kind: str, key: int) -> tuple[int, str, str]:
    answer = ask(boss, "POST", f"/administration/{kind}/{key}/deactivate")
    body = load(answer)
    return answer.status_code, body.get("code", ""), body.get("detail", "")


def empty(organisation: Organisation) -> None:
    Person.objects.filter(organisation=organisation).update(is_active=False)


def test_an_organisation_with_open_cases_stays_in_use(city: City, boss: Client) -> None:
    for _ in range(2):
        make_case(city, "dispatched")
    handed_back = make_case(city, "handled")  # with the dispatcher now, still answered for
    empty(city.works)
    status, code, detail = switch_off(boss, "organisations", city.works.pk)
    assert (status, code) == (409, "still_in_use")
    assert "3 件未结案卷" in detail
    assert "改派" in detail
    city.works.refresh_from_db()
    assert city.works.active
    ended = {"is_open": False, "desk": ""}
    Case.objects.exclude(pk=handed_back.pk).update(**ended)
    assert "1 件" in switch_off(boss, "organisations", city.works.pk)[2]
    Case.objects.update(**ended)
    assert switch_off(boss, "organisations", city.works.pk)[0] == 200


def test_an_assisting_organisation_is_counted_and_once(city: City, boss: Client) -> None:
    empty(city.cleaning)
    case = make_case(city, "filed")
    act(
        city, case, "dispatch", by="dispatcher", at=case.updated_at,
        assisting_ids=[city.cleaning.pk],
    )  # fmt: skip
    assert "1 件未结案卷" in switch_off(boss, "organisations", city.cleaning.pk)[2]


def test_ended_cases_do_not_hold(city: City, boss: Client) -> None:
    make_case(city, "closed")
    empty(city.works)
    assert switch_off(boss, "organisations", city.works.pk)[0] == 200


def test_an_organisation_that_a_rule_names_stays_in_use(city: City, boss: Client) -> None:
    empty(city.cleaning)
    rule = DispatchRule.objects.create(code="R-1", organisation=city.cleaning)
    assert "1 条在用派遣规则" in switch_off(boss, "organisations", city.cleaning.pk)[2]
    DispatchRule.objects.filter(pk=rule.pk).update(active=False)
    assert switch_off(boss, "organisations", city.cleaning.pk)[0] == 200


def test_a_person_with_a_task_stays_in_use(city: City, boss: Client) -> None:
    collector = city.people["collector"]
    case = report(city, by="hotline_operator")
    act(city, case, "send_verification", by="acceptor", at=case.updated_at)
    status, code, detail = switch_off(boss, "people", collector.pk)
    assert (status, code) == (409, "still_in_use")
    assert "1 件未结案卷" in detail
    collector.refresh_from_db()
    assert collector.is_active
    act(city, case, "recall_verification", by="acceptor", at=case.updated_at)
    assert switch_off(boss, "people", collector.pk)[0] == 200


def test_a_kind_of_department_that_is_in_use_stays(city: City, boss: Client) -> None:
    url = "/administration/dictionaries/department_kind/items/{}"
    answer = ask(boss, "PATCH", url.format("municipal"), {"active": False})
    assert code_of(answer) == (409, "still_in_use")
    assert "1 个在用机构" in load(answer)["detail"]
    city.standards[RUBBISH].department_kind = "gas"
    city.standards[RUBBISH].save()
    answer = ask(boss, "PATCH", url.format("gas"), {"active": False})
    assert code_of(answer) == (409, "still_in_use")
    assert "1 条在用处置标准" in load(answer)["detail"]
    assert DictionaryItem.objects.filter(code__in=["municipal", "gas"], active=True).count() == 2
    assert ask(boss, "PATCH", url.format("heating"), {"active": False}).status_code == 200
    assert ask(boss, "PATCH", url.format("gas"), {"zh": "燃气"}).status_code == 200


def test_a_post_that_somebody_has_stays(city: City, boss: Client) -> None:
    post = Post.objects.create(code="night", zh="夜班")
    city.people["acceptor"].posts.add(post)
    answer = ask(boss, "PATCH", f"/administration/posts/{post.pk}", {"active": False})
    assert code_of(answer) == (409, "still_in_use")
    post.refresh_from_db()
    assert post.active
    city.people["acceptor"].posts.clear()
    answer = ask(boss, "PATCH", f"/administration/posts/{post.pk}", {"active": False})
    assert answer.status_code == 200
