"""A network as tables that anyone can draw, join and count with: its edges, its nodes, and a graph for osmnx."""

from __future__ import annotations

from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.messages import inert
from geowoonzorg.walk.arrays import NetworkArrays
from geowoonzorg.walk.assembly import STREET, WAY_OUT
from geowoonzorg.walk.cautious import CLOSED, SAME, cautious_fields, judge_edges
from geowoonzorg.walk.outlooks import Outline, Outlooks, outline_of
from geowoonzorg.walk.square_views import Views

if TYPE_CHECKING:
    import folium
    import networkx as nx
    from numpy.typing import NDArray

#: What an edge is, by its layer.
KINDS = ("street", "way_out", "way_in", "gate", "sight_line")


class NetworkFrames(NetworkArrays):
    """A network's arrays as tables, a graph and a map, and what there is to say of them."""

    def __repr__(self) -> str:
        return (
            f"<WalkNetwork: {self.n_streets:,} edges, {self._length_m(STREET) / 1000:,.1f} km, "
            f"{len(self.component_length_m):,} components, {self.crs.to_string()}>"
        )

    def _repr_html_(self) -> str:
        """Tell a notebook what there is."""
        about = self.describe()
        rows = {
            "edges": f"{about['edges']:,}",
            "street": f"{about['length_m'] / 1000:,.1f} km",
            "components": f"{about['components']:,}",
            "private ground": f"{about['private_length_m'] / 1000:,.1f} km",
            "profile": self.provenance.get("profile_name", ""),
            "CRS": self.crs.to_string(),
        }
        cells = "".join(f"<tr><th>{k}</th><td>{escape(v)}</td></tr>" for k, v in rows.items() if v)
        return f"<table><caption>WalkNetwork</caption>{cells}</table>"

    @cached_property
    def cautious(self) -> Self | None:
        """The streets that stay open when what is not known is taken at its class's cautious default.

        The network itself where that closes nothing; None where it closes everything. Made at first use.
        Places join it at the nearest street that is open in it, and what is an island in it is one.
        """
        found = cautious_fields(self)
        if found is None:
            return None
        return self if found is SAME else type(self)(**found)

    @cached_property
    def outline(self) -> Outline:
        """The straight pieces of street along squares; made at first use."""
        return outline_of(self)

    @cached_property
    def outlooks(self) -> Outlooks:
        """What the corners of squares see of that outline."""
        return Outlooks(self, self.outline.start, self.outline.xy)

    @cached_property
    def views(self) -> Views:
        """What the corners of squares see of the ground."""
        return Views(self)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the streets, in the network's system (m)."""
        xy = self.vertex_xy[: self.vertex_start[self.n_streets]]
        (west, south), (east, north) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
        return west, south, east, north

    def edges(self, *, private: bool = False) -> gpd.GeoDataFrame:
        """Give the edges as a table.

        Parameters
        ----------
        private
            Whether all that is no street is in it, too: private ground, once to leave by, once to come in by,
            and the gates; and the sight lines over squares.

        Returns
        -------
        geopandas.GeoDataFrame
            Indexed by ``edge``, in the network's system: the nodes ``u`` and ``v``, ``length_m`` (on the
            ground), ``forward`` and ``backward`` (whether it may be walked from u to v, and back),
            ``component``, ``island``, ``kind`` (street, way_out, way_in, gate, sight_line), ``cautious`` (whether it
            is open in the cautious answer, too), ``unknown_share`` (0–1, of its metres, of which something
            that matters is not known; NaN for an edge without length), what is known of all
            its segments alike (``highway``, ``surface``, ``incline_pct`` either way (%), …, and
            ``osm_id``, negative for a sight line over a square), and ``geometry``.

        Examples
        --------
        >>> from geowoonzorg.walk.network import WalkNetwork
        >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
        >>> net.edges()[["u", "v", "length_m"]].round(2)
              u  v  length_m
        edge
        0     0  1    100.01
        """
        n = len(self.edge_length_m) if private else self.n_streets
        start = self.vertex_start[: n + 1]
        lines = shapely.from_ragged_array(
            shapely.GeometryType.LINESTRING, self.vertex_xy[: start[-1]], (start,)
        )
        frame = pd.DataFrame(
            {
                "u": self.edge_node[:n, 0],
                "v": self.edge_node[:n, 1],
                "length_m": self.edge_length_m[:n],
                "forward": self.edge_forward[:n],
                "backward": self.edge_backward[:n],
                "component": self.edge_component[:n],
                "island": self.edge_island[:n],
                "kind": np.array(KINDS, object)[self.edge_layer[:n]],
                "cautious": judge_edges(self)[:n] != CLOSED,
                "unknown_share": _shares(
                    self.vertex_unknown_m[start[1:] - 1], self.edge_length_m[:n]
                ),
            },
            index=pd.RangeIndex(n, name="edge"),
        ).astype({"kind": "category"})
        known = (
            _shared_attributes(self, start)
            .set_axis(frame.index)
            .drop(columns="cautious", errors="ignore")
        )
        return gpd.GeoDataFrame(frame.join(known), geometry=lines, crs=self.crs)

    def nodes(self, *, private: bool = False) -> gpd.GeoDataFrame:
        """Give the nodes as a table.

        Parameters
        ----------
        private
            Whether those of private ground are in it, too.

        Returns
        -------
        geopandas.GeoDataFrame
            Indexed by ``node``, in the network's system: ``edge_ends`` (how many edges end there, a
            loop twice), what is known of the point (``barrier``, ``crossing``, ``kerb``, …), and
            ``geometry``.

        Examples
        --------
        >>> from geowoonzorg.walk.network import WalkNetwork
        >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
        >>> net.nodes()["edge_ends"].tolist()
        [1, 1]
        """
        streets = self.edge_node[: self.n_streets]
        n = len(self.node_xy) if private else int(streets.max()) + 1
        edges = self.edge_node if private else streets
        feature = np.full(n, -1, np.int32)
        ends = self.vertex_start[: len(edges)], self.vertex_start[1 : len(edges) + 1] - 1
        for side, vertex in enumerate(ends):
            feature[edges[:, side]] = self.vertex_feature[vertex]
        frame = pd.DataFrame(
            {"edge_ends": np.bincount(edges.ravel(), minlength=n)},
            index=pd.RangeIndex(n, name="node"),
        )
        known = self.node_attributes.reset_index(drop=True).reindex(feature).set_axis(frame.index)
        return gpd.GeoDataFrame(
            frame.join(known), geometry=shapely.points(self.node_xy[:n]), crs=self.crs
        )

    def to_osmnx(self) -> nx.MultiDiGraph:
        """Give the streets as a graph that osmnx and networkx can work with.

        Returns
        -------
        networkx.MultiDiGraph
            Nodes with ``x`` and ``y`` (m), and an edge for each direction that may be walked, with
            ``length`` (m on the ground), ``geometry``, ``oneway``, ``reversed`` and, where they are
            known, ``osmid``, ``highway`` and ``surface``.

        Notes
        -----
        Private ground is left out: a walk through it would be possible in such a graph. So are the sight lines
        over squares, which are no streets: walks over the graph go round their outlines, and are as long as ours or
        longer. Where that matters, ask `geowoonzorg.nearest` or `geowoonzorg.walk.route.routes`, or add the
        rows of ``edges(private=True)`` of which ``kind`` is ``sight_line`` to the graph, in both directions.

        Examples
        --------
        >>> from geowoonzorg.walk.network import WalkNetwork
        >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
        >>> [(u, v, round(metres, 2)) for u, v, metres in net.to_osmnx().edges(data="length")]
        [(0, 1, 100.01), (1, 0, 100.01)]
        """
        import networkx as nx

        graph = nx.MultiDiGraph(crs=self.crs, simplified=True)
        n_nodes = int(self.edge_node[: self.n_streets].max()) + 1
        graph.add_nodes_from(
            (i, {"x": x, "y": y}) for i, (x, y) in enumerate(self.node_xy[:n_nodes].tolist())
        )
        edges = self.edges()
        tags = {"highway": "highway", "surface": "surface", "osm_id": "osmid"}
        tags = {own: theirs for own, theirs in tags.items() if own in edges.columns}
        for row in edges.itertuples():
            about = {"length": row.length_m, "oneway": not (row.forward and row.backward)}
            for own, theirs in tags.items():
                if pd.notna(getattr(row, own)):
                    about[theirs] = getattr(row, own)
            line = row.geometry
            if row.forward:
                graph.add_edge(row.u, row.v, geometry=line, reversed=False, **about)
            if row.backward:
                graph.add_edge(row.v, row.u, geometry=line.reverse(), reversed=True, **about)
        return graph

    def explore(self, **options: Any) -> folium.Map:  # noqa: ANN401
        """Draw the streets on a map that one can move about on; islands, which nobody joins, in red.

        Parameters
        ----------
        **options
            As `folium.Map` takes them, such as ``tiles``.

        Returns
        -------
        folium.Map
            The map, to which more can be added.

        Examples
        --------
        >>> from geowoonzorg.walk.network import WalkNetwork
        >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
        >>> "LineString" in net.explore(tiles=None).get_root().render()
        True
        """
        import folium

        edges = self.edges()
        shown = [name for name in ("length_m", "highway", "surface") if name in edges.columns]
        drawn = edges[[*shown, "island", "geometry"]].to_crs("EPSG:4326").round({"length_m": 1})
        words = [name for name in shown if name != "length_m"]  # whoever mapped it wrote them
        drawn[words] = drawn[words].map(inert, na_action="ignore")
        west, south, east, north = drawn.total_bounds.tolist()
        chart = folium.Map(**options)
        folium.GeoJson(
            drawn,
            name="streets",
            tooltip=folium.GeoJsonTooltip(shown),
            style_function=lambda edge: {
                "color": "#c0392b" if edge["properties"]["island"] else "#2c5f8a",
                "weight": 2,
            },
        ).add_to(chart)
        chart.fit_bounds([[south, west], [north, east]])
        return chart

    def _length_m(self, layer: int) -> float:
        """Add up the metres of a layer."""
        return float(self.edge_length_m[self.edge_layer == layer].sum())

    def describe(self) -> dict[str, Any]:
        """Summarise the network: sizes, components, and what was read and dropped.

        Returns
        -------
        dict
            ``nodes``, ``edges``, ``vertices``, ``length_m``, ``components``, ``islands``,
            ``island_length_m``, ``oneway_edges``, ``longest_components_m`` (at most five), all of the
            streets; ``private_edges`` and ``private_length_m``, of the private ground on which a walk may
            begin or end; ``unknown_m``, the street metres of which something that matters is not known, and
            ``cautious_length_m``, those that stay open in the cautious answer; and ``counts``.

        Examples
        --------
        >>> from geowoonzorg.walk.network import WalkNetwork
        >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [190_100, 500_000]], [[0, 1]])
        >>> about = net.describe()
        >>> about["edges"], about["nodes"], round(about["length_m"], 2)
        (1, 2, 100.01)
        """
        island, streets = self.edge_island, slice(self.n_streets)
        return {
            "nodes": int(self.edge_node[streets].max()) + 1,
            "edges": self.n_streets,
            "vertices": int(self.vertex_start[self.n_streets]),
            "length_m": self._length_m(STREET),
            "components": len(self.component_length_m),
            "islands": int(np.unique(self.edge_component[island]).size),
            "island_length_m": float(self.edge_length_m[island].sum()),
            "oneway_edges": int((~(self.edge_forward & self.edge_backward))[streets].sum()),
            "private_edges": self.n_private,
            "private_length_m": self._length_m(WAY_OUT),
            "unknown_m": float(
                self.vertex_unknown_m[self.vertex_start[1 : self.n_streets + 1] - 1].sum()
            ),
            "cautious_length_m": float(
                self.edge_length_m[streets][judge_edges(self)[streets] != CLOSED].sum()
            ),
            "longest_components_m": [float(m) for m in self.component_length_m[:5]],
            "counts": self.counts,
        }


def _shared_attributes(net: NetworkArrays, start: NDArray[np.int64]) -> pd.DataFrame:
    """Say what is known of each edge: what all its segments have in common."""
    table = net.way_attributes
    if "incline_pct" in table.columns:  # signed along its way, and an edge may run against that
        table = table.assign(incline_pct=table["incline_pct"].abs())
    is_segment = np.ones(start[-1], bool)
    is_segment[start[1:] - 1] = False
    way = net.segment_way[: start[-1]][is_segment]
    first = start[:-1] - np.arange(len(start) - 1)
    rows = way[first]
    shared = {}
    for name in table.columns:
        codes, _ = pd.factorize(table[name])
        own = np.where(way >= 0, codes[way], -1) if len(codes) else np.full(len(way), -1)
        alike = np.minimum.reduceat(own, first) == np.maximum.reduceat(own, first)
        values = table[name].reset_index(drop=True).reindex(np.where(alike, rows, -1))
        if name == "osm_id":  # a whole number too long for a float
            values = values.astype("Int64")
        shared[name] = values.array
    return pd.DataFrame(shared, index=pd.RangeIndex(len(rows)))


def _shares(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide; NaN where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
