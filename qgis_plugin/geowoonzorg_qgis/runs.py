"""The runs in a project: each a GeoPackage with its styles and its story inside, found by its layer of sites."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from qgis.core import (
    QgsDataProvider,
    QgsLayerTreeGroup,
    QgsMapLayer,
    QgsProcessingUtils,
    QgsProject,
    QgsProviderRegistry,
    QgsVectorLayer,
)

from . import finish, ranking
from .algorithm import Output
from .study import FILES, RESULT
from .texts import tr

SITES = "sites"
# Custom properties of layers: what the layer is, which run it belongs to, and what the run was asked.
NAME, TITLE, REQUEST = "geowoonzorg/layer", "geowoonzorg/run", "geowoonzorg/request"
_NEEDED = {"id", "rank", "score", "known_weight_share"}
_TRIES = 100


@dataclass(frozen=True)
class Run:
    """A run as far as it lies in the project.

    Attributes
    ----------
    key
        What tells it from other runs: its GeoPackage, else the id of its layer.
    title
        What it is called in the panel.
    sites_id
        The id of its layer of sites.
    layer_ids
        Per layer of its GeoPackage that is in the project, its id.
    folder
        Where its files lie; None where it is not in a file.
    """

    key: str
    title: str
    sites_id: str
    layer_ids: Mapping[str, str]
    folder: Path | None = None

    def files(self) -> dict[str, str]:
        """Give the files of the run that are there."""
        if self.folder is None:
            return {}
        return {name: str(self.folder / file) for name, file in FILES.items() if (self.folder / file).is_file()}

    def is_temporary(self) -> bool:
        """Whether it is gone when QGIS closes."""
        return self.folder is None or _is_in(self.folder, Path(QgsProcessingUtils.tempFolder()))


def place_of(layer: QgsMapLayer) -> tuple[str, str]:
    """Give the file of a layer and its name in there; empty for what is in no file."""
    if layer.providerType() != "ogr":
        return "", ""
    parts = QgsProviderRegistry.instance().decodeUri("ogr", layer.source())
    return str(parts.get("path") or ""), str(parts.get("layerName") or "")


def is_ranking(layer: QgsMapLayer | None) -> bool:
    """Whether a layer holds scored sites, from which a ranking can be made."""
    if not isinstance(layer, QgsVectorLayer) or not layer.isValid():
        return False
    names = [field.name() for field in layer.fields()]
    return set(names) >= _NEEDED and bool(ranking.criteria_in(names))


def runs_in(project: QgsProject) -> list[Run]:
    """Find the runs in a project, the one on top first."""
    nodes = project.layerTreeRoot().findLayers()  # the tree's own order of layers leaves tables out
    placed = [(layer, *place_of(layer)) for node in nodes if (layer := node.layer()) is not None]
    found: dict[str, Run] = {}
    for layer, path, _name in placed:
        key = path or layer.id()
        if key in found or not is_ranking(layer):
            continue
        beside = {name: one.id() for one, where, name in reversed(placed) if path and where == path and name}
        folder = Path(path).parent if path else None
        found[key] = Run(key, _title(layer, path), layer.id(), beside, folder)
    return list(found.values())


def on_map(found: list[Run]) -> Run:
    """Give the run that the map shows, else the one on top."""
    root = QgsProject.instance().layerTreeRoot()
    nodes = [(run, root.findLayer(run.sites_id)) for run in found]
    return next((run for run, node in nodes if node is not None and node.isVisible()), found[0])


def lost_in(project: QgsProject) -> list[str]:
    """Give the files of runs that the project names and that cannot be read."""
    layers = project.mapLayers().values()
    return sorted({place_of(one)[0] for one in layers if not one.isValid() and one.customProperty(NAME) == SITES})


def _title(layer: QgsMapLayer, path: str) -> str:
    if title := layer.customProperty(TITLE):
        return str(title)
    return f"{Path(path).parent.name}/{Path(path).name}" if path else layer.name()


def this_moment() -> datetime:
    """Give the time as the clock on the wall has it."""
    return datetime.now(timezone.utc).astimezone()


def new_folder(place: Path, now: datetime) -> Path:
    """Make a folder of its own for a run, whichever other windows make theirs at the same moment.

    Raises
    ------
    OSError
        It cannot be made there.
    """
    place.mkdir(parents=True, exist_ok=True)
    for number in range(1, _TRIES):
        folder = place / (f"{now:%Y-%m-%d_%H.%M.%S}" + (f"_{number}" if number > 1 else ""))
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(str(place))


def drop_empty(folder: str) -> None:
    """Take the folder of a run away that left nothing in it."""
    with suppress(OSError):
        Path(folder).rmdir()


def temporary_place() -> Path:
    """Give the folder for runs that QGIS removes when it closes."""
    return Path(QgsProcessingUtils.tempFolder()) / "geowoonzorg"


def add(
    folder: Path, outputs: list[Output], *, title: str, provenance: Mapping[str, str], request: str = ""
) -> tuple[dict[str, QgsVectorLayer], list[str]]:
    """Put a run's layers on the map, straight from its GeoPackage, which gets their styles and where they came from.

    Parameters
    ----------
    folder
        The run's folder.
    outputs
        The layers, from below to above; what the run did not make is passed over.
    title
        What the run is called.
    provenance
        What is written in each layer's metadata.
    request
        What was asked, for the panel of whoever opens the project.

    Returns
    -------
    tuple
        The layers by their names in the GeoPackage, and what could not be written into it.
    """
    project = QgsProject.instance()
    path = folder / FILES[RESULT]
    added, problems = {}, []
    group = _group_of(title)
    for output in outputs:
        layer = QgsVectorLayer(f"{path}|layername={output.layer}", output.title, "ogr")
        if not layer.isValid():
            continue
        layer.setCustomProperty(NAME, output.layer)
        layer.setCustomProperty(TITLE, title)
        if output.layer == SITES and request:
            layer.setCustomProperty(REQUEST, request)
        finish.dress(layer, preset=output.preset, provenance=dict(provenance))
        problems += finish.seal(layer)
        project.addMapLayer(layer, False)
        node = group.insertLayer(0, layer)
        # The areas of all facilities together, and every address, would hide the rest: one click away, not on top.
        node.setItemVisibilityChecked(output.layer not in {"service_areas", "addresses"})
        node.setExpanded(output.layer in {"sites", "areas"})
        added[output.layer] = layer
    if added:
        _settle(path)
    return added, list(dict.fromkeys(problems))


def _group_of(title: str) -> QgsLayerTreeGroup:
    """Make a run's group on top of the earlier ones, which are switched off."""
    root = QgsProject.instance().layerTreeRoot()
    group = root.findGroup(finish.GROUP) or root.insertGroup(0, finish.GROUP)
    for earlier in group.findGroups():
        earlier.setItemVisibilityChecked(False)
        earlier.setExpanded(False)
    return group.insertGroup(0, title)


def show_only(run: Run, others: list[Run]) -> None:
    """Switch the group of a run on, and those of other runs off."""
    root = QgsProject.instance().layerTreeRoot()
    for one in [*others, run]:
        node = root.findLayer(one.sites_id)
        group = node.parent() if node is not None else None
        if group is not None and group.name() == one.title:
            group.setItemVisibilityChecked(one.key == run.key)


def copy_geopackage(path: Path, target: Path) -> None:
    """Copy a GeoPackage that may be open, with what QGIS still holds in a file beside it.

    Raises
    ------
    OSError
        It cannot be read, or the copy not be written.
    """
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        raise OSError(f"{target}: {error}") from error


def _settle(path: Path) -> None:
    """Bring what QGIS holds beside an open GeoPackage into it, so that the file alone is whole when it is sent on."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as file:
        file.execute("pragma wal_checkpoint(truncate)")


def keep(run: Run, place: Path, project: QgsProject) -> Path:
    """Copy a run to a folder that stays, and let its layers in the project be read from there.

    Raises
    ------
    OSError
        It cannot be written there.
    """
    if run.folder is None:
        raise FileNotFoundError(run.title)
    target = new_folder(place, this_moment())
    try:
        shutil.copytree(run.folder, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*-wal", "*-shm", "*.gpkg"))
        for path in run.folder.glob("*.gpkg"):
            copy_geopackage(path, target / path.name)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(target, ignore_errors=True)
        raise OSError(str(error)) from error
    for layer in list(project.mapLayers().values()):
        path, name = place_of(layer)
        if path == run.key:
            moved = f"{target / Path(path).name}|layername={name}"
            layer.setDataSource(moved, layer.name(), "ogr", QgsDataProvider.ProviderOptions(), False)
    project.setDirty(True)
    return target


def title_of(name: str, now: datetime) -> str:
    """Call a run by its study and when it was made."""
    return tr("{study}, {time}").format(study=name, time=f"{now:%d-%m-%Y %H:%M:%S}")


def _is_in(folder: Path, other: Path) -> bool:
    try:
        return folder.resolve().is_relative_to(other.resolve())
    except OSError:
        return False
