"""HTTP of administration."""

from ninja import Router

from chengyun.administration.api import (
    access,
    calendar,
    organisations,
    people,
    reference,
    roles,
    session,
)

routers: list[tuple[str, Router]] = [
    ("/session", session.router),
    ("/node", session.node_router),
    ("/administration/organisations", organisations.router),
    ("/administration/people", people.router),
    ("/administration/posts", roles.posts_router),
    ("/administration/roles", roles.roles_router),
    ("/administration/permissions", roles.permissions_router),
    ("/administration/grants", roles.grants_router),
    ("/administration/dictionaries", reference.dictionaries_router),
    ("/administration/settings", reference.settings_router),
    ("/administration/calendar", calendar.router),
    ("/administration/tokens", access.tokens_router),
    ("/administration/sessions", access.sessions_router),
    ("/administration/audit", access.audit_router),
]
