"""The walk from a site to the nearest facility of each class: how far, how certain, or why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from geowoonzorg.ranking.accounting import NONE
from geowoonzorg.show.by_gemeente import judged_apart
from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.show.spans import Span, span_words
from geowoonzorg.town.known_whole import known_whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from geowoonzorg.findings import Findings
    from geowoonzorg.ranking.scoring_profile import Criterion
    from geowoonzorg.show.texts import Texts


@dataclass(frozen=True)
class Walk:
    """The walk from a site to the nearest facility of a class, ``said`` as metres or why there is none.

    ``within`` is whether it is within the limit whatever is unknown turns out to be, ``perhaps`` whether only if that
    turns out well, ``nearest_known`` whether there may be a nearer one that is not in the data. ``lacking`` is empty
    where there is a walk, else ``unknown``, ``unreachable`` or ``none``. ``told`` is the walk with its range.
    """

    facility_class: str
    facility_id: str
    name: str
    said: str
    known: bool
    within: bool
    metres: float | None = None
    lacking: str = ""
    perhaps: bool = False
    told: str = ""
    nearest_known: bool = False


def tell_walks(
    findings: Findings,
    criteria: Mapping[str, Criterion],
    *,
    limit_m: float,
    texts: Texts,
    sites: Collection[str] | None = None,
) -> dict[str, tuple[Walk, ...]]:
    """Tell per site the walk to every class, in the order asked, or why there is none.

    Parameters
    ----------
    findings
        What was found about sites.
    criteria
        The criteria by key: those of a facility class know between what a walk may lie.
    limit_m
        Within this a facility is near (m).
    texts
        The screen texts of one language.
    sites
        Of which sites, by id; by default all.

    Returns
    -------
    dict
        Site → walks.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> criteria = {one.key: one for one in findings.profile.criteria}
    >>> len(tell_walks(findings, criteria, limit_m=400.0, texts=read_texts("nl"))["P01"])
    5
    """
    if sites is not None:
        kept = {
            name: table[table[column].astype(str).isin(sites)]
            for name, column in (("routes", "site_id"), ("criteria", "site_id"), ("sites", "id"))
            for table in [findings.tables[name]]
        }
        findings = replace(findings, tables={**findings.tables, **kept})
    facilities = findings.tables["facilities"]
    names = dict(zip(facilities["id"].astype(str), facilities["name"], strict=True))
    classes = {c.key: c.facility_class for c in criteria.values() if c.facility_class}
    spans = _walked_spans(findings, classes)
    sure = _known_whole(findings)
    found: dict[str, list[Walk]] = {}
    for row in findings.tables["routes"].itertuples(index=False):
        span = spans.get((str(row.site_id), str(row.facility_class))) or _of_row(row, sure)
        found.setdefault(str(row.site_id), []).append(_walk(row, span, names, limit_m, texts))
    lacking = _lacking(findings, found, classes)
    return {site: _in_order(found.get(site, []), lacks, texts) for site, lacks in lacking.items()}


def _known_whole(findings: Findings) -> frozenset[str]:
    """List the classes of which the nearest that was found is surely the nearest, in whichever gemeente."""
    coverage = findings.tables["coverage"]
    whole = frozenset(coverage["facility_class"][known_whole(coverage)].astype(str))
    return whole.difference(judged_apart(findings.provenance, coverage))


def _of_row(row: Any, sure: frozenset[str]) -> Span | None:  # noqa: ANN401 - a row of the routes
    """Give between what a walk lies to a class that no criterion measures."""
    if not is_known(row.distance_m):
        return None
    metres = float(row.distance_m)
    high = getattr(row, "distance_high_m", metres)
    return Span(
        metres,
        metres if str(row.facility_class) in sure else 0.0,
        float(high) if is_known(high) else math.inf,
    )


def _walked_spans(findings: Findings, classes: Mapping[str, str]) -> dict[tuple[str, str], Span]:
    """Give per site and class between what the walk may lie, where a criterion measures it."""
    parts = findings.tables["criteria"]
    rows: Iterable[Any] = parts[parts["criterion"].isin(list(classes))].itertuples(index=False)
    return {
        (str(row.site_id), classes[row.criterion]): span for row in rows if (span := Span.of(row))
    }


def _lacking(
    findings: Findings, walks: Mapping[str, Sequence[Walk]], classes: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Say per site and class asked for why there is no walk: unknown, unreachable or none."""
    asked, tables = findings.asked, findings.tables
    there = set(tables["facilities"]["facility_class"])
    parts = tables["criteria"][tables["criteria"]["criterion"].isin(list(classes))]
    reasons = {
        (str(site), classes[key]): str(why)
        for site, key, why in zip(
            parts["site_id"], parts["criterion"], parts["reason"], strict=True
        )
        if is_known(why)
    }

    def why(site: str, name: str) -> str:
        if name in asked.absent:
            return NONE
        reason = reasons.get((site, name))
        beyond = reason == "beyond_limit" or (reason is None and name in there and site in walks)
        return "unreachable" if beyond else "unknown"

    return {
        str(site): {name: why(str(site), name) for name in asked.classes}
        for site in tables["sites"]["id"]
    }


def _in_order(walks: Sequence[Walk], lacking: Mapping[str, str], texts: Texts) -> tuple[Walk, ...]:
    """Put walks in the order of the study, with why there is none to the others of its classes."""
    found = {walk.facility_class: walk for walk in walks}
    others = sorted(found.keys() - set(lacking))
    words = {
        NONE: texts("status.none"),
        "unreachable": texts("panel.route_none"),
        "unknown": texts("panel.unknown"),
    }
    absent = {
        name: Walk(name, "", "", words[why], known=False, within=False, lacking=why)
        for name, why in lacking.items()
    }
    return tuple(found.get(name) or absent[name] for name in (*lacking, *others))


def _walk(
    row: Any,  # noqa: ANN401
    span: Span | None,
    names: Mapping[str, object],
    limit_m: float,
    texts: Texts,
) -> Walk:
    known = is_known(row.distance_m)
    metres = float(row.distance_m) if known else None
    at_most = max(metres or 0.0, span.high if span else 0.0)
    at_least = min(metres or 0.0, span.low if span else 0.0)
    facility = str(row.facility_id) if is_known(row.facility_id) else ""
    return Walk(
        facility_class=str(row.facility_class),
        facility_id=facility,
        name=plain(names.get(facility)),
        said=texts("panel.route_none")
        if metres is None
        else texts.distance(metres, limit_m=limit_m),
        told=""
        if metres is None or span is None
        else span_words(
            span, lambda at: texts.distance(at, limit_m=limit_m), walked=True, texts=texts
        ),
        known=known,
        within=known and at_most <= limit_m,
        metres=metres,
        lacking="" if known else "unreachable",
        perhaps=metres is not None and metres <= limit_m < at_most,
        nearest_known=metres is not None and span is not None and at_least < metres,
    )
