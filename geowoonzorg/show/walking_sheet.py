"""The sheet to walk with: per walk its metres, steps, kerbs and benches, and a code that opens the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.drawing import to_degrees

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geowoonzorg.findings import Findings
    from geowoonzorg.show.site_account import SiteAccount
    from geowoonzorg.show.texts import Texts

_PLACE: Final = (
    "https://www.openstreetmap.org/?mlat={lat:.5f}&mlon={lon:.5f}#map=18/{lat:.5f}/{lon:.5f}"
)
_QUIET: Final = 4  # modules of white around a code (ISO/IEC 18004)


@dataclass(frozen=True)
class Leg:
    """One walk on the sheet, as words."""

    to: str
    name: str
    metres: str
    steps: str
    kerbs: str
    benches: str


@dataclass(frozen=True)
class Sheet:
    """A site's sheet: its walks, where it is, the page of that place, and the same as a code."""

    legs: tuple[Leg, ...]
    place: str
    link: str
    code: str
    code_size: int


def place_link(lat: float, lon: float) -> str:
    """Name the page of a place on openstreetmap.org.

    Parameters
    ----------
    lat, lon
        Degrees (WGS 84).

    Returns
    -------
    str
        An address.

    Examples
    --------
    >>> place_link(52.5, 5.9)
    'https://www.openstreetmap.org/?mlat=52.50000&mlon=5.90000#map=18/52.50000/5.90000'
    """
    return _PLACE.format(lat=lat, lon=lon)


def code_path(text: str) -> tuple[str, int]:
    """Draw a QR code as the path of an SVG.

    Parameters
    ----------
    text
        What the code says.

    Returns
    -------
    tuple
        The path, and the side in modules with the white around it.

    Notes
    -----
    ISO/IEC 18004, error correction M.

    Examples
    --------
    >>> code_path("geo:52.5,5.9")[1]
    29
    """
    import segno

    rows = segno.make(text, error="m", micro=False).matrix
    path = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                path.append(f"M{start + _QUIET},{y + _QUIET}h{x - start}v1h-{x - start}z")
            x += 1
    return "".join(path), len(rows) + 2 * _QUIET


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
        path, size = code_path(link)
        legs = tuple(_leg(w, met.get((site.id, w.facility_class)), texts) for w in site.walks)
        sheets[site.id] = Sheet(legs, f"{point.x:.5f}, {point.y:.5f}", link, path, size)
    return sheets


def _leg(walk: Any, row: Any, t: Texts) -> Leg:  # noqa: ANN401 - a walk and its row of the routes
    def cell(name: str) -> Any:  # noqa: ANN401
        value = getattr(row, name, None)
        return value if walk.known and is_known(value) else None

    steps, high, gap = cell("steps_count"), cell("kerbs_high"), cell("bench_gap_m")
    unsure = (cell("kerbs_unknown") or 0) + (cell("crossings") or 0)
    kerbs = "–" if high is None else t.number(high)
    if high is not None and unsure:
        kerbs = t("report.kerbs_unsure", high=t.number(high), most=t.number(high + unsure))
    return Leg(
        to=t.facility_class(walk.facility_class)[0],
        name=walk.name,
        metres=walk.told or walk.said,
        steps="–" if steps is None else t.number(steps),
        kerbs=kerbs,
        benches="–" if gap is None else t.metres(gap),
    )
