"""The ways of an OSM file as points and the straight segments between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geowoonzorg.walk._lines import project
from geowoonzorg.walk.assembly import Segments

if TYPE_CHECKING:
    import pyproj

    from geowoonzorg.osm import Walkways


def segments_of_ways(
    ways: Walkways, crs: str | pyproj.CRS, first: tuple[int, ...] = (0, 0)
) -> Segments:
    """Take ways apart; they meet where they share a node.

    Parameters
    ----------
    ways
        The ways.
    crs
        A projected system in metres.
    first
        The rows that their first way and their first described node get.

    Returns
    -------
    Segments
        The segments.

    Raises
    ------
    CrsError
        When ``crs`` is not metric or does not reach the place.
    """
    xy = project(ways.lonlat, "EPSG:4326", crs)
    sizes = np.diff(ways.way_start)
    way = np.repeat(np.arange(len(sizes), dtype=np.int32), np.maximum(sizes - 1, 0))
    last = np.zeros(len(ways.way_node), bool)
    last[ways.way_start[1:][sizes > 0] - 1] = True
    at = np.flatnonzero(~last)
    node = np.asarray(ways.way_node, np.int32)
    feature = np.full(len(xy), -1, np.int32)
    feature[ways.node_attributes.index.to_numpy(np.int64)] = first[1] + np.arange(
        len(ways.node_attributes)
    )
    return Segments(
        xy, node[at], node[at + 1], ways.forward[way], ways.backward[way],
        first[0] + way, feature, ways.node_cut, np.zeros(len(xy), bool),
    )  # fmt: skip


def join_tables(table: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """Put rows of the same columns behind each other; what was a category stays one.

    Parameters
    ----------
    table, more
        The rows.

    Returns
    -------
    pandas.DataFrame
        All rows.

    Examples
    --------
    >>> paved, sand = (pd.DataFrame({"surface": pd.Categorical([s])}) for s in ("paved", "sand"))
    >>> join_tables(paved, sand)["surface"].dtype.name
    'category'
    """
    both = pd.concat([table, more])
    kinds: dict[str, Any] = dict(table.dtypes[table.dtypes == "category"])
    return both.astype(dict.fromkeys(kinds, "category"))
