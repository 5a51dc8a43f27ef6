"""The tables of the living city as rows."""

import csv
from importlib import resources


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of the demo city."""
    text = resources.files("chengyun.demo").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
