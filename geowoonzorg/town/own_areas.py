"""An area layer in memory → areas with their figures, under the catalogue's names or their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.errors import CoverageError, DuplicateIdError, InputError, first_ids
from geowoonzorg.files import as_points
from geowoonzorg.opendata.areas import PROVENANCE, Areas, figure_columns
from geowoonzorg.opendata.codes import LEVELS, level_code
from geowoonzorg.opendata.sources import Column
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.town.areas import BALANCE_COLUMNS, AreaFigures, figure_areas
from geowoonzorg.town.facilities import check_columns
from geowoonzorg.town.given import GIVEN, hash_frame, keep_index

if TYPE_CHECKING:
    from pyproj import CRS

_ABOUT = ("name", "level", "year", "wijk_code", "gemeente_code", "gemeente_name")


def check_areas(areas: gpd.GeoDataFrame, crs: CRS) -> AreaFigures:
    """Take figures of areas from a frame, under the catalogue's names or their own.

    Parameters
    ----------
    areas
        Polygons, with the code as column ``code`` or as index; any of ``name, level, year, wijk_code,
        gemeente_code, gemeente_name``; columns of the catalogue, such as ``inhabitants``; every other
        number is an own indicator.
    crs
        The metric CRS to work in.

    Returns
    -------
    AreaFigures
        With the balance where its figures were given, else an unknown one.

    Raises
    ------
    DuplicateIdError, GeometryError, CrsError
        When codes or polygons cannot be used.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> one = gpd.GeoDataFrame({"stilte": [0.4]}, geometry=[box(0, 4e5, 1e5, 5e5)], index=["BU01660001"], crs=28992)
    >>> check_areas(one, one.crs).numbers["stilte"].tolist()
    [0.4]
    """
    if areas.empty:
        raise InputError("areas: there are none; give at least one, or leave areas out")
    if isinstance(areas.index, pd.MultiIndex) and "code" not in areas:
        keep_index(areas, areas, role="areas")
    own = areas.set_index("code") if "code" in areas else areas
    check_columns(own, where="areas")
    own = own.set_axis(own.index.astype("str"), axis="index").rename_axis("code")
    if own.index.has_duplicates:
        twice = own.index[own.index.duplicated()].unique()
        raise DuplicateIdError(
            "areas: codes that occur more than once: {ids}; keep one row each", ids=first_ids(twice)
        )
    shapes = as_points(own[[own.geometry.name]], where="areas", crs=crs, kinds=("Polygon",))
    known, codes = figure_columns(), pd.Series(own.index, index=own.index)
    level = str(own["level"].iloc[0]) if "level" in own and len(own) else "buurt"
    about = pd.DataFrame(
        {
            "name": codes, "level": level, "year": pd.array([pd.NA] * len(own), dtype="Int64"),
            "wijk_code": level_code(codes, "wijk"), "gemeente_code": level_code(codes, "gemeente"),
            "gemeente_name": pd.Series(np.nan, index=own.index, dtype="str"),
        },
        index=own.index,
    )  # fmt: skip
    about = about.assign(**{c: own[c] for c in _ABOUT if c in own})
    numbers = pd.DataFrame(own.drop(columns=own.geometry.name)).select_dtypes("number")
    numbers = numbers.drop(columns=[c for c in (*_ABOUT, *BALANCE_COLUMNS) if c in numbers])
    about["year"] = pd.to_numeric(about["year"], errors="coerce").astype("Int64")
    extra = [str(c) for c in numbers if c not in known]
    figures = numbers.reindex(columns=[*known, *extra]).astype("float64")
    frame = gpd.GeoDataFrame(
        pd.concat([about, figures], axis=1), geometry=shapes.geometry.to_numpy(), crs=crs
    )
    digest = hash_frame(areas)
    rows = [
        [c, GIVEN, "", digest, c, frame["year"].iloc[0] if len(frame) else None, level, int(n)]
        for c, n in numbers.notna().sum().items()
    ]
    described = Areas(
        frame=frame,
        reasons=pd.DataFrame("no_column", index=own.index, columns=figures.columns, dtype="str").where(
            figures.isna(), ""
        ),
        fallbacks=pd.DataFrame("", index=own.index, columns=figures.columns, dtype="str"),
        parents={parent: pd.DataFrame(columns=known, dtype="float64") for parent in LEVELS[1:]},
        provenance=pd.DataFrame(rows, columns=PROVENANCE).astype({"year": "Int64"}),
        indicators={c: _own_column(c) for c in extra},
    )  # fmt: skip
    if set(BALANCE_COLUMNS[:3]) <= set(own.columns):  # somebody has made it already
        made = {c: own[c] for c in BALANCE_COLUMNS if c in own}
        balance = _unknown_balance(own.index).assign(**made, basis="own")
        return AreaFigures(described, balance, read_balance_profile())
    try:
        return figure_areas(described)
    except CoverageError:  # nothing to compare with: figures without a balance
        return AreaFigures(described, _unknown_balance(own.index), read_balance_profile())


def _own_column(name: str) -> Column:
    return Column(
        name=name, kind="number", unit="", direction=0, nl=name, en=name, source=GIVEN, read_from={}
    )


def _unknown_balance(index: pd.Index) -> pd.DataFrame:
    words = pd.Series("", index, dtype="str")
    numbers = {c: pd.Series(np.nan, index) for c in BALANCE_COLUMNS if c != "quadrant"}
    return pd.DataFrame({
        **numbers, "quadrant": words, "basis": words.replace("", "unknown"),
        "basis_year": pd.array([pd.NA] * len(index), dtype="Int64"),
        "status": words.replace("", "ok"), "remarks": words, "remarks_en": words,
    })  # fmt: skip
