"""Every column that anybody gets to see is in the glossary, with a word in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pyogrio
import pytest
from english import run_command

import geowoonzorg
from geowoonzorg.prepare import demo_study

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
OSM = demo_study().with_name("wierhaven.osm.pbf")
# Documented for others' scripts, whether or not the demo has them.
PROMISED = {
    "id", "name", "score", "score_low", "score_high", "rank", "rank_low", "rank_high", "first_share", "top3_share",
    "known_weight_share", "knocked_out", "knock_out_reason", "supermarkt_raw", "supermarkt_raw_low",
    "supermarkt_raw_high", "supermarkt_value", "supermarkt_contribution", "facility_class", "osm_id", "last_edit",
    "geometry", "facility_id", "limit_m", "length_m", "access_leg_m", "status", "area_m2", "origin_id", "distance_m",
    "access_leg_origin_m", "access_leg_facility_m", "code", "level", "year", "lbm_afw", "lbm_fys", "lbm_onv",
    "lbm_soc", "lbm_vrz", "lbm_won", "lbm_class", "vragers_index", "dragers_index", "balans", "inhabitants",
    "share_65plus", "found", "expected", "complete_share", "complete_source", "unknown_share",
    "distance_high_m", "length_low_m",
}  # fmt: skip


def rows():
    """Give the glossary's tables as rows of cells."""
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    return [row for row in cells if row[0].startswith("`")]


def is_named(column, terms):
    """Whether a column is a term, or one with the name of a criterion, a class or the user's own in it."""
    return any(
        re.fullmatch(
            re.sub(r"<\w+>", ".+", re.escape(term).replace(r"\<", "<").replace(r"\>", ">")), column
        )
        for term in terms
    )


@pytest.fixture(scope="module")
def columns(tmp_path_factory, demo_run):
    """What the commands write for the demo: column → where."""
    out = tmp_path_factory.mktemp("glossary")
    assert (
        run_command(["facilities", OSM, "--class", "huisarts", "-o", out / "facilities.gpkg"]) == 0
    )
    sites = demo_study().with_name("kandidaten.gpkg")
    for name, words in {
        "nearest": ["nearest", OSM, sites, out / "facilities.gpkg"],
        "routes": ["route", OSM, sites, out / "facilities.gpkg"],
        "areas": ["service-areas", OSM, out / "facilities.gpkg", "--limit-m", "400"],
        "indicators": ["indicators", demo_study()],
        "locate": ["locate", demo_study(), "--class", "apotheek", "--problem", "p_median"],
    }.items():
        assert run_command([*words, "-o", out / f"{name}.gpkg"]) == 0
    found = {}
    for path in sorted([*out.glob("*.gpkg"), *demo_run.folder.glob("*.gpkg")]):
        for layer in pyogrio.list_layers(path)[:, 0]:
            for name in pyogrio.read_info(path, layer=layer)["fields"]:
                found[name] = f"{path.name}, {layer}"
    for path in sorted([*out.glob("*.csv"), *demo_run.folder.glob("*.csv")]):
        header = path.read_text(encoding="utf-8-sig").split("\n", 1)[0]
        found |= dict.fromkeys(header.strip().split(","), path.name)
    return found


def test_every_column_is_in_the_glossary(columns):
    terms = {row[0].strip("`") for row in rows()}
    profile = geowoonzorg.read_scoring_profile(geowoonzorg.read_study(demo_study()).scoring.profile)
    keys = {criterion.key for criterion in profile.criteria}  # `indicators` has these themselves
    lacking = {
        c: columns.get(c, "promised") for c in PROMISED | set(columns) if not is_named(c, terms)
    }
    assert {c: where for c, where in lacking.items() if c not in keys} == {}


def test_every_term_has_both_languages_and_stands_there_once():
    for row in rows():
        assert len(row) == 5, row
        assert row[1], row
        assert row[2] or row[1] in {"buurt", "wijk"}, row
    columns = [row[0] for row in rows() if re.fullmatch(r"`[a-z0-9_<>]+`", row[0])]
    concepts = [row[0] for row in rows()[: len(rows()) - len(columns)]]
    assert len(concepts) == len(set(concepts))


def test_who_wants_to_help_is_shown_the_way_to_it():
    assert "docs/glossary.md" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
