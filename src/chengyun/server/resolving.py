"""Find the route of an address without trying every route.

Django tries the routes of a resolver one after the other; with two hundred of them that was a
tenth of what a list cost. Here only those are tried that have the address's first segment and
number of segments. Whatever they do not settle, Django's own resolver does.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.urls import URLPattern, URLResolver
from django.urls.exceptions import Resolver404
from django.urls.resolvers import ResolverMatch, RoutePattern

_Key = tuple[str, int]


class SegmentResolver(URLResolver):
    """Django's resolver of a literal prefix, with its routes grouped by their shape."""

    def __init__(
        self, prefix: str, routes: tuple[Sequence[URLPattern | URLResolver], str, str]
    ) -> None:
        """Resolve what stands below `prefix`; routes as `NinjaAPI.urls` gives them."""
        patterns, app_name, namespace = routes
        super().__init__(
            RoutePattern(prefix), list(patterns), app_name=app_name, namespace=namespace
        )
        self.prefix = prefix

    def resolve(self, path: Any) -> ResolverMatch:
        """Return the match; raise Resolver404 when no route fits."""
        text = str(path)
        if text.startswith(self.prefix):
            group = self._groups.get(_key(text[len(self.prefix) :]))
            if group is not None:
                try:
                    return group.resolve(text)
                except Resolver404:
                    pass  # let the whole list say so
        return super().resolve(text)

    @cached_property
    def _groups(self) -> dict[_Key, URLResolver]:
        """The routes of each shape, in their order; those of no fixed shape are in every group."""
        shapes = [(pattern, _shape(str(pattern.pattern))) for pattern in self.url_patterns]
        keys = {shape for _, shape in shapes if shape is not None}
        return {
            key: URLResolver(
                RoutePattern(self.prefix),
                [pattern for pattern, shape in shapes if shape in {key, None}],
                app_name=self.app_name,
                namespace=self.namespace,
            )
            for key in keys
        }


def _shape(route: str) -> _Key | None:
    """Return the first segment and the number of segments; None where either may vary."""
    first = route.partition("/")[0]
    return None if "<" in first or "<path:" in route else _key(route)


def _key(path: str) -> _Key:
    return path.partition("/")[0], path.count("/")
