"""Which matter type a code means: today's codes, older ones, and full codes with a division."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from chengyun.administration.queries.freshness import FreshCache
from chengyun.kernel.errors import Fault

_DIVISION_WIDTH = 6
_FULL_WIDTHS = {10, 11}  # district + type: the older standards and 2026
_SELECT = """
SELECT id, kind, code, class_code, zh, en, code_2013, code_2007
FROM cases_mattertype WHERE active ORDER BY local DESC, id
"""


class TypeUnknown(Fault):
    """No type in use has the code."""

    code = "matter_type_unknown"
    zh = "没有类型代码“{value}”。请从类型表中选择（2026 年五位代码，旧代码自动对应）。"
    en = "There is no type “{value}”. Choose one of the list (five digits; older codes are mapped)."


class TypeAmbiguous(Fault):
    """The code means a component and a matter, and the kind was not given."""

    code = "matter_type_ambiguous"
    zh = "代码“{value}”既是部件又是事件，请用 kind 指明 component 或 matter。"
    en = "“{value}” is both a component's and a matter's code. Give `kind`: component or matter."


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeInUse:
    """A matter type that a case may have."""

    id: int
    kind: str
    code: str
    class_code: str
    zh: str
    en: str
    code_2013: str
    code_2007: str


_types: FreshCache[str, tuple[TypeInUse, ...]] = FreshCache("reference")


def types_in_use() -> tuple[TypeInUse, ...]:
    """Return the active types, local ones first; a copy at most five seconds old."""
    return _types.get_or_load("active", _load)


def get_type(code: str, *, kind: str = "") -> TypeInUse:
    """Return the type that the code means.

    code : 2026 (5 digits), 2013 or 2007 (4 digits; 2013 wins), or any of them after six digits of
        a division
    kind : component or matter; needed only where both have the code
    raises : TypeUnknown, TypeAmbiguous
    """
    bare = code[_DIVISION_WIDTH:] if len(code) in _FULL_WIDTHS else code
    fitting = [found for found in types_in_use() if kind in {"", found.kind}]
    for column in ("code", "code_2013", "code_2007"):
        found = [one for one in fitting if bare and getattr(one, column) == bare]
        if len({one.kind for one in found}) > 1:
            raise TypeAmbiguous(field="kind", value=code)
        if found:
            return found[0]
    raise TypeUnknown(field="type", value=code)


def _load() -> tuple[TypeInUse, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_SELECT)
        rows = cursor.fetchall()
    names = tuple(TypeInUse.__dataclass_fields__)
    return tuple(TypeInUse(**dict(zip(names, row, strict=True))) for row in rows)
