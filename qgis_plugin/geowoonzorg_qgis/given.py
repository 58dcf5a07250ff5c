"""What an input is given as, a file or a layer of whatever kind, and the file the engine gets for it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import (
    QgsMapLayer,
    QgsProcessingFeatureSourceDefinition,
    QgsProperty,
    QgsProviderRegistry,
    QgsVectorLayer,
)

from . import layers
from .texts import tr

if TYPE_CHECKING:
    from .call import Call

# Of these QGIS may show something else than what stands in them (0166 as 166, 1.250 as 1,25), so the file itself goes.
TABLES = (".csv", ".txt", ".xlsx", ".dbf")
PLACES = (".csv", ".txt", ".xlsx")
AREAS = (".gpkg", ".geojson", ".json", ".fgb", ".shp", ".parquet", ".geoparquet")
OSM = (".pbf", ".osm", ".osm.bz2", ".osm.gz")
_ROWS = (*TABLES, ".gpkg", ".json")
_LAYER_NAME = re.compile(r"layername=[^|]+")  # all that the engine takes behind a file's name
_COARSER = {"buurt": ("wijken", "gemeenten"), "wijk": ("gemeenten",)}
_PLURAL = {"buurt": "buurten", "wijk": "wijken"}
_CHANGES_TEXT = {"skipLines", "useHeader", "subset", "maxFields", "quote", "escape"}


def named_file(value: object, endings: tuple[str, ...]) -> str:
    """Give the file that a value names by its path, if it ends so and the engine can read all that is meant; else empty."""
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        if value != QgsProcessingFeatureSourceDefinition(value.source):
            return ""  # a selection, or the first so many
        value = value.source
    if isinstance(value, QgsProperty):
        value = value.staticValue()
    if not isinstance(value, str):
        return ""
    path, _bar, rest = value.partition("|")
    fits = path.lower().endswith(endings) and (not rest or _LAYER_NAME.fullmatch(rest))
    return value if fits and Path(path).is_file() else ""


def named_table(value: object) -> str:
    """Give the file that a value names by its path if it is a table, whose places are columns: QGIS sees none there."""
    return named_file(value, PLACES)


def own_file(layer: QgsMapLayer | None, endings: tuple[str, ...]) -> str:
    """Give a layer's own file, if it ends so and nothing in QGIS makes the layer another; else an empty text."""
    if not isinstance(layer, QgsVectorLayer) or layer.isModified() or layer.subsetString() or layer.vectorJoins():
        return ""
    if any(layer.expressionField(index) for index in range(layer.fields().count())):
        return ""
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    path = _path_of(layer)
    if not path.lower().endswith(endings) or not Path(path).is_file():
        return ""
    if {str(option).partition("=")[0] for option in parts.get("openOptions") or ()} & _CHANGES_TEXT:
        return ""
    return f"{path}|layername={name}" if path.lower().endswith(".xlsx") and (name := parts.get("layerName")) else path


def joined_names(layer: QgsMapLayer | None) -> dict[str, str]:
    """Give what joined columns are called in the table they come from: that is how they are known."""
    found = {}
    for join in layer.vectorJoins() if isinstance(layer, QgsVectorLayer) else ():
        table = join.joinLayer()
        for field in table.fields() if table is not None else ():
            if field.name().lower() not in {"id", "facility_class"}:  # of the table, not of the place
                found[join.prefixedFieldName(field)] = field.name()
    return found


def not_opened(title: str, value: object = "") -> str:
    """Say that a layer cannot be opened, or that its file is not there."""
    path = value.partition("|")[0] if isinstance(value, str) else ""
    if Path(path).suffix and not Path(path).exists():
        return tr("{parameter}: {path} is not there.").format(parameter=title, path=path)
    return tr("{parameter}: a layer could not be opened.").format(parameter=f"{title}: {path}" if path else title)


def places_path(call: Call, name: str, title: str, *, shape: layers.Shape = layers.AS_PLACES, folder: Path | None = None) -> str:
    """Give the engine's file of places: a table as it is, a layer handed over."""
    return named_table(call.values.get(name)) or call.source_path(name, title, shape=shape, folder=folder)


def lines_path(call: Call, name: str, title: str, *, folder: Path | None = None) -> str:
    """Give the engine's file of a line layer; of an OpenStreetMap file that is open in QGIS the file, which knows more."""
    if not (file := own_file(call.layer(name), OSM)):
        return call.source_path(name, title, folder=folder)
    path = file.partition("|")[0]
    call.feedback.pushInfo(tr("{layer}: read from {file}, which knows more of the streets").format(layer=title, file=path))
    return path


def lines_problem(call: Call, name: str, title: str) -> str | None:
    """Say what is wrong with a line layer, if anything is."""
    layer = call.layer(name)
    if isinstance(layer, QgsVectorLayer) and _path_of(layer).lower().endswith(OSM) and not own_file(layer, OSM):
        message = tr(
            "{layer}: of an OpenStreetMap file all is read, so a filter or join in QGIS would do nothing. Take it away, or save "
            "the lines as a layer of their own."
        )
        return message.format(layer=call.titled(name, title))
    return call.crs_problem(name, title)


def register_path(call: Call, name: str, title: str, *, folder: Path | None = None) -> str:
    """Give the engine's file of an own list: a table as it is, with coordinates or addresses, or a layer handed over."""
    value = call.values.get(name)
    is_whole = not isinstance(value, QgsProcessingFeatureSourceDefinition)
    return named_table(value) or (is_whole and _own_table(call, name)) or call.source_path(name, title, folder=folder)


def register_problem(call: Call, name: str, title: str) -> str | None:
    """Say what is wrong with an own list, if anything is; a table needs no geometry."""
    return None if _own_table(call, name) else call.crs_problem(name, title)


def _own_table(call: Call, name: str) -> str:
    layer = call.layer(name)
    is_table = isinstance(layer, QgsVectorLayer) and not layer.isSpatial()
    return own_file(layer, PLACES) if is_table else ""


def areas_path(call: Call, name: str, title: str, *, level: str, folder: Path) -> str:
    """Give the engine's file of buurten or wijken: as it is, or handed over with the wijken and gemeenten of its file.

    A larger area's figures are what the balance compares with, and what stands in for what is missing.
    """
    if file := named_file(call.values.get(name), AREAS):
        return file
    layer = call.layer(name)
    file, own_name = _geopackage(layer)
    path = _target(folder / name.lower(), layer)
    shape = layers.Shape(numbered=False, name=_PLURAL[level])
    call.source_path(name, title, path=path, shape=shape)
    beside = [one for one in layers.layers_in(file) if one != own_name]
    if not any(one.lower().startswith(_COARSER[level]) for one in beside) and not call.is_given("FIGURES"):
        message = tr(
            "{layer} comes without its wijken and gemeenten, so the balance compares with the areas that are in it, and nothing "
            "stands in for what is missing. Give layers of wijken and gemeenten under {figures} to have both."
        )
        figures = call.algorithm.parameterDefinition("FIGURES").description()
        call.feedback.pushWarning(message.format(layer=call.titled(name, title), figures=figures))
    for plural in _COARSER[level]:
        alike = [one for one in beside if one.lower().startswith(plural)]
        if len(alike) == 1:
            coarser = layers.open_layer(file, alike[0])
            shape = layers.Shape(numbered=False, name=plural, added=True)
            layers.hand_over(coarser, str(path), title=f"{title}: {alike[0]}", feedback=call.feedback, shape=shape)
    return str(path)


def areas_problem(call: Call, name: str, title: str, *, optional: bool) -> str | None:
    """Say what is wrong with the areas, if anything is."""
    if not call.is_given(name):
        return None if optional else tr("{parameter}: choose a layer or a file.").format(parameter=title)
    return None if named_file(call.values.get(name), AREAS) else call.crs_problem(name, title)


def table_path(call: Call, name: str, title: str, *, folder: Path) -> str:
    """Give the engine's file of a table: as it is, or the rows of a layer."""
    value = call.values.get(name)
    if file := named_file(value, _ROWS):
        return file
    layer = call.layer(name)
    is_whole = not isinstance(value, QgsProcessingFeatureSourceDefinition)
    if is_whole and (file := own_file(layer, TABLES)):
        return file
    shape = layers.Shape(numbered=False, table=True, name=_safe(layer.name() if layer else "") or "table")
    return call.source_path(name, title, path=_target(folder / name.lower(), layer), shape=shape)


def tables_paths(call: Call, name: str, title: str, *, folder: Path) -> list[str]:
    """Give the engine's files of several tables."""
    if not call.is_given(name):
        return []
    several = call.values[name] if isinstance(call.values[name], (list, tuple)) else [call.values[name]]
    found = []
    for place, value in enumerate(several):
        layer = value if isinstance(value, QgsMapLayer) else call.opened(value)
        if file := named_file(value, _ROWS) or own_file(layer, TABLES):
            found.append(file)
            continue
        path = _target(folder / f"{name.lower()}{place}", layer)
        shape = layers.Shape(numbered=False, table=True, name=_safe(layer.name()) or "table", renamed=joined_names(layer))
        titled = f"{title}: {layer.name()}"
        found.append(layers.hand_over(layer, str(path), title=titled, feedback=call.feedback, shape=shape))
        call.call_it(str(path), titled)
    return found


def tables_problem(call: Call, name: str, title: str) -> str | None:
    """Say what is wrong with several tables, if anything is."""
    if not call.is_given(name):
        return None
    several = call.values[name] if isinstance(call.values[name], (list, tuple)) else [call.values[name]]
    for value in several:
        layer = value if isinstance(value, QgsMapLayer) else call.opened(value)
        if not named_file(value, _ROWS) and not isinstance(layer, QgsVectorLayer):
            return not_opened(title, value)
    return None


def _path_of(layer: QgsMapLayer | None) -> str:
    """Give the file a layer is read from, if it is a file of places or rows."""
    if not isinstance(layer, QgsVectorLayer) or layer.providerType() not in {"ogr", "delimitedtext"}:
        return ""
    return QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source()).get("path") or ""


def _geopackage(layer: QgsMapLayer | None) -> tuple[str, str]:
    """Give the GeoPackage a layer is in, and what it is called there; empty where it is in none."""
    if not isinstance(layer, QgsVectorLayer) or layer.providerType() != "ogr":
        return "", ""
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    path = parts.get("path") or ""
    names = layers.layers_in(path)
    return (path, parts.get("layerName") or names[0]) if names else ("", "")


def _target(folder: Path, layer: QgsMapLayer | None) -> Path:
    """Give the file to hand a layer over in, called as its source is: a table's year may stand in its name only."""
    name = _safe(Path(_path_of(layer)).stem or (layer.name() if layer is not None else ""))
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name or 'layer'}.gpkg"


def _safe(name: str) -> str:
    return re.sub(r"[^\w-]+", "_", name).strip("_")[:60]
