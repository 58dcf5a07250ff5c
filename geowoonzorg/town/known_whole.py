"""Of which classes of facilities all are known, and how much of each is, in a table or where places lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.people.catchment import locate_in_areas
from geowoonzorg.town.completeness import class_completeness, completeness_of_gemeenten

if TYPE_CHECKING:
    import geopandas as gpd

    from geowoonzorg.town._data import TownData


class CompletenessAt(NamedTuple):
    """How much is known where places lie; both on the index of the places, with a column per class.

    Attributes
    ----------
    share
        Found to expected (0-1), NaN where unknown.
    whole
        Whether the class is known whole, as `known_whole` says it.
    """

    share: pd.DataFrame
    whole: pd.DataFrame


def known_whole(table: pd.DataFrame) -> pd.Series[bool]:
    """Say of which classes all that there may be are found.

    Parameters
    ----------
    table
        As `class_completeness`, or with its columns.

    Returns
    -------
    pandas.Series of bool
        On the table's index: whether as many are found as there may be at most (``expected_high``); False where
        nobody knows how many there may be.

    Notes
    -----
    Only then is the nearest that was found surely the nearest that there is. Counting by what is likely instead
    would call a class whole of which some are likely enough missing.

    Examples
    --------
    >>> table = pd.DataFrame({"found": [6, 6, 6], "expected_high": [5.9, 6.1, float("nan")]})
    >>> known_whole(table).tolist()
    [True, False, False]
    """
    if not {"found", "expected_high"} <= set(table.columns):
        return pd.Series(data=False, index=table.index)
    return table["found"] >= table["expected_high"]


def completeness_at(town: TownData, places: gpd.GeoDataFrame) -> CompletenessAt:
    """Say how complete each class is where places lie: in their own gemeente, where the areas lie in several.

    Parameters
    ----------
    town
        The town.
    places
        Points or polygons in the town's CRS.

    Returns
    -------
    CompletenessAt
        Outside the areas it is as in all of them.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> completeness_at(town, town.addresses.head(2)).share["huisarts"].nunique()
    1
    """
    tables = [class_completeness(town)]
    at = np.zeros(len(places), np.intp)  # which of the tables is that of a place
    by_gemeente = completeness_of_gemeenten(town)
    if town.figures is not None and not by_gemeente.empty:
        codes = by_gemeente.index.unique("gemeente_code")
        tables += [by_gemeente.loc[code] for code in codes]
        points = places.set_geometry(places.geometry.representative_point())
        own = locate_in_areas(points, town.figures.frame)
        at = codes.get_indexer(pd.Index(own.map(town.figures.frame["gemeente_code"]))) + 1
    names = tables[0].index

    def of_places(each: list[pd.Series]) -> pd.DataFrame:
        return pd.DataFrame(each).reindex(columns=names).iloc[at].set_axis(places.index)

    return CompletenessAt(
        share=of_places([table["complete_share"] for table in tables]),
        whole=of_places([known_whole(table) for table in tables]).astype(bool),
    )
