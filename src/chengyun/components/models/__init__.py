"""Tables of components."""

from chengyun.components.models.attribute import AttributeDefinition
from chengyun.components.models.component import (
    STORAGE_SRID,
    CodeCounter,
    Component,
    ComponentVersion,
)
from chengyun.components.models.component_type import ComponentType
from chengyun.components.models.importing import (
    ComponentImport,
    ComponentImportFault,
    ComponentImportPart,
)

__all__ = [
    "STORAGE_SRID",
    "AttributeDefinition",
    "CodeCounter",
    "Component",
    "ComponentImport",
    "ComponentImportFault",
    "ComponentImportPart",
    "ComponentType",
    "ComponentVersion",
]
