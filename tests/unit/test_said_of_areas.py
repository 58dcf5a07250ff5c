"""What is said of areas: where the balance is from, which years it lacks, layers of borders, and what has a range."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from english import run_command
from make_result import make_findings, with_tables
from test_maps import NL, Page

from geowoonzorg.ask.writing import Outputs, write_file
from geowoonzorg.errors import MissingColumnError
from geowoonzorg.findings import Asked, Findings
from geowoonzorg.messages import tell, translate
from geowoonzorg.opendata.areas import (
    TableColumns,
    join_figures,
    join_forecast,
    join_leefbaarometer,
    read_areas,
)
from geowoonzorg.osm import read_facility_classes
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.prepare import demo_study
from geowoonzorg.show.account import make_account
from geowoonzorg.show.report import render_report
from geowoonzorg.show.residents import coverage_rows
from geowoonzorg.show.spans import Span, span_words
from geowoonzorg.show.texts import read_texts
from geowoonzorg.town.areas import figure_areas
from geowoonzorg.town.facilities import read_facilities

DEMO = demo_study().parent
MAP = DEMO / "wijkenbuurten_2023_v3.gpkg"
GGD = read_balance_profile("dragers_ggd")


def blank_map(path, *, columns=("jaar",), wijken=()):
    """Write the demo's borders without figures, and its wijken with their codes alone."""
    for layer, code, extra in (("buurten", "buurtcode", columns), ("wijken", "wijkcode", wijken)):
        frame = gpd.read_file(MAP, layer=layer)
        frame = frame[frame["water"] == "NEE"]
        frame[[code, *extra, "geometry"]].to_file(path, layer=layer)
    return path


# ---------------------------------------------------------------- layers of borders only


def test_a_coarser_layer_of_borders_alone_is_no_figure_and_no_hindrance(tmp_path):
    path = blank_map(tmp_path / "grenzen.gpkg")
    areas = read_areas(path)
    assert areas.parents["wijk"].notna().sum().sum() == 0
    codes = areas.frame.index
    table = pd.DataFrame({"code": [*codes, "WK980100"], "a_inw": [100] * len(codes) + [9_000]})
    table.to_csv(tmp_path / "kwb-2023.csv", index=False)
    joined = join_figures(areas, tmp_path / "kwb-2023.csv")
    assert (joined.frame["inhabitants"] == 100).all()
    assert joined.parents["wijk"]["inhabitants"].tolist() == [9_000], "a table may still tell them"


def test_a_coarser_layer_with_figures_stands_in_where_the_buurt_has_none(tmp_path):
    """The other way about: what the layer of borders lacks is what makes the difference."""
    own = ("jaar", "aantal_inwoners")
    path = blank_map(tmp_path / "kaart.gpkg", columns=own, wijken=("netto_arbeidsparticipatie",))
    areas = read_areas(path)
    assert areas.parents["wijk"]["labour_participation_pct"].notna().all()


# --------------------------------------------------------------- where the balance is from


def shares(codes):
    return pd.DataFrame({"code": codes, "vrij": 30, "mantel": 15})


def test_a_balance_with_an_own_table_is_not_said_to_be_of_cbs_alone(tmp_path):
    areas = read_areas(MAP)
    assert "niet alleen" not in figure_areas(areas).origins["balans"][0]
    codes = [*areas.frame.index, "GM9801"]
    shares(codes).to_csv(tmp_path / "eigen.csv", index=False)
    named = TableColumns(
        {"volunteers_share": "vrij", "carers_share": "mantel"}, unit="%", period=2023
    )
    figures = figure_areas(join_figures(areas, tmp_path / "eigen.csv", named=named), profile=GGD)
    assert figures.balance["balans"].notna().any()
    assert "niet alleen van het CBS" in figures.origins["balans"][0]


def test_a_balance_with_figures_of_rivm_is_not_said_to_be_of_cbs_alone(tmp_path):
    areas = read_areas(MAP)
    codes = [*areas.frame.index, "GM9801"]
    table = pd.DataFrame({
        "WijkenEnBuurten": codes, "Perioden": "2023JJ00", "Mantelzorger_31": 15, "Vrijwilligerswerk_30": 30,
    })  # fmt: skip
    table.to_csv(tmp_path / "rivm.csv", index=False)
    joined = join_figures(areas, tmp_path / "rivm.csv")
    assert joined.frame["carers_share"].notna().all()
    source, year = figure_areas(joined, profile=GGD).origins["balans"]
    assert "niet alleen van het CBS" in source
    assert year == 2023


def test_every_named_column_that_a_table_lacks_is_told_at_once(tmp_path):
    areas = read_areas(MAP)
    shares(areas.frame.index).to_csv(tmp_path / "eigen.csv", index=False)
    named = TableColumns(
        {"volunteers_share": "vrijw", "carers_share": "mantel", "wlz_per_1000": "wlz"},
        unit="%",
        everything=False,
    )
    with pytest.raises(MissingColumnError, match="no columns 'vrijw', 'wlz'; it has code, vrij"):
        join_figures(areas, tmp_path / "eigen.csv", named=named)


# --------------------------------------------------------------------- advice about years


def test_advice_names_the_years_of_the_balances_own_figures_and_no_other(tmp_path):
    areas = read_areas(blank_map(tmp_path / "b.gpkg"))
    codes = [*areas.frame.index, "GM9801"]
    pd.DataFrame({"code": codes, "a_inw": 100, "p_wmo_t": 40}).to_csv(
        tmp_path / "kwb-2023.csv", index=False
    )
    joined = join_figures(areas, tmp_path / "kwb-2023.csv")
    scores = DEMO / "Leefbaarometer-scores buurten 2002-2022.csv"
    lived = join_leefbaarometer(joined, scores, 2022)
    told = str(figure_areas(lived).advice)
    assert told.startswith("no balance in 2023: ")
    assert "Wmo" not in told, "what is there is not said to lack"
    assert "bijstand per inwoner" in told
    dutch = translate(figure_areas(lived).advice, "nl")
    assert dutch.startswith("geen balans in 2023")


def test_advice_without_any_year_does_not_make_one_up(tmp_path):
    areas = read_areas(blank_map(tmp_path / "b.gpkg", columns=()))
    assert "an unstated year" in str(figure_areas(areas).advice)


# ----------------------------------------------------------------------- what has a range


def test_a_forecast_of_the_gemeente_is_named_once_in_the_status_of_a_buurt(tmp_path):
    ends = [f"forecast_{age}plus_{end}" for age in (75, 85) for end in ("low", "mid", "high")]
    path = tmp_path / "prognose.csv"
    pd.DataFrame({"code": ["GM9801"], "jaar": [2040], **dict.fromkeys(ends, 10)}).to_csv(
        path, index=False
    )
    told = figure_areas(join_forecast(read_areas(MAP), path, 2040)).layer["status"]
    assert told.str.contains(": forecast_75plus, forecast_85plus", regex=False).all()
    assert not told.str.contains("_mid").any()


def test_the_report_counts_at_how_many_sites_a_value_is_a_range():
    findings = make_findings()
    criteria = findings.tables["criteria"].copy()
    known = criteria["value"].notna()
    criteria["value_low"], criteria["value_high"] = criteria["value"], criteria["value"]
    exact = with_tables(findings, criteria=criteria)
    marks = "niet precies bekend"
    assert marks not in Page(render_report(exact)).text
    key = criteria.loc[known, "criterion"].value_counts().index[0]
    rows = known & (criteria["criterion"] == key)
    criteria.loc[rows, "value_low"] = criteria.loc[rows, "value"] - 0.1
    ranged = with_tables(findings, criteria=criteria)
    (line,) = [one for one in make_account(ranged, texts=NL).unknown if marks in one]
    label = criteria.loc[rows, "label"].iloc[0]
    assert line == NL("unknown.ranged", label=label, n=NL.count("sites", int(rows.sum())))
    assert line in Page(render_report(ranged)).text


@pytest.mark.parametrize(("lang", "told"), [("nl", "3 (2 of meer)"), ("en", "3 (2 or more)")])
def test_a_measure_without_an_upper_end_says_so(lang, told):
    texts = read_texts(lang)
    span = Span(3.0, 2.0, float("inf"))
    assert span_words(span, texts.number, walked=False, texts=texts) == told


def test_the_share_of_addresses_says_what_is_sure_and_what_may_be():
    people = {"people_65plus": [9.0], "people_65plus_min": [1.0], "people_65plus_max": [20.0]}
    row = {
        "facility_class": ["huisarts"], "addresses": [200], "addresses_within": [120], "share_within": [0.6],
        "within_low": [80], **people,
    }  # fmt: skip
    (told,) = coverage_rows(pd.DataFrame(row), classes=["huisarts"], texts=read_texts("nl"))
    assert told.share.replace("\u00a0", " ") == "40 % tot 60 %"
    (sure,) = coverage_rows(
        pd.DataFrame(row | {"within_low": [120]}), classes=["huisarts"], texts=read_texts("nl")
    )
    assert sure.share.replace("\u00a0", " ") == "60 %"


@pytest.mark.parametrize(("lang", "words"), [("nl", "naar 5 adressen"), ("en", "by 5 addresses")])
def test_a_table_speaks_the_language_of_the_pages(tmp_path, lang, words):
    source = pd.Series(
        [tell("{source}, by {n:,} addresses", source="CBS 2022", n=5), ""], dtype=object
    )
    table = pd.DataFrame({"facility_class": ["a", "b"], "complete_source": source})
    found = Findings(question="none", asked=Asked(name="x"), tables={"coverage": table})
    write_file(
        found,
        Outputs(layers={}, tables={"coverage.csv": "coverage"}),
        tmp_path / "c.csv",
        lang=lang,
    )
    told = pd.read_csv(tmp_path / "c.csv", keep_default_na=False)["complete_source"]
    assert words in told[0], told[0]
    assert told[1] == ""


def test_none_found_of_a_class_that_was_asked_for_is_told(tmp_path, capsys):
    osm, known = DEMO / "wierhaven.osm.pbf", read_facility_classes()
    there = set(read_facilities(osm, list(known))["facility_class"])
    lacking = next(name for name in known if name not in there and known[name].expected is None)
    words = [
        "facilities",
        osm,
        "-o",
        tmp_path / "x.gpkg",
        "--class",
        "huisarts",
        "--class",
        lacking,
    ]
    assert run_command(words) == 0
    told = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert ["0", known[lacking].title_en] in told
