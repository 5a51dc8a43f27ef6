"""The quick resolver finds what Django's own would."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLResolver, get_resolver, path, reverse
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RoutePattern

from chengyun.server.resolving import SegmentResolver


def _view(_request: HttpRequest, **_given: Any) -> HttpResponse:
    return HttpResponse()


_ROUTES = [
    path("cases", _view, name="list"),
    path("cases/<int:key>", _view, name="one"),
    path("cases/queues", _view, name="queues"),
    path("cases/<str:word>", _view, name="word"),
    path("cases/<int:key>/acts", _view, name="acts"),
    path("files/<path:rest>", _view, name="file"),
    path("<str:first>/late", _view, name="late"),
]
QUICK = SegmentResolver("api/", (_ROUTES, "api", "api"))
PLAIN = URLResolver(RoutePattern("api/"), _ROUTES, app_name="api", namespace="api")


@pytest.mark.parametrize(
    "address",
    [
        "api/cases",
        "api/cases/7",
        "api/cases/queues",
        "api/cases/x",
        "api/cases/7/acts",
        "api/cases/late",
        "api/files/a/b/c",
        "api/files/a",
        "api/other/late",
    ],
)
def test_every_address_leads_where_django_leads(address: str) -> None:
    """The order among routes of one shape is kept."""
    quick, plain = QUICK.resolve(address), PLAIN.resolve(address)
    assert (quick.url_name, quick.kwargs, quick.route, quick.namespaces) == (
        plain.url_name,
        plain.kwargs,
        plain.route,
        plain.namespaces,
    )


@pytest.mark.parametrize(
    "address", ["api/", "api/nothing", "api/cases/7/8/9", "other", "api/cases/"]
)
def test_what_no_route_fits_is_refused_as_django_refuses(address: str) -> None:
    """With all routes tried, for the page of errors."""
    with pytest.raises(Resolver404) as quick:
        QUICK.resolve(address)
    with pytest.raises(Resolver404) as plain:
        PLAIN.resolve(address)
    assert len(quick.value.args[0].get("tried", [])) == len(plain.value.args[0].get("tried", []))


def test_the_platform_s_addresses_are_resolved_and_made() -> None:
    """The real list of routes stands behind it."""
    found = get_resolver().resolve("/api/v1/cases/7")
    assert (found.route, found.kwargs) == ("api/v1/cases/<int:case_id>", {"case_id": 7})
    assert (
        reverse(f"{found.namespace}:{found.url_name}", kwargs={"case_id": 7}) == "/api/v1/cases/7"
    )
