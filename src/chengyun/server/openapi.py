"""The OpenAPI file as it is committed: api/openapi.json."""

from __future__ import annotations

import json

from chengyun.server.api import api


def render() -> str:
    """Return the OpenAPI file, in a form that gives small diffs."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
