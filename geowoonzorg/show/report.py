"""The printed account: a summary, maps, every score in its parts, the sources and what is unknown."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.show.account import make_account
from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.correcting import facilities_to_correct
from geowoonzorg.show.map_styles import class_style
from geowoonzorg.show.report_maps import ReportMaps, map_letters
from geowoonzorg.show.standing import possible, rank_cell, rank_interval, standing, value_words
from geowoonzorg.show.templates import policy, read_asset, render_template
from geowoonzorg.show.texts import read_texts
from geowoonzorg.show.walking_sheet import make_sheets

if TYPE_CHECKING:
    from geowoonzorg.findings import Findings
    from geowoonzorg.show.site_account import Part, SiteAccount

MOST_SITES: Final = 50  # in the report; the rest is in the table
WHOLE_SITES: Final = (
    3  # with map and walking sheet, and on paper a page each; the others a row each
)
MOST_TO_CORRECT: Final = 600  # facilities listed
_ON_PAPER: Final = 50  # of them, which is a page
_LEAST_SCALE: Final = 0.5  # of the balance: less would make small changes look large


@dataclass(frozen=True)
class Dumbbell:
    """The balance before and after building, in SVG units from 0 to 100, with 0 in the middle."""

    before: float
    after: float
    ends: tuple[str, str]


@dataclass(frozen=True)
class PointsBar:
    """The points of one part, in SVG units of which the heaviest part is 100."""

    most: float
    points: float
    low: float
    high: float


def render_report(findings: Findings, *, lang: str = "nl") -> str:
    """Write the account of what was found about sites, to read and to print on A4.

    Parameters
    ----------
    findings
        What was found.
    lang
        ``nl`` or ``en``: the language of the headings and sentences.

    Returns
    -------
    str
        One HTML file without scripts. The same findings give the same bytes.

    Raises
    ------
    StudyError
        When the language is not one of the two.

    Notes
    -----
    On paper the three best sites have a page each, with map and walking sheet, and the others a row each; on
    screen every site of the best fifty is told whole. The others are in ``scores.csv``.

    Examples
    --------
    >>> "<script" in render_report(findings)
    False
    """
    from markupsafe import Markup

    texts = read_texts(lang)
    whole = make_account(findings, texts=texts, most=MOST_SITES)
    account = replace(whole, sites=whole.sites[:MOST_SITES])
    best = account.sites[:WHOLE_SITES]
    maps = ReportMaps(findings, texts=texts)
    css = read_asset("report.css")
    letters = map_letters(account.sites)
    listed = facilities_to_correct(findings, texts=texts)
    return render_template(
        "report.html",
        t=texts,
        account=account,
        all_sites=len(whole.sites),
        most_whole=WHOLE_SITES,
        letters=letters,
        overview=maps.all_sites(account.sites, letters),
        maps={site.id: drawn for site in best if (drawn := maps.of_site(site))},
        sheets=make_sheets(findings, best, texts=texts),
        dumbbells=_dumbbells(findings, texts),
        bar=_points_bar,
        class_style=lambda name: class_style(name, texts=texts),
        facilities=listed[:MOST_TO_CORRECT],
        all_facilities=len(listed),
        on_paper=_ON_PAPER,
        interval=rank_interval,
        possible=possible,
        value_words=lambda part: value_words(part, texts),
        rank_cell=rank_cell,
        standing=lambda site: standing(site, account.ranked, texts),
        policy=policy(styles=(css,)),
        css=Markup(css),  # noqa: S704 - our own file
    )


def _dumbbells(findings: Findings, texts: Any) -> dict[str, Dumbbell]:  # noqa: ANN401 - Texts
    """Draw the balance of each site before and after, all on one scale around 0."""
    sites = findings.tables["sites"]
    if "balans_before" not in sites:
        return {}
    ends = {
        plain(site): (float(before), float(after))
        for site, before, after in zip(
            sites["id"], sites["balans_before"], sites["balans_after"], strict=True
        )
        if is_known(before) and is_known(after)
    }
    most = max(
        [_LEAST_SCALE, *(abs(v) for pair in ends.values() for v in pair if math.isfinite(v))]
    )
    scale = math.ceil(2 * most) / 2
    return {
        site: Dumbbell(
            before=round(50 + 45 * pair[0] / scale, 1),
            after=round(50 + 45 * pair[1] / scale, 1),
            ends=(texts.number(-scale, 1), texts.number(scale, 1, signed=True)),
        )
        for site, pair in ends.items()
        if all(map(math.isfinite, pair))
    }


def _points_bar(part: Part, site: SiteAccount) -> PointsBar | None:
    """Measure the bar of a part's points; None where it has none."""
    heaviest = max((p.most for p in site.parts), default=0.0)
    if part.points is None or part.value is None or not heaviest > 0:
        return None
    each = part.points / part.value if part.value > 0 else part.most
    scale = 100 / heaviest
    found = (part.most, part.points, each * part.value_low, each * part.value_high)
    return PointsBar(*(round(min(100.0, scale * one), 1) for one in found))
