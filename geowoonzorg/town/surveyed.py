"""What is measured of streets beside OSM: width and surface from the BGT, slopes from rasters of heights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from shapely import box

from geowoonzorg.errors import InputError
from geowoonzorg.files import split_layer
from geowoonzorg.opendata.heights import measure_slopes
from geowoonzorg.opendata.pavement import measure_pavement, read_pavement

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd
    from pyproj import CRS

    from geowoonzorg.study import NetworkInput


def surveyor(
    given: NetworkInput, *, crs: str | CRS
) -> Callable[[gpd.GeoDataFrame], pd.DataFrame] | None:
    """Make what fills in, for `geowoonzorg.osm.read_osm`, what OSM does not say of ways.

    Parameters
    ----------
    given
        The files: ``bgt``, ``ahn`` and ``ahn_surface``.
    crs
        The metric system to measure in.

    Returns
    -------
    callable or None
        From lines to what is known of them, and by which file; None where no file is given.

    Raises
    ------
    InputError, MissingColumnError, GeometryError, FormatError, SourceError, CrsError
        When the BGT cannot be used; what is returned raises what `measure_slopes` does.

    Notes
    -----
    Ground heights tell nothing of what lies on a bridge or in a tunnel, and heights of surfaces
    only of bridges. A stair or a lift has no slope to push up.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geowoonzorg.study import NetworkInput
    >>> surveyor(NetworkInput(Path("town.osm.pbf")), crs="EPSG:28992") is None
    True
    """
    rasters = {level: path for level, path in ((0, given.ahn), (1, given.ahn_surface)) if path}
    if given.bgt is None and not rasters:
        return None
    pavement = None if given.bgt is None else read_pavement(given.bgt, crs=crs)

    def fill(lines: gpd.GeoDataFrame) -> pd.DataFrame:
        lines = lines.to_crs(crs)
        if pavement is not None and not _overlap(lines, pavement):
            raise InputError(
                "bgt: {file} does not lie where the streets are; give the one of this place",
                file=given.bgt,
            )
        found = pd.DataFrame(
            {"width_m": float("nan"), "surface": None, "incline_pct": float("nan")},
            index=lines.index,
        ).astype({"surface": object})
        found = found.assign(width_m_source=_name(given.bgt), surface_source=_name(given.bgt))
        found["incline_pct_source"] = lines["level"].map({k: _name(p) for k, p in rasters.items()})
        if pavement is not None:
            asked = lines[lines["needs_width_m"] | lines["needs_surface"]]
            found.update(measure_pavement(asked, pavement))
        lifted = lines["highway"].isin(["steps", "elevator"])
        sloping = lines[lines["needs_incline_pct"] & ~lifted]
        for level, path in rasters.items():
            own = sloping[sloping["level"] == level]
            if len(own):
                found.loc[own.index, "incline_pct"] = measure_slopes(own, path)
        return found

    return fill


def _overlap(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> bool:
    """Tell whether the boxes around two layers have anything in common."""
    return bool(box(*one.total_bounds).intersects(box(*other.total_bounds)))


def _name(path: Path | None) -> str | None:
    return None if path is None else split_layer(path)[0].name
