"""A network taken apart into the segments it was made of, and built anew with paths more and streets less."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geowoonzorg.walk.assembly import GATE, SIGHT, STREET, WAY_OUT, Segments
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.osm_ways import join_tables
from geowoonzorg.walk.private import Private
from geowoonzorg.walk.square_parts import whole_squares
from geowoonzorg.walk.square_pieces import Pieces, SquaresLeft
from geowoonzorg.walk.square_plan import Plan
from geowoonzorg.walk.squares import FREE, Squares, as_complex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geowoonzorg.walk.arrays import NetworkArrays

#: A vertex of a new path that lies within this of a street (m) is one with it: a hand that draws means the
#: street. Ours; a carriageway and the pavement beside it lie farther apart.
JOIN_M: Final = 1.0
_AT_END_M: Final = 1e-6  # a cut that is nearer to the end of a segment is there
_PASSING: Final = 2  # ends of edges at a node that one merely passes


class Path(NamedTuple):
    """A way that is added: its vertices, shape (n, 2) (m), whether feet may go either way, and its attributes."""

    xy: NDArray[np.float64]
    forward: bool = True
    backward: bool = True
    attributes: pd.DataFrame | None = None


class Rebuilt(NamedTuple):
    """A network with paths more and streets less, and what became of those.

    Attributes
    ----------
    network
        The network.
    joined
        Per path how many of its vertices are one with a street.
    near_m
        Per path how far its nearer end lies from the nearest street (m).
    crossed
        Per path how many streets it crosses without a vertex of its own, so without meeting them.
    cut
        Per line how many streets it cuts.
    """

    network: WalkNetwork
    joined: list[int]
    near_m: list[float]
    crossed: list[int]
    cut: list[int]


class _Along(NamedTuple):
    """Segments of a layer, the square of whose outline each is a part, and points where squares are newly entered."""

    segments: Segments
    square: NDArray[np.int32]
    entrances: Sequence[tuple[int, int]] = ()  # square and point


class _Streets:
    """The streets of a network as points and segments, to be changed before they are assembled again."""

    def __init__(self, net: NetworkArrays) -> None:
        self.net = net
        self.segments, self.square = _segments(net, STREET)
        self.squares = _squares_of(net, STREET)
        self.rings = [_as_rings(self.squares.squares), _as_rings(self.squares.pieces.drawn)]
        self.entrances: list[tuple[int, int]] = []  # square and point

    def add_points(self, xy: NDArray[np.float64]) -> NDArray[np.int32]:
        """Add points, and give their numbers."""
        s, n = self.segments, len(xy)
        first = len(s.xy)
        self.segments = s._replace(
            xy=np.concatenate([s.xy, xy.reshape(-1, 2)]),
            feature=np.append(s.feature, np.full(n, -1, np.int32)),
            cut=np.append(s.cut, np.zeros(n, bool)),
            end=np.append(s.end, np.zeros(n, bool)),
        )
        return np.arange(first, first + n, dtype=np.int32)

    def split(self, segment: int, xy: NDArray[np.float64], *, apart: bool = False) -> int:
        """Put a point into a segment, or two that do not hang together; the second half goes to the end."""
        point = self.add_points(np.tile(xy, (2 if apart else 1, 1)))
        s = self.segments
        a, b = int(s.a[segment]), int(s.b[segment])
        if self.square[segment] >= 0 and not apart:
            for rings in self.rings:
                _put_between(rings, s.xy[a], s.xy[b], xy)
        b_of = s.b.copy()
        b_of[segment] = point[0]
        self.segments = s._replace(
            b=np.append(b_of, s.b[segment]),
            a=np.append(s.a, point[-1]),
            forward=np.append(s.forward, s.forward[segment]),
            backward=np.append(s.backward, s.backward[segment]),
            way=np.append(s.way, s.way[segment]),
        )
        self.square = np.append(self.square, self.square[segment])
        return int(point[0])

    def lines(self) -> NDArray[np.object_]:
        """Give the segments as lines."""
        s = self.segments
        return np.asarray(shapely.linestrings(np.stack([s.xy[s.a], s.xy[s.b]], axis=1)))

    def add(self, path: Path, way: int) -> tuple[int, float, int]:
        """Add a path; tells how many of its vertices joined, how near its ends are, and what it merely crosses."""
        lines = self.lines()
        tree = shapely.STRtree(lines)
        vertices = shapely.points(path.xy)
        _, metres = tree.query_nearest(vertices, return_distance=True, all_matches=False)
        points = np.full(len(path.xy), -1, np.int32)
        for i in np.flatnonzero(metres <= JOIN_M).tolist():
            points[i] = self._join(path.xy[i])
        joined = int((points >= 0).sum())
        crossing = self._crossed(path, lines, tree)
        new = points < 0
        points[new] = self.add_points(path.xy[new])
        s, n = self.segments, len(points) - 1
        self.segments = s._replace(
            a=np.append(s.a, points[:-1]),
            b=np.append(s.b, points[1:]),
            forward=np.append(s.forward, np.full(n, path.forward)),
            backward=np.append(s.backward, np.full(n, path.backward)),
            way=np.append(s.way, np.full(n, way, np.int32)),
        )
        self.square = np.append(self.square, np.full(n, -1, np.int32))
        return joined, float(min(metres[0], metres[-1])), crossing

    def _join(self, xy: NDArray[np.float64]) -> int:
        """Find the point of the streets that a vertex is one with, or make it; -1 where a barrier stops everybody."""
        s = self.segments
        at = np.unique(np.append(s.a, s.b))
        away = np.hypot(*(s.xy[at] - xy).T)
        if away.min() <= JOIN_M:
            nearest = at[away == away.min()]
            if len(nearest) > 1 and s.feature[nearest[0]] >= 0:
                return -1  # each street ends there by itself
            self._enter(int(nearest[0]))
            return int(nearest[0])
        lines = self.lines()
        vertex = shapely.Point(xy)
        segment = int(np.argmin(shapely.distance(lines, vertex)))
        foot = shapely.line_interpolate_point(
            lines[segment], shapely.line_locate_point(lines[segment], vertex)
        )
        point = self.split(segment, shapely.get_coordinates(foot)[0])
        self._enter(point)
        return point

    def _enter(self, point: int) -> None:
        """Let a walk come and go over the squares on whose outline a point lies."""
        s = self.segments
        touches = ((s.a == point) | (s.b == point)) & (self.square >= 0)
        self.entrances += [(int(q), point) for q in np.unique(self.square[touches])]

    def _crossed(self, path: Path, lines: NDArray[np.object_], tree: shapely.STRtree) -> int:
        """Count the streets that a path crosses away from its vertices."""
        line = shapely.linestrings(path.xy)
        hits = lines[tree.query(line, predicate="crosses")]
        where = shapely.intersection(hits, line)
        return int((shapely.distance(where, shapely.multipoints(path.xy)) > JOIN_M).sum())

    def cut(self, line: NDArray[np.float64]) -> int:
        """Cut every street where a line crosses it; tells how many places that are."""
        barrier = shapely.linestrings(line)
        lines = self.lines()
        hit = np.flatnonzero(shapely.intersects(lines, barrier))
        n = 0
        for segment in hit.tolist():
            where = shapely.get_coordinates(shapely.intersection(lines[segment], barrier))
            own = self.segments.xy[self.segments.a[segment]]
            far_first = np.argsort(-np.hypot(*(where - own).T))
            for xy in where[far_first]:  # what is split off lies behind
                if not self._part(segment, xy):
                    self.split(segment, xy, apart=True)
                n += 1
        return n

    def _part(self, segment: int, xy: NDArray[np.float64]) -> bool:
        """Give the end of a segment that lies at a place a point of its own; tells whether one does."""
        for side in ("a", "b"):
            ends = getattr(self.segments, side)
            if np.hypot(*(self.segments.xy[ends[segment]] - xy)) <= _AT_END_M:
                ends = ends.copy()
                ends[segment] = self.add_points(self.segments.xy[ends[segment]])[0]
                self.segments = self.segments._replace(**{side: ends})
                return True
        return False

    def along(self) -> _Along:
        """Give the segments as they are now."""
        return _Along(self.segments, self.square, self.entrances)

    def squares_left(self) -> SquaresLeft:
        """Give the squares with the points that were put into their sides."""
        squares, pieces, square = self.squares
        ground, drawn = (
            _with_rings(one, rings)
            for one, rings in zip((squares, pieces.drawn), self.rings, strict=True)
        )
        return SquaresLeft(ground, Pieces(drawn, pieces.square), square)

    def drop(self, ways: NDArray[np.int64]) -> None:
        """Take the segments of some ways out."""
        stays = ~np.isin(self.segments.way, ways)
        self.segments, self.square = self.segments.rows(stays), self.square[stays]


def rebuild(
    net: WalkNetwork,
    *,
    paths: Sequence[Path] = (),
    without_ways: Sequence[int] = (),
    cuts: Sequence[NDArray[np.float64]] = (),
) -> Rebuilt:
    """Build a network anew with paths more and streets less, as if its source had held them.

    Parameters
    ----------
    net
        The network; nothing of it is read again.
    paths
        What is added. A vertex within a metre of a street is one with it: with its vertex, or else with a new
        one at the nearest place of it. A path that crosses a street without a vertex there does not meet it, as
        a bridge does not.
    without_ways
        Rows of ``way_attributes`` that are taken out, whole.
    cuts
        Lines, shape (n, 2) (m): nobody passes where a street crosses one. Squares and private ground stay.

    Returns
    -------
    Rebuilt
        The network, and what became of each path and cut.

    Raises
    ------
    InputError
        When nothing is left to walk.

    Notes
    -----
    Streets and private ground are taken apart into the straight segments they were assembled from, and go through
    the same assembly once more. Nodes that were ends for another reason than that streets part there (gates of
    private ground, corners of squares, where the cautious answer differs) stay ends.

    Examples
    --------
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
    >>> found = rebuild(net, paths=[Path(np.array([[190_100.0, 500_000.5], [190_100.0, 500_050.0]]))])
    >>> found.network.edge_length_m.round(1).tolist(), found.joined
    ([150.0], [1])
    """
    streets, ways = _Streets(net), net.way_attributes
    streets.drop(np.asarray(without_ways, dtype=np.int64))
    cut = [streets.cut(line) for line in cuts]
    told = []
    for path in paths:
        row = -1
        if path.attributes is not None:
            row = len(ways)
            ways = join_tables(ways, path.attributes).reset_index(drop=True)
        told.append(streets.add(path, row))
    segments, stops = _told_apart(streets.segments, ways, net.node_attributes)
    plots = _plots(net, len(segments.xy))
    built = WalkNetwork._build(  # noqa: SLF001 - the one way to assemble
        segments, net.crs, private=plots, plan=_plan(net, streets.squares_left(), streets.along(), stops),
        way_attributes=ways, node_attributes=net.node_attributes, notes=net.notes,
        provenance=net.provenance, bench_lonlat=net.bench_lonlat, matters=net.matters,
    )  # fmt: skip
    built = replace(built, counts=net.counts, notes=net.notes)
    joined, near_m, crossed = (
        (list(one) for one in zip(*told, strict=True)) if told else ([], [], [])
    )
    return Rebuilt(built, joined, near_m, crossed, cut)


def _segments(net: NetworkArrays, layer: int) -> tuple[Segments, NDArray[np.int32]]:
    """Take the edges of a layer apart; points are the network's nodes and, behind them, what lies between.

    Also gives the square of whose outline each segment is a part.
    """
    low, high = (int(np.searchsorted(net.edge_layer, one)) for one in (layer, layer + 1))
    start = net.vertex_start[low : high + 1]
    first, last = start[:-1] - start[0], start[1:] - 1 - start[0]
    n = int(start[-1] - start[0])
    vertices = slice(int(start[0]), int(start[-1]))
    point = np.full(n, -1, np.int64)
    point[first], point[last] = net.edge_node[low:high].T
    inner = np.flatnonzero(point < 0)
    point[inner] = len(net.node_xy) + np.arange(len(inner))
    xy = np.concatenate([net.node_xy, net.vertex_xy[vertices][inner]])
    feature = np.full(len(xy), -1, np.int32)
    feature[point] = net.vertex_feature[vertices]
    goes = np.ones(n, bool)
    goes[last] = False
    at = np.flatnonzero(goes)
    edge = np.repeat(np.arange(low, high), np.diff(start))[at]
    segments = Segments(
        xy, point[at].astype(np.int32), point[at + 1].astype(np.int32), net.edge_forward[edge],
        net.edge_backward[edge], net.segment_way[vertices][at], feature, np.zeros(len(xy), bool),
        _ends(net, slice(low, high), len(xy)),
    )  # fmt: skip
    return segments, _squares_of(net, layer).edge_square[edge]


def _ends(net: NetworkArrays, edges: slice, n_points: int) -> NDArray[np.bool_]:
    """Mark the nodes where edges must end although two of them merely meet there, or none goes on."""
    end = np.zeros(n_points, bool)
    end[: len(net.node_xy)] = (
        np.bincount(net.edge_node[edges].ravel(), minlength=len(net.node_xy)) == _PASSING
    )
    end[net.edge_node[net.edge_layer == GATE].ravel()] = True
    end[net.squares.corner_node] = True
    end[net.edge_node[net.edge_layer == SIGHT].ravel()] = True
    return end


def _told_apart(
    segments: Segments, ways: pd.DataFrame, nodes: pd.DataFrame
) -> tuple[Segments, NDArray[np.int64]]:
    """Let edges end where the cautious answer differs, and put what it leaves open first, as of twins that stays.

    Also gives the points where nobody passes in that answer.
    """
    stops = _stops(segments, nodes)
    end = segments.end.copy()
    end[stops] = True
    if "cautious" not in ways.columns:
        return segments._replace(end=end), stops
    is_open = np.append(ways["cautious"].to_numpy(bool), True)[segments.way]
    beside = np.zeros((2, len(end)), bool)
    for side in (segments.a, segments.b):
        beside[0, side[is_open]] = beside[1, side[~is_open]] = True
    order = np.argsort(~is_open, kind="stable")
    return segments.rows(order)._replace(end=end | beside.all(axis=0)), stops


def _stops(segments: Segments, nodes: pd.DataFrame) -> NDArray[np.int64]:
    """List the points where nobody passes in the cautious answer."""
    if "cautious_cut" not in nodes.columns:
        return np.empty(0, np.int64)
    cuts = np.append(nodes["cautious_cut"].notna().to_numpy(), False)
    return np.flatnonzero(cuts[segments.feature])


def _squares_of(net: NetworkArrays, layer: int) -> SquaresLeft:
    """Give the squares of a layer."""
    return whole_squares(net, np.flatnonzero(net.squares.layer == layer))


def _plots(net: NetworkArrays, n_points: int) -> Private | None:
    """Take the private ground apart, and say which of its points each point of the streets is."""
    gates = net.edge_node[net.edge_layer == GATE]
    if not len(gates):
        return None
    plots, square = _segments(net, WAY_OUT)
    squares, stops = _squares_of(net, WAY_OUT), _stops(plots, net.node_attributes)
    plan = _plan(net, squares, _Along(plots, square), stops)
    meets = np.full(n_points, -1)
    street, plot = gates[
        : len(gates) // 2
    ].T  # those that lead out; those that lead in are the same again
    meets[street] = plot
    return Private(plots, meets, plan)


def _plan(
    net: NetworkArrays, own: SquaresLeft, along: _Along, stops: NDArray[np.int64]
) -> Plan | None:
    """Say of the squares of a layer what was known of them before they were laid over it."""
    squares, (drawn, square), _ = own
    if not len(squares.way):
        return None
    s = along.segments
    used = np.zeros(len(s.xy), bool)
    used[s.a] = used[s.b] = True
    node = squares.corner_node
    table = pd.DataFrame({
        "square": np.repeat(np.arange(len(squares.way)), np.diff(squares.corner_start)),
        "point": np.where(used[node], node, -1), "kind": squares.corner_kind,
        "x": net.node_xy[node, 0], "y": net.node_xy[node, 1],
    })  # fmt: skip
    entered = np.array(along.entrances, np.int64).reshape(-1, 2)
    enters = pd.DataFrame(entered, columns=["square", "point"]).drop_duplicates()
    x, y = s.xy[enters["point"].to_numpy(np.int64)].T
    more = enters.assign(kind=FREE, x=x, y=y)
    known = pd.MultiIndex.from_frame(table[["square", "point"]])
    given = pd.MultiIndex.from_frame(more[["square", "point"]])
    table.loc[known.isin(given), "kind"] |= FREE
    table = pd.concat([table, more[~given.isin(known)]]).sort_values("square", kind="stable")
    sizes = np.bincount(table["square"], minlength=len(squares.way))
    squares = squares._replace(
        corner_start=np.append(0, np.cumsum(sizes)).astype(np.int64),
        corner_node=np.empty(0, np.int32), corner_kind=table["kind"].to_numpy(np.int8),
    )  # fmt: skip
    beside = np.flatnonzero(along.square >= 0)
    sides = np.column_stack([as_complex(s.xy[end[beside]]) for end in (s.a, s.b)])
    return Plan(
        squares, Pieces(drawn, square), table["point"].to_numpy(np.int64),
        table[["x", "y"]].to_numpy(np.float64), np.sort(sides, axis=1),
        along.square[beside].astype(np.int64), {}, (), stops,
    )  # fmt: skip


def _as_rings(squares: Squares) -> list[NDArray[np.float64]]:
    """Give the rings of squares, each by itself."""
    return np.split(squares.xy, squares.ring_start[1:-1])


def _with_rings(squares: Squares, rings: list[NDArray[np.float64]]) -> Squares:
    """Give squares rings with points more."""
    sizes = [len(ring) for ring in rings]
    return squares._replace(
        ring_start=np.append(0, np.cumsum(sizes)).astype(np.int64), xy=np.concatenate(rings)
    )


def _put_between(
    rings: list[NDArray[np.float64]],
    one: NDArray[np.float64],
    other: NDArray[np.float64],
    xy: NDArray[np.float64],
) -> None:
    """Put a point into the sides of rings that run between two others."""
    for i, ring in enumerate(rings):
        ahead = (ring[:-1] == one).all(axis=1) & (ring[1:] == other).all(axis=1)
        back = (ring[:-1] == other).all(axis=1) & (ring[1:] == one).all(axis=1)
        rings[i] = np.insert(ring, np.flatnonzero(ahead | back) + 1, xy, axis=0)
