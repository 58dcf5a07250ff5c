"""A study folder fetched from a server that speaks as the real ones do, and one real fetch per source."""

from __future__ import annotations

import json
import threading

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from loopback import Loopback, Reply, as_json
from published import leefbaarometer_rows, write_wijkenbuurten
from shapely.geometry import mapping
from told import dutch

from geowoonzorg.errors import Cancelled, CoverageError, OutputError, SourceError
from geowoonzorg.fetch import Client, Limits, fetch_coverage, fetch_rows, fetch_study, fetch_wfs
from geowoonzorg.files import content_hash, read_toml, read_vector
from geowoonzorg.opendata.areas import join_figures, join_leefbaarometer, read_areas
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.opendata.squares import read_squares
from geowoonzorg.study import read_study

OSM = b"""<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6"><node id="1" lat="51.6" lon="4.6" version="1"/></osm>
"""


def features_of(frame, *, key):
    rows = frame.drop(columns="geometry").to_dict("records")
    return [
        {"type": "Feature", "id": row[key], "properties": row, "geometry": mapping(shape)}
        for row, shape in zip(rows, frame.geometry, strict=True)
    ]


@pytest.fixture
def netherlands(tmp_path):
    """Serve two gemeenten of 40 buurten each, with every source the catalogue fetches."""
    layers = write_wijkenbuurten(tmp_path / "published.gpkg", 80)
    shapes = {
        name: features_of(layer, key="buurtcode" if name == "buurten" else "gemeentecode")
        for name, layer in layers.items()
    }
    land = layers["buurten"].query("water == 'NEE'")
    own = land.query("gemeentecode == 'GM0166'")

    def items(name):
        def serve(query):
            start, limit = int(query.get("offset", 0)), 30
            page = shapes[name][start : start + limit]
            links = []
            if start + limit < len(shapes[name]):
                path = f"/cbs/wijken-en-buurten-2023/ogc/v1/collections/{name}/items"
                href = f"https://api.pdok.nl{path}?offset={start + limit}"
                links = [{"rel": "next", "href": href}]
            return as_json({"features": page, "links": links, "numberMatched": len(shapes[name])})

        return serve

    def odata(query):
        rows = [
            {
                "ID": i,
                "WijkenEnBuurten": f"{code:<10}",
                "AantalInwoners_5": 100 + i,
                "Codering_3": f"{code:<10}",
            }
            for i, code in enumerate(land["buurtcode"])
        ]
        rows.append(
            {"ID": 99, "WijkenEnBuurten": "BU05550166", "AantalInwoners_5": 1, "Codering_3": "x"}
        )
        if "skip" in query:
            return as_json({"value": rows[20:]})
        return as_json({"value": rows[:20], "odata.nextLink": "TypedDataSet?skip=20"})

    lbm = leefbaarometer_rows(list(land["buurtcode"])).rename(columns={"bu_code": "id"})
    lbm = lbm.drop(columns="jaar").assign(name="x", scale="buurt", kscore=6, year="2022")
    lbm = gpd.GeoDataFrame(lbm, geometry=land.geometry.to_numpy(), crs=land.crs)
    homes = own[["geometry"]].assign(
        identificatie=[f"0166{i:012d}" for i in range(len(own))],
        gebruiksdoel=["woonfunctie"] * 39 + ["winkelfunctie"],
        postcode="8261AA",
        huisnummer=1,
    )
    homes.geometry = homes.centroid
    squares = own[["geometry"]].iloc[:1].assign(crs28992res100m="E100000N400000", aantalInwoners=25)

    def wfs(layers):
        def serve(query):
            found = layers[query["typeNames"]]
            start, count = int(query["startIndex"]), int(query["count"])
            return as_json({"features": found[start : start + count], "numberMatched": len(found)})

        return serve

    noise = tmp_path / "noise.tif"
    with rasterio.open(
        noise, "w", driver="GTiff", width=2, height=2, count=1, dtype="float32", crs="EPSG:28992",
        transform=rasterio.Affine(10, 0, 100_000, 0, -10, 400_000),
    ) as dataset:  # fmt: skip
        dataset.write(np.full((1, 2, 2), 55.0, "float32"))

    with Loopback() as server:
        collections = "/cbs/wijken-en-buurten-2023/ogc/v1/collections"
        server.routes = {
            **{f"{collections}/{name}/items": items(name) for name in shapes},
            "/ODataApi/OData/85618NED/TypedDataSet": odata,
            "/lbm3/ows": wfs({"lbm3:buurtscore22": features_of(lbm, key="id")}),
            "/lv/bag/wfs/v2_0": wfs(
                {"bag:verblijfsobject": features_of(homes, key="identificatie")}
            ),
            "/cbs/vierkantstatistieken100m/2023/wfs/v1_0": wfs(
                {
                    "vierkantstatistieken100m:vierkant_100m": features_of(
                        squares, key="crs28992res100m"
                    )
                }
            ),
            "/geo/alo/wcs": lambda _: Reply(noise.read_bytes()),
            "/api/interpreter": lambda _: Reply(OSM),
        }
        yield server


@pytest.fixture
def client(netherlands, tmp_path):
    bases = dict.fromkeys(read_catalogue().hosts, netherlands.base)
    limits = Limits(timeout_s=60, deadline_s=300, backoff_s=0.02)  # for any machine, however busy
    return Client(cache=tmp_path / "cache", limits=limits, bases=bases)


def test_progress_rises_also_while_a_part_is_downloaded(client, netherlands, tmp_path, monkeypatch):
    def loopback(*, cache, progress):
        return Client(
            cache=tmp_path / "cache", limits=client.limits, bases=client._bases, progress=progress
        )

    told = []
    monkeypatch.setattr("geowoonzorg.fetch._study.Client", loopback)
    fetch_study("kampen", 2023, tmp_path / "study", progress=lambda *said: told.append(said))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert any(0.1 < fraction < 0.9 and message.endswith(" MB") for fraction, message in told)


def test_a_study_folder_is_ready_to_run(client, tmp_path):
    report = fetch_study("kampen", 2023, tmp_path / "study", client=client)
    assert report.missing == {}
    study = read_study(report.study)
    assert study.areas.gemeente == "GM0166"
    for path in (
        study.network.source,
        study.areas.source,
        study.addresses.source,
        study.sites.source,
    ):
        assert path.is_file()
    areas = read_areas(study.areas.source, gemeente=study.areas.gemeente)
    assert len(areas.frame) == 40
    assert set(areas.gemeenten.index) == {"GM0166", "GM0363"}
    areas = join_figures(areas, study.areas.figures)
    assert areas.frame["inhabitants"].tolist() == list(range(100, 140))
    areas = join_leefbaarometer(areas, study.areas.leefbaarometer, study.areas.leefbaarometer_year)
    assert (areas.frame["lbm_class"] == 6).all()
    assert (areas.fallbacks["lbm_afw"] == "").all()
    assert len(read_vector(study.addresses.source)) == 39, "the shop is no home"
    assert read_squares(tmp_path / "study" / "cbs_vk100_2023.gpkg").index.tolist() == ["E1000N4000"]
    assert study.rasters[0].kind == "decibel"
    site = read_toml(report.study)["sites"]["source"]
    assert "VOORBEELD" in (tmp_path / "study" / site).read_text(encoding="utf-8")


@pytest.mark.parametrize("asked", ["Amsterdam", "GM0363", "0363"])
def test_a_gemeente_whose_codes_have_letters_is_fetched_whole(client, tmp_path, asked):
    report = fetch_study(asked, 2023, tmp_path / "study", client=client)
    study = read_study(report.study)
    areas = read_areas(study.areas.source, gemeente=study.areas.gemeente)
    assert len(areas.frame) == 40
    assert areas.frame.index.str.startswith("BU0363A").all()
    areas = join_figures(areas, study.areas.figures)
    assert areas.frame["inhabitants"].tolist() == list(range(140, 180))
    areas = join_leefbaarometer(areas, study.areas.leefbaarometer, study.areas.leefbaarometer_year)
    assert areas.frame["lbm_afw"].notna().all()
    assert not any("niet de som" in note for note in dutch(areas.notes))


def test_every_file_is_accounted_for(client, tmp_path):
    report = fetch_study("GM0166", 2023, tmp_path / "study", client=client)
    account = json.loads((tmp_path / "study" / "sources.json").read_text(encoding="utf-8"))
    assert {f["name"] for f in account["files"]} == {f.name for f in report.files}
    for file in account["files"]:
        assert file["sha256"] == content_hash(tmp_path / "study" / file["name"])
        assert file["licence"]
        assert all(a.startswith("https://") for a in file["addresses"])
        assert file["addresses"]
    noise = next(f for f in report.files if f.source == "rivm_geluid")
    assert "rivm_20250101_Geluid_lden_wegverkeer_2022" in noise.citation


def test_a_second_fetch_comes_from_the_cache_and_is_the_same(client, netherlands, tmp_path):
    fetch_study("Kampen", 2023, tmp_path / "one", client=client)
    asked = len(netherlands.asked)
    fetch_study("Kampen", 2023, tmp_path / "two", client=client)
    assert len(netherlands.asked) == asked
    for name in ("study.toml", "kerncijfers-2023.csv", "leefbaarometer-2022.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_part_that_cannot_be_had_is_left_out_with_its_reason(client, netherlands, tmp_path):
    netherlands.routes["/geo/alo/wcs"] = lambda _: Reply(b"", 403)
    netherlands.routes["/lbm3/ows"] = lambda _: Reply(b"<html>maintenance")
    report = fetch_study("Kampen", 2023, tmp_path / "study", client=client)
    assert set(report.missing) == {"noise", "leefbaarometer"}
    text = report.study.read_text(encoding="utf-8")
    assert "# noise: https://data.rivm.nl/geo/alo/wcs: HTTP 403" in text
    study = read_study(report.study)
    assert study.rasters == ()
    assert study.areas.leefbaarometer is None


def test_streets_are_needed_or_named(client, netherlands, tmp_path):
    netherlands.routes["/api/interpreter"] = lambda _: Reply(b"<osm><remark>timeout</remark></osm>")
    with pytest.raises(SourceError, match="no whole OSM file"):
        fetch_study("Kampen", 2023, tmp_path / "study", client=client)
    assert not (tmp_path / "study" / "study.toml").exists()
    extract = tmp_path / "mijn uittreksel.osm"
    extract.write_bytes(OSM)
    report = fetch_study("Kampen", 2023, tmp_path / "study", osm=extract, client=client)
    assert read_study(report.study).network.source == extract


def test_a_name_that_is_not_there_gets_a_hint(client, tmp_path):
    with pytest.raises(CoverageError, match="did you mean Kampen"):
        fetch_study("Kamper", 2023, tmp_path / "study", client=client)


def test_a_folder_with_a_study_is_left_alone(client, tmp_path):
    (tmp_path / "study.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="holds a study"):
        fetch_study("Kampen", 2023, tmp_path, client=client)


def test_cancel_leaves_nothing_behind(netherlands, tmp_path):
    held = threading.Event()
    netherlands.routes["/api/interpreter"] = lambda _: held.wait(60) and Reply(OSM)

    def cancel(fraction, message):
        if "overpass" in message:
            raise Cancelled("stop")

    bases = dict.fromkeys(read_catalogue().hosts, netherlands.base)
    client = Client(cache=None, bases=bases, progress=cancel)
    try:
        with pytest.raises(Cancelled):
            fetch_study("Kampen", 2023, tmp_path / "study", client=client)
        assert not held.is_set(), "the streets had not come"
        assert not [p for p in (tmp_path / "study").glob("*") if not p.name.startswith(".")]
    finally:
        held.set()


# ------------------------------------------------- one real fetch per source, by hand (-m internet)

KAMPEN = (190_000.0, 507_500.0, 190_600.0, 508_100.0)


@pytest.fixture
def real(tmp_path):
    return Client(cache=tmp_path / "cache", limits=Limits(deadline_s=120))


@pytest.mark.internet
@pytest.mark.parametrize("collection", ["gemeenten", "wijken", "buurten"])
def test_internet_cbs_wijken_buurten(real, collection):
    from geowoonzorg.fetch import fetch_items

    source = read_catalogue().sources["cbs_wijken_buurten"]
    frame = fetch_items(real, source.address("items", year=2023, collection=collection), box=KAMPEN)
    assert "GM0166" in set(frame["gemeentecode"])


@pytest.mark.internet
def test_internet_cbs_gpkg_address_exists(real):
    source = read_catalogue().sources["cbs_wijken_buurten"]
    with pytest.raises(SourceError, match="larger than"):
        real.get(source.address("gpkg", year=2023, version=3), max_bytes=10_000)


@pytest.mark.internet
@pytest.mark.parametrize("year", ["2023", "2024", "2025"])
def test_internet_cbs_kerncijfers(real, year):
    source = read_catalogue().sources["cbs_kerncijfers"]
    url = source.address("odata", table=source.tables[year])
    query = {"$filter": "substringof('0166',WijkenEnBuurten)", "$format": "json"}
    assert "WijkenEnBuurten" in fetch_rows(real, url, query)


@pytest.mark.internet
@pytest.mark.parametrize(
    ("key", "layer", "parts"),
    [
        ("leefbaarometer", "buurt", {}),
        ("bag", "wfs", {}),
        ("cbs_vierkanten_100m", "wfs", {"year": 2023}),
    ],
)
def test_internet_wfs(real, key, layer, parts):
    source = read_catalogue().sources[key]
    name = source.layers[layer].format(yy="24")
    assert len(fetch_wfs(real, source.address("wfs", **parts), name, box=KAMPEN))


@pytest.mark.internet
def test_internet_rivm_noise(real):
    source = read_catalogue().sources["rivm_geluid"]
    assert fetch_coverage(real, source.address("wcs"), source.layers["2022"], box=KAMPEN)


@pytest.mark.internet
def test_internet_osm(tmp_path, real):
    report = fetch_study("Schiermonnikoog", 2023, tmp_path / "study", parts=["osm"], client=real)
    assert len(gpd.read_file(tmp_path / "study" / report.files[0].name)) > 0
