"""What can be wrong with a request about the territory."""

from __future__ import annotations

from chengyun.kernel.errors import Fault


class NoGridAtPoint(Fault):
    """No unit grid covers the point at the moment."""

    code = "no_grid_at_point"
    status = 422
    zh = "该位置（{lon}, {lat}）不在任何单元网格内。请检查坐标和坐标系，或先导入网格。"
    en = (
        "No unit grid covers the point ({lon}, {lat}). Check the position and its coordinate "
        "system, or import the grids of this area first."
    )


class OutsideScope(Fault):
    """The division lies outside the actor's data scope."""

    code = "outside_scope"
    status = 403
    zh = "{code} 不在您的管辖范围内。请联系管理员。"
    en = "{code} lies outside your data scope. Ask your administrator."


class UnknownGrids(Fault):
    """Some grid codes have no grid valid now."""

    code = "unknown_grids"
    zh = "找不到现行的单元网格：{codes}。"
    en = "No unit grid in force has the code: {codes}."


class UnknownPeople(Fault):
    """Some people are not there or no longer active."""

    code = "unknown_people"
    zh = "人员不存在或已停用：{ids}。"
    en = "These people do not exist or are no longer active: {ids}."


class FileNotReadable(Fault):
    """The file cannot be opened or unpacked, or is not UTF-8."""

    code = "file_not_readable"
    zh = "文件无法读取：{reason}"
    en = "The file cannot be read: {reason}"


class FileTooLarge(Fault):
    """The file, unpacked, is larger than allowed."""

    code = "file_too_large"
    status = 413
    zh = "文件解压后超过 {limit_mb} MiB 的上限。请分批导入。"
    en = "Unpacked, the file is larger than {limit_mb} MiB. Import it in parts."


class GeoJsonInvalid(Fault):
    """The file is not a GeoJSON feature collection."""

    code = "geojson_invalid"
    zh = "文件不是有效的 GeoJSON 要素集：{reason}"
    en = "The file is not a valid GeoJSON feature collection: {reason}"


class NoLayersFound(Fault):
    """The folder holds no file of a known map layer."""

    code = "no_layers_found"
    zh = "文件夹 {folder} 中没有可导入的图层文件。文件名应为：{layers}（.geojson 或 .geojson.gz）。"
    en = (
        "The folder {folder} holds no layer that can be imported. "
        "Name the files: {layers} (.geojson or .geojson.gz)."
    )


class UnknownTileLayer(Fault):
    """There is no such layer of tiles."""

    code = "unknown_tile_layer"
    status = 404
    zh = "没有名为 {layer} 的瓦片图层。可用：{layers}。"
    en = "There is no tile layer {layer}. There are: {layers}."


class NoSuchTile(Fault):
    """The tile's numbers lie outside the scheme."""

    code = "no_such_tile"
    status = 404
    zh = "没有编号为 {z}/{x}/{y} 的瓦片。"
    en = "There is no tile {z}/{x}/{y}."


class TooManyFeatures(Fault):
    """The file holds more features than one import takes."""

    code = "too_many_features"
    status = 413
    zh = "文件超过 {limit} 个要素。请分批导入。"
    en = "The file holds more than {limit} features. Import it in parts."


class GridsInTheWay(Fault):
    """There are grids in force where new ones should be made."""

    code = "grids_in_the_way"
    status = 409
    zh = "该范围内已有 {count} 个现行网格。请换一个范围，或用导入功能更新。"
    en = "{count} grids are in force within the extent. Choose another, or import a new version."


class TooManySquares(Fault):
    """The squares are too small for the extent."""

    code = "too_many_squares"
    zh = "该范围需要 {count} 个方格，超过 {limit} 个的上限。请加大边长。"
    en = "The extent needs {count} squares, more than {limit}. Choose a longer side."


class NothingInLayer(Fault):
    """A map layer is empty."""

    code = "nothing_in_layer"
    zh = "图层 {layer} 没有要素。请先导入底图。"
    en = "The layer {layer} has no features. Import the map first."


class CrsNotStated(Fault):
    """A Shapefile or GeoPackage names no known coordinate system, and the caller neither."""

    code = "crs_not_stated"
    zh = "文件没有写明可识别的坐标系。请指定坐标系（如 EPSG:4490、EPSG:4549、GCJ-02）。"
    en = "The file names no known coordinate system. State it (such as EPSG:4490 or GCJ-02)."


class LayerNotClear(Fault):
    """The file has several layers, or none by the name given."""

    code = "layer_not_clear"
    zh = "文件应只有一个图层，或请指定图层。现有：{layers}。"
    en = "The file has not exactly one layer, or none of this name. There are: {layers}."


class BordersMissing(Fault):
    """Neither the division nor what lies below it has a border, and no extent was given."""

    code = "borders_missing"
    zh = "区划 {division} 及其下级都没有边界。请先导入边界（import borders），或给出范围。"
    en = (
        "Neither {division} nor a division below it has a border within. Import borders "
        "(`import borders`) first, or give an extent."
    )


class TooManyNumbers(Fault):
    """A proposal needs more numbers than the code has room for."""

    code = "too_many_numbers"
    zh = "{above} 之下需要 {count} 个编号，编码只容纳 {most} 个。请加大网格面积，或先细分区划。"
    en = (
        "{above} would need {count} numbers, the code has room for {most}. Choose larger grids, "
        "or import finer borders first."
    )


class ProposalNotExact(Fault):
    """A proposal does not cover its region exactly."""

    code = "proposal_not_exact"
    status = 409
    zh = "划分结果有 {edges} 处缝隙或重叠、{invalid} 个无效图形，未保存。请检查边界数据。"
    en = (
        "The proposal has {edges} gaps or overlaps and {invalid} invalid shapes; nothing was "
        "saved. Check the borders."
    )


class GridNotCut(Fault):
    """The line does not cut the grid into proper parts."""

    code = "grid_not_cut"
    zh = "这条线没有切开网格 {code}，或有一块小于 {least} 平方米。请从网格一侧画到另一侧。"
    en = (
        "The line does not cut grid {code} in two, or leaves a part below {least} m². Draw it "
        "from one side of the grid to the other."
    )


class GridsNotAdjacent(Fault):
    """The grids do not make one area."""

    code = "grids_not_adjacent"
    zh = "所选网格不相邻，不能合并。请选择两个以上有公共边界的网格。"
    en = "The grids are not adjacent. Choose two or more that share borders."


class GridsOfSeveralCommunities(Fault):
    """A unit grid lies inside one community."""

    code = "grids_of_several_communities"
    zh = "所选网格属于不同社区，单元网格不得跨社区。"
    en = "The grids belong to several communities; a unit grid lies inside one."
