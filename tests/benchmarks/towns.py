"""What the benchmarks walk in: the real extract where it is, else the bundled fictional town."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyproj

from tests.benchmarks.engine import (
    WalkNetwork,
    join_network,
    read_layer,
    read_osm,
    read_profile,
)
from tests.benchmarks.measure import ROOT

if TYPE_CHECKING:
    from pathlib import Path

DATA = ROOT.parent / "shared" / "data"
DEMO = ROOT / "data" / "demo"
CRS = "EPSG:28992"


@dataclass(frozen=True)
class Town:
    """An OSM file, its network, and what it was made of."""

    name: str
    path: Path

    @cached_property
    def data(self):
        """Streets as ways, and addresses."""
        return read_osm(self.path, profile=read_profile("rollator"), addresses=True)

    @cached_property
    def net(self) -> WalkNetwork:
        """The network."""
        matters = read_profile("rollator").way_matters
        return WalkNetwork.from_walkways(self.data.walkways, crs=CRS, matters=matters)

    @cached_property
    def streets_alone(self) -> WalkNetwork:
        """The network of streets only: the brute force and the peers do not walk over the ground of squares.

        What is walked there is held against visibility graphs, in the tests.
        """
        ways = replace(self.data.walkways, squares=None)
        matters = read_profile("rollator").way_matters
        return WalkNetwork.from_walkways(ways, crs=CRS, matters=matters)

    @cached_property
    def addresses(self) -> gpd.GeoDataFrame:
        """Addresses in RD New."""
        return self.data.addresses.to_crs(CRS)

    @cached_property
    def raw(self) -> tuple[np.ndarray, np.ndarray]:
        """Points (n, 2) in RD New (m) and segments between them, cut at barriers, before anything is contracted."""
        ways = self.data.walkways
        to_rd = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True)
        xy = np.column_stack(to_rd.transform(*ways.lonlat.T))
        last = np.zeros(len(ways.way_node), bool)
        last[ways.way_start[1:][np.diff(ways.way_start) > 0] - 1] = True
        at = np.flatnonzero(~last)
        pairs = np.column_stack([ways.way_node[at], ways.way_node[at + 1]]).astype(np.int64)
        blocked = np.flatnonzero(np.asarray(ways.node_cut)[pairs.ravel()])
        flat = pairs.ravel()
        xy = np.concatenate([xy, xy[flat[blocked]]])
        flat[blocked] = len(xy) - len(blocked) + np.arange(len(blocked))
        return xy, flat.reshape(-1, 2)

    @property
    def directed(self) -> bool:
        """Whether something may be walked one way only."""
        ways = self.data.walkways
        return not bool((ways.forward & ways.backward).all())


@lru_cache
def town() -> Town:
    """Give Kampen where its extract is, else Wierhaven."""
    real = DATA / "kampen" / "kampen.osm.pbf"
    if real.is_file():
        return Town("Kampen", real)
    return Town(
        "Wierhaven (bundled, fictional: the real extract is not here)", next(DEMO.glob("*.osm.pbf"))
    )


def near_streets(net: WalkNetwork, n: int, *, seed: int, away_m: float = 10.0) -> np.ndarray:
    """Choose places along the streets of no island, in the order of the ground, shape (n, 2) (m)."""
    rng = np.random.default_rng(seed)
    edge = np.flatnonzero(~net.edge_island)
    edge = rng.choice(edge, n, p=net.edge_length_m[edge] / net.edge_length_m[edge].sum())
    sizes = np.diff(net.vertex_start)[edge]
    piece = net.vertex_start[edge] + (rng.random(n) * (sizes - 1)).astype(int)
    share = rng.random((n, 1))
    xy = net.vertex_xy[piece] * (1 - share) + net.vertex_xy[piece + 1] * share
    xy += rng.normal(0.0, away_m, xy.shape)
    return xy[np.argsort(_along_the_ground(xy))]


def _along_the_ground(xy: np.ndarray) -> np.ndarray:
    """Number places so that near ones have near numbers: the bits of x and y (m) in turns."""
    whole = (xy - xy.min(axis=0)).astype(np.int64)
    code = np.zeros(len(xy), np.int64)
    for bit in range(20):
        code |= (whole[:, 0] >> bit & 1) << 2 * bit | (whole[:, 1] >> bit & 1) << 2 * bit + 1
    return code


def layer(xy: np.ndarray) -> gpd.GeoDataFrame:
    """Make a layer of places with ids that sort as they stand."""
    ids = [f"p{i:07d}" for i in range(len(xy))]
    return gpd.GeoDataFrame({"id": ids}, geometry=gpd.points_from_xy(*xy.T), crs=CRS)


def seeds_of(net: WalkNetwork, xy: np.ndarray):
    """Join places to the network: where a search around each of them starts."""
    return join_all(net, xy).seeds


def join_all(net: WalkNetwork, xy: np.ndarray):
    """Join places to the network, those that do not join it with their status."""
    return join_network(net, read_layer(net, layer(xy), role="places"))
