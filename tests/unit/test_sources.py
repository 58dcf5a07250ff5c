"""The catalogue is complete and means what it says."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from geowoonzorg.errors import StudyError
from geowoonzorg.opendata import areas, leefbaarometer, squares
from geowoonzorg.opendata.sources import (
    AREA_FORMATS,
    LEEFBAAROMETER_FORMATS,
    SQUARE_FORMATS,
    read_catalogue,
    reason_label,
)

CATALOGUE = read_catalogue()


def test_every_internal_column_has_an_entry():
    internal = {*areas.figure_columns(), *leefbaarometer.DIMENSIONS, *squares.COUNTS}
    assert internal == set(CATALOGUE.columns)


@pytest.mark.parametrize("column", CATALOGUE.columns.values(), ids=lambda c: c.name)
def test_a_column_says_its_unit_direction_and_labels(column):
    assert column.unit
    assert column.nl
    assert column.en
    assert column.direction in {-1, 0, 1}
    assert column.kind in {"count", "share", "number", "class"}
    assert column.source in CATALOGUE.sources
    assert column.readings
    formats = {*AREA_FORMATS, *LEEFBAAROMETER_FORMATS, *SQUARE_FORMATS}
    assert {r.format for r in column.readings} <= formats
    assert not (column.kind == "count" and column.stands_in), "a count cannot stand in"
    for reading in column.readings:
        assert reading.per is None or CATALOGUE.columns[reading.per].kind == "count"


def test_the_balance_measures_never_stand_in_one_by_one():
    measures = ["wmo_per_1000", "social_minimum_pct", "labour_participation_pct", "high_income_pct"]
    assert not any(CATALOGUE.columns[name].stands_in for name in measures)


@pytest.mark.parametrize("source", CATALOGUE.sources.values(), ids=lambda s: s.key)
def test_a_source_says_who_what_and_under_which_licence(source):
    assert source.title
    assert source.publisher
    assert source.licence
    assert source.citation
    assert source.unit
    assert source.levels
    assert source.formats
    for address in source.addresses.values():
        assert urlsplit(address).scheme == "https"
        assert re.fullmatch(r"[a-z.-]+", str(urlsplit(address).hostname))


def test_hosts_are_those_of_the_addresses():
    assert "service.pdok.nl" in CATALOGUE.hosts
    assert "example.com" not in CATALOGUE.hosts


def test_an_address_that_is_not_there_is_said():
    with pytest.raises(StudyError, match="no address 'ftp'"):
        CATALOGUE.sources["osm"].address("ftp")
    with pytest.raises(StudyError, match="version"):
        CATALOGUE.sources["cbs_wijken_buurten"].address("gpkg", year=2023)


def test_published_gpkg_address():
    address = CATALOGUE.sources["cbs_wijken_buurten"].address("gpkg", year=2023, version=3)
    assert address.endswith("/cbs/wijkenbuurten/2023/atom/downloads/wijkenbuurten_2023_v3.gpkg")


@pytest.mark.parametrize("reason", CATALOGUE.reasons)
def test_a_reason_has_words_in_both_languages(reason):
    assert reason_label(reason, lang="nl") != reason
    assert reason_label(reason, lang="en") != reason
    assert reason_label("van wijk") == "van wijk"


def test_no_published_name_is_claimed_twice_within_a_kind_of_file():
    for formats in (AREA_FORMATS, LEEFBAAROMETER_FORMATS, SQUARE_FORMATS):
        names = [
            (r.format, r.name.lower())
            for c in CATALOGUE.columns.values()
            for r in c.readings
            if r.format in formats
        ]
        assert len(names) == len(set(names))
