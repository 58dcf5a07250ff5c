"""The page and the folium map of a question about no given sites, from what was found alone."""

from __future__ import annotations

import json
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from make_result import HOSTILE

from geowoonzorg.findings import Asked, Findings, Grid
from geowoonzorg.show import question_marks, question_page
from geowoonzorg.show.folium_map import to_folium
from geowoonzorg.show.grid_image import COLOURS, grid_image
from geowoonzorg.show.question_page import render_question
from geowoonzorg.show.question_spec import question_pages

CRS = "EPSG:28992"


def grid(score, why=None):
    score = np.asarray(score, dtype=np.float32)
    why = np.zeros_like(score) if why is None else np.asarray(why, dtype=np.float32)
    return Grid(bands={"score": score, "why": why}, west=190_000, north=507_000, cell_m=25, crs=CRS)


def spots(names):
    n = len(names)
    at = gpd.points_from_xy(190_010 + 30 * np.arange(n), np.full(n, 506_990.0))
    columns = {
        "id": names,
        "rank": range(1, n + 1),
        "score": np.linspace(80, 20, n),
        "wijk_code": names,
    }
    return gpd.GeoDataFrame(columns, geometry=at, crs=CRS)


def found(**tables):
    return Findings(
        question="search", asked=Asked(name=HOSTILE[0]), tables=tables, summary=(HOSTILE[1], "tweede regel"),
        grids={"suitability": grid([[90, np.nan], [10, 50]], [[0, 1], [0, 0]])}, notes=(HOSTILE[2],),
    )  # fmt: skip


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_nothing_from_outside_becomes_markup(lang):
    page = render_question(found(spots=spots(list(HOSTILE))), lang=lang)
    assert len(re.findall("<script", page)) == 2
    assert "onerror" not in re.sub(r"<script.*?</script>|onerror=&#34;", "", page, flags=re.DOTALL)
    marks = data_of(page)["layers"][1]["marks"]
    assert [mark["sign"] for mark in marks] == [str(i + 1) for i in range(len(HOSTILE))]
    chart = to_folium(found(spots=spots(list(HOSTILE))), lang=lang).get_root().render()
    assert "<script>window.executed" not in chart
    assert 'onerror="window' not in chart


def test_a_page_of_nothing_says_so_and_stands():
    page = render_question(found())
    assert data_of(page)["layers"][0]["look"] == "image"
    assert len(data_of(page)["layers"]) == 1


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_picture_has_a_pixel_of_the_right_colour_at_every_cell():
    """Against plain classing, with GDAL as the reader of our PNG."""
    import base64

    from rasterio.io import MemoryFile

    rng = np.random.default_rng(3)
    score = rng.uniform(0, 100, (40, 30)).astype(np.float32)
    score[rng.uniform(size=score.shape) < 0.2] = np.nan
    made = grid_image(grid(score))
    with MemoryFile(base64.b64decode(made["url"].partition(",")[2])) as file, file.open() as png:
        pixels, palette = png.read(1), png.colormap(1)
    assert [palette[i + 1][:3] for i in range(5)] == [tuple(bytes.fromhex(c[1:])) for c in COLOURS]
    rows, columns = np.indices(score.shape)
    lines = pixels[(2 * rows + 1).ravel(), (2 * columns + 1).ravel()].reshape(score.shape)
    wanted = np.where(np.isnan(score), 0, np.nan_to_num(score) // 20 + 1)
    # The grid is turned a little against the web's: most cells still have their own colour at their middle.
    assert (lines == wanted).mean() > 0.6
    assert set(np.unique(pixels)) <= {0, 1, 2, 3, 4, 5}


def test_every_layer_and_table_has_words_in_both_languages():
    from geowoonzorg.show.texts import read_texts

    for lang in ("nl", "en"):
        texts = read_texts(lang)
        for question, page in question_pages().items():
            assert texts(f"question.{question.replace('-', '_')}")
            for table in page.tables:
                assert texts(f"question.table_{table.table}")
                assert table.columns  # else a page has names that only computers know
                for column in table.columns:
                    assert column in texts.table["columns"], column


def test_why_a_site_has_no_homes_is_a_word_in_both_languages():
    from geowoonzorg.ask import programme_words, site_homes
    from geowoonzorg.choosing import homes
    from geowoonzorg.show.texts import read_texts

    kinds = {
        programme_words.OTHERS, site_homes.BALANCE, site_homes.NO_WIJK, site_homes.NO_BALANCE, homes.CAPACITY,
        homes.MINIMUM, "infeasible", "score", "knocked_out", "by_year", "woonvorm",
    }  # fmt: skip
    for lang in ("nl", "en"):
        assert set(read_texts(lang).table["why"]) == kinds


def points_at(n, **columns):
    at = gpd.points_from_xy(190_010 + 30 * np.arange(n), np.full(n, 506_990.0))
    return gpd.GeoDataFrame(columns, geometry=at, crs=CRS)


def chart_of(question, *, background=False, **tables):
    asked = Asked(name="kaart", background=background)
    return to_folium(Findings(question=question, asked=asked, tables=tables), lang="en")


def test_homes_stand_on_their_sites_and_a_site_without_has_none():
    sites = points_at(2, id=["a", "b"], name=["Werf", "Veld"], homes=[24, 0])
    html = chart_of("programme", sites=sites).get_root().render()
    assert html.count("geowoonzorg-sign") == 1
    assert re.search(r"(>|u003e)24(<|\\u003c)", html)
    assert html.count("L.circleMarker(") == 1


def test_changes_are_a_layer_each_in_their_colour_and_what_closes_is_hollow():
    addresses = points_at(
        3, id=["1", "2", "3"], facility_class="huisarts", change=["lost", "further", "lost"],
        distance_before_m=[300.0, 350.0, 390.0], distance_after_m=[900.0, 380.0, np.nan],
    )  # fmt: skip
    facilities = points_at(
        2,
        id=["x", "y"],
        name=["Oost", "West"],
        facility_class="huisarts",
        state=["closes", "stays"],
    )
    chart = chart_of("what-if", addresses=addresses, facilities=facilities)
    groups = {
        child.layer_name: len(child._children)
        for child in chart._children.values()
        if child._name == "FeatureGroup"
    }
    assert [n for name, n in groups.items() if "falls out of reach" in name] == [2]
    assert len(groups) == 3
    html = chart.get_root().render()
    assert html.count("#bf360c") >= 2
    assert html.count('"fillColor": "#ffffff"') == 1


def shown(question, **tables):
    page = render_question(Findings(question=question, asked=Asked(name="k"), tables=tables))
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def test_who_gains_or_loses_is_drawn_however_many_walk_further(monkeypatch):
    monkeypatch.setattr(question_marks, "MOST_PLACES", 4)
    monkeypatch.setattr(question_page, "MOST_PLACES", 4)
    changes = ["further"] * 6 + ["gained", "lost", "further", "nearer"]
    addresses = points_at(
        10, id=[*"abcdefbcgh"], facility_class=["huisarts"] * 6 + ["apotheek"] * 4, change=changes,
        distance_before_m=[500.0] * 10, distance_after_m=[300.0] * 10,
    )  # fmt: skip
    data = shown("what-if", addresses=addresses)
    [layer] = data["layers"]
    drawn = [mark["name"] for mark in layer["marks"]]
    assert len(drawn) == len(set(drawn)) == 4  # one mark a place
    assert drawn[-2:] == ["b", "c"]  # on top, who falls out last of all
    assert [text for _, text in data["legend"]] == [
        "komt binnen bereik", "loopt verder", "valt buiten bereik",
    ]  # fmt: skip
    assert "hoogstens 4 op de kaart" in data["cut"]


@pytest.mark.parametrize(
    ("homes", "signs"),
    [
        ([0, 0], ["locatie zonder woningen"]),
        ([3, 0], ["locatie met woningen; hoe groter, hoe meer", "locatie zonder woningen"]),
        ([3, 4], ["locatie met woningen; hoe groter, hoe meer"]),
    ],
)
def test_the_legend_names_the_signs_that_are_there(homes, signs):
    sites = points_at(2, id=["a", "b"], name=["Werf", "Veld"], homes=homes)
    data = shown("programme", sites=sites)
    assert [text for _, text in data["legend"]] == signs
    assert data["cut"] == ""


def test_the_map_is_as_wide_as_what_was_looked_at():
    score = np.full((40, 60), np.nan, np.float32)
    score[10:12, 20:25] = 50.0
    why = np.where(np.isfinite(score), 0, 3).astype(np.float32)
    why[14, 30] = 1.0  # looked at, and too little known
    whole = Grid(
        bands={"score": score, "why": why}, west=190_000, north=507_000, cell_m=100, crs=CRS
    )
    (south, west), (north, east) = grid_image(whole)["bounds"]
    ends = gpd.GeoSeries.from_xy([192_000, 193_100], [505_500, 506_000], crs=CRS).to_crs(4326)
    assert [west, east] == pytest.approx(ends.x.tolist(), abs=2e-4)
    assert [south, north] == pytest.approx(ends.y.tolist(), abs=2e-4)


@pytest.mark.parametrize("background", [True, False])
def test_streets_lie_below_where_no_background_does(background):
    line = shapely.LineString([(190_000, 507_000), (190_100, 507_000)])
    streets = gpd.GeoDataFrame(geometry=[line], crs=CRS)
    chart = chart_of("search", background=background, spots=spots(["a"]), streets=streets)
    assert ("Streets" in chart.get_root().render()) != background
