"""One real fetch per source, by hand: ``pytest -m internet --force-enable-socket``."""

from __future__ import annotations

import pytest

from geowoonzorg.errors import SourceError
from geowoonzorg.fetch import (
    Client,
    Limits,
    fetch_coverage,
    fetch_items,
    fetch_rows,
    fetch_study,
    fetch_wfs,
    find_coverage,
    probe_sources,
)
from geowoonzorg.opendata.sources import read_catalogue

KAMPEN = (190_000.0, 507_500.0, 190_600.0, 508_100.0)


@pytest.fixture
def real(tmp_path):
    return Client(cache=tmp_path / "cache", limits=Limits(deadline_s=120))


@pytest.mark.internet
@pytest.mark.parametrize("collection", ["gemeenten", "wijken", "buurten"])
def test_internet_cbs_wijken_buurten(real, collection):
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
    coverage = find_coverage(real, source.address("wcs"), source.layers["2022"])
    assert fetch_coverage(real, source.address("wcs"), coverage, box=KAMPEN)


@pytest.mark.internet
@pytest.mark.parametrize("streets", ["extract", "overpass"])
def test_internet_osm(tmp_path, real, streets):
    report = fetch_study(
        "Schiermonnikoog",
        tmp_path / "study",
        year=2023,
        parts=["osm"],
        streets=streets,
        client=real,
    )
    assert report.table["rows"].sum() > 1000


@pytest.mark.internet
def test_internet_every_service_answers_as_expected():
    assert {p.status for p in probe_sources()} == {"as_expected"}
