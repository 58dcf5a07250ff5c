"""Where places join the streets, to look at: the points on the network, and the legs that lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geowoonzorg.files import bring_to
from geowoonzorg.walk.access import join_network, read_layer
from geowoonzorg.walk.snapping import OK, STATUS

if TYPE_CHECKING:
    from pyproj import CRS

    from geowoonzorg.walk.network import WalkNetwork

_STATUS = np.array(STATUS, object)


class Joined(NamedTuple):
    """Where places join the network.

    Attributes
    ----------
    points
        ``id, point, access_leg_m, kind, osm_id, status, geometry``: see `joined_points`.
    legs
        ``id, point, access_leg_m, geometry``: the straight lines from places to those points that have a length.
    """

    points: gpd.GeoDataFrame
    legs: gpd.GeoDataFrame


def joined_points(
    net: WalkNetwork, places: gpd.GeoDataFrame, *, max_snap_m: float = 100.0, role: str = "places"
) -> Joined:
    """Show where places join the network: at the nearest street, at their entrances, or nowhere and why.

    Parameters
    ----------
    net
        The network.
    places
        Points or polygons with a CRS; the key is the column ``id``, else the index. ``entrances`` is optional.
    max_snap_m
        The longest access distance (m).
    role
        What they are, which starts each message.

    Returns
    -------
    Joined
        Both in the places' CRS, by place. Of the points each row is one place and one point of the network: ``id``;
        ``point``, from 1, nearest first (a polygon or a place with entrances may have several); ``access_leg_m``, the
        straight metres to it on the ground; ``kind``, what it is part of (street, way_out, gate, square);
        ``osm_id`` of the way, missing where it is not known; ``status``; ``geometry``. A place that does not join has
        one row, without point, metres and geometry.

    Raises
    ------
    StudyError
        When ``max_snap_m`` makes no sense.
    CrsError, DuplicateIdError, GeometryError, InputError
        When the places cannot be used.

    Notes
    -----
    The points are those from which every distance is measured: see `geowoonzorg.walk.access.join_network`.

    Examples
    --------
    >>> from geowoonzorg.walk.network import WalkNetwork
    >>> net = WalkNetwork.from_arrays([[190_000, 500_000], [191_000, 500_000]], [[0, 1]])
    >>> home = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([190_100], [500_030]), crs=28992)
    >>> points, legs = joined_points(net, home)
    >>> points[["id", "point", "access_leg_m", "kind"]].round(1)
      id  point  access_leg_m    kind
    0  a      1          30.0  street
    >>> legs.geometry[0].wkt
    'LINESTRING (190100 500030, 190100 500000)'
    """
    own = read_layer(net, places, role=role)
    access = join_network(net, own, max_snap_m=max_snap_m, leaving=True)
    edges = net.edges(private=True)
    of_edge = edges.iloc[access.seeds.edge]
    over = np.zeros(len(access.xy), bool) if access.over_m is None else access.over_m > 0
    # who stands on the ground of a square has no street there, and is no seed of one
    spots = access.spots
    table = pd.DataFrame({
        "place": np.append(access.place, spots.place),
        "x": np.append(access.xy[:, 0], spots.xy[:, 0]),
        "y": np.append(access.xy[:, 1], spots.xy[:, 1]),
        "access_leg_m": np.append(access.leg_m, spots.leg_m),
        "kind": [*np.where(over, "square", of_edge["kind"].astype(str)), *["square"] * len(spots.place)],
        "osm_id": [*_osm_ids(of_edge, over), *[pd.NA] * len(spots.place)],
    })  # fmt: skip
    table["is_square"] = table["kind"] == "square"
    table = table.sort_values(["place", "access_leg_m", "is_square", "x", "y"], kind="stable")
    table = table.drop_duplicates(["place", "x", "y"])
    table["point"] = table.groupby("place").cumcount() + 1
    every = pd.DataFrame({"place": np.arange(len(own))}).merge(table, on="place", how="left")
    row = every["place"].to_numpy()
    there = every["x"].notna().to_numpy()
    geometry = np.full(len(every), None, object)
    geometry[there] = shapely.points(every.loc[there, ["x", "y"]].to_numpy())
    points = gpd.GeoDataFrame(
        {
            "id": own["id"].to_numpy()[row],
            "point": every["point"].astype("Int64").array,
            "access_leg_m": every["access_leg_m"].to_numpy(float),
            "kind": every["kind"].astype("str").where(there).to_numpy(),
            "osm_id": every["osm_id"].astype("Int64").array,
            "status": _STATUS[access.status[row]],
        },
        geometry=geometry,
        crs=net.crs,
    )
    points = points.astype(dict.fromkeys(("id", "kind", "status"), "str"))
    legs = _legs(points, _standing(own)[row], places.crs or net.crs)
    points = bring_to(points, places.crs or net.crs)
    points.attrs["notes"] = list(own.attrs.get("notes", []))
    return Joined(points, legs)


def _osm_ids(edges: gpd.GeoDataFrame, over: np.ndarray) -> pd.Series:
    """Give the way of each edge, where it is known and is one way's alone."""
    if "osm_id" not in edges.columns:
        return pd.Series(pd.NA, index=range(len(edges)), dtype="Int64")
    ids = edges["osm_id"].astype("Int64").reset_index(drop=True)
    return ids.where((ids > 0).fillna(value=False).to_numpy(bool) & ~over)


def _standing(places: gpd.GeoDataFrame) -> np.ndarray:
    """Give what a leg starts from: the entrances where they are known, the border of an area, or the place itself."""
    geometry = np.asarray(places.geometry.array)
    if "entrances" in places.columns:
        entrances = np.asarray(places["entrances"].array, object)
        known = ~(shapely.is_missing(entrances) | shapely.is_empty(entrances))
        geometry = np.where(known, entrances, geometry)
    geometry = shapely.force_2d(geometry)
    is_area = shapely.get_dimensions(geometry) == 2  # noqa: PLR2004 - a surface
    return np.where(is_area, shapely.boundary(geometry), geometry)


def _legs(points: gpd.GeoDataFrame, start: np.ndarray, crs: str | int | CRS) -> gpd.GeoDataFrame:
    """Draw the lines from places to their points, each from the entrance whose metres it has."""
    drawn = ((points["status"] == _STATUS[OK]) & (points["access_leg_m"] > 0)).to_numpy()
    some = points[drawn]
    end = np.asarray(some.geometry.array)
    doors, of = shapely.get_parts(start[drawn], return_index=True)
    beside = np.abs(shapely.distance(doors, end[of]) - some["access_leg_m"].to_numpy()[of])
    order = np.lexsort((beside, of))
    own = order[np.flatnonzero(np.diff(of[order], prepend=-1))]
    kept = some[["id", "point", "access_leg_m"]].reset_index(drop=True)
    lines = shapely.shortest_line(doors[own], end)
    return bring_to(gpd.GeoDataFrame(kept, geometry=lines, crs=points.crs), crs)
