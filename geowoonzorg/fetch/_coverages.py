"""A part of a raster, of a WCS 2.0 that is first asked what it has and how it calls its axes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geowoonzorg.errors import SourceError
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geowoonzorg.fetch._client import Client
    from geowoonzorg.fetch._documents import Box

_TIFF = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_ID = re.compile(rb"<(?:\w+:)?CoverageId>\s*([^<>\s]+)\s*</(?:\w+:)?CoverageId>")
_AXES = re.compile(rb"""axisLabels\s*=\s*["']\s*([^"'\s]+)\s+([^"'\s]+)\s*["']""")
_DAY = re.compile(r"\d{8}")
#: What services call the axis to the east.
_EAST = frozenset({"x", "e", "east", "easting"})


@dataclass(frozen=True)
class Coverage:
    """A raster of a WCS: its id there, and what its axes to the east and to the north are called."""

    id: str
    east: str
    north: str


def find_coverage(client: Client, url: str, layer: str) -> Coverage:
    """Find a raster among what a WCS 2.0 says it has.

    Parameters
    ----------
    client
        The client; its notes say when another publication of the same raster is taken.
    url
        The service's address.
    layer
        The id that the catalogue has, a dated one; services put their own word before it.

    Returns
    -------
    Coverage
        What the service calls it.

    Raises
    ------
    SourceError
        When the service cannot be reached, says nothing of what it has, or has no such raster.

    Notes
    -----
    OGC 09-110r4 (GetCapabilities, DescribeCoverage, KVP).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> body = b'<wcs:CoverageId>alo__rivm_lden_2022</wcs:CoverageId><gml:Envelope axisLabels="X Y">'
    >>> service = SimpleNamespace(get=lambda url, params, check: (check(body), body)[1])
    >>> find_coverage(service, "https://data.rivm.nl/wcs", "rivm_lden_2022")
    Coverage(id='alo__rivm_lden_2022', east='X', north='Y')
    """
    ids = coverage_ids(_ask(client, url, _ID, "GetCapabilities"))
    own = [one for one in ids if one.lower().endswith(layer.lower())]
    if not own:
        alike = re.compile(_DAY.sub(lambda _: r"\d{8}", re.escape(layer)) + "$", re.IGNORECASE)
        own = sorted(one for one in ids if alike.search(one))
        if own:
            client.notes.append(
                tell(
                    "{url} has no {layer} any more; taken is {other}",
                    url=url,
                    layer=layer,
                    other=own[-1],
                )
            )
    if not own:
        raise SourceError(
            "{url} has no raster {layer} among its {n}; the service has changed",
            url=url,
            layer=layer,
            n=len(ids),
        )
    body = _ask(client, url, _AXES, "DescribeCoverage", ("coverageId", own[-1]))
    axes = _AXES.search(body)
    first, second = (axes[1].decode(), axes[2].decode()) if axes else ("X", "Y")
    if second.lower() in _EAST:
        first, second = second, first
    return Coverage(own[-1], first, second)


def coverage_ids(capabilities: bytes) -> list[str]:
    """Take the ids of the rasters that a WCS says it has."""
    return [found.decode() for found in _ID.findall(capabilities)]


def _ask(
    client: Client, url: str, expected: re.Pattern[bytes], request: str, *more: tuple[str, object]
) -> bytes:
    """Ask a WCS about itself; what does not tell what is expected is not kept."""

    def check(body: bytes) -> None:
        if not expected.search(body):
            raise SourceError(
                "{url}: {request} tells nothing that is expected; the service has changed: {start!r}",
                url=url,
                request=request,
                start=body[:200].decode("utf-8", "replace"),
            )

    params: list[tuple[str, object]] = [("service", "WCS"), ("version", "2.0.1")]
    return client.get(url, [*params, ("request", request), *more], check=check)


def fetch_coverage(client: Client, url: str, coverage: Coverage, *, box: Box) -> bytes:
    """Fetch a raster's part within a box from a WCS 2.0, as a GeoTIFF.

    Parameters
    ----------
    client
        The client.
    url
        The service's address.
    coverage
        What `find_coverage` found.
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
    >>> lden = Coverage("lden", "X", "Y")
    >>> fetch_coverage(answer(b"busy"), "https://data.rivm.nl/wcs", lden, box=(0, 0, 9, 9))
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: https://data.rivm.nl/wcs: no GeoTIFF came for lden: 'busy'
    """
    params: Sequence[tuple[str, object]] = [
        ("service", "WCS"),
        ("version", "2.0.1"),
        ("request", "GetCoverage"),
        ("coverageId", coverage.id),
        ("format", "image/tiff"),
        ("subset", f"{coverage.east}({math.floor(box[0])},{math.ceil(box[2])})"),
        ("subset", f"{coverage.north}({math.floor(box[1])},{math.ceil(box[3])})"),
    ]

    def check(body: bytes) -> None:
        if not body.startswith(_TIFF):
            raise SourceError(
                "{url}: no GeoTIFF came for {layer}: {start!r}",
                url=url,
                layer=coverage.id,
                start=body[:200].decode("utf-8", "replace"),
            )

    return client.get(url, params, check=check)
