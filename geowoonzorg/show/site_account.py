"""One site in words: its score in its parts, its walks, what would raise it, who lives around it."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.knowledge import said
from geowoonzorg.opendata.area_rules import deviation_words
from geowoonzorg.ranking.accounting import best_lift
from geowoonzorg.show.cells import as_number, is_known, plain
from geowoonzorg.show.reasons import reason_words, source_words
from geowoonzorg.show.residents import part_known, resident_lines
from geowoonzorg.show.spans import Span, span_reasons, span_words
from geowoonzorg.show.walks import Walk, tell_walks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import pandas as pd

    from geowoonzorg.findings import Findings
    from geowoonzorg.ranking.scoring_profile import Criterion, ScoringProfile
    from geowoonzorg.show.texts import Texts

_SAME_POINTS: Final = 0.05  # of 100: less does not show in print


@dataclass(frozen=True)
class Part:
    """One criterion at one site; ``share`` is the criterion's part of the profile's weight (0–1).

    ``value_low`` and ``value_high`` are what the value can still become.
    """

    key: str
    label: str
    raw: str
    value: float | None
    points: float | None
    most: float
    share: float
    reason: str
    remark: str
    source: str
    sort_key: float | None
    value_low: float = 0.0
    value_high: float = 1.0


@dataclass(frozen=True)
class SiteAccount:
    """All that is said about one site, in the words of the page.

    ``score_low`` and ``score_high`` are what the score can still become, ``shared`` whether another site has
    the same rank, ``by_weights`` and ``by_unknown`` the ranks when only the weights or only the unknown move,
    ``first_share`` the share (0–1) of the draws in which it is first, and ``may_drop_out`` why it may still fall out.
    """

    id: str
    name: str
    score: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    known_share: float
    knock_out_reason: str | None
    no_rank_reason: str
    parts: tuple[Part, ...]
    walks: tuple[Walk, ...]
    lift: str
    residents: tuple[str, ...] = ()
    score_low: float | None = None
    score_high: float | None = None
    shared: bool = False
    by_weights: tuple[int | None, int | None] = (None, None)
    by_unknown: tuple[int | None, int | None] = (None, None)
    first_share: float = 0.0
    may_drop_out: str = ""


@dataclass(frozen=True)
class _Teller:
    """What every sentence about a site needs: the profile's criteria, the limit and the language."""

    criteria: Mapping[str, Criterion]
    limit_m: float
    least_known: str
    texts: Texts

    def label(self, row: Any) -> str:  # noqa: ANN401 - a row with the criterion and its label
        criterion = self.criteria.get(str(row.criterion))
        return plain(said(criterion, "label", self.texts.code) if criterion else row.label)

    def quantity(self, value: object, key: str) -> str:
        """Write a measure of a criterion with its unit, in words where it is judged by words."""
        criterion = self.criteria[key]
        if self.texts.code == "en" and isinstance(value, str):
            value = dict(criterion.levels_en).get(value.strip().casefold(), value)
        limit_m = self.limit_m if criterion.metric == "distance" else None
        unit = said(criterion, "unit", self.texts.code)
        told = self.texts.quantity(value, criterion.unit, shown=unit, limit_m=limit_m)
        number = as_number(value)
        lived = (
            ""
            if number is None
            else deviation_words(str(criterion.column), number, lang=self.texts.code)
        )
        return f"{told} ({lived})" if lived else told

    def measure(self, row: Any) -> tuple[str, str]:  # noqa: ANN401 - a row of the criteria
        """Write a measure with the range it may lie in, and why it is not known closer."""
        key = str(row.criterion)
        span, criterion = Span.of(row), self.criteria[key]
        if span is None:
            return self.quantity(row.raw, key), ""
        near = criterion.facility_class is not None

        def write(value: float) -> str:
            return self.quantity(value, key)

        why = span_reasons(span, write, texts=self.texts) if near else ""
        return span_words(span, write, walked=criterion.unit == "m", texts=self.texts), why


def profile_of(findings: Findings) -> ScoringProfile:
    """Give the scoring profile of findings that must have one.

    Parameters
    ----------
    findings
        What was found about sites.

    Returns
    -------
    ScoringProfile
        The profile.

    Raises
    ------
    ValueError
        When there is none: such findings have no account of sites.

    Examples
    --------
    >>> from geowoonzorg.findings import Asked, Findings
    >>> profile_of(Findings(question="programme", asked=Asked(name="Kampen"), tables={}))
    Traceback (most recent call last):
    ValueError: programme has no scoring profile, so no account of its sites can be given
    """
    if findings.profile is None:
        msg = f"{findings.question} has no scoring profile, so no account of its sites can be given"
        raise ValueError(msg)
    return findings.profile


def tell_sites(
    findings: Findings, *, texts: Texts, most: int | None = None
) -> tuple[SiteAccount, ...]:
    r"""Put every site into words, of very many the best whole and of the others the score.

    Parameters
    ----------
    findings
        What was found about sites.
    texts
        The screen texts of one language.
    most
        How many sites, best first, are told whole; by default all. The others have neither parts nor walks, but those
        that may still be the first do have walks.

    Returns
    -------
    tuple of SiteAccount
        In the order of the ranking: ranked, then without a rank, then knocked out.

    Raises
    ------
    ValueError
        As `profile_of`.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> best = tell_sites(findings, texts=read_texts("nl"))[0]
    >>> best.name, best.rank, best.walks[0].said.replace("\xa0", " ")
    ('De Oude Werf', 1, '339 m')
    """
    profile, tables = profile_of(findings), findings.tables
    teller = _Teller(
        criteria={c.key: c for c in profile.criteria},
        limit_m=findings.asked.limits_m[0],
        least_known=texts.percent(profile.least_known_share),
        texts=texts,
    )
    ranks = Counter(tables["sites"]["rank"].dropna())
    table: Iterable[Any] = tables["sites"].itertuples(index=False)
    told = [
        (_site(row, teller, shared=is_known(row.rank) and ranks[row.rank] > 1), str(row.id), i)
        for i, row in enumerate(table)
    ]
    told.sort(key=lambda one: _ranking(one[0]))
    best = told if most is None else told[:most]
    first = {site.id for site in leading([site for site, _, _ in told], texts=texts)}
    walked = [*best, *(one for one in told[len(best) :] if one[0].id in first)]
    walks = tell_walks(
        findings,
        teller.criteria,
        limit_m=teller.limit_m,
        texts=texts,
        sites={given for _, given, _ in walked},
    )
    parts = _parts(tables["criteria"], {given for _, given, _ in best}, teller)
    rows = tables["sites"].iloc[[i for _, _, i in best]]
    lifts: Iterable[Any] = best_lift(rows.set_index("id"), profile).itertuples(index=False)
    row_of: Iterable[Any] = rows.itertuples(index=False)
    whole = [
        replace(
            site,
            parts=tuple(parts.get(given, ())),
            walks=walks[given],
            lift=_lift(lift, row.score, teller),
            residents=resident_lines(row, texts=texts),
        )
        for (site, given, _), lift, row in zip(best, lifts, row_of, strict=True)
    ]
    others = [replace(site, walks=walks.get(given, ())) for site, given, _ in told[len(best) :]]
    return (*whole, *others)


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
        The first, and those next to it whose rank can be 1 when weights and unknowns move or whose score is
        printed the same; empty when no site has a rank.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> leading([], texts=read_texts("nl"))
    []
    """
    ranked = [site for site in sites if site.rank is not None and site.score is not None]
    if not ranked:
        return []
    highest = ranked[0].score or 0.0

    def alike(score: float) -> bool:  # one point apart is never printed the same
        return highest - score < 1 and texts.number(score) == texts.number(highest)

    return [s for s in ranked if s.rank == 1 or s.rank_low == 1 or alike(s.score or 0.0)]


def _ranking(site: SiteAccount) -> tuple[bool, int, int, int, float, str]:
    """Ranked sites first, those that share a rank by id; then by the rank they may get; then knocked out."""
    last = sys.maxsize
    may = (last, last) if site.rank is not None else (site.rank_low or last, site.rank_high or last)
    score = site.score or 0.0 if site.rank is None else 0.0
    return site.knock_out_reason is not None, site.rank or last, *may, -score, site.id


def _site(
    row: Any,  # noqa: ANN401 - a row of the sites
    teller: _Teller,
    *,
    shared: bool,
) -> SiteAccount:
    """Tell a site but for its parts, its walks, what would lift it and who lives around it."""
    texts = teller.texts
    known_share = float(row.known_weight_share)
    no_rank = ""
    if not is_known(row.rank) and not row.knocked_out:
        no_rank = texts(
            "page.no_rank_because", share=texts.percent(known_share), least=teller.least_known
        )
    return SiteAccount(
        id=plain(row.id),
        name=plain(row.name) or plain(row.id),
        score=float(row.score) if is_known(row.score) else None,
        rank=_whole(row.rank),
        rank_low=_whole(row.rank_low),
        rank_high=_whole(row.rank_high),
        known_share=known_share,
        knock_out_reason=_knock_out_words(row.knock_out_reason, teller)
        if row.knocked_out
        else None,
        no_rank_reason=no_rank,
        parts=(),
        walks=(),
        lift="",
        score_low=float(row.score_low),
        score_high=float(row.score_high),
        shared=shared,
        by_weights=(_whole(row.rank_low_weights), _whole(row.rank_high_weights)),
        by_unknown=(_whole(row.rank_low_unknown), _whole(row.rank_high_unknown)),
        first_share=float(row.first_share) if is_known(row.first_share) else 0.0,
        may_drop_out=_knock_out_words(row.knock_out_possible, teller)
        if is_known(row.knock_out_possible)
        else "",
    )


def _whole(cell: Any) -> int | None:  # noqa: ANN401
    return int(cell) if is_known(cell) else None


def _knock_out_words(reason: object, teller: _Teller) -> str:
    text = str(reason)
    for criterion in teller.criteria.values():
        if out := criterion.knock_out:
            text = text.replace(out.reason, said(out, "reason", teller.texts.code))
    return plain(text, longest=300)


def _parts(
    criteria: pd.DataFrame, sites: Collection[str], teller: _Teller
) -> dict[str, list[Part]]:
    """Tell the parts of sites, in the order of the table."""
    rows: Iterable[Any] = criteria[criteria["site_id"].astype(str).isin(sites)].itertuples(
        index=False
    )
    found: dict[str, list[Part]] = {}
    for row in rows:
        found.setdefault(str(row.site_id), []).append(_part(row, teller))
    return found


def _part(row: Any, teller: _Teller) -> Part:  # noqa: ANN401 - a row of the criteria
    texts = teller.texts
    why = "" if row.known else reason_words(row.reason, texts=texts)
    raw, remarks = teller.measure(row) if is_known(row.raw) else (why, "")
    of_area = teller.criteria[row.criterion].metric == "raster"
    known_of = part_known(row, of_area=of_area, texts=texts) if row.known else ""
    return Part(
        key=row.criterion,
        label=teller.label(row),
        raw=raw or reason_words(row.reason, texts=texts),
        value=float(row.value) if row.known else None,
        points=float(row.contribution) if is_known(row.contribution) and row.weight > 0 else None,
        most=float(row.contribution_best),
        share=float(row.weight),
        reason=why,
        remark="; ".join(
            filter(None, (remarks, known_of, "" if row.weight > 0 else texts("span.beside")))
        ),
        source=source_words(row.source, row.year, texts=texts),
        sort_key=_sort_key(row),
        value_low=float(row.value_low),
        value_high=float(row.value_high),
    )


def _sort_key(row: Any) -> float | None:  # noqa: ANN401
    """Sort by what was measured, or by its value where that was a word."""
    if not row.known or not is_known(row.raw):
        return None
    return float(row.value) if isinstance(row.raw, str) else float(row.raw)


def _lift(row: Any, score: float, teller: _Teller) -> str:  # noqa: ANN401 - a row of best_lift
    texts = teller.texts
    if not is_known(score):
        return texts("panel.lift_unknown")
    if not is_known(row.lift):
        return texts("panel.lift_none")

    there = is_known(row.raw)
    # Where the measure may be better than it is taken to be, part of it may be there already.
    sure = row.lift - row.lift_low < _SAME_POINTS
    key = "panel.lift_opens" if not there else "panel.lift_points"
    if there and not sure:
        all_of_it = row.lift_low < _SAME_POINTS
        key = "panel.lift_points_most" if all_of_it else "panel.lift_points_up_to"
    if there and sure and row.lift_high - row.lift > _SAME_POINTS:
        key = "panel.lift_points_least"
    return texts(
        key,
        label=teller.label(row),
        raw=teller.quantity(row.raw, row.criterion) if there else "",
        target=teller.quantity(row.target, row.criterion),
        points=texts.number(row.lift, 1),
        after=texts.number(row.score_after),
    )
