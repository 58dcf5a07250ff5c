"""One Dutch word for each thing, and none that only its makers know: in every text that people read."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from make_result import make_findings

from geowoonzorg.show.map_page import render_map
from geowoonzorg.show.report import render_report

ROOT = Path(__file__).resolve().parents[2]
KNOWLEDGE = ROOT / "geowoonzorg" / "knowledge"
PLUGIN = ROOT / "qgis_plugin" / "geowoonzorg_qgis"

#: What is not said, and what is said instead. As whole words, whatever the capitals.
INSTEAD = {
    r"kandidaatplek(ken)?|bouwlocaties?": "locatie",
    r"optillen|opgetild": "de meeste winst",
    r"zet ernaast|haal weg:": "vergelijk, verwijder",
    r"(haar|zijn) (rang|reden)": "de rang, de reden",
    r"vragersmaten|dragersmaten": "cijfers over vragers",
    r"van het gewicht (is|was) bekend": "van zoveel van de punten is het antwoord bekend",
    r"van de weging is onbekend": "van de punten is nog onbekend",
    r"buffers?": "loopafstand, bereik",
    r"isochro(o|)n(en)?": "bereik",
    r"baseline|benchmark|dashboard|outputs?|inputs?|tooltips?|pop-?ups?|features?": "een Nederlands woord",
    r"catchments?": "loopgebied",
    r"scores? van 0[-–]100": "van 0 tot 100",
}
#: Only where people at the table read it: names of columns, and words of who computes.
ON_PAGES = {
    r"\w+_(raw|value|low|high|id|share|afw|fys|onv|soc|vrz|won|class)": "een woord",
    r"Lden op \w+": "geluid",
    r"log2|logaritme": "0 is zoals in …",
    r"(?<!\()rangcorrelatie": "samenhang",
    r"ondergrens SOO": "de subsidieregeling SOO",
    r"NaN|None|null|nan|inf": "onbekend",
    r"rasters?(?! ?\))": "kaart in vakjes",
}
#: A place that is no candidate site: a spot that a search chose, or somewhere to be.
OTHER_PLACES = (
    r"zwakke plek|gekozen plek(ken)?|(gebonden aan|horen bij) een plek"
    r"|een plek hebben|plekken voor \w+"
)
#: A word of a column or a title of others, which is theirs.
THEIRS = (
    "(naam, locatie, plannaam, …)", "afstand locatie, wijk- en buurtcijfers", "two-step floating catchment area",
    "Valhalla, isochroon", 'over = "catchment"',
)  # fmt: skip


def found(text, words):
    """List the words in a text that are not said, with what is said instead."""
    for theirs in THEIRS:
        text = text.replace(theirs, "")
    text = re.sub(r"\{[^{}]*\}", "…", text)
    return [
        f"{hit[0]!r}: {instead} ({text[max(0, hit.start() - 40) : hit.end() + 40]!r})"
        for word, instead in words.items()
        for hit in re.finditer(rf"(?<![\w-])(?:{word})(?![\w-])", text, re.IGNORECASE)
    ]


def not_of_a_site(text):
    """Find the word for any place where a site is meant: what a search chose, and places to be, may be so called."""
    return re.findall(
        r"\bplek(?:ken)?\b", re.sub(OTHER_PLACES, "", text, flags=re.IGNORECASE), re.IGNORECASE
    )


def flat(table):
    """Give every text of a table, whatever it lies in."""
    if isinstance(table, str):
        yield table
    elif isinstance(table, dict | list):
        for one in table.values() if isinstance(table, dict) else table:
            yield from flat(one)


def own_words(text):
    """Leave code, links and comments out: what a reader reads as prose."""
    return re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|<code>.*?</code>", " ", text, flags=re.DOTALL)


def of_pages():
    return list(flat(tomllib.loads((KNOWLEDGE / "texts_nl.toml").read_text("utf-8"))))


def of_messages():
    for path in sorted((KNOWLEDGE / "messages").glob("*.toml")):
        yield from (own_words(t) for t in flat(tomllib.loads(path.read_text("utf-8"))))


def of_docs():
    paths = [p for p in sorted((ROOT / "docs").glob("*.md")) if not p.name.endswith(".en.md")]
    dutch = [p for p in paths if p.with_suffix(".en.md").exists()]
    assert len(dutch) > 10
    return [own_words(path.read_text("utf-8")) for path in dutch]


def of_notebooks():
    paths = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
    cells = [cell for path in paths for cell in json.loads(path.read_text("utf-8"))["cells"]]
    return [own_words("".join(c["source"])) for c in cells if c["cell_type"] == "markdown"]


def of_plugin():
    tree = ET.parse(PLUGIN / "i18n" / "nl.ts")  # noqa: S314 - our own file
    return [one.text or "" for one in tree.iter("translation")]


def of_template():
    text = (KNOWLEDGE / "study_template.toml").read_text("utf-8")
    return re.findall(r"(?m)#\s(.*)$", text)


def test_a_site_is_a_locatie_on_map_and_report():
    assert [text for text in of_pages() if not_of_a_site(text)] == []


PLACES = {
    "map and report": of_pages,
    "messages": of_messages,
    "docs": of_docs,
    "notebooks": of_notebooks,
    "plugin": of_plugin,
    "study template": of_template,
}


@pytest.mark.parametrize("place", PLACES)
def test_one_word_for_each_thing_everywhere(place):
    texts = list(PLACES[place]())
    assert len(texts) > 5
    assert [hit for text in texts for hit in found(text, INSTEAD)] == []


@pytest.fixture(scope="module")
def pages():
    findings = make_findings()
    return {"map": render_map(findings), "report": render_report(findings)}


@pytest.mark.parametrize("page", ["map", "report"])
def test_at_the_table_there_is_no_word_of_who_computes(pages, page):
    read = re.sub(r"<(style|script|code)\b.*?</\1>", " ", pages[page], flags=re.DOTALL)
    labels = " ".join(re.findall(r'aria-label="([^"]*)"', read))
    read = re.sub(r"<[^>]+>", " ", read) + labels
    assert found(read, INSTEAD | ON_PAGES) == []


def test_numbers_are_written_the_dutch_way(pages):
    """A decimal comma, a dot for thousands, a space before the percent sign; names and versions apart."""
    for page in pages.values():
        read = re.sub(r"<(style|script|code|svg|bdi|footer)\b.*?</\1>", " ", page, flags=re.DOTALL)
        read = re.sub(r"<h2>Versies</h2>\s*<p>.*?</p>", " ", read, flags=re.DOTALL)
        read = re.sub(r"<[^>]+>", " ", read)
        read = re.sub(
            r"[A-Z]\w*[ -]\d\.\d|art\. \d\.\d|\w+ \d+\.\d+\.\d+|\w+\.\w{3,4}\b", " ", read
        )  # versions, licences, files
        assert re.findall(r"\d+\.\d{1,2}(?!\d)[^|]{0,20}", read) == []
        assert re.findall(r"\d%", read) == []
        assert re.findall(r"(?<![\d.])\d{5,}(?= [a-z])", read) == []


def test_a_word_that_comes_back_is_found():
    assert found("De kandidaatplek ligt goed", INSTEAD)
    assert found("Zet ernaast", INSTEAD)
    assert found("balans naast lbm_afw", ON_PAGES)
    assert not found("De locatiekeuze van de plek", INSTEAD)
    assert not_of_a_site("De plek valt af")
    assert not not_of_a_site("Geen zwakke plek, en de gekozen plekken")
