"""The sheet to walk with: per walk its metres, steps, kerbs and benches, and a code that opens the place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.drawing import to_degrees
from geowoonzorg.show.osm_links import place_link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup

    from geowoonzorg.findings import Findings
    from geowoonzorg.show.site_account import SiteAccount
    from geowoonzorg.show.texts import Texts

_QUIET: Final = 4  # modules of white around a code (ISO/IEC 18004)


@dataclass(frozen=True)
class Leg:
    """One walk on the sheet, as words; ``other_way`` is whether another way may have to be taken."""

    to: str
    name: str
    metres: str
    steps: str
    kerbs: str
    benches: str
    other_way: bool = False


@dataclass(frozen=True)
class Sheet:
    """A site's sheet: its walks, where it is, the page of that place, and the same as a QR code in SVG."""

    legs: tuple[Leg, ...]
    place: str
    link: str
    code: Markup


def make_sheets(
    findings: Findings, sites: Iterable[SiteAccount], *, texts: Texts
) -> dict[str, Sheet]:
    """Make the sheets of sites.

    Parameters
    ----------
    findings
        What was found about sites.
    sites
        Those that get one.
    texts
        The screen texts.

    Returns
    -------
    dict
        Site → sheet; none of a site without a place.

    Examples
    --------
    >>> from geowoonzorg.show.site_account import tell_sites
    >>> from geowoonzorg.show.texts import read_texts
    >>> nl = read_texts("nl")
    >>> best = tell_sites(findings, texts=nl)[:1]
    >>> len(make_sheets(findings, best, texts=nl)[best[0].id].legs)
    5
    """
    layer = findings.tables["sites"]
    points = to_degrees(layer.geometry.representative_point())
    at = dict(zip(map(plain, layer["id"]), points, strict=True))
    met: dict[tuple[str, str], Any] = {
        (plain(row.site_id), str(row.facility_class)): row
        for row in findings.tables["routes"].itertuples(index=False)
    }
    sheets = {}
    for site in sites:
        point = at.get(site.id)
        if point is None or point.is_empty:
            continue
        link = place_link(point.x, point.y)  # latitude first, as pages have places
        legs = tuple(_leg(w, met.get((site.id, w.facility_class)), texts) for w in site.walks)
        sheets[site.id] = Sheet(legs, f"{point.x:.5f}, {point.y:.5f}", link, _code(link))
    return sheets


def _code(link: str) -> Markup:
    """Draw a QR code (ISO/IEC 18004, error correction M)."""
    import segno
    from markupsafe import Markup

    code = segno.make(link, error="m", micro=False)
    drawn = code.svg_inline(border=_QUIET, light="#fff", omitsize=True)
    return Markup(drawn)  # noqa: S704 - squares only: what the code says is not in it as text


def _leg(walk: Any, row: Any, t: Texts) -> Leg:  # noqa: ANN401 - a walk and its row of the routes
    def cell(name: str) -> Any:  # noqa: ANN401
        value = getattr(row, name, None)
        return value if walk.known and is_known(value) else None

    missing = t("panel.unknown") if walk.known else "–"  # without a walk there is nothing to meet
    steps, high, gap = cell("steps_count"), cell("kerbs_high"), cell("bench_gap_m")
    unsure = (cell("kerbs_unknown") or 0) + (cell("crossings") or 0)
    kerbs = missing if high is None else t.number(high)
    if high is not None and unsure:
        kerbs = t("report.kerbs_unsure", high=t.number(high), most=t.number(high + unsure))
    return Leg(
        to=t.facility_class(walk.facility_class)[0],
        name=walk.name,
        metres=walk.told or walk.said,
        steps=missing if steps is None else t.number(steps),
        kerbs=kerbs,
        # There may be benches that nobody mapped.
        benches=missing if gap is None else t("span.at_most", high=t.distance(gap)),
        other_way=walk.known and _other_way(row, t),
    )


def _other_way(row: Any, t: Texts) -> bool:  # noqa: ANN401 - a row of the routes
    """Tell whether the cautious way is longer in print, or not there: what another way meets nobody looked at."""
    metres = float(row.distance_m)
    high = getattr(row, "distance_high_m", metres)
    if not is_known(high) or not math.isfinite(high):
        return True
    return t.distance(float(high)) != t.distance(metres)
