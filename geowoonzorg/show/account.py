"""What map and report both say about a result: the outcome, each score in its parts, what is unknown.

Everything here is text and small numbers, ready to be shown; nothing is escaped yet and nothing is
computed anew. Names from outside have passed through `texts.plain`.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.ranking.scoring import NONE, best_lift
from geowoonzorg.show.residents import (
    Coverage,
    balance_help,
    coverage_rows,
    part_known,
    resident_lines,
)
from geowoonzorg.show.texts import Texts, is_known, plain
from geowoonzorg.show.wording import (
    column_words,
    outcome_sentence,
    reason_words,
    source_words,
    stability_sentence,
    wanted_near,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    import pandas as pd

    from geowoonzorg.findings import Findings
    from geowoonzorg.ranking.scoring_profile import ScoringProfile

_REASONS_SHOWN: Final = 3


@dataclass(frozen=True)
class Part:
    """One criterion at one site; ``share`` is the criterion's part of the profile's weight (0–1)."""

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


@dataclass(frozen=True)
class Walk:
    """The walk from a site to the nearest facility of a class, ``said`` as metres or why there is none.

    ``lacking`` is empty where there is a walk, else ``unknown``, ``unreachable`` or ``none``.
    """

    facility_class: str
    facility_id: str
    name: str
    said: str
    known: bool
    within: bool
    metres: float | None = None
    lacking: str = ""


@dataclass(frozen=True)
class SiteAccount:
    """All that is said about one site, in the words of the page.

    ``score_low`` and ``score_high`` are what the score can still become, ``shared`` whether another site has
    the same rank.
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


@dataclass(frozen=True)
class Source:
    """One input: what it is, of which year, under which licence, from which bytes.

    What is ``drawn`` on the map is credited on the map itself; ``line`` says it all in one phrase.
    """

    role: str
    title: str
    year: str
    licence: str
    file: str
    hash: str
    citation: str
    drawn: bool
    line: str


@dataclass(frozen=True)
class Account:
    """A result told to people: what map and report share.

    Attributes
    ----------
    study, profile, walking, date, data_date
        Names shown in the heading; the date is empty when the study has none, that of the map's data when
        its file does not say it.
    limit_m
        The walking distance sites are judged by, in metres.
    outcome, stability
        One sentence that answers the question, and one about how firm the answer is.
    sites
        In the order of the ranking: ranked, then without a score, then knocked out.
    criteria
        Keys and labels, in the order of the profile.
    coverage
        Per facility class who lives within the limit.
    balance_help
        What the balance before and after building means; empty where no site has one.
    facilities
        Per facility the cells of the list to correct: class, name, number, last edit.
    """

    study: str
    profile: str
    profile_description: str
    walking: str
    limit_m: float
    date: str
    data_date: str
    outcome: str
    stability: str
    sites: tuple[SiteAccount, ...]
    criteria: tuple[tuple[str, str, str], ...]
    ranked: int
    sources: tuple[Source, ...]
    method: tuple[str, ...]
    unknown: tuple[str, ...]
    people: tuple[str, ...]
    coverage: tuple[Coverage, ...]
    balance_help: str
    notes: tuple[str, ...]
    facilities: tuple[tuple[str, str, str, str], ...]
    profiles: tuple[tuple[str, str, str], ...]
    versions: tuple[tuple[str, str], ...]


def make_account(findings: Findings, *, texts: Texts) -> Account:
    """Put findings into words.

    Parameters
    ----------
    findings
        What was found about sites.
    texts
        The screen texts of one language.

    Returns
    -------
    Account
        The words and numbers of map and report.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> account = make_account(findings, texts=read_texts("nl"))  # doctest: +SKIP
    >>> account.outcome  # doctest: +SKIP
    'De Werf past het best van de 12 plekken: 78 van de 100 punten; de huisarts ligt op 2,3 km.'
    """
    asked, profile, tables = findings.asked, _profile(findings), findings.tables
    limit_m = asked.limits_m[0]
    sites = _sites(findings, texts, limit_m)
    walking = plain(asked.walking)
    balance_is_used = any(c.column == "balans" for c in profile.criteria) or (
        "balans" in tables["areas"] and bool(tables["areas"]["balans"].notna().any())
    )
    return Account(
        study=plain(asked.name),
        profile=plain(profile.title),
        profile_description=plain(profile.description, longest=600),
        walking=walking,
        limit_m=limit_m,
        date=texts.date(asked.date),
        data_date=texts.date(_data_date(findings.provenance)),
        outcome=outcome_sentence(sites, wanted=wanted_near(profile), limit_m=limit_m, texts=texts),
        stability=stability_sentence(sites, texts=texts),
        sites=sites,
        criteria=tuple(
            (c.key, plain(c.label), plain(c.source, longest=400)) for c in profile.criteria
        ),
        ranked=sum(site.rank is not None for site in sites),
        sources=_sources(findings.provenance, texts),
        method=tuple(texts.lines("method.lines", walking=walking, limit=texts.metres(limit_m))),
        unknown=_unknown(findings, sites, texts),
        people=tuple(
            texts.lines("people.lines", reference=texts.get("reference", asked.reference))
            if balance_is_used
            else ()
        ),
        coverage=coverage_rows(tables["coverage"], classes=asked.classes, texts=texts),
        balance_help=balance_help(
            reference=asked.reference, vragers_share=asked.added_vragers_share, texts=texts
        )
        if "balans_before" in tables["sites"]
        else "",
        notes=tuple(plain(note, longest=600) for note in findings.notes),
        facilities=_facilities(tables["facilities"], texts),
        profiles=tuple(
            (texts.get("profiles", name), plain(one.get("title")), plain(one.get("hash")))
            for name, one in findings.provenance.get("profiles", {}).items()
        ),
        versions=tuple(
            (plain(name), plain(version))
            for name, version in findings.provenance.get("versions", {}).items()
        ),
    )


def _sites(findings: Findings, texts: Texts, limit_m: float) -> tuple[SiteAccount, ...]:
    parts = {
        str(site): rows for site, rows in findings.tables["criteria"].groupby("site_id", sort=False)
    }
    names = dict(
        zip(
            findings.tables["facilities"]["id"].astype(str),
            findings.tables["facilities"]["name"],
            strict=True,
        )
    )
    walks: dict[str, list[Walk]] = {}
    for row in findings.tables["routes"].itertuples(index=False):
        walks.setdefault(str(row.site_id), []).append(_walk(row, names, limit_m, texts))
    lacking = _lacking(findings, walks)
    ranks = Counter(findings.tables["sites"]["rank"].dropna())
    lifts = best_lift(findings.tables["sites"].set_index("id"), _profile(findings))
    units = {c.key: c.unit for c in _profile(findings).criteria}
    rasters = {c.key for c in _profile(findings).criteria if c.metric == "raster"}
    least = texts.percent(_profile(findings).least_known_share)
    rows: Iterable[tuple[Any, Any]] = zip(
        findings.tables["sites"].itertuples(index=False),
        lifts.itertuples(index=False),
        strict=True,
    )
    accounts = [
        _site(
            row,
            () if str(row.id) not in parts else _parts(parts[str(row.id)], row, rasters, texts),
            _in_order(walks.get(str(row.id), []), lacking[str(row.id)], texts),
            _lift(lift, row.score, units.get(str(lift.criterion), ""), texts),
            least,
            texts,
            shared=is_known(row.rank) and ranks[row.rank] > 1,
        )
        for row, lift in rows
    ]
    return tuple(sorted(accounts, key=_ranking))


def _lacking(findings: Findings, walks: Mapping[str, Sequence[Walk]]) -> dict[str, dict[str, str]]:
    """Say per site and class of the study why there is no walk: unknown, unreachable or none."""
    classes, there = findings.asked.classes, set(findings.tables["facilities"]["facility_class"])
    asked = {c.key: c.facility_class for c in _profile(findings).criteria if c.facility_class}
    parts = findings.tables["criteria"][findings.tables["criteria"]["criterion"].isin(list(asked))]
    reasons = {
        (str(site), asked[key]): str(why)
        for site, key, why in zip(
            parts["site_id"], parts["criterion"], parts["reason"], strict=True
        )
        if is_known(why)
    }

    def why(site: str, name: str) -> str:
        if name in findings.asked.absent:
            return NONE
        said = reasons.get((site, name))
        beyond = said == "beyond_limit" or (said is None and name in there and site in walks)
        return "unreachable" if beyond else "unknown"

    return {
        str(site): {name: why(str(site), name) for name in classes}
        for site in findings.tables["sites"]["id"]
    }


def _in_order(walks: Sequence[Walk], lacking: Mapping[str, str], texts: Texts) -> tuple[Walk, ...]:
    """Put walks in the order of the study, with why there is none to the others of its classes."""
    found = {walk.facility_class: walk for walk in walks}
    others = sorted(found.keys() - set(lacking))
    said = {
        NONE: texts("status.none"),
        "unreachable": texts("panel.route_none"),
        "unknown": texts("panel.unknown"),
    }
    absent = {
        name: Walk(name, "", "", said[why], known=False, within=False, lacking=why)
        for name, why in lacking.items()
    }
    return tuple(found.get(name) or absent[name] for name in (*lacking, *others))


def _ranking(site: SiteAccount) -> tuple[bool, int, float, str]:
    """Ranked sites first, those that share a rank by id; then without a rank; then knocked out."""
    unranked = site.rank is None
    score = site.score or 0.0 if unranked else 0.0
    return site.knock_out_reason is not None, site.rank or sys.maxsize, -score, site.id


def _walk(row: Any, names: Mapping[str, object], limit_m: float, texts: Texts) -> Walk:  # noqa: ANN401
    known = is_known(row.distance_m)
    facility = str(row.facility_id) if is_known(row.facility_id) else ""
    return Walk(
        facility_class=str(row.facility_class),
        facility_id=facility,
        name=plain(names.get(facility)),
        said=texts.metres(float(row.distance_m)) if known else texts("panel.route_none"),
        known=known,
        within=known and float(row.distance_m) <= limit_m,
        metres=float(row.distance_m) if known else None,
        lacking="" if known else "unreachable",
    )


def _site(
    row: Any,  # noqa: ANN401 - a row of the sites
    parts: Sequence[Part],
    walks: tuple[Walk, ...],
    lift: str,
    least: str,
    texts: Texts,
    *,
    shared: bool,
) -> SiteAccount:
    known_share = float(row.known_weight_share)
    no_rank = ""
    if not is_known(row.rank) and not row.knocked_out:
        no_rank = texts("page.no_rank_because", share=texts.percent(known_share), least=least)
    return SiteAccount(
        id=plain(row.id),
        name=plain(row.name) or plain(row.id),
        score=float(row.score) if is_known(row.score) else None,
        rank=int(row.rank) if is_known(row.rank) else None,
        rank_low=int(row.rank_low) if is_known(row.rank_low) else None,
        rank_high=int(row.rank_high) if is_known(row.rank_high) else None,
        known_share=known_share,
        knock_out_reason=plain(row.knock_out_reason, longest=300) if row.knocked_out else None,
        no_rank_reason=no_rank,
        parts=tuple(parts),
        walks=walks,
        lift=lift,
        residents=resident_lines(row, texts=texts),
        score_low=float(row.score_low),
        score_high=float(row.score_high),
        shared=shared,
    )


def _parts(rows: pd.DataFrame, site: Any, rasters: Collection[str], texts: Texts) -> list[Part]:  # noqa: ANN401
    # Weights of what is unknown go to the rest, so this is what a value of 1 would bring.
    whole = 100 / float(site.known_weight_share) if is_known(site.score) else 100.0
    table: Iterable[Any] = rows.itertuples(index=False)
    return [
        Part(
            key=row.criterion,
            label=plain(row.label),
            raw=texts.quantity(row.raw, row.unit)
            if is_known(row.raw)
            else reason_words(row.reason, texts=texts),
            value=float(row.value) if row.known else None,
            points=float(row.contribution) if is_known(row.contribution) else None,
            most=float(row.weight) * (whole if row.known else 100.0),
            share=float(row.weight),
            reason="" if row.known else reason_words(row.reason, texts=texts),
            remark=part_known(row, of_area=row.criterion in rasters, texts=texts)
            if row.known
            else "",
            source=source_words(row.source, row.year, texts=texts),
            sort_key=_sort_key(row),
        )
        for row in table
    ]


def _sort_key(row: Any) -> float | None:  # noqa: ANN401
    """Sort by what was measured, or by its value where that was a word."""
    if not row.known or not is_known(row.raw):
        return None
    return float(row.value) if isinstance(row.raw, str) else float(row.raw)


def _lift(row: Any, score: float, unit: str, texts: Texts) -> str:  # noqa: ANN401 - a row of best_lift
    if not is_known(score):
        return texts("panel.lift_unknown")
    if not is_known(row.lift):
        return texts("panel.lift_none")

    def said(value: Any) -> str:  # noqa: ANN401 - a number or a word
        return texts.distance(float(value)) if unit == "m" else texts.quantity(value, unit)

    there = is_known(row.raw)
    return texts(
        "panel.lift_points" if there else "panel.lift_opens",
        label=plain(row.label),
        raw=said(row.raw) if there else "",
        target=said(row.target),
        points=texts.number(row.lift, 1),
        after=texts.number(row.score_after),
    )


def _unknown(findings: Findings, sites: Sequence[SiteAccount], texts: Texts) -> tuple[str, ...]:
    labels: dict[tuple[int, str], list[str]] = {}  # what is unknown alike is said once
    for criterion in _profile(findings).criteria:
        reasons = Counter(
            part.reason
            for site in sites
            for part in site.parts
            if part.key == criterion.key and part.value is None
        )
        if reasons:
            most_first = sorted(reasons, key=lambda reason: (-reasons[reason], reason))
            listed = "; ".join(most_first[:_REASONS_SHOWN])
            labels.setdefault((reasons.total(), listed), []).append(plain(criterion.label))
    lines = [
        texts(
            "unknown.criterion",
            label=texts.join(alike),
            n=texts.count("sites", n),
            reason=reason,
        )
        for (n, reason), alike in labels.items()
    ]
    if not lines:
        lines.append(texts("unknown.none"))
    if "status" in findings.tables["areas"]:
        said = Counter(
            str(s) for s in findings.tables["areas"]["status"] if is_known(s) and s != "ok"
        )
        lines += [
            texts(
                "unknown.areas",
                n=texts.count("areas", n),
                status=column_words(plain(what, longest=900), texts=texts),
            )
            for what, n in sorted(said.items(), key=lambda item: (-item[1], item[0]))
        ]
    return (*lines, texts("unknown.facilities"))


def _facilities(facilities: pd.DataFrame, texts: Texts) -> tuple[tuple[str, str, str, str], ...]:
    rows = [
        (
            texts.facility_class(str(row.facility_class))[0],
            plain(row.name) or texts("facilities.nameless"),
            plain(row.osm_id) if "osm_id" in facilities and is_known(row.osm_id) else plain(row.id),
            texts.date(row.last_edit)
            if "last_edit" in facilities and is_known(row.last_edit)
            else "",
        )
        for row in facilities.itertuples(index=False)
    ]
    return tuple(sorted(rows))


def _sources(provenance: Mapping[str, Any], texts: Texts) -> tuple[Source, ...]:
    return tuple(_source(item, texts) for item in provenance.get("inputs", ()))


def _source(item: Mapping[str, Any], texts: Texts) -> Source:
    title, file = plain(item.get("title")), plain(item.get("file"))
    year, licence = plain(item.get("year")), plain(item.get("licence"))
    dated = texts("about.year", year=year) if year else texts("about.no_year")
    dated, year = (texts.date(item["date"]),) * 2 if item.get("date") else (dated, year)
    # Somebody's own file has a name; a publication has a year and a licence, or the lack is said.
    said = (
        f"{title}, {dated}, {licence}" if licence else f"{title} {file}{f', {year}' * bool(year)}"
    )
    return Source(
        role=texts.get("roles", str(item.get("role", ""))),
        title=title or file,
        year=year,
        licence=licence,
        file=file,
        hash=plain(item.get("sha256")),
        citation=plain(item.get("citation")),
        drawn=item.get("role") == "network",
        line=said.strip(),
    )


def _data_date(provenance: Mapping[str, Any]) -> object:
    """Give the day of the data in the file of the streets, where it says so."""
    inputs = provenance.get("inputs", ())
    return next((one.get("date") for one in inputs if one.get("role") == "network"), None)


def _profile(findings: Findings) -> ScoringProfile:
    if findings.profile is None:
        msg = f"no account can be given of {findings.question}: it has no scoring profile"
        raise ValueError(msg)
    return findings.profile
