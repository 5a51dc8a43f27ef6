"""The OpenAPI file as it is committed: api/openapi.json."""

from __future__ import annotations

import json

from chengyun.server.api import api


def render() -> str:
    """Return the OpenAPI file, in a form that gives small diffs."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    plain = json.loads(json.dumps(schema, default=str))  # status codes become text keys
    return json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
