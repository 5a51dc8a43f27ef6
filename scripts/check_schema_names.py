"""Check that no two shapes of the API share a name: in the OpenAPI file the last would win.

Every client is generated from that file, so a shape of one context would silently get the fields
of another's.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator

from pydantic import BaseModel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.server.settings")
OURS = "chengyun."


def main() -> int:
    """Print the names that are taken twice; return 1 when there are any."""
    import django

    django.setup()
    from chengyun.server.api import api

    told = set(api.get_openapi_schema()["components"]["schemas"])
    faults = list(clashes(every_shape(BaseModel), told))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def every_shape(root: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield every model below `root` that a module of ours defines."""
    for shape in root.__subclasses__():
        if shape.__module__.startswith(OURS):
            yield shape
        yield from every_shape(shape)


def clashes(shapes: Iterable[type[BaseModel]], told: set[str]) -> Iterator[str]:
    """Yield a line for each name in `told` that shapes of several places have."""
    places: dict[str, set[str]] = defaultdict(set)
    for shape in shapes:
        places[shape.__name__].add(f"{shape.__module__}.{shape.__qualname__}")
    for name, found in sorted(places.items()):
        if name in told and len(found) > 1:
            yield f"{name}: {', '.join(sorted(found))}; give each a name of its own"


if __name__ == "__main__":
    raise SystemExit(main())
