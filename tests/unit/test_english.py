"""English pages are English, but for names of the data and the official terms."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from make_result import make_findings, with_tables
from test_maps import Page

import geowoonzorg
from geowoonzorg.prepare import demo_study
from geowoonzorg.show.folium_map import to_folium
from geowoonzorg.show.map_page import render_map
from geowoonzorg.show.report import render_report

# None of these is an English word, nor an official term that stays Dutch (buurt, wijk, vragers, dragers).
DUTCH = re.compile(
    r"\b(de|het|een|van|op|te|niet|geen|met|voor|naar|uit|bij|als|onbekend|bekend|gebied\w*|afwijking|"
    r"aandeel|woning\w*|adres\w*|plek\w*|bron|jaar|lopen|loop\w+|ja|nee|wordt|eigen|bestand\w*|keuze|ankers|"
    r"gewicht|kaart\w*|cijfers?|onderdeel|punten|rang|valt|meer|minder|mensen|bewoners|huisarts\w*|"
    r"supermarkt\w*|apothe\w+|inloop\w*|haltes?|basisscho\w+|drankenhandel\w*|voorziening\w*|fysio\w+|"
    r"overlast|samenhang|omgeving|geluid|meting|weggelaten|kolommen|lijst|rangcorrelatie|wandelaar|rolstoel)\b",
    re.IGNORECASE,
)


def nameless(findings):
    """Take every name that a user or OpenStreetMap gave out of findings."""
    tables = findings.tables
    named = {
        key: tables[key].assign(name=[f"{key} {i}" for i in range(len(tables[key]))])
        for key in ("sites", "facilities", "areas", "lenses")
        if key in tables
    }
    if "street" in tables["addresses"]:
        named["addresses"] = tables["addresses"].assign(street="Street")
    inputs = [one | {"file": "file"} for one in findings.provenance["inputs"]]
    bare = with_tables(
        findings,
        **named,
        criteria=tables["criteria"].replace({"source": r".*\.(csv|gpkg|tif)$"}, "", regex=True),
    )
    return replace(
        bare,
        asked=replace(bare.asked, name="Town"),
        provenance=findings.provenance | {"inputs": inputs},
    )


def shown(value, key=""):
    """List the strings of the page's data that a reader sees."""
    if isinstance(value, dict):
        return [text for name, one in value.items() for text in shown(one, name)]
    if isinstance(value, list):
        return [text for one in value for text in shown(one, key)]
    return (
        [value]
        if isinstance(value, str)
        and key not in {"key", "keys", "streets", "group", "url", "attribution"}
        else []
    )


def demo():
    answer = geowoonzorg.run(demo_study())
    # Files and classes are called in notes as the study calls them.
    own = re.compile(r"voorzieningen\.csv|apotheek|huisarts|inloopvoorziening")
    return replace(answer, notes=tuple(own.sub("X", str(note)) for note in answer.notes))


@pytest.mark.parametrize("made", [make_findings, demo])
def test_english_pages_hold_no_dutch(made):
    findings = nameless(made())
    page = Page(render_map(findings, lang="en"))
    texts = [page.text, *shown(page.data()), Page(render_report(findings, lang="en")).text]
    folium = to_folium(findings, lang="en").get_root().render()
    texts += re.findall(r'"said": "(.*?)"', folium)
    found = [
        text[max(0, hit.start() - 40) : hit.end() + 40]
        for text in texts
        for hit in DUTCH.finditer(text)
    ]
    assert found == []


def test_the_same_words_are_found_in_dutch_pages():
    """The list above would notice: nearly all of it stands in the Dutch page."""
    page = Page(render_map(make_findings()))
    found = {
        hit[0].lower()
        for text in [page.text, json.dumps(page.data())]
        for hit in DUTCH.finditer(text)
    }
    assert len(found) > 60
