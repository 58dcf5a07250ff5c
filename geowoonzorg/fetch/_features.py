"""Features page by page, of an OGC API Features service or a WFS 2.0."""

from __future__ import annotations

import json
import math
import re
import urllib.parse
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from geowoonzorg.errors import SourceError
from geowoonzorg.fetch._answers import short, status_of
from geowoonzorg.fetch._documents import MAX_PAGES, Box, get_json
from geowoonzorg.files import check_coordinates

if TYPE_CHECKING:
    from geowoonzorg.fetch._client import Client

RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
_PAGE = 1000
_MAX_START = 50_000  # PDOK answers HTTP 400 past this many features of one request
_SMALLEST_BOX_M = 50.0
_BAD_REQUEST = 400
_MATCHED = re.compile(rb"""<[^<>]*FeatureCollection[^<>]*\bnumberMatched\s*=\s*["'](\d+)["']""")


def as_frame(features: list[dict[str, Any]], url: str) -> gpd.GeoDataFrame:
    """Make a layer in RD New of features; the feature's own id becomes ``feature_id``."""
    if not features:
        return gpd.GeoDataFrame({"feature_id": []}, geometry=[], crs="EPSG:28992")
    frame = gpd.GeoDataFrame.from_features(features, crs="EPSG:28992")
    frame.insert(0, "feature_id", [str(f.get("id", i)) for i, f in enumerate(features)])
    check_coordinates(frame, where=short(url))
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
    params: dict[str, object] = {"f": "json", "limit": page, "crs": RD}
    if box is not None:
        params |= {"bbox": ",".join(f"{v:.0f}" for v in _outward(box)), "bbox-crs": RD}
    features: list[dict[str, Any]] = []
    following: str | None = f"{url}?{urllib.parse.urlencode(params)}"
    seen: set[str] = set()
    matched = None
    while following is not None:
        if following in seen or len(seen) >= MAX_PAGES:
            raise SourceError(
                "{url}: its pages go round in a circle after {n} features", url=url, n=len(features)
            )
        seen.add(following)
        document = get_json(client, following)
        features += _features_of(document, following)
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
    return as_frame(features, url)


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
    OGC 09-025r2 (``resultType=hits``, ``count``, ``startIndex``). They are counted first. A box with more
    features than the service will page through is asked in four parts; so is one of which the service does
    not tell how many it has, when it refuses to go on or when as much came as it ever gives.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> def answer(body):  # for a client that has been downloading
    ...     return SimpleNamespace(get=lambda url, params=(), check=len: (check(body), body)[1])
    >>> short = b'{"features": [], "numberMatched": 3}'  # and as the count, the same
    >>> client = answer(short)
    >>> client.forget = list  # what falls short is not kept
    >>> fetch_wfs(client, "https://service.pdok.nl/wfs", "bag:verblijfsobject", box=(0, 0, 9, 9))
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: https://service.pdok.nl/wfs: only 0 of 3 features of bag:verblijfsobject came...
    """
    features = _within(client, url, layer, box, page)
    return as_frame(list({_identity(one): one for one in features}.values()), url)


def count_features(client: Client, url: str, layer: str, *, box: Box) -> int | None:
    """Ask a WFS 2.0 how many features of a layer touch a box.

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

    Returns
    -------
    int or None
        How many; None when the service does not tell.

    Raises
    ------
    SourceError
        When the service cannot be reached.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> def answer(body):  # for a client that has been downloading
    ...     return SimpleNamespace(get=lambda url: body)
    >>> hits = b'<wfs:FeatureCollection numberMatched="127" numberReturned="0"/>'
    >>> count_features(answer(hits), "https://service.pdok.nl/wfs", "a:b", box=(0, 0, 9, 9))
    127
    """
    query = {**asked_of_wfs(layer, box), "resultType": "hits"}
    try:
        body = client.get(f"{url}?{urllib.parse.urlencode(query)}")
    except SourceError as error:
        if status_of(error) == _BAD_REQUEST:
            return None
        raise
    if body.lstrip().startswith(b"{"):  # a few answer in the format of the features all the same
        matched = json.loads(body).get("numberMatched")
        return matched if isinstance(matched, int) else None
    found = _MATCHED.search(body[:4000])
    return int(found[1]) if found else None


def asked_of_wfs(layer: str, box: Box | None = None) -> dict[str, object]:
    """Ask a WFS for the features of a layer, those that touch a box or any."""
    query: dict[str, object] = {
        "service": "WFS",
        "version": "2.0.0",
        "request": "GetFeature",
        "typeNames": layer,
        "outputFormat": "application/json",
        "srsName": "EPSG:28992",
    }
    if box is not None:
        query["bbox"] = ",".join([*(f"{v:.0f}" for v in _outward(box)), "EPSG:28992"])
    return query


def _within(client: Client, url: str, layer: str, box: Box, page: int) -> list[dict[str, Any]]:
    """Fetch a box, or its quarters when the service will not give it whole."""
    matched = count_features(client, url, layer, box=box)
    features: list[dict[str, Any]] | None = []
    if matched != 0:
        too_many = matched is not None and matched > _MAX_START
        features = None if too_many else _pages(client, url, layer, box, page, matched)
    if features is not None:
        return features
    if box[2] - box[0] <= _SMALLEST_BOX_M:
        raise SourceError(
            "{url}: more features of {layer} lie in {m:.0f} m than the service gives",
            url=url, layer=layer, m=box[2] - box[0],
        )  # fmt: skip
    return [one for part in _quarters(box) for one in _within(client, url, layer, part, page)]


def _pages(
    client: Client, url: str, layer: str, box: Box, page: int, matched: int | None
) -> list[dict[str, Any]] | None:
    """Fetch a box page by page; None when the service will not give it whole."""
    features: list[dict[str, Any]] = []
    asked: list[str] = []
    for start in range(0, _MAX_START + 1, page):
        query = {**asked_of_wfs(layer, box), "count": page, "startIndex": start}
        asked.append(f"{url}?{urllib.parse.urlencode(query)}")
        try:
            document = get_json(client, asked[-1])
        except SourceError as error:
            if start and status_of(error) == _BAD_REQUEST:
                return None
            raise
        if matched is None:
            told = document.get("numberMatched", document.get("totalFeatures"))
            matched = told if isinstance(told, int) else None
            if matched is not None and matched > _MAX_START:
                return None
        new = _features_of(document, asked[-1])
        features += new
        if len(new) < page:
            break
        if matched is None and len(features) >= _MAX_START:  # there may be more that it never gives
            return None
    if matched is not None and len(features) < matched:
        client.forget(asked)
        raise SourceError(
            "{url}: only {n} of {matched} features of {layer} came; try again",
            url=url, n=len(features), matched=matched, layer=layer,
        )  # fmt: skip
    return features


def _features_of(document: dict[str, Any], url: str) -> list[dict[str, Any]]:
    """Take the features of a page, which may have none."""
    features = document.get("features")
    if isinstance(features, list):
        return features
    said = document.get("detail") or document.get("title") or ", ".join(map(str, document))
    raise SourceError(
        "{address}: the answer holds no features ({keys})",
        address=short(url),
        keys=str(said)[:200],
    )


def _identity(feature: dict[str, Any]) -> str:
    """Tell a feature from others: by its id, else by all that it says."""
    own = feature.get("id")
    return str(own) if own is not None else json.dumps(feature, sort_keys=True)


def _outward(box: Box) -> Box:
    return math.floor(box[0]), math.floor(box[1]), math.ceil(box[2]), math.ceil(box[3])


def _quarters(box: Box) -> list[Box]:
    x0, y0, x1, y1 = box
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return [(x0, y0, x, y), (x, y0, x1, y), (x0, y, x, y1), (x, y, x1, y1)]
