"""The answer in one sentence: which site, what it has near, what it lacks, what is not known, and how firm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from geowoonzorg.show.site_account import leading
from geowoonzorg.show.standing import moves_by

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.show.site_account import SiteAccount
    from geowoonzorg.show.texts import Texts
    from geowoonzorg.show.walks import Walk

_NAMED_TIES: Final = 3
_SELDOM: Final = 0.005  # a share of draws that is printed as none of them
_NEARLY_ALWAYS: Final = 0.995  # a share of draws that is printed as all of them
_ALL_KNOWN: Final = 1e-9  # of a share: summing weights may lose the last bits


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


def is_certain(site: SiteAccount, sites: Sequence[SiteAccount]) -> bool:
    """Say whether a site is the best whatever is unknown turns out to be, and with other weights as good as always.

    Parameters
    ----------
    site
        The first.
    sites
        All of them.

    Returns
    -------
    bool
        Whether none that stays in the running can score as much as this one scores at least, ranked or not; whether
        it does not fall out; and whether it comes first in nearly all draws.

    Examples
    --------
    >>> from geowoonzorg.show.site_account import SiteAccount
    >>> a = SiteAccount("a", "A", 70.0, 1, 1, 1, 0.9, None, "", (), (), "", (), 65.0, 75.0, first_share=1.0)
    >>> b = SiteAccount("b", "B", 60.0, 2, 2, 2, 0.9, None, "", (), (), "", (), 50.0, 64.0)
    >>> c = SiteAccount("c", "C", None, None, 2, 3, 0.3, None, "", (), (), "", (), 20.0, 80.0)
    >>> is_certain(a, [a, b]), is_certain(a, [a, b, c])
    (True, False)
    """
    if site.may_drop_out or site.first_share < _NEARLY_ALWAYS or site.score_low is None:
        return False
    rivals = [one for one in sites if one.id != site.id and one.knock_out_reason is None]
    return all(one.score_high is not None and one.score_high < site.score_low for one in rivals)


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
    'Er zijn geen locaties om te vergelijken.'
    """
    if not sites:
        return texts("outcome.no_sites") + "."
    dropped = sum(site.knock_out_reason is not None for site in sites)
    first = leading(sites, texts=texts)
    if not first:
        key = "outcome.all_dropped" if dropped == len(sites) else "outcome.none"
        return texts(key) + "."
    near, clauses = _what_is_near(first, wanted, limit_m, texts)
    sentence = _who_leads(first, sites, texts)
    if near:
        sentence += texts("outcome.with", classes=texts.join(near), limit=texts.limit(limit_m))
    unknown = max(1 - site.known_share for site in first)
    if unknown > _ALL_KNOWN:
        share = texts.percent(max(unknown, 0.01))
        clauses.append(texts("outcome.gap" if len(first) == 1 else "outcome.gap_most", share=share))
    if overtaking := _may_overtake(sites):
        names = texts.join([site.name for site in overtaking])
        clauses.append(texts.plural("outcome.overtake", len(overtaking), names=names))
    if may := [site.name for site in first if site.may_drop_out]:
        names = texts.join(may[:_NAMED_TIES])
        clauses.append(texts.plural("outcome.may_drop", len(may[:_NAMED_TIES]), names=names))
    if dropped:
        clauses.append(texts.count("drop_out", dropped))
    return "; ".join([sentence, *clauses]) + "."


def _may_overtake(sites: Sequence[SiteAccount]) -> list[SiteAccount]:
    """List the sites of which too little is known for a rank, but which can still turn out the best."""
    unranked = [s for s in sites if s.rank is None and s.knock_out_reason is None]
    return [site for site in unranked if site.rank_low == 1][:_NAMED_TIES]


def _who_leads(first: Sequence[SiteAccount], sites: Sequence[SiteAccount], texts: Texts) -> str:
    """Name the best site, or those that stand level, with their points."""
    scores = [texts.number(site.score or 0.0) for site in first]
    if len(first) == 1:
        key = "outcome.best" if is_certain(first[0], sites) else "outcome.leads"
        key = "outcome.only" if len(sites) == 1 else key
        n = texts.count("sites", len(sites))
        return texts(key, name=first[0].name, n=n, score=scores[0])
    names = [site.name for site in first[:_NAMED_TIES]]
    if more := len(first) - len(names):
        names.append(texts.count("others", more))
    named = {site.id for site in first}
    others = any(
        s.first_share >= _SELDOM and s.rank is not None for s in sites if s.id not in named
    )
    key = "outcome.level" if len(set(scores)) == 1 else "outcome.level_between"
    if others and key == "outcome.level_between":
        key = "outcome.level_mostly"  # who comes first now and then is not among them
    count = texts.in_words(len(first))
    return texts(
        key, count=count if key == "outcome.level_mostly" else count.capitalize(), names=texts.join(names),
        score=scores[0], low=scores[-1],
    )  # fmt: skip


def _what_is_near(
    first: Sequence[SiteAccount], wanted: Collection[str], limit_m: float, texts: Texts
) -> tuple[list[str], list[str]]:
    """Divide the wanted classes: names of what is near the leading sites, and a clause for each kind of lack."""
    order = [walk.facility_class for walk in first[0].walks if walk.facility_class in wanted]
    classes = [*order, *sorted(set(wanted).difference(order))]
    kinds: dict[str, list[str]] = {}
    far: list[str] = []
    bound = False  # a nearer one may be missing from the data
    for name in classes:
        walks = [_walk_to(site, name) for site in first]
        lacks = {walk.lacking if walk else "unknown" for walk in walks}
        metres = [walk.metres for walk in walks if walk and walk.metres is not None]
        if all(walk and walk.within for walk in walks):
            kinds.setdefault("near", []).append(texts.a_class(name))
        elif all(walk and (walk.within or walk.perhaps) for walk in walks):
            kinds.setdefault("perhaps", []).append(texts.the_class(name))
        elif len(metres) == len(walks) and min(metres) <= limit_m:
            kinds.setdefault("differs", []).append(texts.the_class(name))
        elif len(metres) == len(walks):
            bound |= any(walk and walk.nearest_known for walk in walks)
            key, distance = (
                "outcome.far_next" if far else "outcome.far",
                _between(metres, limit_m, texts),
            )
            far.append(texts(key, the=texts.the_class(name), distance=distance))
        elif lacks == {"none"}:
            said = texts("outcome.no_one", name=texts.facility_class(name)[0])
            kinds.setdefault("no_ones", []).append(said)
        else:
            kind = lacks.pop() if lacks in ({"unknown"}, {"unreachable"}) else "partly"
            kinds.setdefault(kind, []).append(texts.the_class(name))
    clauses = [texts.join(far) + (texts("outcome.as_known") if bound else "")] if far else []
    clauses += [
        texts.plural(
            f"outcome.{kind}", len(named), classes=texts.join(named), limit=texts.limit(limit_m)
        )
        for kind in ("differs", "perhaps", "unreachable", "no_ones", "unknown", "partly")
        if (named := kinds.get(kind))
    ]
    return kinds.get("near", []), clauses


def _walk_to(site: SiteAccount, name: str) -> Walk | None:
    return next((walk for walk in site.walks if walk.facility_class == name), None)


def _between(metres: Sequence[float], limit_m: float, texts: Texts) -> str:
    """Write one distance, or the least and the most of several."""
    low, high = (texts.distance(at, limit_m=limit_m) for at in (min(metres), max(metres)))
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
    chance = _chances(sites, texts)
    if len(first) > 1:
        alike = len({(site.rank, site.rank_low, site.rank_high) for site in first}) == 1
        if alike and first[0].shared:
            return ""
        causes = {moves_by(site) for site in first} - {"nothing"}
        cause = causes.pop() if len(causes) == 1 else "both"
        return " ".join(filter(None, (texts(f"outcome.undecided_{cause}"), chance)))
    said = texts(
        f"outcome.stays_{moves_by(first[0])}", low=first[0].rank_low, high=first[0].rank_high
    )
    return " ".join(filter(None, (said, chance)))


def _chances(sites: Sequence[SiteAccount], texts: Texts) -> str:
    """Say which sites come first most often in the draws, ranked or not; nothing where one always does."""
    running = [site for site in sites if site.knock_out_reason is None]
    often = sorted(running, key=lambda site: -site.first_share)[:_NAMED_TIES]
    if not often or often[0].first_share > _NEARLY_ALWAYS:
        return ""
    said = [
        texts("outcome.first_in", name=site.name, share=texts.percent(site.first_share))
        for site in often
        if site.first_share >= _SELDOM
    ]
    return texts("outcome.chance", sites=texts.join(said)) if said else ""
