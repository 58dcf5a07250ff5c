"""Where a facility may come: square cells along the streets, addresses, or a layer of plots or buildings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np

from geowoonzorg.errors import InputError
from geowoonzorg.files import as_points, read_places, split_layer, witness
from geowoonzorg.messages import tell
from geowoonzorg.progress import Progress, silent
from geowoonzorg.town._data import Source
from geowoonzorg.town.given import GIVEN, hash_frame
from geowoonzorg.walk.cells import snap_cells

if TYPE_CHECKING:
    from geowoonzorg.town import Town

CELLS: Final = "cells"
ADDRESSES: Final = "addresses"


def take_candidates(
    given: str | Path | gpd.GeoDataFrame,
    town: Town,
    *,
    cell_m: float,
    near_m: float,
    progress: Progress = silent,
) -> gpd.GeoDataFrame:
    """Take candidates in, by id, so that of equals the lowest id comes first.

    Parameters
    ----------
    given
        ``"cells"``, ``"addresses"``, the path of a layer, or a layer.
    town
        Whose streets and addresses.
    cell_m
        The side of a cell (m).
    near_m
        How far beyond the outermost addresses there are cells (m).
    progress
        Hears how far the work is.

    Returns
    -------
    geopandas.GeoDataFrame
        ``id`` and geometry in the town's CRS; ``attrs`` hold ``notes`` and, of a layer, ``source``.

    Raises
    ------
    InputError
        When there are none.
    StudyError
        When ``cell_m`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, FormatError, SourceError
        When a layer cannot be used.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> take_candidates("cells", Town.demo(), cell_m=100, near_m=0)["id"].iloc[0]
    'x...y...'
    """
    source = None
    if isinstance(given, gpd.GeoDataFrame):
        found = as_points(given, where="candidates", crs=town.crs)
        source = Source("candidates", None, hash_frame(given))
        origin = GIVEN
    elif given == CELLS:
        found, origin = _cells(town, cell_m, near_m, progress), CELLS
    elif given == ADDRESSES:
        found, origin = town.addresses, ADDRESSES
    else:
        path = split_layer(given)[0]
        seen = witness(path) if path.is_file() else None
        found = read_places(given, role="candidates", crs=town.crs)
        source = Source("candidates", Path(given), seen.sha256 if seen else "")
        origin = path.name
    if found.empty:
        raise InputError("candidates: there are none ({origin}); give at least one", origin=origin)
    kept = [c for c in ("id", "name", "entrances", "geometry") if c in found]
    layer = found[kept].reset_index(drop=True)
    layer = layer.sort_values("id", kind="stable", ignore_index=True)
    layer.attrs = {
        "notes": [tell("candidates: {note}", note=note) for note in found.attrs.get("notes", [])]
    }
    if source is not None:
        layer.attrs["source"] = source
    return layer


def _cells(town: Town, cell_m: float, near_m: float, progress: Progress) -> gpd.GeoDataFrame:
    """Give the centres of the cells that join the streets."""
    west, south, east, north = town.addresses.total_bounds
    bounds = west - near_m, south - near_m, east + near_m + cell_m, north + near_m + cell_m
    cells = snap_cells(
        town.network, bounds, cell_m=cell_m, max_snap_m=town.walking.max_snap_m, progress=progress
    )
    row, column = np.nonzero(~np.isnan(cells.access_m))
    x = cells.transform.c + (column + 0.5) * cells.transform.a
    y = cells.transform.f + (row + 0.5) * cells.transform.e
    ids = [f"x{a:.10g}y{b:.10g}" for a, b in zip(np.round(x, 2), np.round(y, 2), strict=True)]
    return gpd.GeoDataFrame({"id": ids}, geometry=gpd.points_from_xy(x, y), crs=town.crs)
