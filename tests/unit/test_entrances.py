"""Where people enter, as text: to the last bit through any file, and nothing else taken for it."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from osm_writer import write_osm

from geowoonzorg.errors import InputError
from geowoonzorg.files import read_places, write_csv, write_layers
from geowoonzorg.opendata.register import as_register, merge_register
from geowoonzorg.town.facilities import read_facilities
from geowoonzorg.walk.access import read_layer
from geowoonzorg.walk.entrances import entrances_as_text, find_moved, read_entrances
from geowoonzorg.walk.network import WalkNetwork
from geowoonzorg.walk.route import nearest_routes
from geowoonzorg.walk.service_area import nearest, service_areas

ROOT = Path(__file__).resolve().parents[2]
X, Y = 190_000.0, 500_000.0
WGS84 = "EPSG:4326"
degrees = st.integers(1, 30).flatmap(
    lambda n: npst.arrays(
        np.float64, (n, 2), elements=st.floats(-90, 90, allow_nan=False, width=64)
    )
)
near = st.lists(
    st.tuples(st.floats(5.8, 6.0), st.floats(52.4, 52.6)).map(tuple), min_size=1, max_size=30
)


@pytest.fixture
def net():
    return WalkNetwork.from_arrays([[X, Y], [X + 1000, Y]], [[0, 1]])


def shops(entrances=None, **more):
    """Two shops of 40 m by 60 m at the street, at 500 and at 800 m."""
    boxes = [shapely.box(X + at, Y - 30, X + at + 60, Y + 10) for at in (500, 800)]
    frame = gpd.GeoDataFrame({"id": ["a", "b"]} | more, geometry=boxes, crs=28992)
    return frame if entrances is None else frame.assign(entrances=entrances)


def home():
    return gpd.GeoDataFrame({"id": ["home"]}, geometry=gpd.points_from_xy([X], [Y]), crs=28992)


def doors(*metres):
    """Doors along the street, 10 m off it, in degrees."""
    at = [None if m is None else shapely.MultiPoint([(X + m, Y + 10)]) for m in metres]
    return gpd.GeoSeries(at, crs=28992).to_crs(WGS84)


def metres(net, facilities):
    return nearest(net, home(), facilities)["distance_m"].item()


@given(degrees)
def test_text_and_back_is_the_same_to_the_last_bit(lonlat):
    text = entrances_as_text(gpd.GeoSeries([shapely.MultiPoint(lonlat)], crs=WGS84))
    back = shapely.get_coordinates(shapely.from_wkt(text[0]))
    assert np.array_equal(back, lonlat)


@given(near)
def test_reading_projects_as_the_doors_themselves_are_projected(lonlat):
    known = gpd.GeoSeries([shapely.MultiPoint(lonlat), None], crs=WGS84)
    places = shops(entrances_as_text(known))
    found = read_entrances(places, crs=places.crs, role="facilities")
    assert found.crs == places.crs
    assert found[1] is None
    assert np.array_equal(found.get_coordinates(), known.to_crs(28992).get_coordinates())


@given(near, st.data())
def test_a_text_that_is_cut_off_is_never_taken_for_another(lonlat, data):
    text = entrances_as_text(gpd.GeoSeries([shapely.MultiPoint(lonlat)], crs=WGS84))[0]
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    places = shops([cut, None])
    with pytest.raises(InputError, match=r"facilities: the column entrances .* 1 \(a\)"):
        read_entrances(places, crs=places.crs, role="facilities")


def test_points_are_taken_in_the_system_they_say_or_their_layers(net):
    text = shops(entrances_as_text(doors(450, 790)))
    expected = metres(net, text)
    own = shops().assign(entrances=doors(450, 790))
    theirs = shops().to_crs(WGS84)
    theirs["entrances"] = np.asarray(doors(450, 790).array, object)
    assert metres(net, own) == expected
    assert metres(net, theirs) == expected


def test_every_walk_is_to_the_doors(net):
    with_doors, without = shops(entrances_as_text(doors(450, None))), shops()
    # 450 m along the street and 10 m to the door; the building itself begins at 500 m
    scale = net.edge_length_m.sum() / 1000
    assert metres(net, with_doors) == pytest.approx(460 * scale, abs=1e-3)
    assert metres(net, without) == pytest.approx(500 * scale, abs=1e-3)
    assert nearest_routes(net, home(), with_doors)["distance_m"].item() == metres(net, with_doors)
    reach = service_areas(net, with_doors, limit_m=100)["length_m"]
    assert reach[0] == pytest.approx(2 * (100 - 10 * scale), abs=1e-3)
    assert reach[1] == service_areas(net, without, limit_m=100)["length_m"][1]


def test_what_osm_knows_of_a_building_goes_with_it_through_a_layer_of_points(tmp_path):
    shop = {"shop": "supermarket"}
    nodes = {
        1: (0, 0), 2: (0.5, 0), 3: (0.5, 0.5, {"entrance": "main"}), 4: (0, 0.5),  # a known door
        5: (4, 0), 6: (4.5, 0), 7: (4.5, 0.5), 8: (4, 0.5),  # none
        9: (7, 0.1, {"shop": "supermarket"}),
        10: (-5, -0.2), 11: (20, -0.2), 12: (-5, 2), 13: (20, 2),
    }  # fmt: skip
    ways = [
        (1, [1, 2, 3, 4, 1], shop | {"name": "Een"}),
        (2, [5, 6, 7, 8, 5], shop | {"name": "Twee"}),
        (3, [10, 11, 13, 12, 10], {"highway": "footway"}),
    ]
    path = write_osm(tmp_path / "town.osm.pbf", nodes, ways)
    found = read_facilities(path, ["supermarkt"]).set_index("id")
    kinds = [None if pd.isna(t) else t.split()[0] for t in found["entrances"]]
    assert dict(zip(found.index, kinds, strict=True)) == {
        "n9": None, "w1": "MULTIPOINT", "w2": "POLYGON",
    }  # fmt: skip
    street = WalkNetwork.from_osm(path, profile="wandelaar")
    at = shapely.get_coordinates(found.geometry.iloc[0])[0] + [[0, 0], [-150, 0], [-400, 20]]
    homes = gpd.GeoDataFrame({"id": ["x", "y", "z"]}, geometry=shapely.points(at), crs=28992)

    def walks(facilities):
        few = {i: facilities[facilities.index == i] for i in facilities.index}
        return {i: nearest(street, homes, one)["distance_m"].tolist() for i, one in few.items()}

    points = found.set_geometry(found.representative_point())
    assert walks(points) == walks(found)
    bare = walks(points.drop(columns="entrances"))
    assert [i for i, m in walks(found).items() if m != bare[i]] == ["w1", "w2"]
    outlines = found.drop(columns="entrances")
    assert walks(outlines)["w2"] == walks(found)["w2"]


def test_without_doors_a_place_is_what_it_was(net):
    expected = metres(net, shops())
    for nothing in ([None, None], ["", "  "], [np.nan, np.nan], ["POINT EMPTY", None], [pd.NA, ""]):
        assert metres(net, shops(nothing)) == expected, nothing
    assert len(read_layer(net, shops(["", ""])[:0], role="facilities")) == 0


@pytest.mark.parametrize(
    "name", ["a.gpkg", "a.geojson", "a.fgb", "a.shp", "a.parquet", "a.csv", "own layer"]
)
def test_any_file_carries_the_doors_to_the_last_bit(net, tmp_path, name):
    written = shops(entrances_as_text(doors(450.123, None)))
    # points, so that a csv can hold the places themselves
    written.geometry = gpd.points_from_xy([X + 500, X + 800], [Y + 10, Y + 10], crs=28992)
    path = tmp_path / name
    if name == "own layer":
        path = tmp_path / "own.gpkg"
        write_layers(path, {"facilities": written})
    elif name == "a.csv":
        write_csv(path, written.drop(columns="geometry").assign(x=[X + 500, X + 800], y=Y + 10))
    elif name == "a.parquet":
        pytest.importorskip("pyarrow")
        written.to_parquet(path)
    else:
        written.to_file(path)
    read = read_layer(net, read_places(path, role="facilities"), role="facilities", by_id=True)
    expected = read_layer(net, written, role="facilities")
    assert read["entrances"].isna().tolist() == [False, True]
    assert np.array_equal(
        read["entrances"].get_coordinates(), expected["entrances"].get_coordinates()
    )


def test_what_a_shapefile_cuts_off_is_said(net, tmp_path):
    many = gpd.GeoSeries([shapely.MultiPoint([(5.9, 52.5 + i / 1e3) for i in range(30)])] * 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that is the cutting off
        shops(entrances_as_text(many.set_crs(WGS84))).to_file(tmp_path / "a.shp")
    layer = read_places(tmp_path / "a.shp", role="facilities")
    with pytest.raises(InputError, match=r"2 \(a, b\).*a shapefile cut.*GeoPackage"):
        nearest(net, home(), layer)


@pytest.mark.parametrize(
    "value",
    [
        "hoofdingang aan de markt", "POINT", "POINT (5.9)", "POINT (5.9 52.5) en nog een", "POINTS (5.9 52.5)",
        "5.9 52.5", "LINESTRING (5.9 52.5, 5.91 52.5)", "POLYGON ((5.9 52.5, 6 52.5, 6 53))",
        "GEOMETRYCOLLECTION (POINT (5.9 52.5))", "GEOMETRYCOLLECTION (" * 100_000, "MULTIPOINT " + "(" * 100_000,
        "SRID=28992;POINT (190000 500000)", '{"type": "Point", "coordinates": [5.9, 52.5]}', "POINT (5,9 52,5)",
        "\ud800", "POINT (5.9\x00 52.5)", 3, 2.5, True, b"POINT (5.9 52.5)", [5.9, 52.5], {"x": 5.9},
        shapely.LineString([(X, Y), (X + 1, Y)]), shapely.GeometryCollection([shapely.Point(X, Y)]),
    ],
)  # fmt: skip
def test_a_column_with_something_else_is_told_and_not_guessed(net, value):
    column = pd.Series([None, value], dtype=object)
    with pytest.raises(InputError) as told:
        service_areas(net, shops(column), limit_m=400)
    message = str(told.value)
    assert message.startswith(
        "facilities: the column entrances has no points or outline as text, in degrees"
    )
    assert "for 1 (b); mend or empty it there, or give the column another name" in message
    assert len(message) < 300


@pytest.mark.parametrize(
    "value",
    [
        "POINT (52.5 5.9)", "POINT (190000 500000)", "POINT (1e400 52.5)", "POINT (nan 52.5)", "POINT (5.9 inf)",
        "MULTIPOINT ((5.9 52.5), (52.5 5.9))", "POINT (0 0)", "MULTIPOINT ((5.9 52.5), (190000 500000))",
    ],
)  # fmt: skip
def test_doors_that_cannot_be_of_their_place_are_refused(net, value):
    with pytest.raises(
        InputError, match=r"^origins: entrances over 100 km .*: 1 \(a\); .*longitude"
    ):
        nearest(net, shops([value, None]), shops())


def test_a_list_made_from_the_layer_keeps_its_doors():
    text = entrances_as_text(doors(450, None))
    layer = shops(text, facility_class="huisarts", name="x", osm_id=["w1", "w2"], last_edit=pd.NaT)
    listed = as_register(layer[["id", "facility_class", "entrances", "geometry"]])
    merged, _ = merge_register(layer, listed, classes=["huisarts"])
    assert merged["entrances"].tolist()[:1] == [text[0]]
    assert merged["entrances"].isna().tolist() == [False, True]
    without, _ = merge_register(
        layer, as_register(layer[["id", "facility_class", "geometry"]]), classes=["huisarts"]
    )
    assert without["entrances"].isna().all()


def known_shops():
    """The shops with doors across the street, as `read_facilities` writes them."""
    bare = shops()
    return bare.assign(entrances=entrances_as_text(doors(450, 830), bare.geometry))


SHAPES = {
    "areas": lambda shape: shape,
    "centroids": shapely.centroid,
    "points on the surface": shapely.point_on_surface,
}


@pytest.mark.parametrize("made", SHAPES.values(), ids=SHAPES.keys())
@given(
    metres=st.floats(5.1, 90_000), angle=st.floats(0, 2 * np.pi), back=st.sampled_from([28992, 4326, 3857])
)  # fmt: skip
def test_a_place_that_was_moved_is_measured_where_it_is(net, made, metres, angle, back):
    placed = known_shops()
    placed.geometry = made(np.asarray(placed.geometry))
    placed.geometry = placed.translate(metres * np.cos(angle), metres * np.sin(angle))
    placed = placed.to_crs(back)
    assert (placed.total_bounds < 1e9).all()
    read = read_layer(net, placed, role="facilities")
    assert read["entrances"].isna().all()
    assert any("2 (a, b)" in note for note in read.attrs["notes"])
    one = placed.iloc[:1]
    bare = nearest(net, home(), one.drop(columns="entrances"), max_snap_m=10_000)
    assert nearest(net, home(), one, max_snap_m=10_000)["distance_m"].equals(bare["distance_m"])


@pytest.mark.parametrize("made", SHAPES.values(), ids=SHAPES.keys())
@given(
    metres=st.floats(0, 4.4), angle=st.floats(0, 2 * np.pi), system=st.sampled_from([28992, 4326, 3857, 25831])
)  # fmt: skip
def test_a_place_that_is_rounded_or_converted_keeps_its_doors(net, made, metres, angle, system):
    placed = known_shops().to_crs(system)
    shapes = shapely.transform(
        made(np.asarray(placed.geometry)), lambda xy: xy.round(5 if system == 4326 else 1)
    )
    placed = placed.set_geometry(gpd.GeoSeries(shapes, index=placed.index, crs=system)).to_crs(
        28992
    )
    placed.geometry = placed.translate(metres * np.cos(angle), metres * np.sin(angle))
    read = read_layer(net, placed, role="facilities")
    assert read["entrances"].notna().all()
    assert read.attrs["notes"] == []


@pytest.mark.parametrize("source", ["demo", "Kampen"])
def test_no_facility_that_stayed_where_it_is_loses_its_doors(source, tmp_path, request):
    """Through a GeoPackage, as points of any kind, in any system of the Netherlands, and rounded."""
    path = ROOT / "data" / "demo" / "wierhaven.osm.pbf"
    if source == "Kampen":
        path = request.getfixturevalue("shared_data") / "kampen" / "kampen.osm.pbf"
    write_layers(tmp_path / "a.gpkg", {"facilities": read_facilities(path)})
    written = read_places(tmp_path / "a.gpkg", role="facilities")
    assert written["entrances"].notna().sum() > 30
    for system in (28992, 4326, 3857, 25831, 25832, 4258, 7415):
        layer = written.to_crs(system)
        for made in SHAPES.values():
            for decimals in (15, 5 if layer.crs.is_geographic else 0):
                shapes = shapely.transform(
                    made(np.asarray(layer.geometry)), lambda xy, d=decimals: xy.round(d)
                )
                as_if = layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs))
                as_if = as_if.to_crs(28992)
                found = read_entrances(as_if, crs=as_if.crs, role="facilities")
                moved = find_moved(as_if, found)
                assert not moved.any(), (system, as_if[moved])
    away = written.set_geometry(written.translate(20, 15))
    has = written["entrances"].notna()
    assert (
        find_moved(away, read_entrances(away, crs=away.crs, role="facilities")).tolist()
        == has.tolist()
    )


def test_doors_of_a_layer_of_before_are_not_those_of_a_place_far_from_them(net):
    """Its texts do not say where the place was."""
    old = shops(entrances_as_text(doors(450, 830)))
    assert read_layer(net, old, role="facilities")["entrances"].notna().all()
    old.geometry = [old.geometry[0], shapely.affinity.translate(old.geometry[1], 0, 500)]
    read = read_layer(net, old, role="facilities")
    assert read["entrances"].isna().tolist() == [False, True]
    assert "1 (b)" in read.attrs["notes"][0]


@pytest.mark.parametrize(
    "was",
    ["", "POINT", "POINT (5.9)", "POLYGON ((5 52, 6 52, 6 53, 5 52))", "hier", "POINT EMPTYX"],
)
def test_a_text_that_says_wrongly_where_the_place_was_is_refused(was):
    places = shops([f"POINT (5.9 52.5) AT {was}", None])
    with pytest.raises(InputError, match=r"facilities: the column entrances .* 1 \(a\)"):
        read_entrances(places, crs=places.crs, role="facilities")


def test_every_answer_names_what_was_moved(net):
    moved = known_shops()
    moved.geometry = moved.translate(0, 30)
    for found in (
        nearest(net, home(), moved),
        service_areas(net, moved, limit_m=100),
        nearest_routes(net, home(), moved),
    ):
        assert len([note for note in found.attrs["notes"] if "2 (a, b)" in note]) == 1
