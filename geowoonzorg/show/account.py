"""What map and report both say about the outcome: the answer, each score in its parts, what is unknown.

Everything here is text and small numbers, ready to be shown; nothing is escaped yet and nothing is
computed anew. Names from outside have passed through `cells.plain`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.knowledge import said
from geowoonzorg.messages import translate
from geowoonzorg.show.by_gemeente import judged_apart
from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.credits import Source, dates_line, list_sources
from geowoonzorg.show.curves import Curve, value_curves
from geowoonzorg.show.headline import outcome_sentence, stability_sentence, wanted_near
from geowoonzorg.show.lenses import LensRow, lens_help, lens_rows
from geowoonzorg.show.map_styles import read_styles
from geowoonzorg.show.reasons import column_label, gap_reason, reason_words
from geowoonzorg.show.residents import Coverage, balance_help, coverage_rows, incomplete_line
from geowoonzorg.show.site_account import SiteAccount, profile_of, tell_sites

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from geowoonzorg.findings import Findings
    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.show.texts import Texts

_REASONS_SHOWN: Final = 3
_SIDES: Final = ("vragers_index", "dragers_index", "quadrant")


_COLUMN: Final = re.compile(r"\b(?:lbm_\w+|facility_class)\b")


MOST_DOTS: Final = 60  # sites on a curve


@dataclass(frozen=True)
class Account:
    """A result told to people: what map and report share.

    Attributes
    ----------
    study, profile, walking, date, data_dates
        Names shown in the heading, and of when each source is; the date is empty when the study has none.
    limit_m
        The walking distance sites are judged by, in metres.
    outcome, stability
        One sentence that answers the question, and one about how firm the answer is.
    sites
        In the order of the ranking: ranked, then without a score, then knocked out.
    criteria
        Keys and labels, in the order of the profile.
    curves
        How each criterion's measure becomes a value, with the sites on it.
    ranked, contenders
        How many sites have a rank, and how many may get one: those that do not fall out.
    coverage
        Per facility class who lives within the limit.
    incomplete
        Of which classes fewer are found than may be expected; empty where of none.
    cautious
        Whether some of it depends on what is unknown of the way.
    lenses, lens_help, lenses_alike
        The ranking in three ways, what they are, and whether they agree.
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
    data_dates: str
    outcome: str
    stability: str
    sites: tuple[SiteAccount, ...]
    criteria: tuple[tuple[str, str, str], ...]
    curves: tuple[Curve, ...]
    ranked: int
    contenders: int
    sources: tuple[Source, ...]
    method: tuple[str, ...]
    unknown: tuple[str, ...]
    people: tuple[str, ...]
    coverage: tuple[Coverage, ...]
    incomplete: str
    cautious: bool
    lenses: tuple[LensRow, ...]
    lens_help: tuple[str, ...]
    lenses_alike: bool
    balance_help: str
    notes: tuple[str, ...]
    facilities: tuple[tuple[str, str, str, str], ...]
    profiles: tuple[tuple[str, str, str], ...]
    versions: tuple[tuple[str, str], ...]


def make_account(findings: Findings, *, texts: Texts, most: int | None = None) -> Account:
    """Put findings into words.

    Parameters
    ----------
    findings
        What was found about sites.
    texts
        The screen texts of one language.
    most
        How many sites, best first, are told whole; by default all.

    Returns
    -------
    Account
        The words and numbers of map and report.

    Raises
    ------
    ValueError
        When the findings have no scoring profile.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> make_account(findings, texts=read_texts("en")).stability.startswith("With other weights")
    True
    """
    asked, profile, tables = findings.asked, profile_of(findings), findings.tables
    limit_m, lang, provenance = asked.limits_m[0], texts.code, findings.provenance
    sites = tell_sites(findings, texts=texts, most=most)
    walking = texts.get("walking_profile", asked.walking)
    apart = judged_apart(provenance, tables["coverage"])
    coverage = coverage_rows(tables["coverage"], classes=asked.classes, texts=texts, apart=apart)
    lenses = lens_rows(tables.get("lenses"), texts=texts)
    sources = list_sources(provenance, texts=texts)
    return Account(
        study=plain(asked.name),
        profile=plain(said(profile, "title", lang)),
        profile_description=plain(said(profile, "description", lang), longest=600),
        walking=walking,
        limit_m=limit_m,
        date=texts.date(asked.date),
        data_dates=dates_line(sources, texts=texts),
        outcome=outcome_sentence(sites, wanted=wanted_near(profile), limit_m=limit_m, texts=texts),
        stability=stability_sentence(sites, texts=texts),
        sites=sites,
        criteria=tuple(
            (c.key, plain(said(c, "label", lang)), plain(said(c, "source", lang), longest=400))
            for c in profile.criteria
        ),
        curves=value_curves(profile, sites[:MOST_DOTS], texts=texts),
        ranked=sum(site.rank is not None for site in sites),
        contenders=sum(site.rank_low is not None for site in sites),
        sources=sources,
        method=tuple(texts.lines("method.lines", walking=walking, limit=texts.limit(limit_m))),
        unknown=(
            *_unknown_criteria(tables["criteria"], profile, texts),
            *_unknown_of_areas(tables["area_gaps"], texts),
            texts("unknown.facilities"),
        ),
        people=_people(findings, texts),
        coverage=coverage,
        incomplete=incomplete_line(
            tables["coverage"], classes=asked.classes, texts=texts, apart=apart
        ),
        cautious=any(row.cautious for row in coverage),
        lenses=lenses,
        lens_help=lens_help(texts),
        lenses_alike=not any(row.differs for row in lenses),
        balance_help=balance_help(reference=asked.reference, texts=texts)
        if "balans_before" in tables["sites"]
        else "",
        notes=tuple(_note(note, texts) for note in findings.notes),
        facilities=_facilities(tables["facilities"], texts),
        profiles=_profiles(provenance, texts),
        versions=tuple(
            (plain(name), plain(version))
            for name, version in provenance.get("versions", {}).items()
        ),
    )


def _note(note: str, texts: Texts) -> str:
    """Write a remark about the input with the words of the page for columns that have one."""
    said = plain(translate(note, texts.code), longest=600)
    words = {**texts.table["indicator"], "facility_class": texts("columns.facility_class")}
    return _COLUMN.sub(lambda found: str(words.get(found[0], found[0])), said)


def _people(findings: Findings, texts: Texts) -> tuple[str, ...]:
    """Say what the balance is and is not, wherever it is used or shown."""
    areas = findings.tables["areas"]
    scored = any(c.column == "balans" for c in profile_of(findings).criteria)
    if not scored and not ("balans" in areas and bool(areas["balans"].notna().any())):
        return ()
    reference = texts.get("reference", findings.asked.reference)
    return tuple(texts.lines("people.lines", reference=reference))


def _profiles(provenance: Mapping[str, Any], texts: Texts) -> tuple[tuple[str, str, str], ...]:
    def title(one: Mapping[str, Any]) -> str:
        found = str(one.get(f"title_{texts.code}") or one.get("title") or "")
        return texts.get("walking_profile", found)

    return tuple(
        (texts.get("profiles", name), title(one), plain(one.get("hash")))
        for name, one in provenance.get("profiles", {}).items()
    )


def _unknown_criteria(parts: pd.DataFrame, profile: ScoringProfile, texts: Texts) -> list[str]:
    """Say of which criteria something is unknown, at how many sites and why; what is alike once."""
    labels_of = {c.key: plain(said(c, "label", texts.code)) for c in profile.criteria}
    labelled = parts["criterion"].map(labels_of).fillna(parts["label"].map(plain))
    known = parts["known"].to_numpy(dtype=bool)
    given = parts["reason"][~known].fillna("")
    why = {one: reason_words(one, texts=texts) for one in given.unique()}
    reasons: dict[str, Counter[str]] = {name: Counter() for name in labelled.unique()}
    for name, reason in zip(labelled[~known], given, strict=True):
        reasons[name][why[reason]] += 1
    labels: dict[tuple[int, str], list[str]] = {}
    for label, found in reasons.items():
        most_first = sorted(found, key=lambda reason: (-found[reason], reason))
        if found:
            alike = (found.total(), "; ".join(most_first[:_REASONS_SHOWN]))
            labels.setdefault(alike, []).append(label)
    lines = [
        texts(
            "unknown.criterion", label=texts.join(alike), n=texts.count("sites", n), reason=reason
        )
        for (n, reason), alike in labels.items()
    ]
    ranged = known & (parts["value_low"] < parts["value_high"]).to_numpy(dtype=bool)
    lines += _ranged_criteria(labelled[ranged], texts)
    return lines or [texts("unknown.none")]


def _ranged_criteria(ranged: Iterable[str], texts: Texts) -> list[str]:
    """Say of which criteria the value is known as a range only, and at how many sites; what is alike once."""
    alike: dict[int, list[str]] = {}
    for label, n in Counter(ranged).items():
        alike.setdefault(n, []).append(label)
    return [
        texts("unknown.ranged", label=texts.join(labels), n=texts.count("sites", n))
        for n, labels in sorted(alike.items(), reverse=True)
    ]


def _unknown_of_areas(gaps: pd.DataFrame, texts: Texts) -> list[str]:
    """Say of how many areas which figure is missing, stood in for or to be minded; what is alike once."""
    told: dict[str, dict[str, list[str]]] = {}
    rows: Iterable[Any] = gaps.itertuples(index=False)
    for row in rows:
        # The balance speaks for its two sides, and what no map can show is not missed.
        if row.column in read_styles().indicator and row.column not in _SIDES:
            why = gap_reason(row, texts=texts)
            told.setdefault(row.code, {}).setdefault(why, []).append(row.column)
    said_of = Counter(
        "; ".join(f"{_name_figures(columns, texts)} ({why})" for why, columns in of_area.items())
        for of_area in told.values()
    )
    return [
        texts("unknown.areas", n=texts.count("areas", n), status=what)
        for what, n in sorted(said_of.items(), key=lambda item: (-item[1], item[0]))
    ]


def _name_figures(columns: Sequence[str], texts: Texts) -> str:
    """Name figures of areas, the Leefbaarometer as one where all of it is meant."""
    styles = read_styles().indicator
    whole = [key for key, style in styles.items() if style.group == "lbm"]
    labels = [column_label(c, texts=texts) for c in columns]
    if set(whole) <= set(columns):
        others = [label for c, label in zip(columns, labels, strict=True) if c not in whole]
        labels = [texts("roles.leefbaarometer"), *others]
    return texts.join(labels)


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
