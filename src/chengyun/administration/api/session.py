"""Signing in and out, one's own password, the platform's public card."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import StringConstraints

from chengyun.administration.api.access import SessionRow
from chengyun.administration.api.shapes import Id, IdAndName, Label, Strict, given
from chengyun.administration.http import (
    SESSION_COOKIE,
    ActorRequest,
    address_of,
    check_same_site,
    drop_session_cookies,
    set_csrf_cookie,
    set_session_cookies,
)
from chengyun.administration.operations.passwords import change_own_password
from chengyun.administration.operations.people import change_preferences
from chengyun.administration.operations.sessions import end_session
from chengyun.administration.operations.sign_in import sign_in
from chengyun.administration.queries import tokens as queries
from chengyun.administration.queries.actors import find_access_by_session
from chengyun.administration.queries.me import me
from chengyun.administration.queries.node import node
from chengyun.administration.rules.faults import SessionNotFound, SignInFailed

router = Router(tags=["session"])
node_router = Router(tags=["node"])

Secret = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00]*$")]
Username = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00]*$")]


class SignInBody(Strict):
    """Name and password."""

    username: Username
    password: Secret


class PasswordBody(Strict):
    """The present password and the wanted one."""

    old: Secret
    new: Secret


class PreferencesBody(Strict):
    """What to change of one's own preferences."""

    language: Literal["zh-CN", "en"] | None = None
    theme: Literal["light", "dark", "auto"] | None = None


class OwnPost(IdAndName):
    """A post of a person."""

    zh: str
    en: str


class OwnPerson(Schema):
    """The signed-in person."""

    id: int
    username: str
    name: str
    organisation: IdAndName
    posts: list[OwnPost]


class OwnGrant(Schema):
    """A role within a scope."""

    role: str
    division_code: str
    organisation_id: int | None
    case_kinds: list[str]


class Identity(Schema):
    """Who the platform is."""

    name: str
    name_en: str
    division_code: str
    tier: str
    time_zone: str


class Me(Schema):
    """The signed-in person with what he may do."""

    person: OwnPerson
    permissions: list[str]
    roles: list[Label]
    grants: list[OwnGrant]
    node: Identity
    language: str
    theme: str
    must_change_password: bool


class NodeMap(Schema):
    """Where the map opens."""

    centre: list[float]
    bounds: list[float] | None
    zoom: float


class NodeBaseMap(Schema):
    """An outside base map; `relayed` = fetched through this platform, which holds the key."""

    code: str
    zh: str
    en: str = ""
    kind: str
    url: str
    layer: str = ""
    matrix_set: str = ""
    style: str = ""
    attribution: str = ""
    min_zoom: int = 0
    max_zoom: int = 18
    relayed: bool = False


class NodeOut(Identity):
    """The platform's public card."""

    version: str
    systems: list[str]
    map: NodeMap
    base_maps: list[NodeBaseMap]


@router.post("", auth=None, response=Me)
def post_session(request: HttpRequest, body: SignInBody, response: HttpResponse) -> dict[str, Any]:
    """Sign in; the answer sets the cookies `sessionid` and `csrftoken`."""
    check_same_site(request)
    address = address_of(request)
    agent = request.headers.get("User-Agent", "")
    done = sign_in(username=body.username, password=body.password, address=address, agent=agent)
    access = find_access_by_session(key=done.session_key, address=address)
    if access is None:  # ended between opening and here
        raise SignInFailed
    set_session_cookies(request, response, done.session_key)
    return me(access)


@router.get("", response=Me)
def get_session(request: ActorRequest) -> dict[str, Any]:
    """Return who is signed in."""
    return me(request.access)


@router.delete("", response={204: None})
def delete_session(request: ActorRequest, response: HttpResponse) -> None:
    """Sign out."""
    if request.access.session_id is not None:
        end_session(actor=request.actor, session_id=request.access.session_id)
    drop_session_cookies(response)


@router.get("/csrf", auth=None, response={204: None})
def get_csrf(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookie `csrftoken`, whose value writes must send in X-CSRFToken."""
    set_csrf_cookie(request, response, request.COOKIES.get(SESSION_COOKIE, ""))


@router.post("/password", response={204: None})
def post_password(request: ActorRequest, body: PasswordBody) -> None:
    """Change one's own password; other sessions end."""
    change_own_password(
        actor=request.actor, old=body.old, new=body.new, session_id=request.access.session_id
    )


@node_router.get("", auth=None, response=NodeOut)
def get_node(request: HttpRequest) -> dict[str, Any]:
    """Return the platform's public card."""
    return node()


@router.patch("", response=Me)
def patch_session(request: ActorRequest, body: PreferencesBody) -> dict[str, Any]:
    """Change one's own language and theme."""
    change_preferences(actor=request.actor, values=given(body))
    return me(request.access)


@router.get("/sessions", response=list[SessionRow])
def list_own_sessions(request: ActorRequest) -> list[dict[str, Any]]:
    """List where one is signed in."""
    return queries.list_own_sessions(actor=request.actor, current_id=request.access.session_id)


@router.delete("/sessions/{session_id}", response={204: None})
def delete_own_session(request: ActorRequest, session_id: Id) -> None:
    """End one of one's own sessions."""
    found = queries.session_in_reach(actor=request.actor, session_id=session_id)
    if found.person_id != request.actor.person_id:
        raise SessionNotFound
    end_session(actor=request.actor, session_id=session_id)
