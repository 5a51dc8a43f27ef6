"""Tables of components."""

from chengyun.components.models.attribute import AttributeDefinition
from chengyun.components.models.census import (
    CensusEvent,
    CensusFinding,
    CensusPlan,
    CensusTask,
)
from chengyun.components.models.component import (
    STORAGE_SRID,
    CodeCounter,
    Component,
    ComponentVersion,
)
from chengyun.components.models.component_type import ComponentType
from chengyun.components.models.figures import ComponentCount, ComponentCountAge
from chengyun.components.models.photo import ComponentPhoto

__all__ = [
    "STORAGE_SRID",
    "AttributeDefinition",
    "CensusEvent",
    "CensusFinding",
    "CensusPlan",
    "CensusTask",
    "CodeCounter",
    "Component",
    "ComponentCount",
    "ComponentCountAge",
    "ComponentPhoto",
    "ComponentType",
    "ComponentVersion",
]
