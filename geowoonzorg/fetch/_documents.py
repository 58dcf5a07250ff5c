"""An answer that should be a JSON document, refused where it is none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from geowoonzorg.errors import SourceError
from geowoonzorg.fetch._answers import short
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from geowoonzorg.fetch._client import Client

#: x0, y0, x1, y1 in RD New, metres.
Box = tuple[float, float, float, float]
#: More pages than any publication has.
MAX_PAGES = 5000


def parse_json(body: bytes, url: str) -> dict[str, Any]:
    """Read a document.

    Raises
    ------
    SourceError
        When it is no JSON, a list, or says itself what went wrong.
    """
    try:
        document = json.loads(body)
    except ValueError as error:
        start = body[:300].decode("utf-8", "replace").strip()
        what = tell("a service exception") if "exception" in start.lower() else tell("no JSON")
        raise SourceError(
            "{address}: {what} came instead of data: {start!r}",
            address=short(url),
            what=what,
            start=start[:200],
        ) from error
    if not isinstance(document, dict):
        raise SourceError("{address}: a list came where a document is expected", address=short(url))
    return document


def get_json(client: Client, url: str) -> dict[str, Any]:
    """Get a document; what is no JSON is refused before it is kept."""
    parsed: list[dict[str, Any]] = []
    client.get(url, check=lambda body: parsed.append(parse_json(body, url)))
    return parsed[0]
