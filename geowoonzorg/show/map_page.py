"""The map page: one file that opens anywhere, fetches nothing but tiles, and shows where, and why there.

The page is ours and not folium's, because that has no title, language or heading, forbids zooming
and fetches ten files from four hosts; whoever wants to go on from a folium map has `folium_map`.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.show.account import Account, make_account
from geowoonzorg.show.drawing import Detail, Shapes
from geowoonzorg.show.map_data import (
    MOST_FACILITIES,
    draw_shapes,
    leave_out,
    make_page_data,
    to_json,
)
from geowoonzorg.show.map_styles import Background, read_styles
from geowoonzorg.show.standing import possible, rank_cell, rank_interval, rank_line
from geowoonzorg.show.streets import Streets
from geowoonzorg.show.templates import policy, read_asset, render_template
from geowoonzorg.show.texts import Texts, read_texts

if TYPE_CHECKING:
    from geowoonzorg.findings import Findings

MOST_LISTED: Final = 500  # sites told whole
AT_ONCE: Final = 100  # of them in list and table; who wants the next turns a page
MOST_FACILITIES_LISTED: Final = 600
MOST_AREAS_LISTED: Final = 300
_TOLERANCES_M: Final = (2.0, 5.0, 10.0, 20.0, 40.0)
_SCRIPTS: Final = (
    "leaflet/leaflet.js",
    "page/rule.js",
    "page/link.js",
    "page/weights.js",
    "page/find.js",
    "page/trial.js",
    "page/picture.js",
    "page/files.js",
    "page/paper.js",
    "page/tools.js",
    "page/stage.js",
    "page/areas.js",
    "page/dots.js",
    "page/signs.js",
    "page/routes.js",
    "page/panel.js",
    "page/layers.js",
    "page/pages.js",
    "page/ranking.js",
    "page.js",
)
_SPARE_BYTES: Final = 1_000  # what the page says about its own coarseness
_VERTEX_BYTES: Final = (
    17.0  # `[52.55951,5.91671],` takes 18.8 on average; less what an estimate may miss
)


def render_map(findings: Findings, *, lang: str = "nl", background: bool = True) -> str:
    """Make the map page of what was found about sites.

    Parameters
    ----------
    findings
        What was found; its layers in any CRS that converts to longitude and latitude.
    lang
        ``nl`` or ``en``: the language on the screen.
    background
        Whether background tiles are asked for; they are all the page ever fetches.

    Returns
    -------
    str
        One HTML file. The same findings give the same bytes.

    Raises
    ------
    StudyError
        When the language is not one of the two.

    Notes
    -----
    Above 5 MB or 5,000 features the page is drawn more coarsely, then with the routes of fewer
    sites, and says so.

    Examples
    --------
    >>> "now comes first of the 12 sites" in render_map(findings, lang="en")
    True
    """
    texts = read_texts(lang)
    account = make_account(findings, texts=texts, most=MOST_LISTED)
    listed = replace(account, sites=account.sites[:MOST_LISTED])
    from markupsafe import Markup

    tiles = read_styles().background if background else None
    others = account.sites[MOST_LISTED:]
    data = make_page_data(findings, listed, texts=texts, background=background, others=others)
    shapes = Shapes(findings, limit_m=account.limit_m)
    streets = Streets(findings.tables["streets"], findings.tables["sites"])
    said = _drawn(findings, texts, tiles, streets)
    # Only the shapes depend on how finely is drawn, and on what the rest of the page leaves them.
    mark = secrets.token_hex(16)  # in no text from outside, whoever wrote it
    shell = _fill(account, listed, texts, tiles, [*said, mark], mark, data)
    room = read_styles().limit_bytes - len(shell.encode()) - _SPARE_BYTES
    detail, payload = _draw(data, shapes, streets, _details(findings, listed), room, texts)
    lines = Markup("</li><li>").join(_coarseness(account, detail, texts))
    before, between, after = shell.split(mark)
    return f"{before}{lines}{between}{payload}{after}"


def _draw(
    data: dict[str, Any],
    shapes: Shapes,
    streets: Streets,
    details: list[Detail],
    room: int,
    texts: Texts,
) -> tuple[Detail, str]:
    """Draw as finely as there is room for (bytes); what is certainly too much is not drawn at all."""
    rest, drawn = _bytes(data), None
    for detail in details:
        if detail.tolerance_m != drawn:
            lines = streets.draw(detail.tolerance_m)
            ids = [site["id"] for site in data["sites"][: detail.drawn_sites]]
            least = rest + _bytes(lines) + _VERTEX_BYTES * shapes.count(ids, detail)
            if least > room and detail is not details[-1]:
                continue
            draw_shapes(data, shapes, texts=texts, detail=detail)
            data["streets"], drawn = lines, detail.tolerance_m
        leave_out(data, detail.drawn_sites)
        payload = to_json(data)
        if len(payload.encode()) <= room:
            break
    return detail, payload


def _bytes(data: object) -> int:
    return len(to_json(data).encode())


def _details(findings: Findings, account: Account) -> list[Detail]:
    """List the ways to draw, from fine to coarse."""
    most = read_styles().limit_features
    fixed = (
        len(account.sites)
        + min(len(findings.tables["facilities"]), MOST_FACILITIES)
        + len(findings.tables["areas"])
    )
    per_site = 1 + findings.tables["routes"]["facility_class"].nunique()
    sites = max(0, min(len(account.sites), (most - fixed) // per_site))
    finer = [Detail(tolerance, sites) for tolerance in _TOLERANCES_M]
    return finer + [Detail(_TOLERANCES_M[-1], n) for n in (100, 20, 0) if n < sites]


def _fill(
    account: Account,
    listed: Account,
    texts: Texts,
    tiles: Background | None,
    drawn: list[str],
    payload: str,
    data: dict[str, Any],
) -> str:
    from markupsafe import Markup

    css = read_asset("leaflet/leaflet.css") + read_asset("page.css")
    script = "\n".join(map(read_asset, _SCRIPTS))
    return render_template(
        "page.html",
        t=texts,
        account=account,
        listed=listed.sites,
        interval=rank_interval,
        possible=possible,
        rank_cell=rank_cell,
        rank_line=rank_line,
        at_once=AT_ONCE,
        not_listed={
            key: texts(key, n=texts.number(len(listed.sites)), all=texts.number(len(account.sites)))
            for key in ("page.not_listed", "crowd.listed")
            if len(listed.sites) < len(account.sites)
        },
        drawn=drawn,
        indicators=data["indicators"],
        area_rows=data["areas"][:MOST_AREAS_LISTED] if data["indicators"] else [],
        area_count=len(data["areas"]),
        background=tiles,
        most_facilities=MOST_FACILITIES_LISTED,
        version=dict(account.versions).get("geowoonzorg", ""),
        policy=policy(scripts=(script,), styles=(css,), images=tiles.host if tiles else ""),
        # Safe as they are: our own files, and JSON in which nothing can end a script. Everything
        # else is escaped by the template.
        css=Markup(css),  # noqa: S704
        script=Markup(script),  # noqa: S704
        data=Markup(payload),  # noqa: S704
    )


def _drawn(
    findings: Findings, texts: Texts, tiles: Background | None, streets: Streets
) -> list[str]:
    """Say what is drawn more simply than it is, at any detail."""
    lines = []
    if len(findings.tables["facilities"]) > MOST_FACILITIES:
        lines.append(
            texts(
                "simplified.facilities",
                n=texts.number(MOST_FACILITIES),
                all=texts.number(len(findings.tables["facilities"])),
            )
        )
    if tiles is None:
        lines.append(texts("simplified.background"))
    if streets.cut_m is not None:
        lines.append(texts("simplified.streets", distance=texts.limit(streets.cut_m)))
    return lines


def _coarseness(account: Account, detail: Detail, texts: Texts) -> list[str]:
    lines = [texts("simplified.areas", tolerance=texts.limit(detail.tolerance_m))]
    if detail.drawn_sites < len(account.sites):
        lines.append(texts("simplified.sites", n=detail.drawn_sites))
    return lines
