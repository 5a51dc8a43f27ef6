"""Routes of the layers that administrators add over the base map."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, BinaryIO, Literal, cast

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field, StringConstraints

from chengyun.administration.http import actor_of
from chengyun.territory.adapters.geojson import MIB
from chengyun.territory.adapters.vector_files import open_vector
from chengyun.territory.api import fields
from chengyun.territory.faults import FileTooLarge, NoSuchTile
from chengyun.territory.operations import thematic_layers as operations
from chengyun.territory.queries import thematic_layers as queries
from chengyun.territory.rules.tiles import find_tile

router = Router(tags=["layers"])

_MOST_UPLOADED_MB = 64
LayerCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$")]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00]*$"),
]
Text = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
Short = Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00]*$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Zoom = Annotated[int, Field(ge=0, le=22)]
Attribute = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Number = Annotated[int, Field(ge=0, lt=2**31)]
Source = Literal["file", "geojson", "xyz", "wmts", "vector_tiles"]


class ServiceIn(fields.Strict):
    """Where a service is: XYZ, WMTS or vector tiles with {z}/{x}/{y} (and {key}), or GeoJSON."""

    url: Annotated[str, StringConstraints(max_length=1_000, pattern=r"^[^\x00]*$")] = ""
    layer: Attribute = ""
    style: Attribute = ""
    matrix_set: Attribute = ""
    source_layer: Attribute = ""
    min_zoom: Zoom = 0
    max_zoom: Zoom = 18


class StepIn(fields.Strict):
    """The colour from a value on."""

    from_value: Finite
    colour: Colour


class GraduatedIn(fields.Strict):
    """Colours by a numeric attribute; `other` where it is missing or below the first step."""

    attribute: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    steps: Annotated[list[StepIn], Field(min_length=1, max_length=12)]
    other: Colour = "#9aa4b2"


class StyleIn(fields.Strict):
    """How a layer is drawn; widths and radii in pixels."""

    fill: bool = True
    line: bool = True
    circle: bool = True
    colour: Colour = "#2f6fde"
    outline: Colour = "#1d4fa8"
    width: Annotated[float, Field(ge=0.2, le=20)] = 1.5
    radius: Annotated[float, Field(ge=1, le=40)] = 5
    opacity: Annotated[float, Field(ge=0, le=1)] = 0.6
    label: Attribute = ""
    min_zoom: Zoom = 0
    max_zoom: Zoom = 22
    graduated: GraduatedIn | None = None


class LayerIn(fields.Strict):
    """How a layer should be. roles, organisations: who sees it; empty = everybody.

    key: of the service, put in place of {key}; absent = as it is, '' = none. Never given back.
    """

    zh: Name
    en: Short = ""
    group_zh: Short = ""
    group_en: Short = ""
    service: ServiceIn = ServiceIn()
    style: StyleIn = StyleIn()
    active: bool = True
    shown: bool = False
    role_codes: Annotated[tuple[Short, ...], Field(max_length=50)] = ()
    organisation_ids: Annotated[tuple[fields.Id, ...], Field(max_length=200)] = ()
    attribution: Text = ""
    key: Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")] | None = None

    def wish(self, source: str = "") -> operations.LayerWish:
        """Return the body as the operation takes it."""
        values = self.dict(exclude={"code", "source"})
        return operations.LayerWish(**values, source=source)


class NewLayerIn(LayerIn):
    """A new layer; what it comes from stays what it is."""

    code: LayerCode
    source: Source


class AttributeOut(Schema):
    """An attribute of the features."""

    name: str
    kind: str
    least: float | None
    most: float | None


class SeenLayerOut(Schema):
    """A layer as a map draws it; `url` holds {z}, {x}, {y}."""

    code: str
    zh: str
    en: str
    group_zh: str
    group_en: str
    source: str
    kind: Literal["raster", "vector"]
    url: str
    relayed: bool
    source_layer: str
    min_zoom: int
    max_zoom: int
    style: StyleIn
    attribution: str
    features: int
    attributes: list[AttributeOut]
    bounds: list[float] | None


class MyLayerOut(SeenLayerOut):
    """A layer of mine; `on`: whether I have it on."""

    on: bool


class FullLayerOut(SeenLayerOut):
    """A layer as its administrator set it; of the key only whether there is one."""

    service: ServiceIn
    has_key: bool
    active: bool
    shown: bool
    role_codes: list[str]
    organisation_ids: list[int]
    crs: str
    rejected: int
    sort: int
    updated_at: datetime
    filled_at: datetime | None


class OrderIn(fields.Strict):
    """Codes of layers, the lowest first."""

    codes: Annotated[list[LayerCode], Field(min_length=1, max_length=500)]


class ChoiceIn(fields.Strict):
    """Whether I want the layer on."""

    shown: bool


class FillForm(Schema):
    """How to read the file. crs: absent = as it states, else WGS 84."""

    crs: fields.Crs | None = None
    layer: Annotated[str, StringConstraints(max_length=100)] = ""
    encoding: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,20}$")] = ""
    skip_wrong: bool = False


class RefreshIn(fields.Strict):
    """skip_wrong: leave out features that cannot be used."""

    skip_wrong: bool = False


class FeatureOut(Schema):
    """A feature; geometry EPSG:4490."""

    id: int
    attributes: dict[str, Any]
    geometry: dict[str, Any]


@router.get("", response=list[MyLayerOut], summary="My layers over the base map")
def list_my_layers(request: HttpRequest) -> Any:
    """Return the layers in use that you may see, from the lowest up."""
    return queries.list_visible_layers(actor=actor_of(request))


@router.get("/all", response=list[FullLayerOut], summary="All layers, to administer them")
def list_all_layers(request: HttpRequest) -> Any:
    """Return every layer with where it comes from and who sees it, without keys."""
    return queries.list_all_layers(actor=actor_of(request))


@router.post("", response={201: FullLayerOut}, summary="Add a layer")
def add_layer(request: HttpRequest, body: NewLayerIn) -> Any:
    """Add a layer of a file or of a service; features come by upload or refresh."""
    layer = operations.save_layer(
        actor=actor_of(request), code=body.code, wish=body.wish(body.source), new=True
    )
    return Status(201, queries.describe_layer(layer))


@router.put("/order", response={204: None}, summary="Order the layers")
def order_layers(request: HttpRequest, body: OrderIn) -> Any:
    """Draw the layers in this order, the first lowest."""
    operations.order_layers(actor=actor_of(request), codes=body.codes)
    return Status(204, None)


@router.put("/{code}", response=FullLayerOut, summary="Change a layer")
def change_layer(request: HttpRequest, code: LayerCode, body: LayerIn) -> Any:
    """Change names, service, style, or who sees the layer."""
    layer = operations.save_layer(actor=actor_of(request), code=code, wish=body.wish(), new=False)
    return queries.describe_layer(layer)


@router.delete("/{code}", response={204: None}, summary="Remove a layer")
def remove_layer(request: HttpRequest, code: LayerCode) -> Any:
    """Remove the layer with its features."""
    operations.remove_layer(actor=actor_of(request), code=code)
    return Status(204, None)


@router.put("/{code}/choice", response={204: None}, summary="Have a layer on or off")
def choose_layer(request: HttpRequest, code: LayerCode, body: ChoiceIn) -> Any:
    """Remember whether you have the layer on."""
    operations.choose_layer(actor=actor_of(request), code=code, shown=body.shown)
    return Status(204, None)


@router.post("/{code}/file", response=FullLayerOut, summary="Fill a layer from a file")
def fill_layer(
    request: HttpRequest, code: LayerCode, form: Form[FillForm], file: File[UploadedFile]
) -> Any:
    """Replace the features by those of a file: GeoJSON, Shapefile (zip), GeoPackage, KML, KMZ."""
    if (file.size or 0) > _MOST_UPLOADED_MB * MIB:
        raise FileTooLarge(field="file", limit_mb=_MOST_UPLOADED_MB)
    source = open_vector(
        cast("BinaryIO", file.file),
        limits=operations.LIMITS,
        layer=form.layer,
        encoding=form.encoding,
    )
    layer = operations.fill_layer(
        actor=actor_of(request), code=code, file=source, crs=form.crs, skip_wrong=form.skip_wrong
    )
    return queries.describe_layer(layer)


@router.post("/{code}/refresh", response=FullLayerOut, summary="Fetch a layer's address again")
def refresh_layer(request: HttpRequest, code: LayerCode, body: RefreshIn) -> Any:
    """Fetch the GeoJSON of the layer's address and replace the features by it."""
    layer = operations.refresh_layer(actor=actor_of(request), code=code, skip_wrong=body.skip_wrong)
    return queries.describe_layer(layer)


@router.get("/{code}/features/{feature_id}", response=FeatureOut, summary="A feature of a layer")
def get_feature(request: HttpRequest, code: LayerCode, feature_id: fields.Id) -> Any:
    """Return the attributes of a feature, for its popup."""
    return queries.get_feature(actor=actor_of(request), code=code, feature_id=feature_id)


@router.get("/{code}/tiles/{z}/{x}/{y}", response=bytes, summary="A tile of a layer's service")
def relay_layer_tile(
    request: HttpRequest, code: LayerCode, z: Number, x: Number, y: Number
) -> HttpResponse:
    """Return a tile of a service whose key, or whose very address, browsers never see."""
    actor = actor_of(request)
    if find_tile(z, x, y) is None:
        raise NoSuchTile(z=z, x=x, y=y)
    picture = queries.relay_layer_tile(actor=actor, code=code, z=z, x=x, y=y)
    response = HttpResponse(picture.content, content_type=picture.media_type)
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    return response
