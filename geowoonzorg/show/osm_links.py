"""Addresses of pages on openstreetmap.org: of a place, and of an object."""

from __future__ import annotations

import re
from typing import Final

_SITE: Final = "https://www.openstreetmap.org/"
_KINDS: Final = {"n": "node", "w": "way", "r": "relation"}
_OSM_ID: Final = re.compile(r"[nwr][0-9]{1,19}")


def place_link(lat: float, lon: float) -> str:
    """Name the page of a place.

    Parameters
    ----------
    lat, lon
        Degrees (WGS 84).

    Returns
    -------
    str
        An address, with a mark on the place.

    Examples
    --------
    >>> place_link(52.5, 5.9)
    'https://www.openstreetmap.org/?mlat=52.50000&mlon=5.90000#map=18/52.50000/5.90000'
    """
    return f"{_SITE}?mlat={lat:.5f}&mlon={lon:.5f}#map=18/{lat:.5f}/{lon:.5f}"


def object_link(osm_id: str) -> str:
    """Name the page of an object.

    Parameters
    ----------
    osm_id
        Its kind and number, such as ``w123``.

    Returns
    -------
    str
        An address; empty where this is no number of an object.

    Examples
    --------
    >>> object_link("w123"), object_link("V09")
    ('https://www.openstreetmap.org/way/123', '')
    """
    if not _OSM_ID.fullmatch(osm_id):
        return ""
    return f"{_SITE}{_KINDS[osm_id[0]]}/{osm_id[1:]}"
