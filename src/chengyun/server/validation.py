"""Texts of schema errors in both languages; the table is data/validation_messages.csv."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Any

_SOURCES = {"body", "query", "path", "header", "cookie", "form", "file"}
_ARGUMENTS = {"payload", "data", "filters", "body", "query"}  # names of our routes' parameters


@cache
def _messages() -> dict[str, tuple[str, str]]:
    text = files("chengyun.server").joinpath("data/validation_messages.csv").read_text("utf-8")
    return {row["type"]: (row["zh"], row["en"]) for row in csv.DictReader(text.splitlines())}


def field_of(error: dict[str, Any]) -> str:
    """Return where the error is, dotted, without the part of the request: `location.lon`."""
    place = [str(part) for part in error.get("loc", ())]
    if len(place) > 1 and place[0] in _SOURCES:
        place = place[1:]
    named = place[1:] if len(place) > 1 and place[0] in _ARGUMENTS else place
    return ".".join(named) or "body"


def message_of(error: dict[str, Any], language: str) -> str:
    """Return the text of one error of Pydantic."""
    kind = str(error.get("type", ""))
    zh, en = _messages().get(kind, ("内容不符合要求", ""))
    template = zh if language.startswith("zh") else en or str(error.get("msg", "not valid"))
    values = {key: str(value) for key, value in (error.get("ctx") or {}).items()}
    return _fill(template, values)


def _fill(template: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        template = template.replace("{" + key + "}", value)
    return template
