"""Routes of dictionaries and settings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import StringConstraints

from chengyun.administration.api.creating import create_once
from chengyun.administration.api.shapes import (
    Code,
    Key,
    Name,
    PageQuery,
    Search,
    ShortText,
    Sort,
    Strict,
    Text,
    given,
)
from chengyun.administration.http import ActorRequest
from chengyun.administration.operations import dictionaries as operations
from chengyun.administration.operations.settings import change_setting
from chengyun.administration.queries import dictionaries as queries
from chengyun.administration.queries import settings as setting_queries

dictionaries_router = Router(tags=["dictionaries"])
settings_router = Router(tags=["settings"])

SettingKey = Annotated[str, StringConstraints(max_length=80, pattern=r"^[\w.-]+$")]


class DictionaryOut(Schema):
    """A dictionary; `items` counts those in use."""

    id: int
    code: str
    zh: str
    en: str
    items: int


class DictionaryPage(Schema):
    """A page of dictionaries."""

    items: list[DictionaryOut]
    next: str | None


class DictionaryIn(Strict):
    """A new dictionary."""

    code: Code
    zh: Name
    en: ShortText = ""


class ItemOut(Schema):
    """A value of a dictionary."""

    id: int
    code: str
    zh: str
    en: str
    sort: int
    active: bool


class ItemPage(Schema):
    """A page of values."""

    items: list[ItemOut]
    next: str | None


class ItemQuery(PageQuery):
    """Which values."""

    active: bool | None = None


class ItemIn(Strict):
    """A new value."""

    code: Code
    zh: Name
    en: ShortText = ""
    sort: Sort = 0
    active: bool = True


class ItemPatch(Strict):
    """What to change; the rest stays."""

    zh: Name | None = None
    en: ShortText | None = None
    sort: Sort | None = None
    active: bool | None = None


class SettingOut(Schema):
    """A setting with its definition; the value of a secret is never told."""

    key: str
    type: str
    group: str
    zh: str
    en: str
    unit: str
    minimum: float | None
    maximum: float | None
    choices: list[str]
    secret: bool
    default: Any
    value: Any
    is_set: bool
    source: str
    certainty: str


class SettingQuery(Schema):
    """Which settings."""

    group: SettingKey | None = None
    q: Search = ""


class SettingIn(Strict):
    """The new value and why."""

    value: Any
    reason: Text = ""


class SettingChangeOut(Schema):
    """One change of a setting."""

    id: int
    at: datetime
    old: Any
    new: Any
    reason: str
    by_id: int | None
    by_name: str | None


class SettingChangePage(Schema):
    """A page of changes."""

    items: list[SettingChangeOut]
    next: str | None


@dictionaries_router.get("", response=DictionaryPage)
def list_dictionaries(request: ActorRequest, query: Query[PageQuery]) -> dict[str, Any]:
    """List dictionaries."""
    return queries.list_dictionaries(q=query.q, limit=query.limit, after=query.after)


@dictionaries_router.post("", response={201: DictionaryOut})
def post_dictionary(
    request: ActorRequest, body: DictionaryIn, idempotency_key: Key = None
) -> Status[Any]:
    """Add a dictionary."""

    def act() -> dict[str, Any]:
        made = operations.create_dictionary(
            actor=request.actor, code=body.code, zh=body.zh, en=body.en
        )
        return {"id": made.pk, "code": made.code, "zh": made.zh, "en": made.en, "items": 0}

    return create_once(request, idempotency_key, act)


@dictionaries_router.get("/{dictionary}/items", response=ItemPage)
def list_items(request: ActorRequest, dictionary: Code, query: Query[ItemQuery]) -> dict[str, Any]:
    """List a dictionary's values."""
    return queries.list_items(
        dictionary=dictionary,
        q=query.q,
        active=query.active,
        limit=query.limit,
        after=query.after,
    )


@dictionaries_router.post("/{dictionary}/items", response={201: ItemOut})
def post_item(
    request: ActorRequest, dictionary: Code, body: ItemIn, idempotency_key: Key = None
) -> Status[Any]:
    """Add a value."""

    def act() -> dict[str, Any]:
        values = body.model_dump(exclude={"code"})
        made = operations.create_item(
            actor=request.actor, dictionary=dictionary, code=body.code, values=values
        )
        return ItemOut.from_orm(made).model_dump()

    return create_once(request, idempotency_key, act)


@dictionaries_router.patch("/{dictionary}/items/{code}", response=ItemOut)
def patch_item(request: ActorRequest, dictionary: Code, code: Code, body: ItemPatch) -> Any:
    """Change a value, or take it out of use or into use."""
    return operations.change_item(
        actor=request.actor, dictionary=dictionary, code=code, values=given(body)
    )


@settings_router.get("", response=list[SettingOut])
def list_settings(request: ActorRequest, query: Query[SettingQuery]) -> list[dict[str, Any]]:
    """List settings with their definitions."""
    return setting_queries.list_settings(actor=request.actor, group=query.group or "", q=query.q)


@settings_router.get("/{key}", response=SettingOut)
def get_setting(request: ActorRequest, key: SettingKey) -> dict[str, Any]:
    """Return a setting."""
    return setting_queries.get_setting(actor=request.actor, key=key)


@settings_router.put("/{key}", response=SettingOut)
def put_setting(request: ActorRequest, key: SettingKey, body: SettingIn) -> dict[str, Any]:
    """Set a setting for the whole platform."""
    change_setting(actor=request.actor, key=key, value=body.value, reason=body.reason)
    return setting_queries.get_setting(actor=request.actor, key=key)


@settings_router.get("/{key}/history", response=SettingChangePage)
def list_setting_changes(
    request: ActorRequest, key: SettingKey, query: Query[PageQuery]
) -> dict[str, Any]:
    """List the changes of a setting, newest first."""
    return setting_queries.list_setting_changes(
        actor=request.actor, key=key, limit=query.limit, after=query.after
    )
