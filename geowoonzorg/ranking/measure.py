"""Each criterion's raw measure at each site, and why it is unknown where it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError
from geowoonzorg.ranking.scoring import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geowoonzorg.ranking.scoring_profile import Criterion, ScoringProfile


@dataclass(frozen=True)
class Surroundings:
    """What is known of and around the sites, each on the index of site ids.

    Attributes
    ----------
    sites
        The sites' own columns.
    distances_m
        Walking distance to the nearest facility, one column per class; NaN where none is reached.
    distance_status
        ``ok``, ``off_network``, ``island`` or ``beyond_limit``, the same columns.
    area_means
        Mean over the people in the walking catchment, one column per figure of an area.
    area_reasons
        Why such a mean is unknown, the same columns; empty where it is known.
    rasters
        Mean over the walking catchment, one column per raster.
    people
        The number of addresses in the walking catchment.
    joins
        How the site joins the network: ``ok``, ``off_network`` or ``island``; without a network there is no
        catchment, and that is the reason for all that is measured over it.
    coverage
        0–1: the share of the people (of an area figure) or of the surface (of a raster) whose figure was
        known, columns as those.
    fallback
        0–1: the share of the people for whom a larger area or an older year stood in.
    low, high
        The lowest and highest mean that the intervals of people allow, where people are intervals.
    absent
        The facility classes of which it is known that there are none.
    origins
        Source and year per facility class, area figure and raster; and of ``site``, the sites' own
        columns, and ``people_within``.
    """

    sites: pd.DataFrame
    distances_m: pd.DataFrame
    distance_status: pd.DataFrame
    area_means: pd.DataFrame
    area_reasons: pd.DataFrame
    rasters: pd.DataFrame
    people: pd.Series[float]
    joins: pd.Series[str]
    coverage: pd.DataFrame = field(default_factory=pd.DataFrame)
    fallback: pd.DataFrame = field(default_factory=pd.DataFrame)
    low: pd.DataFrame = field(default_factory=pd.DataFrame)
    high: pd.DataFrame = field(default_factory=pd.DataFrame)
    absent: frozenset[str] = frozenset()
    origins: Mapping[str, tuple[str, int | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Measures:
    """Raw measures of sites × criteria, with the reason where one is unknown.

    Attributes
    ----------
    raw
        In the criterion's unit, or a word for criteria with levels; NaN where unknown. The distance to
        what is known not to exist is infinite.
    reasons
        Same shape; a key of the screen texts or words, empty where there is a measure: ``none`` where
        what is asked for does not exist.
    origins
        Per site and criterion ``source, year, coverage_share, fallback_share, raw_min, raw_max``; NaN
        where the measure is not a mean, or has no interval.
    """

    raw: pd.DataFrame
    reasons: pd.DataFrame
    origins: pd.DataFrame


def measure_sites(around: Surroundings, profile: ScoringProfile) -> Measures:
    """Take every criterion's measure at every site.

    Parameters
    ----------
    around
        What is known of and around the sites.
    profile
        The criteria.

    Returns
    -------
    Measures
        Sites × criteria. What the study has no source for is unknown at every site.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring import read_scoring_profile
    >>> ids = pd.Index(["a"], name="id")
    >>> empty = pd.DataFrame(index=ids)
    >>> near = pd.DataFrame({"supermarkt": [120.0]}, index=ids)
    >>> ok = pd.DataFrame({"supermarkt": ["ok"]}, index=ids)
    >>> around = Surroundings(empty, near, ok, empty, empty, empty, pd.Series([40.0], ids), ok["supermarkt"])
    >>> measures = measure_sites(around, read_scoring_profile("geclusterd"))
    >>> measures.raw.loc["a", "supermarkt"].item(), measures.reasons.loc["a", "geluid"]
    (120.0, 'no_raster')
    """
    raw: dict[str, pd.Series] = {}
    reasons: dict[str, pd.Series] = {}
    origins: list[pd.DataFrame] = []
    for criterion in profile.criteria:
        measured, why = _METRICS[criterion.metric](around, criterion)
        raw[criterion.key] = measured
        reasons[criterion.key] = why.where(
            ~np.isfinite(measured) if criterion.anchors else measured.isna(), ""
        )
        origins.append(_trace(around, criterion))
    index = around.sites.index
    return Measures(
        pd.DataFrame(raw, index=index),
        pd.DataFrame(reasons, index=index),
        pd.concat(origins, ignore_index=True),
    )


def _origin(criterion: Criterion) -> str:
    """Name the data a criterion rests on; a column of the sites is no figure of areas of that name."""
    if criterion.metric == "site":
        return "site"
    return criterion.facility_class or criterion.raster or criterion.column or criterion.metric


def _trace(around: Surroundings, criterion: Criterion) -> pd.DataFrame:
    """Say of every site where a criterion's measure is from, and how much of it was known."""
    name, index = _origin(criterion), around.sites.index
    source, year = around.origins.get(name, ("", None))
    unknown = pd.Series(np.nan, index)
    return pd.DataFrame(
        {
            "site_id": index,
            "criterion": criterion.key,
            "source": source,
            "year": pd.array([year] * len(index), dtype="Int64"),
            "coverage_share": around.coverage.get(name, unknown).to_numpy(),
            "fallback_share": around.fallback.get(name, unknown).to_numpy(),
            "raw_min": around.low.get(name, unknown).to_numpy(),
            "raw_max": around.high.get(name, unknown).to_numpy(),
        }
    )


def _distance(around: Surroundings, criterion: Criterion) -> tuple[pd.Series, pd.Series]:
    name = str(criterion.facility_class)
    if name in around.absent:
        index = around.sites.index
        return pd.Series(np.inf, index), pd.Series(NONE, index)
    if name not in around.distances_m:
        return _nothing(around, "no_facilities")
    return around.distances_m[name], around.distance_status[name]


def _area_mean(around: Surroundings, criterion: Criterion) -> tuple[pd.Series, pd.Series]:
    name = str(criterion.column)
    if name not in around.area_means:
        return _nothing(around, "no_figures")
    return around.area_means[name], around.area_reasons[name].where(
        around.joins == "ok", around.joins
    )


def _raster(around: Surroundings, criterion: Criterion) -> tuple[pd.Series, pd.Series]:
    name = str(criterion.raster)
    if name not in around.rasters:
        return _nothing(around, "no_raster")
    hole = pd.Series("raster_hole", around.sites.index)
    return around.rasters[name], hole.where(around.joins == "ok", around.joins)


def _people(around: Surroundings, _criterion: Criterion) -> tuple[pd.Series, pd.Series]:
    return around.people, around.joins.replace("ok", "no_addresses")


def _site(around: Surroundings, criterion: Criterion) -> tuple[pd.Series, pd.Series]:
    name = str(criterion.column)
    if name not in around.sites:
        return _nothing(around, "not_given")
    given = around.sites[name]
    if criterion.anchors:
        numbers = pd.to_numeric(given, errors="coerce").astype("float64")
        wrong = given.notna() & numbers.isna()
        if wrong.any():
            shown = ", ".join(f"{i}: {given[i]!r}" for i in given.index[wrong][:5])
            msg = f"sites: {int(wrong.sum())} values of {name} are not numbers ({shown}); correct or empty them"
            raise InputError(msg)
        given = numbers
    return given, pd.Series("not_given", around.sites.index)


def _nothing(around: Surroundings, reason: str) -> tuple[pd.Series, pd.Series]:
    index = around.sites.index
    return pd.Series(np.nan, index), pd.Series(reason, index)


_METRICS = {
    "distance": _distance,
    "area_mean": _area_mean,
    "raster": _raster,
    "people_within": _people,
    "site": _site,
}
