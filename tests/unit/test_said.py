"""What ships says everything in two languages; a user's own profile need not."""

from __future__ import annotations

import re

import pytest

from geowoonzorg.knowledge import said
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.osm.classes import read_facility_classes
from geowoonzorg.osm.profile import profile_names, read_profile
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.ranking.inheriting import scoring_profile_names
from geowoonzorg.ranking.scoring_profile import (
    parse_scoring_profile,
    read_scoring_profile,
)

SCORING = [read_scoring_profile(name) for name in scoring_profile_names()]
BALANCE = read_balance_profile()
MEASURES = (*BALANCE.vragers.measures, *BALANCE.dragers.measures)
CLASSES = read_facility_classes().values()
TEXTS = [
    *((one, name) for one in (*SCORING, BALANCE) for name in ("title", "description")),
    *((read_profile(name), text) for name in profile_names() for text in ("title", "description")),
    *((c, name) for one in SCORING for c in one.criteria for name in ("label", "source")),
    *((m, name) for m in MEASURES for name in ("label", "source")),
    *((c.knock_out, "reason") for one in SCORING for c in one.criteria if c.knock_out),
    *((one, "title") for one in CLASSES),
    *((one, "note") for one in CLASSES if one.note),
]  # fmt: skip


@pytest.mark.parametrize(
    ("thing", "name"), TEXTS, ids=lambda one: getattr(one, "name", getattr(one, "key", None))
)
def test_every_text_that_ships_is_there_in_english(thing, name):
    dutch, english = said(thing, name, "nl"), said(thing, name, "en")
    assert dutch == getattr(thing, name)
    assert english != dutch
    assert not re.search(r"\b(de|het|een|en|van|voor|keuze|gewicht|bijlage)\b", english)


def test_units_and_words_are_there_in_english():
    units = {(c.unit, said(c, "unit", "en")) for one in SCORING for c in one.criteria}
    assert units == {
        ("", ""), ("m", "m"), ("dB", "dB"), ("log2", "log2"), ("woningen", "homes"), ("aandeel", "share"),
        ("adressen", "addresses"), ("afwijking van Nederland", "deviation from the Netherlands"), ("%", "%"),
        ("trappen", "flights"), ("stoepranden", "kerbs"), ("standplaatsen", "pitches"),
    }  # fmt: skip
    words = [(dict(c.levels), dict(c.levels_en)) for one in SCORING for c in one.criteria]
    assert all(dutch.keys() == english.keys() for dutch, english in words)


def test_sources_with_a_dutch_title_have_an_english_one():
    sources = read_catalogue().sources
    names = {"osm", "leefbaarometer", "leefbaarometer_2", "woonzorgwijzer"}  # proper names
    assert {key for key, source in sources.items() if source.title_en is None} == names
    assert said(sources["bag"], "title", "en") != said(sources["bag"], "title", "nl")


def test_a_profile_without_english_says_its_dutch_and_has_the_same_hash():
    profile = SCORING[0]
    document = {key: value for key, value in profile.document().items() if not key.endswith("_en")}
    own = parse_scoring_profile(document)
    assert said(own, "title", "en") == said(own, "title", "nl") == profile.title
    assert own.hash == profile.hash
