"""The JSON API under /api/v1: puts together the routers of the contexts.

A context's `api` module (or package) exposes `routers: list[tuple[str, Router]]`, each a prefix
below /api/v1 and a router. Every route needs a session or a token unless it says `auth=None`.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser
from ninja.renderers import BaseRenderer
from pydantic import BaseModel

from chengyun import __version__
from chengyun.administration.http import SessionAuth, TokenAuth
from chengyun.server import problems

CONTEXTS = ("administration", "territory", "components", "cases")
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class OrjsonRenderer(BaseRenderer):
    """Write JSON: instants as …Z, decimals as numbers."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """Return the bytes of an answer."""
        return orjson.dumps(data, default=_plain, option=_OPTIONS)


class OrjsonParser(Parser):
    """Read JSON; refuses NaN and lone surrogates, which json would let through."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Return the body's value."""
        return orjson.loads(request.body)  # type: ignore[no-any-return]


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


class ChengyunApi(NinjaAPI):
    """NinjaAPI with our operation ids, and problems in the OpenAPI file."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Render whatever a route raised."""
        return problems.render(request, exc)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return `<context>_<function>`."""
        context = operation.view_func.__module__.split(".")[1]
        return f"{context}_{operation.view_func.__name__}"

    def get_openapi_schema(self, **arguments: Any) -> OpenAPISchema:
        """Return the OpenAPI file, with the problem that every route may answer with."""
        schema = super().get_openapi_schema(**arguments)
        schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
        throttled = self._throttled()
        for operations in schema["paths"].values():
            for operation in operations.values():
                if operation["operationId"] in throttled:
                    operation["responses"][429] = _THROTTLED_RESPONSE
                operation["responses"].setdefault("4XX", _PROBLEM_RESPONSE)
                operation["responses"].setdefault("5XX", _PROBLEM_RESPONSE)
        return schema

    def _throttled(self) -> set[str]:
        """Return the ids of the routes that are throttled."""
        return {
            operation.operation_id or self.get_openapi_operation_id(operation)
            for router in self._get_bound_routers()
            for view in router.path_operations.values()
            for operation in view.operations
            if operation.throttle_objects
        }


_TEXT = {"type": "string"}
_PROBLEM = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": {"type": "string", "description": "stable, for programs"},
        "instance": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"anyOf": [_TEXT, {"type": "null"}]},
                    "code": _TEXT,
                    "message": _TEXT,
                },
            },
        },
    },
}
_PROBLEM_RESPONSE = {
    "description": "Problem",
    "content": {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}

_THROTTLED_RESPONSE = {
    **_PROBLEM_RESPONSE,
    "description": "Asked for too often (code reading_throttled)",
    "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}},
}


def _context_routers() -> Iterator[tuple[str, Router]]:
    for context in CONTEXTS:
        name = f"chengyun.{context}.api"
        if importlib.util.find_spec(name) is not None:
            yield from getattr(importlib.import_module(name), "routers", [])


def _build() -> ChengyunApi:
    built = ChengyunApi(
        title="Chengyun 城运",
        version=__version__,
        description="City operation management. Errors are problem+json (RFC 9457).",
        urls_namespace="api",
        renderer=OrjsonRenderer(),
        parser=OrjsonParser(),
        auth=[TokenAuth(), SessionAuth()],
    )
    for prefix, router in _context_routers():
        built.add_router(prefix, router)
    return built


api = _build()
