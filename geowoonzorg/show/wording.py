"""Sentences about a result: the outcome, where a site stands, why a figure is missing, whose it is."""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from geowoonzorg.opendata.areas import fallback_label
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.show.texts import is_known, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.show.account import SiteAccount, Walk
    from geowoonzorg.show.texts import Texts

_NAMED_TIES: Final = 3
_ALL_KNOWN: Final = 1e-9  # of a share: summing weights may lose the last bits
_SAME_POINTS: Final = 0.05  # of 100: less does not show in print


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


def gap_words(kind: str, what: object, *, texts: Texts) -> str:
    """Say at a figure of an area that it is missing and why, what stood in for it, or what to mind.

    Parameters
    ----------
    kind
        ``missing``, ``stand_in`` or ``remark``.
    what
        A reason, the larger area or older year, or words.
    texts
        The screen texts of one language.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> gap_words("stand_in", "wijk", texts=read_texts("nl"))
    'Let op: cijfer van de wijk, want van dit gebied zelf is er geen.'
    """
    if kind == "stand_in":
        return texts("popup.stand_in", what=fallback_label(str(what), lang=texts.code))
    if kind == "missing":
        return texts("panel.unknown_because", reason=plain(reason_words(what, texts=texts)))
    return texts("popup.remark", remark=plain(what, longest=900))


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


def leading(sites: Sequence[SiteAccount], *, texts: Texts) -> list[SiteAccount]:
    """List the sites between which the first place is not decided.

    Parameters
    ----------
    sites
        In the order of the ranking.
    texts
        The screen texts, which say to how many decimals a score is printed.

    Returns
    -------
    list of SiteAccount
        The first, and those next to it whose rank can be 1 when the weights move or whose score is
        printed the same; empty when no site has a rank.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> leading([], texts=read_texts("nl"))
    []
    """
    ranked = [site for site in sites if site.rank is not None and site.score is not None]
    shown = [texts.number(site.score or 0.0) for site in ranked]
    level = [
        site.rank == 1 or site.rank_low == 1 or score == shown[0]
        for site, score in zip(ranked, shown, strict=True)
    ]
    # Whoever stands behind one that is not level is not level either, whatever its weights can do.
    return ranked[: (*level, False).index(False)]


def outcome_sentence(
    sites: Sequence[SiteAccount], *, wanted: Collection[str], limit_m: float, texts: Texts
) -> str:
    """Answer the question of the study in one sentence: which site, what it has, what it lacks, what is not known.

    Parameters
    ----------
    sites
        In the order of the ranking.
    wanted
        The facility classes one wants to be near; each is named once.
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
    dropped = sum(site.knock_out_reason is not None for site in sites)
    first = leading(sites, texts=texts)
    if not first:
        key = "outcome.all_dropped" if dropped == len(sites) else "outcome.none"
        return texts(key) + "."
    near, clauses = _what_is_near(first, wanted, texts)
    sentence = _who_leads(first, len(sites), texts)
    if near:
        sentence += texts("outcome.with", classes=texts.join(near), limit=texts.metres(limit_m))
    unknown = max(1 - site.known_share for site in first)
    if unknown > _ALL_KNOWN:
        share = texts.percent(max(unknown, 0.01))
        clauses.append(texts("outcome.gap" if len(first) == 1 else "outcome.gap_most", share=share))
    if dropped:
        clauses.append(texts.count("drop_out", dropped))
    return "; ".join([sentence, *clauses]) + "."


def _who_leads(first: Sequence[SiteAccount], n_sites: int, texts: Texts) -> str:
    """Name the best site, or those that stand level, with their points."""
    scores = [texts.number(site.score or 0.0) for site in first]
    if len(first) == 1:
        key = "outcome.only" if n_sites == 1 else "outcome.best"
        n = texts.count("sites", n_sites)
        return texts(key, name=first[0].name, n=n, score=scores[0])
    names = [site.name for site in first[:_NAMED_TIES]]
    if more := len(first) - len(names):
        names.append(texts.count("others", more))
    key = "outcome.level" if len(set(scores)) == 1 else "outcome.level_between"
    return texts(
        key, count=texts.in_words(len(first)).capitalize(), names=texts.join(names),
        score=scores[0], low=scores[-1],
    )  # fmt: skip


def _what_is_near(
    first: Sequence[SiteAccount], wanted: Collection[str], texts: Texts
) -> tuple[list[str], list[str]]:
    """Divide the wanted classes: names of what is near the leading sites, and a clause for each kind of lack."""
    order = [walk.facility_class for walk in first[0].walks if walk.facility_class in wanted]
    classes = [*order, *sorted(set(wanted).difference(order))]
    kinds: dict[str, list[str]] = {}
    far: list[str] = []
    for name in classes:
        walks = [_walk_to(site, name) for site in first]
        lacks = {walk.lacking if walk else "unknown" for walk in walks}
        metres = [walk.metres for walk in walks if walk and walk.metres is not None]
        if all(walk and walk.within for walk in walks):
            kinds.setdefault("near", []).append(texts.facility_class(name)[0])
        elif len(metres) == len(walks):
            key = "outcome.far_next" if far else "outcome.far"
            far.append(texts(key, the=texts.the_class(name), distance=_between(metres, texts)))
        elif lacks == {"none"}:
            said = texts("outcome.no_one", name=texts.facility_class(name)[0])
            kinds.setdefault("no_ones", []).append(said)
        else:
            kind = lacks.pop() if lacks in ({"unknown"}, {"unreachable"}) else "partly"
            kinds.setdefault(kind, []).append(texts.the_class(name))
    clauses = [texts.join(far)] if far else []
    for kind in ("unreachable", "no_ones", "unknown", "partly"):
        if named := kinds.get(kind):
            one, many = texts.table["outcome"][kind]
            clauses.append((one if len(named) == 1 else many).format(classes=texts.join(named)))
    return kinds.get("near", []), clauses


def _walk_to(site: SiteAccount, name: str) -> Walk | None:
    return next((walk for walk in site.walks if walk.facility_class == name), None)


def _between(metres: Sequence[float], texts: Texts) -> str:
    """Write one distance, or the least and the most of several."""
    low, high = texts.distance(min(metres)), texts.distance(max(metres))
    if low == high:
        return low
    number, unit = low.split("\u00a0")
    return texts(
        "outcome.between", low=number if high.endswith(f"\u00a0{unit}") else low, high=high
    )


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
    first = leading(sites, texts=texts)
    if not first or first[0].rank_low is None or first[0].rank_high is None or len(sites) == 1:
        return ""
    if len(first) > 1:
        alike = len({(site.rank, site.rank_low, site.rank_high) for site in first}) == 1
        return "" if alike and first[0].shared else texts("outcome.undecided")
    low, high = first[0].rank_low, first[0].rank_high
    return texts("outcome.stable" if low == high else "outcome.unstable", low=low, high=high)


def standing(site: SiteAccount, ranked: int, texts: Texts) -> str:
    r"""Say where a site stands, how firmly, and of which part of the points the answer is known; each once.

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
        For instance ``"Rang 2 van 9; tussen 1 en 4 als u andere dingen belangrijk vindt · van 84 % van
        de punten weten we het antwoord"``.

    Examples
    --------
    >>> from geowoonzorg.show.account import SiteAccount
    >>> from geowoonzorg.show.texts import read_texts
    >>> site = SiteAccount("a", "A", 70.0, 2, 1, 4, 0.84, None, "", (), (), "")
    >>> standing(site, 9, read_texts("nl")).replace("\xa0", " ")[:61]
    'Rang 2 van 9; tussen 1 en 4 als u andere dingen belangrijk vi'
    """
    if site.no_rank_reason:
        return site.no_rank_reason
    if site.rank is None:
        said = texts("page.no_rank").capitalize()
    else:
        said = texts("page.shared_of" if site.shared else "page.rank_of", rank=site.rank, n=ranked)
        if site.rank_low is not None and site.rank_high is not None:
            key = "page.fixed" if site.rank_low == site.rank_high else "page.moves"
            said += texts(key, low=site.rank_low, high=site.rank_high)
    return f"{said} · {texts('page.known_share', share=texts.percent(site.known_share))}"


def rank_cell(site: SiteAccount, texts: Texts) -> str:
    """Write a site's rank, saying when another has the same.

    Parameters
    ----------
    site
        The site.
    texts
        The screen texts.

    Returns
    -------
    str
        For instance ``"gedeeld 1"``; a dash when it has no rank.

    Examples
    --------
    >>> from geowoonzorg.show.account import SiteAccount
    >>> from geowoonzorg.show.texts import read_texts
    >>> site = SiteAccount("a", "A", 70.0, 1, 1, 2, 1.0, None, "", (), (), "", shared=True)
    >>> rank_cell(site, read_texts("nl"))
    'gedeeld 1'
    """
    if site.rank is None:
        return "–"
    return texts("page.shared", rank=site.rank) if site.shared else str(site.rank)


def rank_line(site: SiteAccount, texts: Texts) -> str:
    """Write a site's rank with the interval it keeps, as beside its bar in the list.

    Parameters
    ----------
    site
        A site with a rank.
    texts
        The screen texts.

    Returns
    -------
    str
        For instance ``"rang 1–4"`` or ``"gedeeld 1, 1–2"``.

    Examples
    --------
    >>> from geowoonzorg.show.account import SiteAccount
    >>> from geowoonzorg.show.texts import read_texts
    >>> rank_line(SiteAccount("a", "A", 70.0, 2, 1, 4, 1.0, None, "", (), (), ""), read_texts("nl"))
    'rang 1–4'
    """
    if site.shared:
        return f"{rank_cell(site, texts)}, {rank_interval(site)}"
    return texts("page.rank", rank=rank_interval(site))


def possible(site: SiteAccount, texts: Texts) -> str:
    """Write between which scores a site can still land when what is unknown becomes known.

    Parameters
    ----------
    site
        The site.
    texts
        The screen texts.

    Returns
    -------
    str
        Whole points, rounded outwards, such as ``"12–86"``; empty when nothing that counts is unknown.

    Examples
    --------
    >>> from geowoonzorg.show.account import SiteAccount
    >>> from geowoonzorg.show.texts import read_texts
    >>> site = SiteAccount("a", "A", None, None, None, None, 0.1, None, "", (), (), "", (), 12.04, 98.2)
    >>> possible(site, read_texts("nl"))
    '12–99'
    """
    low, high = site.score_low, site.score_high
    if low is None or high is None or high - low < _SAME_POINTS:
        return ""
    return f"{texts.number(math.floor(low))}–{texts.number(math.ceil(high))}"


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
