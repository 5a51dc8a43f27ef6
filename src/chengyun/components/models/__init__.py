"""Tables of components."""

from chengyun.components.models.attribute import AttributeDefinition
from chengyun.components.models.component import (
    STORAGE_SRID,
    CodeCounter,
    Component,
    ComponentVersion,
)
from chengyun.components.models.component_type import ComponentType

__all__ = [
    "STORAGE_SRID",
    "AttributeDefinition",
    "CodeCounter",
    "Component",
    "ComponentType",
    "ComponentVersion",
]
