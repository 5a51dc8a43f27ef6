"""Commands: API tokens, and the first administrator of an empty platform."""

from __future__ import annotations

import json
from typing import Any

import click

from chengyun.administration.models import Organisation, Person
from chengyun.administration.operations.grants import grant_role
from chengyun.administration.operations.organisations import create_organisation
from chengyun.administration.operations.people import create_person
from chengyun.administration.operations.settings import HIDDEN, change_setting
from chengyun.administration.operations.tokens import create_token, revoke_token
from chengyun.administration.queries.settings import setting
from chengyun.administration.queries.tokens import list_tokens
from chengyun.administration.rules.actor import SYSTEM
from chengyun.administration.rules.definitions import setting_definitions
from chengyun.administration.rules.faults import PersonNotFound
from chengyun.administration.rules.settings import UnknownSetting

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@click.group()
def token() -> None:
    """Create, list and revoke API tokens."""


@token.command("create")
@click.option("--user", required=True, help="User name of the person the token acts as.")
@click.option("--name", default="command line", show_default=True, help="What it is for.")
@click.option("--days", type=click.IntRange(1, 36_500), help="Days until it expires.")
@_json_option
def create(user: str, name: str, days: int | None, as_json: bool) -> None:
    """Create a token and print it: it is shown once and kept nowhere."""
    person = _person(user)
    made = create_token(actor=SYSTEM, person_id=person.pk, name=name, days=days)
    expires_at = made.expires_at.isoformat() if made.expires_at else None
    shown = {"id": made.id, "token": made.secret, "user": user, "expires_at": expires_at}
    click.echo(json.dumps(shown) if as_json else made.secret)


@token.command("list")
@click.option("--user", help="Only tokens of this person.")
@click.option("--all", "with_dead", is_flag=True, help="Also revoked and expired ones.")
@_json_option
def list_(user: str | None, with_dead: bool, as_json: bool) -> None:
    """List tokens, newest first."""
    rows = _tokens(person_id=_person(user).pk if user else None, live=None if with_dead else True)
    if as_json:
        click.echo(json.dumps(rows, default=str, ensure_ascii=False))
        return
    for row in rows:
        state = "live" if row["live"] else "dead"
        used = row["last_used_at"].isoformat(timespec="minutes") if row["last_used_at"] else "never"
        parts = (row["id"], row["prefix"] + "…", row["username"], row["name"], state, used)
        click.echo("\t".join(str(part) for part in parts))


@token.command("revoke")
@click.argument("token_id", type=click.IntRange(1, 2**63 - 1))
def revoke(token_id: int) -> None:
    """Make the token with this id (see `list`) useless at once."""
    revoke_token(actor=SYSTEM, token_id=token_id)
    click.echo(f"revoked {token_id}")


@click.command("administrator")
@click.option("--user", required=True, help="User name.")
@click.option("--name", default="系统管理员", show_default=True, help="Name of the person.")
@_json_option
def administrator(user: str, name: str, as_json: bool) -> None:
    """Create an administrator of the whole platform and print the first password."""
    root = Organisation.objects.filter(parent=None, active=True).order_by("id").first()
    root = root or _root()
    values = {"username": user, "name": name, "organisation_id": root.pk}
    made = create_person(actor=SYSTEM, values=values)
    grant_role(actor=SYSTEM, person_id=made.person.pk, role_code="administrator")
    shown = {"username": user, "password": made.password}
    click.echo(json.dumps(shown) if as_json else f"{user}\t{made.password}")


@click.command("setting")
@click.argument("key")
@click.argument("value", required=False)
@_json_option
def setting_command(key: str, value: str | None, as_json: bool) -> None:
    """Show the setting KEY, or set it to VALUE (text as it is, anything else as JSON)."""
    definition = setting_definitions().get(key)
    if definition is None:
        raise UnknownSetting(key=key)
    if value is not None:
        new = value if isinstance(definition.default, str) else _json(value)
        change_setting(actor=SYSTEM, key=key, value=new, reason="command line")
    shown = HIDDEN if definition.secret else setting(key)
    told = json.dumps({"key": key, "value": shown}, ensure_ascii=False) if as_json else shown
    click.echo(told)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="VALUE") from error


def _root() -> Organisation:
    values: dict[str, Any] = {
        "code": "root",
        "zh": setting("node.name"),
        "en": setting("node.name_en"),
        "kind": Organisation.Kind.CITY,
        "division_code": setting("node.division_code"),
    }
    return create_organisation(actor=SYSTEM, parent_id=None, values=values)


def _person(username: str) -> Person:
    person = Person.objects.filter(username=username).first()
    if person is None:
        raise PersonNotFound(field="user")
    return person


def _tokens(*, person_id: int | None, live: bool | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = list_tokens(actor=SYSTEM, person_id=person_id, live=live, limit=200, after=after)
        rows.extend(page["items"])
        after = page["next"]
        if after is None:
            return rows
