"""What is found stands on the caller's own index and in the caller's CRS, whatever these are."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geowoonzorg.errors import CrsError, DuplicateIdError, GeometryError
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.pairs import count_within, nearest_few, reached_pairs
from geowoonzorg.walk.route import nearest_routes, routes
from geowoonzorg.walk.service_area import nearest, service_areas

CORNER = np.array([190_000.0, 500_000.0])
NET = WalkNetwork.from_arrays(np.array([[0, 0], [1000, 0], [1000, 700]]) + CORNER, [[0, 1], [1, 2]])
CLASSES = ("huisarts", "apotheek", "ov_halte")


def layer(rows, index, **columns):
    """Places along the street; the index is all that names them."""
    points = shapely.points(CORNER + np.asarray(rows, float).reshape(-1, 2))
    return gpd.GeoDataFrame(columns, geometry=points, crs=28992, index=index)


places = st.lists(st.tuples(st.integers(0, 1000), st.integers(-30, 30)), max_size=6)


@st.composite
def indexes(draw, size):
    """Any unique index: numbers, text or dates in any order, named or not, one level or two."""
    kind = draw(st.sampled_from([st.integers(-99, 99), st.text("abcz", min_size=1, max_size=4)]))
    own = draw(st.lists(kind, min_size=size, max_size=size, unique=True))
    name = draw(st.sampled_from([None, "naam", "origin_id"]))
    if draw(st.booleans()):
        return pd.MultiIndex.from_arrays(
            [draw(st.lists(st.integers(0, 2), min_size=size, max_size=size)), own],
            names=["wijk", name],
        )
    return pd.Index(own, name=name, dtype=object if not own else None)


@st.composite
def layers(draw, **columns):
    rows = draw(places)
    frame = layer(rows, draw(indexes(len(rows))))
    for name, values in columns.items():
        frame[name] = draw(
            st.lists(st.sampled_from(values), min_size=len(rows), max_size=len(rows))
        )
    return frame.to_crs(draw(st.sampled_from([28992, 4326])))


@settings(max_examples=80, deadline=None)
@given(layers(), layers(facility_class=CLASSES))
def test_the_nearest_are_on_the_origins_index(homes, shops):
    found = nearest(NET, homes, shops)
    classes = sorted(set(shops["facility_class"])) or [None]
    assert found.crs == homes.crs
    if len(classes) == 1:
        assert found.index.equals(homes.index)
        assert found.index.names == homes.index.names
        joined = homes.join(found[["distance_m"]])
        assert joined["distance_m"].equals(found["distance_m"])
        assert found.geometry.equals(homes.geometry)
    for label in homes.index:
        for name in classes:
            # one home and the shops of one class at a time: nothing can be mixed up
            alone = nearest(NET, homes.loc[[label]], shops[shops["facility_class"] == name])
            whole = label if isinstance(label, tuple) else (label,)
            row = found.loc[label if len(classes) == 1 else (*whole, name)]
            assert row["distance_m"] == pytest.approx(alone["distance_m"].iloc[0], nan_ok=True)
            assert row["origin_id"] == str(label)
            assert row.geometry.equals(homes.geometry.loc[label])


@settings(max_examples=40, deadline=None)
@given(layers(), st.sampled_from(["lines", "polygons"]))
def test_areas_are_on_the_facilities_index(shops, shape):
    one = service_areas(NET, shops, limit_m=200, shape=shape)
    assert one.index.equals(shops.index)
    assert one.crs == shops.crs
    assert one["facility_id"].tolist() == [str(label) for label in shops.index]
    several = service_areas(NET, shops, limit_m=[200, 500], shape=shape)
    assert several.index.nlevels == shops.index.nlevels + 1
    for label in shops.index:
        whole = label if isinstance(label, tuple) else (label,)
        assert several.loc[(*whole, 200.0), "length_m"] == one.loc[label, "length_m"]


@settings(max_examples=40, deadline=None)
@given(layers(), layers(facility_class=CLASSES))
def test_pairs_counts_and_routes_are_on_the_callers_index(homes, shops):
    pairs = reached_pairs(NET, homes, shops, limit_m=300)
    assert pairs.index.nlevels == homes.index.nlevels + shops.index.nlevels
    for labels_, row in zip(pairs.index, pairs.itertuples(), strict=True):
        home, shop = labels_[: homes.index.nlevels], labels_[homes.index.nlevels :]
        assert row.origin_id == str(home if len(home) > 1 else home[0])
        assert row.facility_id == str(shop if len(shop) > 1 else shop[0])
    counts = count_within(NET, homes, shops, limit_m=300)
    assert counts.index.equals(homes.index)
    assert counts.to_numpy().sum() == len(pairs)
    if len(shops):
        few = nearest_few(NET, homes, shops, k=2)
        assert few.index.is_unique
        assert few["rank"].tolist() == few.index.get_level_values(-1).tolist()
    ways = nearest_routes(NET, homes, shops)
    near = nearest(NET, homes, shops)
    assert ways.crs == homes.crs
    assert ways.index.equals(near.index[near["facility_id"].notna()])
    assert ways["distance_m"].to_numpy() == pytest.approx(near["distance_m"].dropna().to_numpy())


def test_labels_that_stand_for_two_places_are_refused():
    homes = layer([[0, 0], [5, 0], [9, 0]], [7, 7, 8], id=["a", "b", "c"])
    told = "index labels that occur more than once: 1 \\(7\\)"
    with pytest.raises(DuplicateIdError, match=f"origins: {told}"):
        nearest(NET, homes, homes)
    with pytest.raises(DuplicateIdError, match=f"facilities: {told}"):
        service_areas(NET, homes)
    # nothing is given back on the index of the facilities here
    assert nearest(NET, homes.iloc[1:], homes).index.tolist() == [7, 8]


def test_frames_that_are_no_layers_are_refused():
    homes = layer([[0, 0]], [1])
    with pytest.raises(CrsError, match="origins has no CRS"):
        nearest(NET, homes.set_crs(None, allow_override=True), homes)
    for table in (pd.DataFrame({"id": [1]}), gpd.GeoDataFrame({"id": [1]})):
        with pytest.raises(GeometryError, match="facilities: a table without geometries"):
            nearest(NET, homes, table)


def test_empty_layers_give_empty_results():
    homes, none = layer([[0, 0]], ["a"]), layer(np.empty((0, 2)), pd.Index([], dtype="str"))
    assert nearest(NET, none, homes).index.equals(none.index)
    assert nearest(NET, homes, none)["status"].to_dict() == {"a": "beyond_limit"}
    assert len(service_areas(NET, none, limit_m=[1, 2])) == 0
    assert len(nearest(NET, gpd.GeoDataFrame(geometry=[]), homes)) == 0


def test_what_is_found_can_be_grouped_and_written(tmp_path):
    """A level named as a column would make pandas refuse both."""
    shops = layer([[0, 0], [50, 0]], [1, 2], facility_class=["x", "y"])
    near = nearest(NET, layer([[9, 0]], [101]), shops)
    assert near.groupby("facility_class")["distance_m"].count().to_dict() == {"x": 1, "y": 1}
    assert near["distance_m"].unstack().columns.tolist() == ["x", "y"]
    near.to_file(tmp_path / "near.gpkg")
    areas = service_areas(NET, shops, limit_m=[100, 200])
    assert len(areas.dissolve("limit_m")) == 2


def test_routes_are_on_the_index_of_the_pairs_and_in_the_crs_of_the_origins():
    homes, shops = layer([[100, 0]], ["h"]), layer([[300, 0]], ["s"])
    pairs = pd.DataFrame({"origin_id": ["h"], "facility_id": ["s"]}, index=["way"])
    way = routes(NET, homes.to_crs(4326), shops, pairs)
    assert way.index.tolist() == ["way"]
    assert way.crs == "EPSG:4326"
