"""The list to correct by pen: of every facility its address, its place and its own page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.files import bring_to
from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.drawing import to_degrees
from geowoonzorg.show.osm_links import object_link, place_link

if TYPE_CHECKING:
    import geopandas as gpd

    from geowoonzorg.findings import Findings
    from geowoonzorg.show.texts import Texts

_BESIDE_M: Final = 50.0  # the nearest address within this says where a facility is


@dataclass(frozen=True)
class ToCorrect:
    """A facility on the list; ``walked`` is whether a site's walk leads to it."""

    facility_class: str
    name: str
    number: str
    last_edit: str
    address: str
    place: str
    link: str
    walked: bool


def facilities_to_correct(findings: Findings, *, texts: Texts) -> tuple[ToCorrect, ...]:
    """List the facilities with all that somebody needs to go and look.

    Parameters
    ----------
    findings
        What was found about sites.
    texts
        The screen texts.

    Returns
    -------
    tuple of ToCorrect
        Those that a walk leads to first, then by class and name.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> len(facilities_to_correct(findings, texts=read_texts("nl"))) == len(findings.tables["facilities"])
    True
    """
    layer = findings.tables["facilities"]
    points = to_degrees(layer.geometry.representative_point())
    beside = _addresses(layer, findings.tables["addresses"])
    walked = set(findings.tables["routes"]["facility_id"].dropna().astype(str))
    rows = []
    for row, point, address in zip(layer.itertuples(index=False), points, beside, strict=True):
        osm = plain(getattr(row, "osm_id", None))
        edit = getattr(row, "last_edit", None)
        there = point is not None and not point.is_empty
        place = f"{point.x:.5f}, {point.y:.5f}" if there else ""
        link = object_link(osm) or (place_link(point.x, point.y) if there else "")
        rows.append(
            ToCorrect(
                texts.facility_class(str(row.facility_class))[0],
                plain(row.name) or texts("facilities.nameless"),
                osm or plain(row.id), texts.date(edit) if is_known(edit) else "",
                texts("report.beside", address=address) if address else "",
                place, link, str(row.id) in walked,
            )
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda r: (not r.walked, r.facility_class, r.name, r.number)))


def _addresses(layer: gpd.GeoDataFrame, addresses: gpd.GeoDataFrame) -> list[str]:
    """Name the nearest address of each facility, where one is near and has a street."""
    told = [""] * len(layer)
    if "street" not in addresses or not len(layer):
        return told
    named = addresses[addresses["street"].map(is_known) & addresses.geometry.notna()]
    if named.empty:
        return told
    places = np.asarray(bring_to(layer.geometry.representative_point(), named.crs))
    which, nearest = shapely.STRtree(np.asarray(named.geometry)).query_nearest(
        places, max_distance=_BESIDE_M, all_matches=False
    )
    for i, j in zip(which, nearest, strict=True):
        row: Any = named.iloc[j]
        told[i] = f"{plain(row['street'])} {plain(row.get('housenumber'))}".strip()
    return told
