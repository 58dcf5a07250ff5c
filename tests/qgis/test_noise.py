"""Noise for the engine: any raster with values, cell by cell the same, and areas with decibels laid on a grid."""

from __future__ import annotations

import random
import shutil

import pytest

from conftest import DEMO
from test_algorithms import context, run  # noqa: F401 - a fixture
from test_given import project  # noqa: F401 - a fixture
from test_layers import memory

LDEN = "geluid_lden_2022.tif"
SITES = "Point?crs=EPSG:28992&field=id:string"


@pytest.fixture
def folder(tmp_path):
    """Copy the raster: GDAL leaves a file beside one that it opens."""
    shutil.copy(DEMO / LDEN, tmp_path)
    return tmp_path


def virtual(folder):
    """Make a virtual raster of the demo's noise: what is no GeoTIFF, as a WCS is."""
    from osgeo import gdal
    from qgis.core import QgsRasterLayer

    made = gdal.BuildVRT(str(folder / "noise.vrt"), [str(folder / LDEN)])
    made.FlushCache()
    del made
    return QgsRasterLayer(str(folder / "noise.vrt"), "Geluid van de WCS")


def geotiff(project, folder):  # noqa: F811
    """Open the demo's noise; of a raster that only its path was given of, QGIS does not survive the end of a test."""
    from qgis.core import QgsRasterLayer

    return project(QgsRasterLayer(str(folder / LDEN), "Geluid")).id()


def cells(path):
    """Read a GeoTIFF: its cells by the place of each one's centre, holes left out."""
    from osgeo import gdal

    dataset = gdal.Open(str(path))
    band = dataset.GetRasterBand(1)
    left, across, _, top, _, down = dataset.GetGeoTransform()
    hole = band.GetNoDataValue()
    values = band.ReadAsArray()
    return {
        (left + (column + 0.5) * across, top + (row + 0.5) * down): value
        for row, line in enumerate(values.tolist())
        for column, value in enumerate(line)
        if value != hole
    }


def test_what_is_cut_out_of_a_raster_has_the_same_cells_in_the_same_places(plugin, folder):
    from geowoonzorg_qgis import rasters
    from qgis.core import QgsRectangle

    layer = virtual(folder)
    assert rasters.problem(layer, "Geluid") is None
    around = QgsRectangle(145_003, 506_004, 145_512, 506_301)  # not on the lines between cells
    written = cells(rasters.write(layer, str(folder / "cut.tif"), title="Geluid", around=around))
    whole = cells(folder / LDEN)
    within = {at: value for at, value in whole.items() if 145_000 <= at[0] <= 145_520 and 506_000 <= at[1] <= 506_310}
    assert len(written) > 1000
    assert written == within


def test_a_picture_or_several_bands_are_no_values(plugin, folder):
    from geowoonzorg_qgis import rasters
    from osgeo import gdal
    from qgis.core import QgsRasterLayer

    made = gdal.GetDriverByName("GTiff").Create(str(folder / "rgb.tif"), 4, 4, 3)
    made.SetProjection(virtual(folder).crs().toWkt())
    del made
    said = rasters.problem(QgsRasterLayer(str(folder / "rgb.tif"), "rgb"), "Geluid: kaartbeeld")
    assert "Geluid: kaartbeeld heeft geen enkele band met waarden" in said
    assert "WCS" in said


def burned(source, path, **more):
    from geowoonzorg_qgis import rasters
    from qgis.core import QgsCoordinateTransformContext, QgsProcessingFeedback

    rd = source.sourceCrs() if "crs" not in more else more.pop("crs")
    transforms, feedback = QgsCoordinateTransformContext(), QgsProcessingFeedback()
    return rasters.burn(source, "lden", str(path), title="Contouren", crs=rd, transforms=transforms, feedback=feedback, **more)


@pytest.mark.parametrize("seed", range(4))
def test_each_cell_has_the_highest_of_the_areas_its_centre_lies_in(plugin, tmp_path, seed):
    from qgis.core import QgsGeometry, QgsPointXY

    chance = random.Random(seed)  # noqa: S311 - no secret
    rows = []
    for number in (55, 60, 65.5):
        corner = (190_000 + chance.uniform(0, 200), 500_000 + chance.uniform(0, 200))
        outline = QgsGeometry.fromPointXY(QgsPointXY(*corner)).buffer(chance.uniform(60, 200), 3 + seed)
        hole = QgsGeometry.fromPointXY(QgsPointXY(corner[0] + 20, corner[1])).buffer(30, 4)
        far = QgsGeometry.fromPointXY(QgsPointXY(corner[0] + 300, corner[1])).buffer(25, 5)
        rows.append((outline.difference(hole).combine(far).asWkt(), [str(number).replace(".", ",") if seed % 2 else str(number)]))
    layer = memory("MultiPolygon?crs=EPSG:28992&field=lden:string", rows)
    found = cells(burned(layer, tmp_path / "noise.tif"))
    areas = [(float(f["lden"].replace(",", ".")), f.geometry()) for f in layer.getFeatures()]
    box = layer.extent()
    xs = [x for x in range(189_005, 192_000, 10) if box.xMinimum() - 20 < x < box.xMaximum() + 20]
    ys = [y for y in range(499_005, 502_000, 10) if box.yMinimum() - 20 < y < box.yMaximum() + 20]
    wanted = {}
    for x in xs:
        for y in ys:
            point = QgsGeometry.fromPointXY(QgsPointXY(x, y))
            inside = [number for number, area in areas if area.contains(point)]
            if inside:
                wanted[x, y] = max(inside)
    assert len(wanted) > 200
    assert found == wanted


def test_areas_in_degrees_come_on_the_same_grid(plugin, tmp_path):
    from qgis.core import QgsCoordinateReferenceSystem, QgsFeatureRequest, QgsProject

    layer = memory("Polygon?crs=EPSG:28992&field=lden:integer", [("POLYGON((0 0,100 0,100 50,0 0))", [58])])
    layer.dataProvider().changeGeometryValues({1: next(layer.getFeatures()).geometry()})
    moved = layer.materialize(QgsFeatureRequest())
    moved.startEditing()
    for feature in moved.getFeatures():
        geometry = feature.geometry()
        geometry.translate(190_000, 500_000)
        moved.changeGeometry(feature.id(), geometry)
    degrees = QgsFeatureRequest().setDestinationCrs(
        QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance().transformContext()
    )
    one = cells(burned(moved, tmp_path / "rd.tif"))
    other = cells(burned(moved.materialize(degrees), tmp_path / "deg.tif", crs=moved.crs()))
    assert set(one.values()) == {58.0}
    assert one == other
    moved.rollBack()


@pytest.mark.parametrize("value", ["55-59", "hoog", None, ""])
def test_a_class_is_no_number_of_decibels(plugin, tmp_path, value):
    from qgis.core import QgsProcessingException

    layer = memory("Polygon?crs=EPSG:28992&field=lden:string", [("POLYGON((0 0,99 0,99 99,0 0))", [value])])
    with pytest.raises(QgsProcessingException, match="veldberekening"):
        burned(layer, tmp_path / "noise.tif")


@pytest.fixture
def study_of(algorithms, context, project, tmp_path):  # noqa: F811
    """Give the study that the dialog would write, with sites near each other, and the layers beside it."""
    from geowoonzorg_qgis import study_inputs
    from geowoonzorg_qgis.call import Call
    from qgis.core import QgsProcessingException

    sites = project(memory(SITES, [("POINT(145500 506500)", ["a"]), ("POINT(145900 506700)", ["b"])]), "Locaties")
    network = tmp_path / "straten.osm.pbf"
    network.write_bytes(b"")

    def write(**values):
        algorithm = algorithms["indicators"].create()
        asked = {"SITES": sites, "NETWORK": str(network), "OUTPUT": "TEMPORARY_OUTPUT", **values}
        fine, message = algorithm.checkParameterValues(asked, context)
        if not fine:
            return message
        try:
            return study_inputs.tables(Call(algorithm, asked, context, None, tmp_path), tmp_path)
        except QgsProcessingException as error:  # its frames hold layers, which may not outlive QGIS
            return str(error)

    return write


def test_of_a_wide_raster_only_what_is_around_the_sites_goes(study_of, folder, project):  # noqa: F811
    layer = project(virtual(folder), "Geluid van de WCS")
    tables = study_of(NOISE=layer.id(), LIMITS_M="400")
    assert tables["rasters"] == [{"name": "geluid", "source": "noise.tif", "kind": "decibel"}]
    assert tables["sites"] == {"source": "sites.gpkg"}  # beside the study, wherever that goes
    places = cells(folder / "noise.tif")
    # 400 m to walk, 100 m to a street, and ample
    assert (min(x for x, _ in places), max(y for _, y in places)) == (144_505, 507_695)
    whole = cells(folder / LDEN)
    assert all(whole[at] == value for at, value in places.items())
    assert study_of(NOISE=geotiff(project, folder))["rasters"][0]["source"] == LDEN


def test_noise_is_one_of_two_and_areas_have_a_field(study_of, folder, project):  # noqa: F811
    areas = project(
        memory(
            "Polygon?crs=EPSG:28992&field=lden:integer",
            [("POLYGON((145400 506400,145600 506400,145600 506600,145400 506400))", [58])],
        ),
        "Contouren",
    )
    assert "niet allebei" in study_of(NOISE=geotiff(project, folder), NOISE_AREAS=areas)
    assert "Contouren: kies het veld met decibellen" in study_of(NOISE_AREAS=areas)
    assert "Contouren heeft geen veld db" in study_of(NOISE_AREAS=areas, NOISE_FIELD="db")
    assert "laag met vlakken" in study_of(NOISE_FIELD="lden")
    assert study_of(NOISE_AREAS=areas.id(), NOISE_FIELD="lden")["rasters"][0]["source"] == "noise.tif"
    assert set(cells(folder / "noise.tif").values()) == {58.0}
    far = project(memory("Polygon?crs=EPSG:28992&field=lden:integer", [("POLYGON((0 0,99 0,99 99,0 0))", [58])]), "Elders")
    assert "Elders ligt niet waar de locaties zijn" in study_of(NOISE_AREAS=far, NOISE_FIELD="lden")
