"""Very many sites and facilities: of those that are not told whole, where they are and the score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.show.cells import plain
from geowoonzorg.show.drawing import to_degrees

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.findings import Findings
    from geowoonzorg.show.site_account import SiteAccount
    from geowoonzorg.show.texts import Texts

_UNITS: Final = 100_000  # per degree


def other_sites(
    findings: Findings, sites: Sequence[SiteAccount], *, texts: Texts
) -> dict[str, Any] | None:
    """Lay out sites that the page does not tell whole.

    Parameters
    ----------
    findings
        What was found about sites.
    sites
        Those sites, in the order of the ranking.
    texts
        The screen texts.

    Returns
    -------
    dict or None
        By column, as many of each as sites: ``ids``, ``names`` (None where it is the id), ``ranks`` and ``scores``
        (None where there is none), ``out`` (the places of those that fall out, from 0) and ``at``: latitude and
        longitude by turns in whole steps of ``1e-5`` degree from the one before. None without sites.

    Examples
    --------
    >>> from geowoonzorg.show.site_account import tell_sites
    >>> from geowoonzorg.show.texts import read_texts
    >>> nl = read_texts("nl")
    >>> others = other_sites(findings, tell_sites(findings, texts=nl)[10:], texts=nl)
    >>> len(others["ids"]), len(others["at"])
    (2, 4)
    """
    if not sites:
        return None
    layer = findings.tables["sites"]
    row_of = {plain(name): i for i, name in enumerate(layer["id"])}
    places = layer.geometry.iloc[[row_of[site.id] for site in sites]]
    return {
        "ids": [site.id for site in sites],
        "names": [None if site.name == site.id else site.name for site in sites],
        "ranks": [site.rank for site in sites],
        "scores": [None if s.score is None else texts.number(s.score) for s in sites],
        "out": [i for i, site in enumerate(sites) if site.knock_out_reason is not None],
        "at": _steps(places),
    }


def other_facilities(
    facilities: gpd.GeoDataFrame, drawn: gpd.GeoDataFrame, classes: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Lay out where the facilities are that the page does not name.

    Parameters
    ----------
    facilities
        All of them, with ``id`` and ``facility_class``.
    drawn
        Those that the page names.
    classes
        Class → its number on the page.

    Returns
    -------
    list of dict
        Per class ``c``, its number, and ``at``: latitude and longitude by turns in whole steps of ``1e-5`` degree
        from the one before.

    Examples
    --------
    >>> layer = findings.tables["facilities"]
    >>> other_facilities(layer, layer, {})
    []
    """
    rest = facilities[facilities.geometry.notna() & ~facilities["id"].isin(drawn["id"])]
    return [
        {"c": classes[str(name)], "at": _steps(group.geometry)}
        for name, group in rest.groupby("facility_class", sort=True)
    ]


def _steps(places: gpd.GeoSeries) -> list[int]:
    degrees: NDArray[Any] = shapely.get_coordinates(to_degrees(places.representative_point()))
    units = np.rint(degrees * _UNITS).astype(np.int64)
    return np.diff(units, axis=0, prepend=0).ravel().tolist()
