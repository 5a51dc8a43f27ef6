"""What components refer to, in this process's copy: types, attributes, words, organisations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from chengyun.administration.queries.dictionaries import dictionary_names
from chengyun.administration.queries.freshness import FreshCache
from chengyun.components.models import AttributeDefinition, ComponentType
from chengyun.components.queries.types import CURRENT_STANDARD
from chengyun.components.rules.attributes import Definition, definitions_for
from chengyun.components.rules.faults import ComponentTypeUnknown, DictionaryValueUnknown

STATES, SOURCES = "component_state", "component_source"
_NAMES = {STATES: ("部件状态", "the state"), SOURCES: ("数据来源", "the source")}


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeInUse:
    """A type that components may have."""

    id: int
    code: str
    class_code: str
    class_zh: str
    class_en: str
    zh: str
    en: str
    geometry: str
    older: frozenset[str]

    @property
    def codes(self) -> frozenset[str]:
        """The present code and the older ones."""
        return self.older | {self.code}

    def label(self) -> dict[str, Any]:
        """Return the type as lists show it."""
        return {"code": self.code, "zh": self.zh, "en": self.en, "geometry": self.geometry}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Types:
    by_id: dict[int, TypeInUse]
    by_code: dict[str, TypeInUse]


_types: FreshCache[str, _Types] = FreshCache("reference")
_attributes: FreshCache[str, tuple[Definition, ...]] = FreshCache("reference")


def types_by_id() -> dict[int, TypeInUse]:
    """Return the types of the present list and the city's own by id, ended ones too."""
    return _types.get_or_load("types", _load_types).by_id


def type_in_use(code: str) -> TypeInUse:
    """Return the type that a code means: present, a city's own, 2013 or 2007.

    raises : ComponentTypeUnknown
    """
    found = _types.get_or_load("types", _load_types).by_code.get(code.strip())
    if found is None:
        raise ComponentTypeUnknown(field="type", value=code[:40])
    return found


def attributes_of(type_code: str) -> dict[str, Definition]:
    """Return the further attributes of a type by name."""
    return definitions_for(_attributes.get_or_load("all", _load_attributes), type_code)


def check_word(dictionary: str, value: str) -> str:
    """Return a value of a dictionary by its code or its name; raise DictionaryValueUnknown."""
    known = dictionary_names(dictionary)
    if value in known:
        return value
    for code, names in known.items():
        if value in names:
            return code
    field = "state" if dictionary == STATES else "source"
    raise DictionaryValueUnknown(
        field=field, name=_NAMES[dictionary][0], value=value[:40], known="、".join(known)
    )


def _load_types() -> _Types:
    in_use = Q(standard=CURRENT_STANDARD) | Q(local=True)
    rows = list(ComponentType.objects.filter(in_use).order_by("id"))
    found = {row.pk: _type(row) for row in rows}
    by_code: dict[str, TypeInUse] = {}
    for column in ("code", "code_2013", "code_2007"):  # of two meanings the newer one
        for row in rows:
            code = getattr(row, column)
            if code.isdigit() and row.valid_to is None:
                by_code.setdefault(code, found[row.pk])
    return _Types(by_id=found, by_code=by_code)


def _type(row: ComponentType) -> TypeInUse:
    return TypeInUse(
        id=row.pk,
        code=row.code,
        class_code=row.class_code,
        class_zh=row.class_zh,
        class_en=row.class_en,
        zh=row.zh,
        en=row.en,
        geometry=row.geometry or "point",
        older=frozenset(code for code in (row.code_2013, row.code_2007) if code.isdigit()),
    )


def _load_attributes() -> tuple[Definition, ...]:
    rows = AttributeDefinition.objects.filter(active=True).order_by("sort", "id")
    return tuple(
        Definition(
            name=row.name,
            kind=row.kind,
            type_code=row.type_code,
            zh=row.zh,
            en=row.en,
            unit=row.unit,
            required=row.required,
            minimum=row.minimum,
            maximum=row.maximum,
            choices={one["code"]: (one["zh"], one.get("en", "")) for one in row.choices},
        )
        for row in rows
    )
