"""Width and surface from the BGT and slopes from heights, against plain geometry."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, affinity, box

from geowoonzorg.errors import CrsError, GeometryError, InputError, MissingColumnError
from geowoonzorg.opendata.heights import measure_slopes
from geowoonzorg.opendata.pavement import measure_pavement, read_measuring, read_pavement

RD = "EPSG:28992"
X, Y = 190_000.0, 500_000.0


def ways(*lines, highway="footway", level=0):
    table = {"highway": highway, "level": level}
    return gpd.GeoDataFrame(table, index=range(len(lines)), geometry=list(lines), crs=RD)


def parts(*shapes, function="voetpad", surface="paving_stones", level=0):
    table = {"function": function, "surface": surface, "level": level}
    return gpd.GeoDataFrame(table, index=range(len(shapes)), geometry=list(shapes), crs=RD)


def width(line, *shapes, **about):
    return measure_pavement(ways(line), parts(*shapes, **about))["width_m"][0]


STRAIGHT = LineString([(X, Y), (X + 60, Y)])


@given(st.floats(0.5, 10), st.floats(0, 360), st.floats(-0.2, 0.2), st.sampled_from([1, 3]))
def test_the_width_of_a_straight_path_is_that_of_its_strip(wide, turn, aside, n):
    strips = [
        box(X - 5 + 70 / n * i, Y - wide / 2, X - 5 + 70 / n * (i + 1), Y + wide / 2)
        for i in range(n)
    ]
    spin = [affinity.rotate(one, turn, origin=(X, Y)) for one in (STRAIGHT, *strips)]
    moved = affinity.translate(spin[0], *(aside * np.array([np.cos(turn), np.sin(turn)])))
    assert width(moved, *spin[1:]) == pytest.approx(wide, abs=0.02)


def test_the_narrowest_place_counts():
    neck = Polygon([(X, Y - 1), (X + 20, Y - 1), (X + 30, Y - 0.4), (X + 40, Y - 1), (X + 60, Y - 1),
                    (X + 60, Y + 1), (X + 40, Y + 1), (X + 30, Y + 0.4), (X + 20, Y + 1), (X, Y + 1)])  # fmt: skip
    assert width(STRAIGHT, neck) == pytest.approx(0.8, abs=0.01)


@given(st.floats(3, 55), st.floats(0.1, 1.9), st.floats(0, 360))
def test_a_narrowing_shorter_than_a_step_is_met_wherever_it_is(where, long, turn):
    ends = X - 5, X + where, X + where + long, X + 65
    strips = [
        box(a, Y - half, b, Y + half)
        for a, b, half in zip(ends[:-1], ends[1:], (1.5, 0.4, 1.5), strict=True)
    ]
    spin = [affinity.rotate(one, turn, origin=(X, Y)) for one in (STRAIGHT, *strips)]
    assert width(*spin) == pytest.approx(0.8, abs=0.02)


def test_strips_side_by_side_are_one_pavement_and_a_verge_between_parts_them():
    left, right = box(X, Y, X + 60, Y + 1), box(X, Y - 1, X + 60, Y)
    assert width(STRAIGHT, left, right) == pytest.approx(2.0, abs=0.01)
    assert width(STRAIGHT, left, affinity.translate(right, 0, -0.5)) == pytest.approx(1.0, abs=0.01)


def test_what_is_of_another_kind_or_level_or_hardly_under_the_way_says_nothing():
    strip = box(X - 5, Y - 1, X + 65, Y + 1)
    assert np.isnan(width(STRAIGHT, strip, function="rijbaan lokale weg"))
    assert np.isnan(width(STRAIGHT, strip, level=1))
    assert np.isnan(width(STRAIGHT, box(X, Y - 1, X + 25, Y + 1)))
    assert width(STRAIGHT, box(X, Y - 1, X + 40, Y + 1)) == pytest.approx(2.0, abs=0.01)
    assert np.isnan(width(STRAIGHT, affinity.translate(strip, 0, 50)))
    assert np.isnan(width(LineString([(X, Y), (X, Y)]), strip))
    under = measure_pavement(ways(STRAIGHT, level=1), parts(strip, level=2))
    assert under["width_m"][0] == pytest.approx(2.0, abs=0.01)


def test_where_a_path_leaves_its_pavement_through_a_corner_it_is_not_called_narrow():
    pavement = box(X - 30, Y - 1, X + 30, Y + 1)
    out = LineString([(X - 30, Y), (X + 28, Y), (X + 40, Y + 6)])
    assert width(out, pavement) > 1.9


def test_surfaces_are_those_under_the_way_all_of_them():
    shapes = box(X, Y - 1, X + 30, Y + 1), box(X + 30, Y - 1, X + 60, Y + 1)

    def found(*surface):
        return measure_pavement(ways(STRAIGHT), parts(*shapes, surface=list(surface)))["surface"][0]

    assert found("asphalt", "asphalt") == "asphalt"
    assert found("sand", "asphalt") == "asphalt;sand"
    assert found("asphalt", None) is None  # half of it is not known


@pytest.mark.parametrize(
    ("names", "end"),
    [
        (
            "bgt_functie bgt_fysiek_voorkomen plus_fysiek_voorkomen eind_registratie relatieve_hoogteligging",
            "2020-01-01",
        ),
        (
            "bgt-functie bgt-fysiekVoorkomen plus-fysiekVoorkomenWegdeel eindRegistratie relatieveHoogteligging",
            "2020-01-01T10:00:00",
        ),
        (
            "function surfaceMaterial plus-fysiekVoorkomenWegdeel objectEindTijd relatieveHoogteligging",
            "2020-01-01",
        ),
    ],
)
@pytest.mark.parametrize("suffix", ["gpkg", "geojson"])
def test_each_form_of_pdok_is_read_and_the_past_is_left_out(tmp_path, names, end, suffix):
    rows = [
        ("voetpad", "open verharding", "tegels", None, 0),
        ("fietspad", "gesloten verharding", None, None, 1),
        ("voetpad", "half verhard", None, None, 0),
        ("voetpad", "half verhard", "schelpen", None, 0),
        ("voetpad", "onverhard", "waardeOnbekend", None, 0),
        ("voetpad", "open verharding", None, end, 0),
    ]
    frame = gpd.GeoDataFrame(
        dict(zip(names.split(), map(list, zip(*rows, strict=True)), strict=True)),
        geometry=[box(X + 10 * i, Y, X + 10 * i + 5, Y + 5) for i in range(len(rows))], crs=RD,
    )  # fmt: skip
    path = tmp_path / f"bgt_wegdeel.{suffix}"
    frame.to_file(path)
    found = read_pavement(path, crs=RD)
    assert found["function"].tolist() == ["voetpad", "fietspad", *["voetpad"] * 3]
    assert found["surface"].tolist() == ["paving_stones", "paved", None, "shells", "unpaved"]
    assert found["level"].tolist() == [0, 1, 0, 0, 0]
    assert found.crs == RD


def test_every_surface_that_the_bgt_can_give_is_a_word_that_profiles_know():
    from geowoonzorg.osm.profile import read_profile

    how = read_measuring()
    wheels = read_profile("rolstoel")
    closed = {v for rule in wheels.close for v in rule.when.get("surface", ())}
    given = {*how.surface.values(), *how.surface_plus.values()}
    assert given <= closed | wheels.surface_firm


def test_a_layer_that_is_none_of_the_bgt_is_refused_with_what_to_do(tmp_path):
    def refused(error, said, **columns):
        shape = columns.pop("geometry", box(X, Y, X + 1, Y + 1))
        frame = gpd.GeoDataFrame({k: [v] for k, v in columns.items()}, geometry=[shape], crs=RD)
        frame.to_file(tmp_path / "b.gpkg")
        with pytest.raises(error, match=said):
            read_pavement(tmp_path / "b.gpkg", crs=RD)

    refused(MissingColumnError, "no column with the function of a wegdeel", kind="voetpad")
    refused(GeometryError, "no polygons", bgt_functie="voetpad", geometry=Point(X, Y))
    refused(
        InputError, "all 1 wegdelen have an end", bgt_functie="voetpad", eind_registratie="2020"
    )
    refused(InputError, "all 1 wegdelen have an end", bgt_functie="voetpad", bgt_status="plan")
    with pytest.raises(InputError, match=r"suffix \.gml"):
        read_pavement(tmp_path / "b.gml", crs=RD)


# ── slopes ────────────────────────────────────────────────────────────────────────────────────

NODATA = 3.4028235e38


def heights(
    path,
    height,
    *,
    crs=RD,
    cell=0.5,
    size=(400, 80),
    nodata=NODATA,
    north=Y + 20,
    west=X - 20,
    count=1,
):
    """Write heights as the AHN has them, of a function of the middle of each cell."""
    rows, columns = np.mgrid[: size[1], : size[0]]
    z = height(west + (columns + 0.5) * cell, north - (rows + 0.5) * cell).astype(np.float32)
    grid = Affine(cell, 0, west, 0, -cell, north)
    with rasterio.open(path, "w", driver="GTiff", width=size[0], height=size[1], count=count, dtype="float32",
                       crs=crs, transform=grid, nodata=nodata) as file:  # fmt: skip
        for band in range(count):
            file.write(z, band + 1)
    return path


@given(pct=st.floats(-15, 15), turn=st.floats(0, 90), metres=st.floats(5, 80))
def test_the_slope_of_a_plane_is_its_own_along_the_way(tmp_path_factory, pct, turn, metres):
    path = heights(
        tmp_path_factory.mktemp("ahn") / "z.tif",
        lambda x, y: 10 + (x - X) * pct / 100,
        size=(220, 220),
        north=Y + 100,
    )
    line = LineString(
        [(X, Y), (X + metres * np.cos(np.radians(turn)), Y + metres * np.sin(np.radians(turn)))]
    )
    found = measure_slopes(ways(line), path)[0]
    assert found == pytest.approx(abs(pct * np.cos(np.radians(turn))), abs=0.02)


def test_the_steepest_stretch_counts_and_holes_stay_unknown(tmp_path):
    def ramp(x, y):  # 10 % from 19 to 31 m
        return 2 + np.clip(x - X - 19, 0, 12) / 10

    def holed(x, y):
        return np.where((x > X + 40) & (x < X + 50), NODATA, ramp(x, y))

    def undeclared(x, y):
        return np.where((x > X + 40) & (x < X + 50), -9999.0, ramp(x, y))

    flat = LineString([(X + 35, Y), (X + 60, Y)])
    short = LineString([(X + 20, Y), (X + 24, Y)])
    lines = ways(STRAIGHT, flat, short)
    whole = measure_slopes(lines, heights(tmp_path / "a.tif", ramp))
    assert whole.round(2).tolist()[:2] == [10.0, 0.0]
    assert np.isnan(whole[2])  # shorter than a stretch
    for name, surface, nodata in (("b.tif", holed, NODATA), ("c.tif", undeclared, None)):
        found = measure_slopes(lines, heights(tmp_path / name, surface, nodata=nodata))
        assert found[0] == pytest.approx(
            10, abs=0.01
        )  # what is known to be steep is, whatever the hole
        assert np.isnan(found[1])


def test_another_system_is_met_and_what_cannot_be_used_is_refused(tmp_path):
    line = ways(STRAIGHT)
    there = line.to_crs(4326).geometry[0].bounds
    path = tmp_path / "wgs.tif"
    step = 5e-6
    heights(path, lambda x, y: 1 + (x - there[0]) * 1000, crs="EPSG:4326", cell=step, size=(300, 40),
            west=there[0] - 10 * step, north=there[3] + 20 * step)  # fmt: skip
    degrees = there[2] - there[0]
    assert measure_slopes(line, path)[0] == pytest.approx(degrees * 1000 / 60 * 100, rel=0.01)
    level = {"height": lambda x, y: 0 * x}
    for name, about, error, said in (
        ("far.tif", {"west": X + 9_000}, InputError, "does not lie where the streets are"),
        ("bare.tif", {"crs": None}, CrsError, "has no CRS"),
        ("bands.tif", {"count": 2}, InputError, "has 2 bands"),
    ):
        with pytest.raises(error, match=said):
            measure_slopes(line, heights(tmp_path / name, **level, **about))


def test_points_between_cells_and_tiles_are_those_of_a_plain_reading(tmp_path):
    from geowoonzorg.files import sample_raster

    rng = np.random.default_rng(1)
    values = rng.normal(5, 1, (40, 2_100)).astype(np.float32)
    path = heights(tmp_path / "a.tif", lambda x, y: values, size=(2_100, 40))
    at = np.column_stack([rng.uniform(X - 19, X + 1_000, 500), rng.uniform(Y + 1, Y + 19, 500)])
    found = sample_raster(path, at, crs=RD, least=-50, most=400)
    for (x, y), z in zip(at[::25], found[::25], strict=True):
        c, r = (x - X + 20) / 0.5 - 0.5, (Y + 20 - y) / 0.5 - 0.5
        i, j = int(c), int(r)
        near = values[j : j + 2, i : i + 2].astype(float)
        plain = np.array([1 - (r - j), r - j]) @ near @ np.array([1 - (c - i), c - i])
        assert z == pytest.approx(plain)
    assert shapely.Point(at[0]).within(box(X - 20, Y, X + 1_030, Y + 20))
