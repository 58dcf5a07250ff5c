"""The parts of a study folder: one function per source, each of which writes its file and where it is from."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geowoonzorg.errors import CoverageError, SourceError
from geowoonzorg.fetch._services import Box, fetch_coverage, fetch_items, fetch_rows, fetch_wfs
from geowoonzorg.files import content_hash, write_bytes, write_csv, write_layers
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import parse_codes
from geowoonzorg.opendata.sources import Source, read_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from geowoonzorg.fetch._client import Client

_MARGIN_M = 1000.0  # walks cross the border of the gemeente
_OSM_BYTES = 1 << 30


@dataclass(frozen=True)
class FetchedFile:
    """One file of the study folder and where it is from."""

    name: str
    source: str
    citation: str
    licence: str
    sha256: str
    addresses: tuple[str, ...]
    count: int


@dataclass
class Job:
    """One fetch at work: the client, the place, and the folder being filled."""

    client: Client
    folder: Path
    code: str
    name: str
    box: Box
    year: int
    files: list[FetchedFile]
    example_xy: tuple[float, float] = (0.0, 0.0)

    def add(self, name: str, source: Source, count: int, **parts: object) -> str:
        """Write down where a file came from: every address asked since the last one."""
        addresses = tuple(url for url, _ in self.client.taken)
        self.client.taken.clear()
        self.files.append(
            FetchedFile(
                name=name,
                source=source.key,
                citation=source.citation.format(year=self.year, **parts)
                if parts or "{year}" in source.citation
                else source.citation,
                licence=source.licence,
                sha256=content_hash(self.folder / name),
                addresses=addresses,
                count=count,
            )
        )
        return name


def find_place(client: Client, folder: Path, gemeente: str, year: int) -> Job:
    """Find the gemeente in the borders of a year; the box around it is what is fetched."""
    source = read_catalogue().sources["cbs_wijken_buurten"]
    url = source.address("items", year=year, collection="gemeenten")
    layer = fetch_items(client, url)
    land = layer[layer["water"].astype("str") == "NEE"] if "water" in layer else layer
    if "gemeentecode" not in land or "gemeentenaam" not in land:
        raise SourceError(
            "{url}: no gemeentecode and gemeentenaam came; the service has changed", url=url
        )
    asked = gemeente.strip().casefold()
    code = parse_codes(pd.Series([gemeente]), level="gemeente")[0]  # GM0166, 0166 or 166
    own = land[(land["gemeentenaam"].str.casefold() == asked) | (land["gemeentecode"] == code)]
    if own.empty:
        alike = difflib.get_close_matches(gemeente, list(land["gemeentenaam"]), n=3)
        hint = tell("; did you mean {names}?", names=", ".join(alike)) if alike else ""
        raise CoverageError(
            "there was no gemeente {gemeente} in {year}{hint}",
            gemeente=gemeente,
            year=year,
            hint=hint,
        )
    x0, y0, x1, y1 = own.total_bounds
    box = (x0 - _MARGIN_M, y0 - _MARGIN_M, x1 + _MARGIN_M, y1 + _MARGIN_M)
    row = own.iloc[0]
    return Job(client, folder, row["gemeentecode"], row["gemeentenaam"], box, year, [])


def fetch_areas(job: Job) -> str:
    """Write the borders and figures of its wijken and buurten, and of all gemeenten."""
    source = read_catalogue().sources["cbs_wijken_buurten"]
    layers = {}
    for collection in ("gemeenten", "wijken", "buurten"):
        url = source.address("items", year=job.year, collection=collection)
        # The figures of all gemeenten stay: they are the reference for region and country.
        layer = fetch_items(job.client, url, box=None if collection == "gemeenten" else job.box)
        if collection != "gemeenten":
            layer = layer[layer["gemeentecode"] == job.code]
        if layer.empty:
            raise SourceError(
                "{url}: no {collection} of {name} came",
                url=url,
                collection=collection,
                name=job.name,
            )
        layers[collection] = layer.drop(columns="feature_id")
    layers["gemeenten"] = layers["gemeenten"].assign(
        geometry=layers["gemeenten"].geometry.simplify(100.0)  # they are for reference, not drawn
    )
    buurten = layers["buurten"]
    people = pd.to_numeric(buurten.get("aantal_inwoners", pd.Series(0, index=buurten.index)))
    place = buurten.geometry.iloc[int(people.to_numpy().argmax())].representative_point()
    job.example_xy = (round(place.x), round(place.y))
    name = f"wijkenbuurten_{job.year}.gpkg"
    write_layers(job.folder / name, dict(reversed(layers.items())))
    return job.add(name, source, len(layers["buurten"]))


def _latest(years: Sequence[int], year: int, what: str) -> int:
    known = [y for y in years if y <= year]
    if not known:
        raise CoverageError(
            "{what} has nothing up to {year}; its years are {known}",
            what=what,
            year=year,
            known=", ".join(map(str, years)),
        )
    return max(known)


def _osm(job: Job) -> str:
    """Fetch everything within the box from Overpass, as an OSM XML file."""
    corners = gpd.points_from_xy(job.box[0::2], job.box[1::2], crs="EPSG:28992").to_crs(4326)
    south, north = corners.y.min(), corners.y.max()
    west, east = corners.x.min(), corners.x.max()
    box = f"{south:.5f},{west:.5f},{north:.5f},{east:.5f}"
    query = (
        f"[out:xml][timeout:300];(node({box});way({box});"
        f'relation["type"="multipolygon"]({box}););(._;>;);out meta;'
    )
    source = read_catalogue().sources["osm"]
    url = source.address("overpass")

    def check(body: bytes) -> None:
        whole = b"<osm" in body[:1000] and body.rstrip().endswith(b"</osm>")
        if not whole or b"<remark>" in body[-2000:]:
            raise SourceError(
                "{url}: no whole OSM file came (the server is busy?); try later, or give "
                "an extract",
                url=url,
            )

    body = job.client.get(url, {"data": query}, check=check, max_bytes=_OSM_BYTES)
    name = f"{_slug(job.name)}.osm"
    write_bytes(job.folder / name, body)
    return job.add(name, source, body.count(b"<way "))


def _figures(job: Job) -> str:
    source = read_catalogue().sources["cbs_kerncijfers"]
    table = source.tables.get(str(job.year))
    if table is None:
        raise CoverageError(
            "{title} of {year} is not in the catalogue (years: {years})",
            title=source.title,
            year=job.year,
            years=", ".join(source.tables),
        )
    digits = job.code.removeprefix("GM")
    url = source.address("odata", table=table)
    query = {"$filter": f"substringof('{digits}',WijkenEnBuurten)", "$format": "json"}
    rows = fetch_rows(job.client, url, query)
    if "WijkenEnBuurten" not in rows:
        raise SourceError("{url}: no WijkenEnBuurten came; the service has changed", url=url)
    codes = rows["WijkenEnBuurten"].astype("str").str.strip()
    rows = rows[codes.str.match(f"(GM|WK|BU){digits}")]
    if rows.empty:
        raise SourceError("{url}: no rows of {name} came", url=url, name=job.name)
    name = f"kerncijfers-{job.year}.csv"
    write_csv(job.folder / name, rows)
    return job.add(name, source, len(rows))


def _leefbaarometer(job: Job) -> str:
    source = read_catalogue().sources["leefbaarometer"]
    year = _latest(source.years, job.year, source.title)
    layer = source.layers["buurt"].format(yy=f"{year % 100:02d}")
    frame = fetch_wfs(job.client, source.address("wfs"), layer, box=job.box)
    digits = job.code.removeprefix("GM")
    codes = next(
        (
            c
            for c in ("id", "bu_code", "buurtcode")
            if c in frame and frame[c].astype("str").str.startswith("BU").any()
        ),
        None,
    )
    own = frame[frame[codes].astype("str").str.startswith(f"BU{digits}")] if codes else frame[:0]
    if own.empty:
        raise CoverageError(
            "{title} {year} has no buurten of {name} in {layer}",
            title=source.title,
            year=year,
            name=job.name,
            layer=layer,
        )
    table = pd.DataFrame(own.drop(columns=["geometry", "feature_id"]))
    table = table.rename(columns={codes: "bu_code", "name": "bu_naam"})
    table.insert(0, "jaar", year)
    name = f"leefbaarometer-{year}.csv"
    write_csv(job.folder / name, table)
    return job.add(name, source, len(table))


def _addresses(job: Job) -> str:
    source = read_catalogue().sources["bag"]
    frame = fetch_wfs(job.client, source.address("wfs"), source.layers["wfs"], box=job.box)
    if frame.empty:
        raise SourceError(
            "{title}: no addresses came for {name}", title=source.title, name=job.name
        )
    if "gebruiksdoel" in frame:
        homes = frame["gebruiksdoel"].astype("str").str.contains("woonfunctie")
        n = int((~homes).sum())
        job.client.notes.append(
            tell("{title}: {n} are no homes, left out", title=source.title, n=n)
        )
        frame = frame[homes]
    key = "identificatie" if "identificatie" in frame else "feature_id"
    frame = frame.rename(columns={key: "id"}).drop_duplicates("id")
    kept = [
        "id",
        "openbare_ruimte",
        "huisnummer",
        "huisletter",
        "toevoeging",
        "postcode",
        "woonplaats",
    ]
    frame = frame[[c for c in kept if c in frame] + ["geometry"]]
    name = "adressen.gpkg"
    write_layers(job.folder / name, {"adressen": frame})
    return job.add(name, source, len(frame))


def _squares(job: Job) -> str:
    source = read_catalogue().sources["cbs_vierkanten_100m"]
    year = _latest(source.years, job.year, source.title)
    url = source.address("wfs", year=year)
    frame = fetch_wfs(job.client, url, source.layers["wfs"], box=job.box)
    if frame.empty:
        raise SourceError("{url}: no squares came for {name}", url=url, name=job.name)
    name = f"cbs_vk100_{year}.gpkg"
    write_layers(job.folder / name, {"vierkanten": frame.drop(columns="feature_id")})
    return job.add(name, source, len(frame))


def _noise(job: Job) -> str:
    source = read_catalogue().sources["rivm_geluid"]
    year = _latest(source.years, job.year, source.title)
    layer = source.layers[str(year)]
    body = fetch_coverage(job.client, source.address("wcs"), layer, box=job.box)
    name = f"geluid-{year}.tif"
    write_bytes(job.folder / name, body)
    return job.add(name, source, 1, layer=layer)


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "gemeente"


#: What may be fetched besides the borders, in the order in which it is.
PARTS: dict[str, Callable[[Job], str]] = {
    "osm": _osm,
    "figures": _figures,
    "leefbaarometer": _leefbaarometer,
    "addresses": _addresses,
    "squares": _squares,
    "noise": _noise,
}
