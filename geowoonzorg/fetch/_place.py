"""The gemeente that is fetched: its code, its outline, and what has been written of it so far."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geowoonzorg.errors import CoverageError, SourceError
from geowoonzorg.fetch._answers import MISSING, status_of
from geowoonzorg.fetch._features import fetch_items, fetch_wfs
from geowoonzorg.files import content_hash
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import parse_codes
from geowoonzorg.opendata.sources import Source, read_catalogue

if TYPE_CHECKING:
    from pathlib import Path

    import shapely

    from geowoonzorg.fetch._client import Client
    from geowoonzorg.fetch._documents import Box

#: What is fetched around the gemeente, because walks cross its border: the farthest that earns anything in the
#: profile of the study that is written (1,200 m), and at both ends the way from a place to its street (100 m).
MARGIN_M = 1_400.0
_COUNTRY: Box = (0.0, 300_000.0, 300_000.0, 630_000.0)


@dataclass(frozen=True)
class FetchedFile:
    """One file of the study folder and where it is from.

    ``year`` is the year it tells of, None where it tells of now; ``complete`` whether it has all that it
    should, None where nobody can tell.
    """

    name: str
    part: str
    source: str
    citation: str
    licence: str
    sha256: str
    addresses: tuple[str, ...]
    count: int
    year: int | None
    complete: bool | None


@dataclass
class Job:
    """One fetch at work: the client, the place, and the folder being filled."""

    client: Client
    folder: Path
    code: str
    name: str
    outline: shapely.Polygon | shapely.MultiPolygon  # RD New
    year: int
    missing: dict[str, str] = field(default_factory=dict)
    files: list[FetchedFile] = field(default_factory=list)
    example_xy: tuple[float, float] | None = None

    @property
    def digits(self) -> str:
        """The digits of the gemeente's code, with which the codes of its wijken and buurten begin."""
        return self.code.removeprefix("GM")

    @property
    def slug(self) -> str:
        """Its name as part of a file's name."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "gemeente"

    @property
    def around(self) -> shapely.Polygon | shapely.MultiPolygon:
        """The gemeente and what can be walked to from it, in RD New."""
        return self.outline.buffer(MARGIN_M)

    @property
    def box(self) -> Box:
        """The box around that."""
        x0, y0, x1, y1 = self.around.bounds
        return x0, y0, x1, y1

    def in_degrees(self) -> shapely.Polygon | shapely.MultiPolygon:
        """Give `around` in degrees (WGS 84), with few corners."""
        around = self.outline.buffer(MARGIN_M + 25.0).simplify(25.0)
        return gpd.GeoSeries([around], crs="EPSG:28992").to_crs(4326).iloc[0]

    def add(
        self,
        part: str,
        name: str,
        source: Source,
        count: int,
        *,
        year: int | None = None,
        complete: bool | None = True,
        **parts: object,
    ) -> str:
        """Write down where a file came from: every address asked since the last one."""
        addresses = tuple(dict.fromkeys(url for url, _ in self.client.taken))
        self.client.taken.clear()
        self.files.append(
            FetchedFile(
                name=name,
                part=part,
                source=source.key,
                citation=source.citation.format(year=year or self.year, **parts),
                licence=source.licence,
                sha256=content_hash(self.folder / name),
                addresses=addresses,
                count=count,
                year=year,
                complete=complete,
            )
        )
        return name


def find_place(client: Client, folder: Path, gemeente: str, year: int | None) -> Job:
    """Find the gemeente in the borders of a year, by default the newest that is published.

    Where the map of wijken and buurten cannot be had, the outline of the gemeente comes from another
    service, so that all else can be fetched; the job then says why.

    Raises
    ------
    CoverageError
        When there is no such gemeente, or no such year.
    SourceError
        When neither can be had.
    """
    source = read_catalogue().sources["cbs_wijken_buurten"]
    if year is not None and year not in source.years:
        raise CoverageError(
            "{title} of {year} is not in the catalogue (years: {years})",
            title=source.title,
            year=year,
            years=", ".join(map(str, source.years)),
        )
    failed: SourceError | None = None
    for one in [year] if year is not None else sorted(source.years, reverse=True):
        url = source.address("items", year=one, collection="gemeenten")
        try:
            layer = fetch_items(client, url)
            return _job_of(
                client, folder, _named(layer, "gemeentecode", "gemeentenaam", url), gemeente, one
            )
        except SourceError as error:
            failed = error
            if year is not None or status_of(error) != MISSING:  # else not published yet
                break
    assert failed is not None  # noqa: S101 - every year has failed
    return _job_of_outlines(client, folder, gemeente, year, failed)


def _job_of_outlines(
    client: Client, folder: Path, gemeente: str, year: int | None, failed: SourceError
) -> Job:
    """Find the gemeente in the outlines that another service has."""
    source = read_catalogue().sources["cbs_gebiedsindelingen"]
    for one in [year] if year is not None else sorted(source.years, reverse=True):
        url = source.address("wfs", year=one)
        try:
            layer = fetch_wfs(client, url, source.layers["gemeente"], box=_COUNTRY)
        except SourceError as error:
            if status_of(error) == MISSING:
                continue
            raise failed from error
        job = _job_of(client, folder, _named(layer, "statcode", "statnaam", url), gemeente, one)
        job.missing["areas"] = failed.message
        return job
    raise failed


def _named(layer: gpd.GeoDataFrame, code: str, name: str, url: str) -> gpd.GeoDataFrame:
    """Take the land of the gemeenten, their codes and names."""
    if layer.empty:
        raise SourceError("{url}: an empty answer came; try again later", url=url)
    if code not in layer or name not in layer:
        raise SourceError(
            "{url}: no {columns} came; the service has changed", url=url, columns=f"{code}, {name}"
        )
    land = layer[layer["water"].astype("str") == "NEE"] if "water" in layer else layer
    land = land[land.geometry.notna()]
    return land.rename(columns={code: "gemeentecode", name: "gemeentenaam"})


def _job_of(client: Client, folder: Path, land: gpd.GeoDataFrame, gemeente: str, year: int) -> Job:
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
    row = own.iloc[0]
    outline = own.geometry.union_all()
    return Job(client, folder, row["gemeentecode"], row["gemeentenaam"], outline, year)
