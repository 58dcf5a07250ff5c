"""The protocols open data is served by: OGC API Features, WFS 2.0, WCS 2.0 and OData, page by page."""

from __future__ import annotations

import json
import math
import urllib.parse
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from geowoonzorg.errors import SourceError
from geowoonzorg.files import check_coordinates
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geowoonzorg.fetch._client import Client

_RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
_PAGE = 1000
_MAX_PAGES = 5000
_MAX_START = 50_000  # PDOK gives nothing past this many features of one request
_SMALLEST_BOX_M = 50.0
_TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")

Box = tuple[float, float, float, float]


def _parse(body: bytes, url: str) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as error:
        start = body[:300].decode("utf-8", "replace").strip()
        what = tell("a service exception") if "exception" in start.lower() else tell("no JSON")
        raise SourceError(
            "{address}: {what} came instead of data: {start!r}",
            address=url.partition("?")[0],
            what=what,
            start=start[:200],
        ) from error
    if not isinstance(document, dict):
        raise SourceError(
            "{address}: a list came where a document is expected", address=url.partition("?")[0]
        )
    return document


def _get_json(client: Client, url: str) -> dict[str, Any]:
    """Get a document; what is no JSON is refused before it is kept."""
    parsed: list[dict[str, Any]] = []
    client.get(url, check=lambda body: parsed.append(_parse(body, url)))
    return parsed[0]


def _as_frame(features: list[dict[str, Any]], url: str) -> gpd.GeoDataFrame:
    """Make a layer in RD New of features; the feature's own id becomes ``feature_id``."""
    if not features:
        return gpd.GeoDataFrame({"feature_id": []}, geometry=[], crs="EPSG:28992")
    frame = gpd.GeoDataFrame.from_features(features, crs="EPSG:28992")
    frame.insert(0, "feature_id", [str(f.get("id", i)) for i, f in enumerate(features)])
    check_coordinates(frame, where=url.partition("?")[0])
    return frame


def fetch_items(
    client: Client, url: str, *, box: Box | None = None, page: int = _PAGE
) -> gpd.GeoDataFrame:
    """Fetch a collection of an OGC API Features service, following its ``next`` links.

    Parameters
    ----------
    client
        The client.
    url
        The address of the collection's items.
    box
        Only what touches this box: x0, y0, x1, y1 in RD New, metres.
    page
        How many features are asked at a time.

    Returns
    -------
    geopandas.GeoDataFrame
        In RD New; properties as columns, and ``feature_id``.

    Raises
    ------
    SourceError
        When a page cannot be had or is no GeoJSON, the pages go round in a circle, or fewer
        features come than the service says there are.
    CrsError
        When the coordinates are not RD New.

    Notes
    -----
    OGC 17-069 (Features, part 1: ``limit``, ``bbox``, ``next``) and 18-058 (part 2: ``crs``).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> def answer(body):  # for a client that has been downloading
    ...     return SimpleNamespace(get=lambda url, params=(), check=len: (check(body), body)[1])
    >>> page = (b'{"features": [{"type": "Feature", "id": "b1", "properties": {"naam": "Markt"}, '
    ...     b'"geometry": {"type": "Point", "coordinates": [190000, 507000]}}]}')
    >>> fetch_items(answer(page), "https://api.pdok.nl/items", box=(188000, 505000, 195000, 512000))["naam"][0]
    'Markt'
    """
    params: dict[str, object] = {"f": "json", "limit": page, "crs": _RD}
    if box is not None:
        params |= {"bbox": ",".join(f"{v:.0f}" for v in _outward(box)), "bbox-crs": _RD}
    features: list[dict[str, Any]] = []
    following: str | None = f"{url}?{urllib.parse.urlencode(params)}"
    seen: set[str] = set()
    matched = None
    while following is not None:
        if following in seen or len(seen) >= _MAX_PAGES:
            raise SourceError(
                "{url}: its pages go round in a circle after {n} features", url=url, n=len(features)
            )
        seen.add(following)
        document = _get_json(client, following)
        features += document.get("features", [])
        matched = document.get("numberMatched", matched)
        links = document.get("links", [])
        nexts = [link["href"] for link in links if link.get("rel") == "next" and link.get("href")]
        following = urllib.parse.urljoin(following, nexts[0]) if nexts else None
    if isinstance(matched, int) and len(features) < matched:
        client.forget(seen)
        raise SourceError(
            "{url}: only {n} of {matched} features came; try again",
            url=url,
            n=len(features),
            matched=matched,
        )
    return _as_frame(features, url)


def fetch_wfs(
    client: Client, url: str, layer: str, *, box: Box, page: int = _PAGE
) -> gpd.GeoDataFrame:
    """Fetch a layer of a WFS 2.0 within a box, in pages.

    Parameters
    ----------
    client
        The client.
    url
        The service's address.
    layer
        Its type name.
    box
        x0, y0, x1, y1 in RD New, metres.
    page
        How many features are asked at a time.

    Returns
    -------
    geopandas.GeoDataFrame
        In RD New; properties as columns, and ``feature_id``; each feature once.

    Raises
    ------
    SourceError
        When a page cannot be had, is no GeoJSON, or fewer features come than the service says.
    CrsError
        When the coordinates are not RD New.

    Notes
    -----
    OGC 09-025r2 (``count``, ``startIndex``). A box with more features than the service will page
    through is asked in four parts.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> def answer(body):  # for a client that has been downloading
    ...     return SimpleNamespace(get=lambda url, params=(), check=len: (check(body), body)[1])
    >>> short = b'{"features": [], "numberMatched": 3}'
    >>> client = answer(short)
    >>> client.forget = list  # what falls short is not kept
    >>> fetch_wfs(client, "https://service.pdok.nl/wfs", "bag:verblijfsobject", box=(0, 0, 9, 9))
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: https://service.pdok.nl/wfs: only 0 of 3 features of bag:verblijfsobject came...
    """
    features = _wfs_features(client, url, layer, box, page)
    return _as_frame(list({str(f.get("id", i)): f for i, f in enumerate(features)}.values()), url)


def _wfs_features(
    client: Client, url: str, layer: str, box: Box, page: int
) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = []
    asked: list[str] = []
    for number in range(_MAX_PAGES):
        params = {
            "service": "WFS",
            "version": "2.0.0",
            "request": "GetFeature",
            "typeNames": layer,
            "outputFormat": "application/json",
            "srsName": "EPSG:28992",
            "bbox": ",".join([*(f"{v:.0f}" for v in _outward(box)), "EPSG:28992"]),
            "count": page,
            "startIndex": number * page,
        }
        asked.append(f"{url}?{urllib.parse.urlencode(params)}")
        document = _get_json(client, asked[-1])
        matched = document.get("numberMatched", document.get("totalFeatures"))
        if isinstance(matched, int) and matched > _MAX_START and box[2] - box[0] > _SMALLEST_BOX_M:
            return [
                f for part in _quarters(box) for f in _wfs_features(client, url, layer, part, page)
            ]
        new = document.get("features", [])
        features += new
        if len(new) < page:
            if isinstance(matched, int) and len(features) < matched:
                client.forget(asked)
                raise SourceError(
                    "{url}: only {n} of {matched} features of {layer} came; try again",
                    url=url,
                    n=len(features),
                    matched=matched,
                    layer=layer,
                )
            return features
    raise SourceError(
        "{url}: {layer} has no end after {n} features", url=url, layer=layer, n=len(features)
    )


def _outward(box: Box) -> Box:
    return math.floor(box[0]), math.floor(box[1]), math.ceil(box[2]), math.ceil(box[3])


def _quarters(box: Box) -> list[Box]:
    x0, y0, x1, y1 = box
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return [(x0, y0, x, y), (x, y0, x1, y), (x0, y, x, y1), (x, y, x1, y1)]


def fetch_rows(client: Client, url: str, params: Mapping[str, object]) -> pd.DataFrame:
    """Fetch the rows of an OData feed, following its next links.

    Parameters
    ----------
    client
        The client.
    url
        The address of the data set.
    params
        The query, for instance ``{"$filter": "substringof('0166',WijkenEnBuurten)"}``.

    Returns
    -------
    pandas.DataFrame
        A row per record, cells as the feed has them.

    Raises
    ------
    SourceError
        When a page cannot be had, is no JSON or no OData, or the pages go round in a circle.

    Notes
    -----
    OData v3 as CBS serves it (``value``, ``odata.nextLink``), and v4.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> def answer(body):  # for a client that has been downloading
    ...     return SimpleNamespace(get=lambda url, params=(), check=len: (check(body), body)[1])
    >>> rows = answer(b'{"value": [{"WijkenEnBuurten": "GM0166", "AantalInwoners_5": 55000}]}')
    >>> fetch_rows(rows, "https://opendata.cbs.nl/feed", {"$format": "json"})["AantalInwoners_5"].tolist()
    [55000]
    """
    rows: list[dict[str, Any]] = []
    following: str | None = f"{url}?{urllib.parse.urlencode(dict(params))}"
    seen: set[str] = set()
    while following is not None:
        if following in seen or len(seen) >= _MAX_PAGES:
            raise SourceError(
                "{url}: its pages go round in a circle after {n} rows", url=url, n=len(rows)
            )
        seen.add(following)
        document = _get_json(client, following)
        if not isinstance(document.get("value"), list):
            raise SourceError(
                "{url}: the answer holds no rows ({keys})",
                url=url,
                keys=", ".join(map(str, document))[:100],
            )
        rows += document["value"]
        link = document.get("odata.nextLink") or document.get("@odata.nextLink")
        # A relative link is relative to the page it is on.
        following = urllib.parse.urljoin(following, link) if link else None
    return pd.DataFrame(rows)


def fetch_coverage(client: Client, url: str, layer: str, *, box: Box) -> bytes:
    """Fetch a raster's part within a box from a WCS 2.0, as a GeoTIFF.

    Parameters
    ----------
    client
        The client.
    url
        The service's address.
    layer
        The coverage's id; a dated one.
    box
        x0, y0, x1, y1 in RD New, metres.

    Returns
    -------
    bytes
        The GeoTIFF.

    Raises
    ------
    SourceError
        When it cannot be had or is no GeoTIFF.

    Notes
    -----
    OGC 09-110r4 (GetCoverage, KVP).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> def answer(body):  # for a client that has been downloading
    ...     return SimpleNamespace(get=lambda url, params=(), check=len: (check(body), body)[1])
    >>> fetch_coverage(answer(b"busy"), "https://data.rivm.nl/wcs", "lden", box=(0, 0, 9, 9))
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: https://data.rivm.nl/wcs: no GeoTIFF came for lden: 'busy'
    """
    params: Sequence[tuple[str, object]] = [
        ("service", "WCS"),
        ("version", "2.0.1"),
        ("request", "GetCoverage"),
        ("coverageId", layer),
        ("format", "image/tiff"),
        ("subset", f"X({math.floor(box[0])},{math.ceil(box[2])})"),
        ("subset", f"Y({math.floor(box[1])},{math.ceil(box[3])})"),
    ]

    def check(body: bytes) -> None:
        if not body.startswith(_TIFF):
            raise SourceError(
                "{url}: no GeoTIFF came for {layer}: {start!r}",
                url=url,
                layer=layer,
                start=body[:200].decode("utf-8", "replace"),
            )

    return client.get(url, params, check=check)
