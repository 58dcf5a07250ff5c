"""Streets of a place: cut out of the extracts of its provinces, or asked of Overpass."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import shapely
from shapely.geometry import shape

from geowoonzorg.errors import FormatError, SourceError
from geowoonzorg.fetch._answers import short
from geowoonzorg.fetch._overpass import fetch_overpass, find_outline
from geowoonzorg.messages import tell
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.osm import cut_extract, read_data_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geowoonzorg.fetch._client import Client
    from geowoonzorg.progress import Progress

_EXTRACT_BYTES = 1 << 30
_EXTRACT_S = 3600.0
_COUNTRY = "netherlands"
#: What the index says of extracts whose outline it does not tell: the whole country holds them all.
_LAND = shapely.box(3.2, 50.7, 7.3, 53.7)


def fetch_extract(
    client: Client,
    within: shapely.Polygon | shapely.MultiPolygon,
    target: Path,
    progress: Progress,
) -> int:
    """Fetch the extracts of the provinces that a place lies in, and cut the place out of them.

    Parameters
    ----------
    client
        How to download.
    within
        The outline, in degrees (WGS 84).
    target
        The ``.osm.pbf`` file to write.
    progress
        Hears how far the cutting is.

    Returns
    -------
    int
        How many nodes lie within.

    Raises
    ------
    SourceError
        When the index or an extract cannot be had, is no whole file, or has nothing there.
    OutputError
        When the file cannot be written.
    Cancelled
        When the client's progress or ``progress`` raises it.

    Notes
    -----
    Geofabrik's index (``index-v1.json``) tells of each extract what outline it covers.
    """
    source = read_catalogue().sources["osm"]
    index_url = source.address("index")
    urls = _covering(_index(client, index_url), within, index_url)
    with tempfile.TemporaryDirectory(prefix="geowoonzorg-") as folder:
        files = [
            client.get_file(
                url, Path(folder), check=_check_pbf(url), max_bytes=_EXTRACT_BYTES,
                deadline_s=_EXTRACT_S,
            )
            for url in urls
        ]  # fmt: skip
        try:
            n = cut_extract(files, target, within, progress=progress)
        except FormatError as error:
            client.forget(urls)
            raise SourceError(
                "{address}: no whole extract came ({why}); try again",
                address=short(urls[0]),
                why=error.message,
            ) from error
    if not n:
        client.forget(urls)
        raise SourceError(
            "{address}: the extract has nothing of the place; the service has changed",
            address=short(urls[0]),
        )
    return n


def fetch_streets(
    client: Client,
    place: str | shapely.Polygon | shapely.MultiPolygon,
    target: Path,
    *,
    progress: Progress,
    extract: bool = True,
) -> tuple[str, int]:
    """Fetch the OpenStreetMap data of a place; where one way fails, Overpass is asked as well.

    Parameters
    ----------
    client
        How to download.
    place
        Its name as the gazetteer of OpenStreetMap knows it, or its outline in degrees (WGS 84).
    target
        The ``.osm.pbf`` file to write, in a folder that exists.
    progress
        Hears how far the cutting is.
    extract
        Whether to try the extracts of provinces first, which are whole; else only Overpass.

    Returns
    -------
    way : str
        ``"extract"`` or ``"overpass"``.
    n_nodes : int
        How many nodes were found.

    Raises
    ------
    CoverageError
        When no place has that name.
    SourceError
        When it cannot be had; of several reasons the first.
    OutputError
        When the file cannot be written.
    Cancelled
        When progress raises it.
    """
    within = find_outline(client, place) if isinstance(place, str) else place
    failed: SourceError | None = None
    if extract:
        try:
            return "extract", fetch_extract(client, within, target, progress)
        except SourceError as error:
            failed = error
            client.taken.clear()
    try:
        n = fetch_overpass(client, within.simplify(0.0005), target)["node"]
    except SourceError as error:
        if failed is None:
            raise
        raise SourceError(
            "{first}; and {second}", first=failed.message, second=error.message
        ) from error
    if failed is not None:
        client.notes.append(
            tell(
                "streets came from Overpass, since the extract could not be had: {why}",
                why=failed.message,
            )
        )
    return "overpass", n


def data_year(path: Path) -> int | None:
    """Give the year of OpenStreetMap data, as its head says."""
    date = read_data_date(path)
    return date.year if date else None


def _index(client: Client, url: str) -> dict[str, Mapping[str, object]]:
    """Get the index of extracts: id → what it says, those of this country."""
    found: dict[str, Mapping[str, object]] = {}

    def check(body: bytes) -> None:
        try:
            features = json.loads(body)["features"]
            for one in features:
                own = one["properties"]
                if own["id"] == _COUNTRY or own.get("parent") == _COUNTRY:
                    found[own["id"]] = {"url": own["urls"]["pbf"], "outline": one.get("geometry")}
        except (ValueError, KeyError, TypeError) as error:
            raise SourceError(
                "{address}: the index of extracts is not as expected; the service has changed",
                address=short(url),
            ) from error

    client.get(url, check=check)
    return found


def _covering(
    index: Mapping[str, Mapping[str, object]],
    within: shapely.Polygon | shapely.MultiPolygon,
    url: str,
) -> list[str]:
    """Choose the province that covers a place, else all that it touches, else the whole country."""
    provinces = {
        key: shape(own["outline"])
        for key, own in sorted(index.items())
        if key != _COUNTRY and own["outline"]
    }
    whole = [key for key, outline in provinces.items() if outline.contains(within)]
    touched = [key for key, outline in provinces.items() if outline.intersects(within)]
    chosen = whole[:1] or touched
    if not chosen and _COUNTRY in index and _LAND.intersects(within):
        chosen = [_COUNTRY]
    if not chosen:
        raise SourceError(
            "{address}: no extract of this country covers the place", address=short(url)
        )
    return [str(index[key]["url"]) for key in chosen]


def _check_pbf(url: str) -> Callable[[bytes], None]:
    def check(body: bytes) -> None:
        if body[4:15] != b"\x0a\x09OSMHeader":
            raise SourceError(
                "{address}: no OSM extract came: {start!r}",
                address=short(url),
                start=body[:100].decode("utf-8", "replace"),
            )

    return check
