"""Whether a case may be about the component whose code it names."""

from __future__ import annotations

from chengyun.administration.queries import setting
from chengyun.cases.queries.types import TypeInUse
from chengyun.components.queries.binding import find_named, has_components
from chengyun.kernel.errors import Fault

COMPONENT = "component"


class ComponentUnknown(Fault):
    """No component has the code."""

    code = "component_unknown"
    zh = "没有标识码为“{value}”的部件。请重新扫码或在地图上选择，或留空。"
    en = (
        "No component has the code “{value}”. Scan it again, choose it on the map, or leave it out."
    )


class ComponentOutOfUse(Fault):
    """The component is retired."""

    code = "component_out_of_use"
    zh = "部件 {value} 已停用。请选择现有部件，或留空。"
    en = "The component {value} is retired. Choose one in use, or leave it out."


class ComponentOfOtherType(Fault):
    """The component is not of the class that the case is about."""

    code = "component_of_other_type"
    zh = "部件 {value} 是“{found_zh}”，与案卷类型“{type_zh}”不是同一大类。"
    en = "The component {value} is a {found_en}; the case is about another class ({type_en})."


class ComponentTooFar(Fault):
    """The component is too far from where the case is reported."""

    code = "component_too_far"
    zh = "部件 {value} 距上报位置 {distance_m} 米，超过 {limit_m} 米。请核对位置或部件。"
    en = "The component {value} is {distance_m} m away, over {limit_m} m. Check place or component."


def check_component(*, code: str, kind: TypeInUse, lon: float, lat: float) -> None:
    """Raise unless the component is there, in use, near, and of the case's class.

    An installation without components takes any code: they may be kept elsewhere.
    lon, lat : of the report, EPSG:4490 [degrees]
    raises : ComponentUnknown, ComponentOutOfUse, ComponentOfOtherType, ComponentTooFar
    """
    found = find_named(code, lon=lon, lat=lat)
    if found is None:
        if has_components():
            raise ComponentUnknown(field="component_code", value=code)
        return
    if found.retired:
        raise ComponentOutOfUse(field="component_code", value=code)
    if kind.kind == COMPONENT and kind.class_code != found.class_code:
        raise ComponentOfOtherType(
            field="component_code",
            value=code,
            found_zh=found.type_zh,
            found_en=found.type_en,
            type_zh=kind.zh,
            type_en=kind.en,
        )
    limit = int(setting("components.case_radius_m"))
    if found.distance_m > limit:
        raise ComponentTooFar(
            field="component_code", value=code, distance_m=round(found.distance_m), limit_m=limit
        )
