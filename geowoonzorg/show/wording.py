"""Sentences about a result: the outcome, where a site stands, why a figure is missing, whose it is."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.show.texts import is_known, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.show.account import SiteAccount
    from geowoonzorg.show.texts import Texts

_NAMED_TIES: Final = 3
_TIE_POINTS: Final = 1e-7


@cache
def _column_names() -> re.Pattern[str]:
    names = sorted(read_catalogue().columns, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")


def column_words(text: str, *, texts: Texts) -> str:
    """Say internal column names in a text the way a reader would.

    Parameters
    ----------
    text
        For instance an area's ``status``.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        The text with the catalogue's labels in it.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> "lbm_afw" in column_words("geheim: lbm_afw", texts=read_texts("nl"))
    False
    """
    columns = read_catalogue().columns
    return _column_names().sub(lambda found: getattr(columns[found[0]], texts.code), text)


def reason_words(reason: object, *, texts: Texts) -> str:
    """Say why something is unknown.

    Parameters
    ----------
    reason
        A status such as ``island``, a reason of the catalogue such as ``secret``, or words.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        Words.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> reason_words("off_network", texts=read_texts("nl"))
    'geen looproute dichtbij genoeg'
    """
    if not is_known(reason):
        return texts("panel.no_reason")
    known = read_catalogue().reasons.get(str(reason))
    return known[texts.code] if known else texts.get("status", str(reason))


def source_words(source: object, year: object, *, texts: Texts) -> str:
    """Name a source with its year.

    Parameters
    ----------
    source
        A key of the catalogue, or a name.
    year
        A year, or missing.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        For instance ``"Leefbaarometer 3.0, 2022"``; empty when nothing is known.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> source_words("osm", 2024.0, texts=read_texts("nl"))
    'OpenStreetMap, 2024'
    """
    entry = read_catalogue().sources.get(str(source))
    name = entry.title if entry else plain(source, longest=200)
    if not is_known(year):
        return name
    said = str(int(year)) if isinstance(year, int | float) else plain(year)
    return f"{name}, {said}" if name else texts("about.year", year=said)


def wanted_near(profile: ScoringProfile) -> frozenset[str]:
    """List the facility classes that a profile wants to be near.

    Parameters
    ----------
    profile
        The scoring profile.

    Returns
    -------
    frozenset of str
        Classes whose value falls as the distance grows; a place to stay away from is not among them.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> "supermarkt" in wanted_near(read_scoring_profile("geclusterd"))
    True
    """
    return frozenset(
        c.facility_class
        for c in profile.criteria
        if c.facility_class and c.anchors and c.anchors[0][1] > c.anchors[-1][1]
    )


def outcome_sentence(
    sites: Sequence[SiteAccount], *, wanted: Collection[str], limit_m: float, texts: Texts
) -> str:
    """Answer the question of the study in one sentence.

    Parameters
    ----------
    sites
        In the order of the ranking.
    wanted
        The facility classes one wants to be near.
    limit_m
        The walking distance within which they count as near, in metres.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> outcome_sentence([], wanted=(), limit_m=400.0, texts=read_texts("nl"))
    'Er zijn geen plekken om te vergelijken.'
    """
    if not sites:
        return texts("outcome.no_sites") + "."
    ranked = [site for site in sites if site.rank is not None and site.score is not None]
    dropped = sum(site.knock_out_reason is not None for site in sites)
    if not ranked:
        key = "outcome.all_dropped" if dropped == len(sites) else "outcome.none"
        return texts(key) + "."
    top = ranked[0]
    shown = texts.number(top.score or 0.0)
    ties = [site.name for site in ranked if abs((site.score or 0) - (top.score or 0)) < _TIE_POINTS]
    count = texts.count("sites", len(sites))
    if len(sites) == 1:
        sentence = texts("outcome.only", name=top.name, score=shown)
    elif 1 < len(ties) <= _NAMED_TIES:
        sentence = texts("outcome.tie", names=texts.join(ties), n=count, score=shown)
    else:
        sentence = texts("outcome.best", name=top.name, n=count, score=shown)
    walks = [walk for walk in top.walks if walk.facility_class in wanted]
    near = [texts.facility_class(walk.facility_class)[0] for walk in walks if walk.within]
    limit = texts.metres(limit_m)
    if near:
        sentence += texts("outcome.with", classes=texts.join(near), limit=limit)
    elif walks:
        sentence += texts("outcome.without", limit=limit)
    if dropped:
        sentence += texts("outcome.dropped", dropped=texts.count("drop_out", dropped))
    return sentence + "."


def stability_sentence(sites: Sequence[SiteAccount], *, texts: Texts) -> str:
    """Say how firm the first place is.

    Parameters
    ----------
    sites
        In the order of the ranking.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        One sentence; empty when there is nothing to say.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> stability_sentence([], texts=read_texts("nl"))
    ''
    """
    top = next((site for site in sites if site.rank is not None), None)
    if top is None or top.rank_low is None or top.rank_high is None or len(sites) == 1:
        return ""
    if top.rank_low == top.rank_high:
        return texts("outcome.stable")
    return texts("outcome.unstable", low=top.rank_low, high=top.rank_high)


def standing(site: SiteAccount, ranked: int, texts: Texts) -> str:
    r"""Say where a site stands, how firmly, and which share of the weight was known; each once.

    Parameters
    ----------
    site
        The site.
    ranked
        How many sites have a rank.
    texts
        The screen texts.

    Returns
    -------
    str
        For instance ``"Rang 2 van 9; 1 tot 4 als de gewichten veranderen · 84 % van het gewicht
        is bekend"``.

    Examples
    --------
    >>> from geowoonzorg.show.account import SiteAccount
    >>> from geowoonzorg.show.texts import read_texts
    >>> site = SiteAccount("a", "A", 70.0, 2, 1, 4, 1.0, None, "", (), (), "")
    >>> standing(site, 9, read_texts("nl")).replace("\xa0", " ")
    'Rang 2 van 9; 1 tot 4 als de gewichten veranderen · 100 % van het gewicht is bekend'
    """
    if site.no_rank_reason:
        return site.no_rank_reason
    if site.rank is None:
        said = texts("page.no_rank")
    elif site.rank_low is None or site.rank_high is None:
        said = texts("page.rank", rank=site.rank)
    else:
        key = "page.rank_fixed_of" if site.rank_low == site.rank_high else "page.rank_interval_of"
        said = texts(key, rank=site.rank, n=ranked, low=site.rank_low, high=site.rank_high)
    return f"{said} · {texts('page.known_share', share=texts.percent(site.known_share))}"


def rank_interval(site: SiteAccount) -> str:
    """Write between which ranks a site moves when the weights do.

    Parameters
    ----------
    site
        The site.

    Returns
    -------
    str
        For instance ``"1–4"``; a dash when it has no rank.

    Examples
    --------
    >>> from geowoonzorg.show.account import SiteAccount
    >>> rank_interval(SiteAccount("a", "A", 70.0, 2, 1, 4, 1.0, None, "", (), (), ""))
    '1–4'
    """
    if site.rank_low is None or site.rank_high is None:
        return "–"
    same = site.rank_low == site.rank_high
    return str(site.rank_low) if same else f"{site.rank_low}–{site.rank_high}"
