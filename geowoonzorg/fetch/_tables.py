"""Rows of an OData feed, page by page."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING, Any

import pandas as pd

from geowoonzorg.errors import SourceError
from geowoonzorg.fetch._documents import MAX_PAGES, get_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geowoonzorg.fetch._client import Client


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
        if following in seen or len(seen) >= MAX_PAGES:
            raise SourceError(
                "{url}: its pages go round in a circle after {n} rows", url=url, n=len(rows)
            )
        seen.add(following)
        document = get_json(client, following)
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
