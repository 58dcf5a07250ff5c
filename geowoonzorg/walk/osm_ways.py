"""The ways of an OSM file as points and the straight segments between them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.walk.assembly import Segments
from geowoonzorg.walk.line_layers import project
from geowoonzorg.walk.private import Private
from geowoonzorg.walk.square_plan import Outline, plan_squares

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from geowoonzorg.osm import Outlines, Walkways
    from geowoonzorg.walk.square_plan import Plan


def split_ways(
    walkways: Walkways, private_ways: Walkways | None, crs: str | pyproj.CRS
) -> tuple[Segments, Private | None, Plan | None, dict[str, pd.DataFrame]]:
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
    private : Private or None
        The private ground; it meets no street where a barrier on it cuts it off.
    plan : Plan or None
        The squares, if any, at whose corners the streets end.
    tables : dict
        ``way_attributes`` and ``node_attributes`` of all.

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
        private = Private(plots, meets)
        private_tables = _with_ids(private_ways), private_ways.node_attributes
        tables = {
            name: join_tables(table, more)
            for (name, table), more in zip(tables.items(), private_tables, strict=True)
        }
    plan = None
    if walkways.squares is not None:
        entered = np.zeros(len(walkways.node_id), bool) if private is None else private.meets >= 0
        plan, tables = _plan(walkways, walkways.squares, entered, streets, tables, crs)
    if private is not None and private_ways is not None and private_ways.squares is not None:
        entered = np.zeros(len(private_ways.node_id), bool)
        entered[private.meets[private.meets >= 0]] = True
        squares = private_ways.squares
        own, tables = _plan(private_ways, squares, entered, private.segments, tables, crs)
        segments = _known_as_streets(streets, *private[:2], tables["way_attributes"])
        private = Private(segments, private.meets, own)
    return streets, private, plan, {name: t.reset_index(drop=True) for name, t in tables.items()}


def _plan(
    ways: Walkways,
    drawn: Outlines,
    entered: NDArray[np.bool_],
    segments: Segments,
    tables: dict[str, pd.DataFrame],
    crs: str | pyproj.CRS,
) -> tuple[Plan, dict[str, pd.DataFrame]]:
    """Find the ground of squares, and put what is known of them behind the table of ways.

    A walk comes and goes where a way of the layer that is not the outline's own has a node of the outline, or where
    streets and private ground meet: at points that are ``entered``. Where a barrier cuts the ways through a node,
    nobody does. Edges end at the corners.
    """
    row = np.minimum(np.searchsorted(ways.node_id, drawn.node_id), len(ways.node_id) - 1)
    known = ways.node_id[row] == drawn.node_id
    point = np.where(known & ~ways.node_cut[row], row, -1)
    there = np.asarray(np.isfinite(drawn.lonlat).all(axis=1))
    xy = project(np.where(there[:, None], drawn.lonlat, ways.lonlat[0]), "EPSG:4326", crs)
    xy[known] = segments.xy[row[known]]
    enters = _is_entrance(ways, drawn, row, known) | (known & entered[row])
    outlines, entrances = [], []
    for first, last, name in zip(
        drawn.line_start[:-1], drawn.line_start[1:], drawn.name, strict=True
    ):
        ends = drawn.point_start[first : last + 1].tolist()
        whole = [slice(*pair) for pair in pairwise(ends) if there[slice(*pair)].all()]
        outlines.append(Outline(name, [point[k] for k in whole], [xy[k] for k in whole]))
        entrances.append(np.concatenate([np.empty(0, bool), *(enters[k] for k in whole)]))
    way = len(tables["way_attributes"]) + np.arange(len(outlines), dtype=np.int32)
    plan = plan_squares(outlines, way, entrances)._replace(stops=_stops(ways))
    segments.end[plan.corner_point[plan.corner_point >= 0]] = True
    known_of = join_tables(tables["way_attributes"], drawn.attributes)
    return plan, {**tables, "way_attributes": known_of}


def _known_as_streets(
    streets: Segments, plots: Segments, meets: NDArray[np.int64], ways: pd.DataFrame
) -> Segments:
    """Give private ground along a street what is known of that: it is one and the same metre.

    Not where that would close it in the cautious answer.
    """
    point = np.full(len(plots.xy), -1, np.int64)
    point[meets[meets >= 0]] = np.flatnonzero(meets >= 0)
    one, other = point[plots.a], point[plots.b]
    n = len(streets.xy)
    key, own = (
        np.minimum(a, b).astype(np.int64) * n + np.maximum(a, b)
        for a, b in ((streets.a, streets.b), (one, other))
    )
    known, first = np.unique(key, return_index=True)  # of twins the first stays
    at = np.minimum(np.searchsorted(known, own), len(known) - 1)
    way = streets.way[first[at]]
    there = (one >= 0) & (other >= 0) & (known[at] == own)
    if "cautious" in ways.columns:
        is_open = ways["cautious"].to_numpy(bool)
        there &= is_open[way] | ~is_open[plots.way]
    return plots._replace(way=np.where(there, way, plots.way).astype(np.int32))


def _stops(ways: Walkways) -> NDArray[np.int64]:
    """List the points where nobody passes in the cautious answer."""
    if "cautious_cut" not in ways.node_attributes.columns:
        return np.empty(0, np.int64)
    cuts = ways.node_attributes["cautious_cut"].notna().to_numpy()
    return ways.node_attributes.index.to_numpy(np.int64)[cuts]


def _is_entrance(
    ways: Walkways, drawn: Outlines, row: NDArray[np.int64], known: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell of points of outlines, nodes ``row`` where known, whether a way runs there that is no part of its own."""
    used = np.zeros(len(ways.node_id), bool)
    used[row[known]] = True
    way_of = np.repeat(np.arange(len(ways.way_id)), np.diff(ways.way_start))
    at = np.flatnonzero(used[ways.way_node])
    at = at[np.argsort(ways.way_node[at], kind="stable")]
    node = ways.way_node[at]
    ids, way = np.unique(
        np.concatenate([drawn.line_way, ways.way_id[way_of[at]]]), return_inverse=True
    )
    own, way = np.split(way, [len(drawn.line_way)])
    low, high = (np.searchsorted(node, row, side=side) for side in ("left", "right"))
    size = np.where(known, high - low, 0)
    first = np.cumsum(size) - size
    use = np.repeat(low - first, size) + np.arange(size.sum())
    square_of_line = np.repeat(np.arange(len(drawn.name)), np.diff(drawn.line_start))
    square = np.repeat(square_of_line, np.diff(drawn.point_start))
    of_point = np.repeat(np.arange(len(row)), size)
    foreign = ~np.isin(square[of_point] * len(ids) + way[use], square_of_line * len(ids) + own)
    return np.bincount(of_point[foreign], minlength=len(row)) > 0


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
    end = np.zeros(len(xy), bool)
    end[_stops(ways)] = True
    segments = Segments(
        xy, node[at], node[at + 1], ways.forward[way], ways.backward[way],
        first_way + way, feature, ways.node_cut, end,
    )  # fmt: skip
    if "cautious" not in ways.way_attributes.columns:
        return segments
    return told_apart(segments, ways.way_attributes["cautious"].to_numpy(bool)[way])


def told_apart(segments: Segments, is_open: NDArray[np.bool_]) -> Segments:
    """Put what the cautious may walk first, since of twins the first stays; mark the points where that ends.

    Parameters
    ----------
    segments
        What may be walked.
    is_open
        Whether each segment may be in the cautious answer, too, shape (m,).

    Returns
    -------
    Segments
        The same segments in another order.

    Examples
    --------
    >>> both = np.ones(2, bool)
    >>> two = Segments.plain(np.zeros((3, 2)), np.array([[0, 1], [1, 2]], np.int32), both, both)
    >>> told_apart(two, np.array([False, True])).end.tolist()
    [False, True, False]
    """
    beside = np.zeros((2, len(segments.xy)), bool)
    for side in (segments.a, segments.b):
        beside[0, side[is_open]] = beside[1, side[~is_open]] = True
    order = np.argsort(~is_open, kind="stable")
    return segments.rows(order)._replace(end=segments.end | beside.all(axis=0))


def join_tables(table: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    """Put rows of the same columns behind each other; what was a category stays one.

    Parameters
    ----------
    table, more
        Two tables.

    Returns
    -------
    pandas.DataFrame
        The rows of both, each with its own label.

    Examples
    --------
    >>> one = pd.DataFrame({"surface": pd.Categorical(["asphalt"])})
    >>> join_tables(one, pd.DataFrame({"surface": ["gravel"]}))["surface"].cat.categories.tolist()
    ['asphalt', 'gravel']
    """
    joined = pd.concat([table, more])
    for name in table.columns[(table.dtypes == "category") & (joined.dtypes != "category")]:
        joined[name] = joined[name].astype("category")
    return joined
