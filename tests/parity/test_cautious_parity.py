"""Kampen, for real: the cautious answer is that of a network which never had the closed ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geowoonzorg.osm import read_osm
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.service_area import nearest, service_areas


def open_squares(squares):
    """Leave out the squares that close."""
    open_ = squares.attributes["cautious"].to_numpy(bool)
    lines = np.repeat(open_, np.diff(squares.line_start))
    points = np.repeat(lines, np.diff(squares.point_start))
    return replace(
        squares,
        name=tuple(np.array(squares.name)[open_].tolist()),
        line_start=np.append(0, np.cumsum(np.diff(squares.line_start)[open_])),
        line_way=squares.line_way[lines],
        point_start=np.append(0, np.cumsum(np.diff(squares.point_start)[lines])),
        node_id=squares.node_id[points],
        lonlat=squares.lonlat[points],
        attributes=squares.attributes[open_].reset_index(drop=True),
    )


def without_closed(ways):
    """Leave out the ways that close, and cut at the points that stop people."""
    kept = ways.way_attributes["cautious"].to_numpy(bool)
    size = np.diff(ways.way_start)
    cut, points = ways.node_cut.copy(), ways.node_attributes
    cut[points.index[points["cautious_cut"].notna()]] = True
    return replace(
        ways,
        squares=ways.squares and open_squares(ways.squares),
        way_start=np.append(0, np.cumsum(size[kept])),
        way_node=ways.way_node[np.repeat(kept, size)],
        way_id=ways.way_id[kept],
        forward=ways.forward[kept],
        backward=ways.backward[kept],
        node_cut=cut,
        way_attributes=ways.way_attributes[kept].reset_index(drop=True),
    )


def test_the_cautious_network_of_kampen(shared_data):
    path = shared_data / "kampen" / "kampen.osm.pbf"
    data = read_osm(path, profile=read_profile("rolstoel"), addresses=True)
    both = data.walkways, data.private_ways
    left = WalkNetwork.from_walkways(both[0], private_ways=both[1]).cautious
    plain = WalkNetwork.from_walkways(without_closed(both[0]), private_ways=without_closed(both[1]))
    about, wanted = left.describe(), plain.describe()
    for name in ("length_m", "components", "islands", "island_length_m", "private_length_m"):
        assert about[name] == pytest.approx(wanted[name]), name
    homes = data.addresses.to_crs(28992)
    shops = homes.iloc[::500].copy()
    found, other = (nearest(net, homes, shops) for net in (left, plain))
    assert found["status"].tolist() == other["status"].tolist()
    np.testing.assert_allclose(found["distance_m"], other["distance_m"], atol=1e-6)
    areas, others = (service_areas(net, shops) for net in (left, plain))
    np.testing.assert_allclose(areas["length_m"], others["length_m"], atol=1e-6)
