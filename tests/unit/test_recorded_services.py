"""What the tests' own services answer has the form of real, recorded answers; skipped where these are not here."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import replay
from loopback import Loopback, Reply
from replay import BAG, ITEMS, LBM, ODATA, OUTLINES, OVERPASS, TABLES

from geowoonzorg.errors import SourceError
from geowoonzorg.fetch._overpass import fetch_overpass
from geowoonzorg.fetch._streets import _index

ROUTES = replay.routes()
BOX = "0,0,300000,700000"
RD = "http://www.opengis.net/def/crs/EPSG/0/28992"


@pytest.fixture(scope="module")
def recorded(shared_data):
    folder = shared_data / "recorded"
    if not folder.is_dir():
        pytest.skip("the recorded answers ../shared/data/recorded are not here")
    return folder


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def asked(path, **query):
    reply = ROUTES[path](query)
    assert reply.status == 200
    return json.loads(reply.body)


def page(path, layer, **more):
    return asked(path, typeNames=layer, count="3", bbox=BOX, **more)


def kinds(row):
    """Tell of each name what its value is."""
    return {name: type(value).__name__ for name, value in row.items()}


def test_pages_of_the_ogc_api_have_the_members_of_pdoks_own(recorded):
    folder = recorded / "pdok_ogc_server"
    real = read(folder / "expected_foo_collection_with_limit.json")
    path = ITEMS.format(year=2023, layer="buurten")
    own = asked(path, f="json", limit="2", crs=RD)
    assert list(own) == list(real), "no count of all, and the features before the number of them"
    assert set(own["features"][0]) == set(real["features"][0])
    rels = [{link["rel"] for link in document["links"]} for document in (own, real)]
    assert rels[0] == rels[1] == {"self", "alternate", "next"}
    assert all("cursor=" in link["href"] for link in own["links"] if link["rel"] == "next")
    assert isinstance(own["features"][0]["id"], type(real["features"][0]["id"])), "text"
    empty = asked(path, f="json", limit="2", crs=RD, bbox="0,0,1,1")
    nothing = read(folder / "expected_empty_feature_collection.json")
    assert (empty["features"], empty["numberReturned"]) == (
        nothing["features"],
        nothing["numberReturned"],
    )
    nowhere = read(folder / "expected_feature_geom_null.json")
    amsterdam = asked(path, f="json", limit="500", crs=RD)
    assert nowhere["geometry"] is None
    assert "crs" not in read(folder / "expected_multiple_gpkgs_rd.json")
    assert "crs" not in amsterdam
    wrong = json.loads(ROUTES[path]({"crs": "x"}).body)
    for name in (
        "expected_query_timeout_features.json",
        "expected_straatnaam_not_allowed_value.json",
    ):
        assert set(read(folder / name)) == set(wrong)


def test_rows_of_the_key_figures_are_padded_and_null_as_published(recorded):
    folder = recorded / "cbs_odata"
    real = read(folder / "v3_84799NED_TypedDataSet_head_amsterdam_kampen.values.json")
    path = ODATA.format(table=TABLES["2023"])
    own = asked(path, **{"$filter": "substringof('0166',WijkenEnBuurten)"})["value"]
    for name in ("WijkenEnBuurten", "Gemeentenaam_1", "SoortRegio_2", "Codering_3"):
        assert {len(row[name]) for row in own} == {len(row[name]) for row in real}, name
    name = "IndelingswijzigingWijkenEnBuurten_4"
    assert {row[name] for row in own} <= {row[name].strip() for row in real}
    stems = pd.Series(list(real[0])).str.replace(r"_\d+$", "", regex=True)
    wanted = pd.Series(list(own[0])).str.replace(r"_\d+$", "", regex=True)
    assert len(set(wanted) & set(stems)) >= 10, "the names of columns, but for their number"
    assert any(value is None for row in own for value in row.values())
    assert any(value is None for row in real for value in row.values())


def test_the_leefbaarometer_answers_six_digits_under_its_own_names(recorded):
    real = read(recorded / "leefbaarometer" / "wfs_buurtscore24_one_feature_without_geometry.json")
    own = page(LBM, "lbm3:buurtscore22")
    assert {"totalFeatures", "numberMatched", "numberReturned", "timeStamp", "crs"} <= set(own)
    feature = own["features"][0]
    assert set(feature["properties"]) == set(real["properties"])
    numbers = {"afw", "fys", "onv", "soc", "vrz", "won"}
    plain = {k: v for k, v in feature["properties"].items() if k not in numbers}
    assert kinds(plain) == kinds({k: real["properties"][k] for k in plain})
    for row in (real["properties"], feature["properties"]):
        assert all(float(f"{row[k]:.6g}") == row[k] for k in numbers)
    assert feature["id"].startswith("buurtscore22.")
    assert real["id"].startswith("buurtscore24.")
    codes = [one["properties"]["id"] for one in asked(
        LBM, typeNames="lbm3:buurtscore22", count="99", bbox=BOX
    )["features"]]  # fmt: skip
    assert any(code.startswith("BU0363A") for code in [*codes, real["properties"]["id"]])


def test_outlines_of_gemeenten_have_the_members_of_pdoks(recorded):
    real = read(
        recorded / "pdok_wijkenbuurten" / "pdok_wfs_gemeente_gegeneraliseerd_2022_first3.geojson"
    )
    own = page(OUTLINES, "gebiedsindelingen:gemeente_gegeneraliseerd")
    assert set(own) <= set(real)
    assert "numberMatched" in own
    assert "numberReturned" not in own
    assert set(own["features"][0]) == set(real["features"][0])
    assert set(own["features"][0]["properties"]) <= set(real["features"][0]["properties"])


def test_addresses_look_like_the_buildings_of_the_same_service(recorded):
    """Of verblijfsobjecten there is no recorded answer: what panden have in common with them is held to."""
    real = read(recorded / "bag" / "bag_wfs_pand_haarlem_2022.json")
    own = page(BAG, "bag:verblijfsobject")
    assert "numberMatched" not in real
    assert "numberMatched" not in own
    one, pand = own["features"][0]["properties"], real["features"][0]["properties"]
    shared = {"gid", "identificatie", "status", "gebruiksdoel"}
    assert kinds({k: one[k] for k in shared}) == kinds({k: pand[k] for k in shared})
    assert len(one["identificatie"]) == len(pand["identificatie"]) == 16
    used = {f["properties"]["gebruiksdoel"] for f in real["features"]}
    assert "" in used
    assert "" in set(replay.homes()["gebruiksdoel"])


def test_the_index_of_extracts_is_read_as_published(recorded, tmp_path):
    body = (recorded / "geofabrik" / "index-v1-nogeom.json").read_bytes()
    real = {one["properties"]["id"]: one["properties"] for one in json.loads(body)["features"]}
    own = {one["properties"]["id"]: one["properties"] for one in replay.index()["features"]}
    assert set(own) <= set(real)
    for key, about in own.items():
        assert about["parent"] == real[key]["parent"]
        assert about["urls"]["pbf"] == real[key]["urls"]["pbf"]
    with replay.Netherlands() as server:
        server.routes["/index-v1.json"] = lambda _: Reply(body)
        found = _index(server.client(None), "https://download.geofabrik.de/index-v1.json")
    assert len(found) == 13, "the country and its twelve provinces"
    assert found["overijssel"]["url"].endswith("/europe/netherlands/overijssel-latest.osm.pbf")


@pytest.mark.parametrize("name", ["query_timed_out", "run_out_memory", "generic_error"])
def test_every_recorded_remark_of_overpass_is_a_failure(recorded, tmp_path, name):
    """The recorded answers are XML, and osmnx asks for JSON, which has the remark as a member."""
    text = (recorded / "overpass" / f"{name}.xml").read_text(encoding="utf-8")
    remark = text.partition("<remark>")[2].partition("</remark>")[0]
    with replay.Netherlands() as server:
        server.routes[OVERPASS] = replay.overpass(remark=remark)
        with pytest.raises(SourceError, match="Overpass says: runtime error"):
            fetch_overpass(server.client(None), replay.town_box(), tmp_path / "a.osm.pbf")
    assert replay.LICENCE in text


def test_the_page_that_overpass_gives_for_a_bad_query_is_a_failure(recorded, tmp_path):
    body = (recorded / "overpass" / "bad_query.xml").read_bytes()
    with replay.Netherlands() as server:
        server.routes[OVERPASS] = lambda _: Reply(body, 400)
        with pytest.raises(SourceError, match="HTTP 400"):
            fetch_overpass(server.client(None), replay.town_box(), tmp_path / "a.osm.pbf")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("expected_query_timeout_features.json", 500),
        ("expected_straatnaam_not_allowed_value.json", 400),
    ],
)
def test_what_pdok_says_went_wrong_is_no_empty_answer(recorded, tmp_path, name, status):
    from geowoonzorg.fetch import Client, Limits, fetch_items

    body = (recorded / "pdok_ogc_server" / name).read_bytes()
    limits = Limits(timeout_s=60, deadline_s=300, tries=1)
    for answered in (status, 200):
        with Loopback() as server:
            server.routes["/items"] = lambda _, code=answered: Reply(body, code)
            client = Client(cache=None, limits=limits, bases={"api.pdok.nl": server.base})
            with pytest.raises(
                SourceError, match=f"HTTP {status}" if answered != 200 else "no features"
            ):
                fetch_items(client, "https://api.pdok.nl/items")


@pytest.mark.parametrize(
    "name", ["expected_foo_collection_with_cursor.json", "expected_multiple_gpkgs_rd.json"]
)
def test_recorded_pages_are_read_without_a_count(recorded, name):
    from geowoonzorg.fetch._features import as_frame

    document = read(recorded / "pdok_ogc_server" / name)
    if "rd" in name:
        frame = as_frame(document["features"], "https://api.pdok.nl/items")
        assert frame.crs == 28992
        assert len(frame) == document["numberReturned"]
    assert "numberMatched" not in document
