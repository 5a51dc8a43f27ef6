"""Saved views: keeping, changing and removing a named set of filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from chengyun.administration.operations import record_audit
from chengyun.administration.rules.actor import Actor
from chengyun.cases.models import SavedView
from chengyun.cases.queries.filters import parse_filter
from chengyun.cases.rules.access import READ
from chengyun.kernel.errors import Conflict, Forbidden, Invalid, NotFound

MOST_VIEWS = 100
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('cases.saved_views', %s))"


class ViewNameTaken(Conflict):
    """The person has a view of this name already."""

    code = "view_name_taken"
    zh = "您已有名为“{name}”的视图。请换一个名称，或修改原视图。"
    en = "You have a view called “{name}”. Choose another name, or change that view."


class TooManyViews(Conflict):
    """The person keeps as many views as one may."""

    code = "too_many_views"
    zh = "最多保存 {most} 个视图。请先删除不用的视图。"
    en = "{most} views at most. Remove some that you no longer use."


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewInput:
    """What a view holds.

    filters : the words of a list's address; empty ones are dropped
    shared : seen by the whole organisation of the owner
    sort : place among the owner's views
    """

    name: str
    filters: Mapping[str, str]
    shared: bool = False
    sort: int = 0


@transaction.atomic
def save_view(*, actor: Actor, given: ViewInput) -> int:
    """Keep a new view of the actor and return its id.

    raises : Forbidden, Invalid (a filter), ViewNameTaken, TooManyViews
    """
    actor.require(READ)
    values = _values(given)
    own = _own_views(actor)
    if own.count() >= MOST_VIEWS:
        raise TooManyViews(most=MOST_VIEWS)
    _check_name(own, given.name)
    made = SavedView.objects.create(person_id=_person_of(actor), **values)
    record_audit(actor, "cases.view_saved", f"view:{made.pk}", {"name": made.name})
    return made.pk


@transaction.atomic
def change_view(*, actor: Actor, view_id: int, changes: Mapping[str, Any]) -> None:
    """Change some of name, filters, shared, sort of one of the actor's own views.

    raises : Forbidden, NotFound (also for a colleague's shared view), Invalid, ViewNameTaken
    """
    actor.require(READ)
    own = _own_views(actor)
    view = _get_view(own, view_id)
    present = {"name": view.name, "filters": view.filters, "shared": view.shared, "sort": view.sort}
    values = _values(ViewInput(**(present | dict(changes))))
    _check_name(own.exclude(pk=view_id), values["name"])
    own.filter(pk=view_id).update(**values)
    record_audit(actor, "cases.view_changed", f"view:{view_id}", {"changed": sorted(changes)})


@transaction.atomic
def remove_view(*, actor: Actor, view_id: int) -> None:
    """Remove one of the actor's own views.

    raises : Forbidden, NotFound
    """
    actor.require(READ)
    view = _get_view(_own_views(actor), view_id)
    view.delete()
    record_audit(actor, "cases.view_removed", f"view:{view_id}", {"name": view.name})


def _own_views(actor: Actor) -> Any:
    """Return the actor's views; one change at a time for each person, so that counts hold."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [_person_of(actor)])
    return SavedView.objects.filter(person_id=_person_of(actor))


def _person_of(actor: Actor) -> int:
    """Return who keeps the views; the platform itself keeps none."""
    if actor.person_id is None:
        raise Forbidden(permission=READ)
    return actor.person_id


def _get_view(own: Any, view_id: int) -> SavedView:
    found: SavedView | None = own.filter(pk=view_id).first()
    if found is None:
        raise NotFound(what=f"视图 {view_id}")
    return found


def _check_name(others: Any, name: str) -> None:
    if others.filter(name=name).exists():
        raise ViewNameTaken(field="name", name=name)


def _values(given: ViewInput) -> dict[str, Any]:
    name = given.name.strip()
    if not name:
        raise Invalid(field="name", reason_zh="不能为空", reason_en="it must not be empty")
    parse_filter(given.filters)
    filters = {key: value.strip() for key, value in given.filters.items() if value.strip()}
    return {"name": name, "filters": filters, "shared": given.shared, "sort": given.sort}
