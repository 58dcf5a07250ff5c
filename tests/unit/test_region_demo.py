"""The fictional region as it is shipped: every output has rows, homes fit as the sites allow, maps say as much."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from geowoonzorg.ask import _fits, ask_region, score_sites
from geowoonzorg.ask._fits import homes_asked, try_homes
from geowoonzorg.ask.region import OUTPUTS
from geowoonzorg.errors import InputError, MissingColumnError, StudyError
from geowoonzorg.region.classes import class_of, map_region, read_map_knowledge
from geowoonzorg.region.outcome import work_out
from geowoonzorg.region.outlines import read_outlines
from geowoonzorg.region.study import Region, parse_region, read_region
from geowoonzorg.show.region_map import region_atlas
from geowoonzorg.show.region_report import render_region_report
from geowoonzorg.show.texts import read_texts
from geowoonzorg.study import read_study, study_files
from geowoonzorg.town import Town
from geowoonzorg.town.reading import demo_study, read_sites

PATH = demo_study().parent / "regio" / "region.toml"


@pytest.fixture(scope="module")
def answer():
    return ask_region(PATH)


def test_every_output_of_the_demo_has_rows(answer):
    empty = [file for file, name in OUTPUTS.tables.items() if answer.tables[name].empty]
    assert empty == []


@pytest.mark.parametrize(("lang", "title"), [("nl", "Past het"), ("en", "Does it fit")])
def test_the_report_has_every_part_and_no_script(answer, lang, title):
    page = render_region_report(answer, lang=lang)
    assert "<script" not in page
    assert f"<h2>{title}</h2>" in page
    assert page.count('class="regionmap"') == len(re.findall(r"<figure>", page)) > 6
    drawn = re.findall(r'href="#(area\d)"', page)
    assert set(drawn) == {f"{i}" for i in re.findall(r'<path id="(area\d)"', page)}


def test_every_map_of_the_report_is_a_layer_to_explore_and_only_the_first_is_shown(answer):
    atlas = region_atlas(answer, read_texts("en"))
    chart = answer.explore(lang="en")
    layers = [child for child in chart._children.values() if child._name == "FeatureGroup"]
    assert len(layers) == sum(len(part.maps) for part in atlas.parts) > 6
    assert [layer.show for layer in layers] == [True] + [False] * (len(layers) - 1)
    drawn = [next(iter(layer._children.values())).data["features"] for layer in layers]
    told = [one["properties"]["said"].split("<br>")[-1] for one in drawn[0]]
    words = dict(atlas.parts[0].legend)
    assert told == [words[name] for name in atlas.parts[0].maps[0].classes]
    assert chart.get_bounds() != [[None, None], [None, None]]


def test_what_fits_is_the_room_on_sites_of_that_kind_with_a_score(answer):
    study = read_study(demo_study())
    sites = read_sites(study)
    judged = score_sites(Town.read(study), sites, profile=study.scoring.profile).sites
    usable = judged["score"].notna() & ~judged["knocked_out"].astype(bool)
    room = sites["n_woningen"].astype(int)[usable.to_numpy()].groupby(sites["woonvorm"]).sum()
    fits = answer.past_het[answer.past_het["gemeente"] == "Wierhaven"].set_index("woningtype")
    for kind in ("geclusterd", "zorggeschikt"):
        assert fits.loc[kind, "fits"] == min(room[kind], fits.loc[kind, "homes"])
    assert (fits["short"] == fits["homes"] - fits["fits"]).all()
    assert fits.loc["geclusterd", "why"] == ""
    assert "n_woningen" in fits.loc["zorggeschikt", "why"]


def test_a_study_that_searches_is_tried_on_the_spots_it_finds(tmp_path):
    """Two spots of 24 homes each take 48 of the 160 that the form asks."""
    text = demo_study().read_text(encoding="utf-8")
    named = {str(path) for path in study_files(read_study(demo_study()))}
    for path in sorted(named):
        text = text.replace(f'"{Path(path).name}', f'"{path}')
    sites = re.search(r"\[sites\].*?(?=\n\[)", text, re.DOTALL).group()
    text = text.replace(sites, "[search]\ncell_m = 200\nhomes = 24\nspots = 2\napart_m = 800\n")
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    region = replace(read_region(PATH), studies={"Wierhaven": tmp_path / "study.toml"})
    found = try_homes(region, work_out(region))
    row = found.table[found.table["gemeente"] == "Wierhaven"].iloc[0]
    assert (row["homes"], row["fits"], row["short"]) == (160, 48, 112)
    assert any("the 2 spots of its search" in str(note) for note in found.notes)


def test_a_gemeente_without_a_study_is_not_known(answer):
    others = answer.past_het[answer.past_het["gemeente"] != "Wierhaven"]
    assert set(others["gemeente"]) == {"Schorrendijk", "Zilverduin"}
    assert others[["fits", "short", "short_low", "short_high"]].isna().all(axis=None)
    assert set(others["why"]) == {"no_study"}


def test_nobody_reads_where_the_files_lie(answer):
    told = [str(note) for note in answer.notes]
    assert any(note.startswith("kengetallen.csv: ") for note in told)
    assert [note for note in told if str(PATH.parent) in note] == []


def test_the_homes_that_are_tried_are_those_of_the_form(answer):
    tried = answer.past_het.groupby("woningtype")["homes"].sum()
    assert tried.to_dict() == {"geclusterd": 100, "zorggeschikt": 220}, "as tabel2.csv has them"


def test_maps_are_the_classes_of_the_published_numbers(answer):
    atlas = region_atlas(answer, read_texts("nl"))
    spread = {one.title: one.classes for one in atlas.parts[0].maps}
    figures = pd.read_csv(PATH.parent / "kengetallen.csv", sep=";", thousands=".")
    people = pd.read_csv(
        PATH.parent / "personen_per_groep_2023.csv", sep=";", thousands=".", na_values="?"
    )
    rate = people["Arbeidsmigranten"] / figures["inwoners"]
    region = people["Arbeidsmigranten"].sum() / figures["inwoners"].sum()
    classes = np.searchsorted(read_map_knowledge().spread_bounds, rate / region, side="right")
    assert [one.name for one in atlas.outlines] == figures["gemeente"].tolist()
    assert spread["Arbeidsmigranten"] == tuple(f"s{i}" for i in classes)
    assert spread["Uitstromers detentie"] == ("unsure",) * 3
    assert "Studenten" not in spread
    (fits,) = atlas.parts[-1].maps
    assert fits.classes == ("f1", "unsure", "unsure")


@given(
    st.lists(st.integers(-20, 20), min_size=1, max_size=5, unique=True).map(sorted),
    st.integers(-25, 25),
    st.integers(0, 20),
)
def test_a_class_is_certain_only_where_every_number_is_in_it(bounds, low, width):
    values = np.linspace(low, low + width, 8 * width + 1)
    there = set(np.searchsorted(bounds, values, side="right"))
    expected = f"s{there.pop()}" if len(there) == 1 else "unsure"
    assert class_of((low, low + width), bounds) == expected


def outlines(folder, **columns):
    frame = gpd.GeoDataFrame(columns, geometry=[box(i, 0, i + 1, 1) for i in range(2)], crs=28992)
    frame["geometry"] = frame.geometry.translate(150_000, 500_000)
    frame.to_file(folder / "areas.gpkg")
    return folder / "areas.gpkg"


def test_water_and_other_gemeenten_are_not_drawn(tmp_path):
    path = outlines(tmp_path, gemeentecode=["GM9801", "GM9801"], water=["NEE", "JA"])
    found, _ = read_outlines(path, codes={"A": "GM9801"})
    assert found.geometry.area.tolist() == pytest.approx([1.0])
    with pytest.raises(InputError, match="no polygon is of a gemeente of the region"):
        read_outlines(path, codes={"A": "GM0001"})


def test_areas_without_codes_are_refused(tmp_path):
    with pytest.raises(MissingColumnError, match="no column has the codes of areas"):
        read_outlines(outlines(tmp_path, naam=["a", "b"]), codes={"A": "GM9801"})


def region(**more):
    figures = PATH.parent / "kengetallen.csv"
    keys = {"inwoners": {"inhabitants": 1.0}}
    return Region(name="R", figures=figures, homes=100, keys=keys, **more)


def test_without_a_form_the_share_of_the_first_key_is_tried():
    asked = homes_asked(region(), work_out(region()))
    assert asked["woningtype"].tolist() == ["", "", ""]
    assert asked["homes"].tolist() == [51, 32, 17], (
        "50.46, 32.45 and 17.09: the one left goes to .46"
    )


def test_kinds_go_together_where_no_site_tells_its_woonvorm(monkeypatch):
    sites = gpd.GeoDataFrame(
        {"id": ["a"], "n_woningen": [9]}, geometry=[box(0, 0, 1, 1)], crs=28992
    )
    asked = []

    conflict = {"status": "infeasible", "fits": 9, "conflict": [{"bound": "n_woningen"}]}
    found = SimpleNamespace(records={"programme": conflict}, summary=(), notes=(), inputs=())

    def tried(_town, _sites, **options):
        asked.append(options)
        return found

    monkeypatch.setattr(_fits, "programme", tried)
    monkeypatch.setattr(_fits, "read_sites", lambda _: sites)
    monkeypatch.setattr(_fits.Town, "read", lambda *_, **__: None)
    demo = read_region(PATH)
    table = try_homes(demo, work_out(demo)).table
    (one,) = asked
    assert (one["homes"], one["woonvorm"], one["max_share_per_wijk"]) == (160, None, 0.5)
    row = table.iloc[0]
    assert (row["woningtype"], row["fits"], row["short"], row["why"]) == ("", 9, 151, "n_woningen")


def test_a_range_is_tried_at_its_most_and_short_by_a_range():
    row = {"homes": np.nan, "homes_low": 5.0, "homes_high": 12.0}
    found = _fits._short(row, 8, "n_woningen")
    assert (found["short_low"], found["short_high"]) == (0, 4)
    assert np.isnan(found["short"])
    open_ended = _fits._short(row | {"homes_high": np.nan}, 5, "homes_unknown")
    assert np.isnan(open_ended["short_high"])


def test_a_study_of_no_gemeente_is_refused():
    strange = region(studies={"Wierhven": demo_study()})
    with pytest.raises(StudyError, match="no gemeente of the region: Wierhven; it has"):
        try_homes(strange, work_out(strange))


def test_fits_need_studies_and_studies_need_homes(tmp_path):
    document = {"region": {"name": "R", "figures": "x.csv"}, "fits": {"max_share_per_wijk": 1.5}}
    with pytest.raises(StudyError, match=r"fits\.max_share_per_wijk"):
        parse_region(document, folder=tmp_path)
    document["fits"] = {"max_balance": 0.5}
    with pytest.raises(StudyError, match=r"name one under \[studies\]"):
        parse_region(document, folder=tmp_path)
    document["studies"] = {"Wierhaven": "study.toml"}
    with pytest.raises(StudyError, match="have no homes to try"):
        parse_region(document, folder=tmp_path)


def test_what_is_told_of_gemeenten_is_on_no_map_of_buurten(answer):
    buurten = gpd.GeoDataFrame(
        {"code": ["BU98010000"]}, geometry=[box(0, 0, 1, 1)], crs="EPSG:28992"
    )
    short = answer.opgave[answer.opgave["need"] == "severe_limits"].assign(area="BU98010000")
    made = map_region({**answer.tables, "opgave": short}, buurten, base=2023)
    assert set(made["theme"]) == {"gap"}
    assert made["gemeente"].tolist() == ["Wierhaven"]
