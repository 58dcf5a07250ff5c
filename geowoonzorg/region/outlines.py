"""The outlines of a region's areas, for its maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geowoonzorg.errors import InputError, MissingColumnError, first_ids
from geowoonzorg.files import bring_to, read_vector
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import find_codes, find_column

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geowoonzorg.messages import Message

RD_NEW = "EPSG:28992"


def read_outlines(
    path: Path, *, codes: Mapping[str, str]
) -> tuple[gpd.GeoDataFrame, list[Message]]:
    """Read polygons with the codes of gemeenten, wijken or buurten.

    Parameters
    ----------
    path
        A vector layer; a code may have several polygons. Rows of water (``water`` is JA, as CBS has them) and areas
        of other gemeenten are left out.
    codes
        Name of a gemeente of the region → its code.

    Returns
    -------
    outlines : geopandas.GeoDataFrame
        ``code`` and geometry in RD New (m), ordered by code.
    notes : list of Message
        Which gemeenten have no outline.

    Raises
    ------
    MissingColumnError
        When no column has codes.
    InputError
        When no area is of the region.
    CrsError, FormatError, GeometryError, SourceError
        When the layer cannot be read.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> path = demo_study().parent / "regio" / "gemeenten.geojson"
    >>> outlines, notes = read_outlines(path, codes={"Wierhaven": "GM9801", "Elders": "GM9899"})
    >>> outlines["code"].tolist(), notes
    (['GM9801'], ['gemeenten.geojson: no outline of 1 (Elders); they are not on the maps'])
    """
    layer = read_vector(path, role="areas")
    found = find_codes(pd.DataFrame(layer.drop(columns=layer.geometry.name)), where=path.name)
    if found is None:
        raise MissingColumnError(
            "{where}: no column has the codes of areas, such as GM0166; it has {columns}",
            where=path.name, columns=", ".join(map(str, layer.columns[:10])),
        )  # fmt: skip
    mine = {code[2:]: name for name, code in codes.items()}
    wet = find_column(layer, ["water"])
    drawn = layer.geom_type.isin(["Polygon", "MultiPolygon"]) & found.str[2:6].isin(list(mine))
    if wet is not None:
        drawn &= layer[wet].astype("str").str.strip().str.upper() != "JA"
    if not drawn.any():
        raise InputError(
            "{where}: no polygon is of a gemeente of the region; their codes are {codes}",
            where=path.name, codes=", ".join(codes.values()),
        )  # fmt: skip
    shapes = bring_to(layer.loc[drawn, [layer.geometry.name]], RD_NEW).geometry.make_valid()
    outlines = (
        gpd.GeoDataFrame({"code": found[drawn]}, geometry=shapes).dissolve("code").reset_index()
    )
    there = set(outlines["code"].str[2:6])
    lacking = [name for code, name in mine.items() if code not in there]
    notes = [
        tell("{where}: no outline of {names}; they are not on the maps", where=path.name, names=first_ids(lacking))
    ] if lacking else []  # fmt: skip
    return outlines[["code", "geometry"]], notes


def no_outlines() -> gpd.GeoDataFrame:
    """Give the outlines of a region that has none.

    Returns
    -------
    geopandas.GeoDataFrame
        As `read_outlines`, without rows.

    Examples
    --------
    >>> len(no_outlines())
    0
    """
    return gpd.GeoDataFrame({"code": pd.Series(dtype="str")}, geometry=[], crs=RD_NEW)
