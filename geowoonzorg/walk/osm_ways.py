"""The ways of an OSM file as points and the straight segments between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.walk.assembly import Segments
from geowoonzorg.walk.line_layers import project

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from geowoonzorg.osm import Walkways


def split_ways(
    walkways: Walkways, private_ways: Walkways | None, crs: str | pyproj.CRS
) -> tuple[Segments, tuple[Segments, NDArray[np.int64]] | None, dict[str, pd.DataFrame]]:
    """Split streets and private ground into segments; ways meet where they share a node.

    Parameters
    ----------
    walkways
        The streets.
    private_ways
        The private ground, if any.
    crs
        A projected system in metres.

    Returns
    -------
    streets : Segments
        The streets.
    private : tuple or None
        The private ground, and its point that each point of the streets is; -1 where there is none,
        or a barrier on the private ground cuts it off.
    tables : dict
        ``way_attributes`` and ``node_attributes`` of both.

    Raises
    ------
    CrsError
        When ``crs`` is not metric or does not reach the place.
    """
    tables = {
        "way_attributes": _with_ids(walkways),
        "node_attributes": walkways.node_attributes,
    }
    streets = _segments(walkways, crs, 0, 0)
    private = None
    if private_ways is not None:
        plots = _segments(private_ways, crs, *(len(table) for table in tables.values()))
        _, here, there = np.intersect1d(
            walkways.node_id, private_ways.node_id, assume_unique=True, return_indices=True
        )
        passable = ~private_ways.node_cut[there]
        here, there = here[passable], there[passable]
        meets = np.full(len(walkways.node_id), -1)
        meets[here] = there
        streets.end[here] = plots.end[there] = True
        private = plots, meets
        private_tables = _with_ids(private_ways), private_ways.node_attributes
        tables = {
            name: _join_tables(table, more)
            for (name, table), more in zip(tables.items(), private_tables, strict=True)
        }
    return streets, private, {name: t.reset_index(drop=True) for name, t in tables.items()}


def _with_ids(ways: Walkways) -> pd.DataFrame:
    """Give the attributes of ways with the OSM id of each."""
    return ways.way_attributes.assign(osm_id=ways.way_id)


def _segments(
    ways: Walkways, crs: str | pyproj.CRS, first_way: int, first_feature: int
) -> Segments:
    """Split ways into segments; their rows in the tables start at those numbers."""
    xy = project(ways.lonlat, "EPSG:4326", crs)
    sizes = np.diff(ways.way_start)
    way = np.repeat(np.arange(len(sizes), dtype=np.int32), np.maximum(sizes - 1, 0))
    last = np.zeros(len(ways.way_node), bool)
    last[ways.way_start[1:][sizes > 0] - 1] = True
    at = np.flatnonzero(~last)
    node = np.asarray(ways.way_node, np.int32)
    feature = np.full(len(xy), -1, np.int32)
    described = ways.node_attributes.index.to_numpy(np.int64)
    feature[described] = first_feature + np.arange(len(described))
    order, end = _told_apart(ways, way, node[at], node[at + 1])
    way, at = way[order], at[order]
    return Segments(
        xy, node[at], node[at + 1], ways.forward[way], ways.backward[way],
        first_way + way, feature, ways.node_cut, end,
    )  # fmt: skip


def _told_apart(
    ways: Walkways, way: NDArray[np.int32], a: NDArray[np.int32], b: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Put what the cautious may walk first, since of twins the first stays; mark the points where that ends."""
    end = np.zeros(len(ways.node_id), bool)
    if "cautious_cut" in ways.node_attributes.columns:
        cuts = ways.node_attributes["cautious_cut"].notna().to_numpy()
        end[ways.node_attributes.index.to_numpy(np.int64)[cuts]] = True
    if "cautious" not in ways.way_attributes.columns:
        return np.arange(len(way)), end
    is_open = ways.way_attributes["cautious"].to_numpy(bool)[way]
    beside = np.zeros((2, len(end)), bool)
    for side in (a, b):
        beside[0, side[is_open]] = beside[1, side[~is_open]] = True
    return np.argsort(~is_open, kind="stable"), end | beside.all(axis=0)


def _join_tables(table: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """Put rows of the same columns behind each other; what was a category stays one."""
    joined = pd.concat([table, more])
    for name in table.columns[(table.dtypes == "category") & (joined.dtypes != "category")]:
        joined[name] = joined[name].astype("category")
    return joined
