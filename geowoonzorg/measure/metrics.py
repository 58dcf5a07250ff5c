"""The metrics: what a criterion can measure at a place, each with its range and with why it is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import geowoonzorg.measure.ways  # noqa: F401 - its metrics are registered where they are written
from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.measure._measured import Measured
from geowoonzorg.measure.rasters import zonal
from geowoonzorg.measure.registry import REGISTERED, Criterion, Metric, metric
from geowoonzorg.measure.straight import straight_to_nearest
from geowoonzorg.people.catchment import (
    NO_FIGURES,
    mean_over_counts,
    mean_over_surface,
    zones_of,
)
from geowoonzorg.people.population import mean_over_squares
from geowoonzorg.people.uncertainty import read_uncertainty, widths_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from geowoonzorg.measure.reach import Reach

#: Figures that say themselves between what they lie, and the columns that do.
_BOUNDS = {
    "balans": ("balans_low", "balans_high"),
    "vragers_index": ("vragers_low", "vragers_high"),
    "dragers_index": ("dragers_low", "dragers_high"),
}
NONE = "none"  # the reason of a distance that has no end: there is nothing to walk to
POINT_RADIUS_M = (
    25.0  # a plot's reach where only a point is known: our choice, as of an apartment building
)


@metric("distance", needs=("facility_class",), takes=("measured",))
def measure_distance(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Walk, or go straight, to the nearest facility of a class (m); infinite where it is known that there is none.

    In a class that is not known to be complete there may be one that is nearer, so its distance is an upper bound.
    """
    town = reach.town
    walks = reach.walks
    for criterion in criteria:
        name = str(criterion.facility_class)
        origin = town.facility_origins.get(name, ("", None))
        own = walks[walks["facility_class"] == name].set_index("origin_id")
        if name in town.absent:
            yield _everywhere(reach, criterion, np.inf, NONE, origin)
        elif own.empty:
            why = "no_facilities" if name in town.classes else "class_not_asked"
            yield _everywhere(reach, criterion, np.nan, why, origin)
        else:
            straight = criterion.measured == "straight"  # off the streets as well
            raw = (
                straight_to_nearest(reach, name) if straight else reach.per_place(own, "distance_m")
            )
            high = raw if straight else _cautious_walk(reach, own)
            sure = reach.knows_all(name)
            yield Measured(
                criterion.key,
                raw,
                reach.per_place(own, "status"),
                origin,
                low=np.where(sure, raw, 0.0),
                high=high,
                certainty=np.where(sure, np.nan, _chance(reach.complete_shares_of(name))),
            )


def _cautious_walk(reach: Reach, own: pd.DataFrame) -> NDArray[np.float64]:
    """Give the walk when what is unknown of the streets is taken at its worst; without end where none is left."""
    if "distance_high_m" not in own:
        return reach.per_place(own, "distance_m")
    return np.nan_to_num(reach.per_place(own, "distance_high_m"), nan=np.inf, posinf=np.inf)


def _chance(complete_share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Say how likely the nearest that was found is the nearest that there is.

    When every facility has the same chance to be found, the nearest one has it too: the share that was found.
    """
    return np.where(np.isnan(complete_share), read_uncertainty().unknown_share, complete_share)


@metric("area_mean", needs=("column",))
def measure_area_mean(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Average a figure of the areas over the people within walking distance, in the figure's unit.

    Its range holds the mean over all who may be within walking distance and over those who surely are: the two ends,
    not every group of people between them. Where it is sure of nobody, the mean can be anything on the scale.
    """
    figures = reach.town.figures
    asked = [str(c.column) for c in criteria]
    wanted = dict.fromkeys(one for c in asked for one in (c, *_BOUNDS.get(c, ())))
    known = [] if figures is None else [c for c in wanted if c in figures.numbers]
    means = average_over_people(reach, known) if known else {}
    surely = average_over_people(reach, known, sure=True) if known and reach.unsure else means
    for criterion in criteria:
        name = str(criterion.column)
        if figures is None or name not in means:
            yield _everywhere(reach, criterion, np.nan, "no_figures")
            continue
        found = means[name]
        why = found["reason"].where(reach.joins == "ok", reach.joins)
        low, high = _hull(
            _with_rest_of_scale(*_own_bounds(all_of, name), all_of[name]["coverage"], criterion)
            for all_of in (means, surely)
        )
        yield Measured(
            criterion.key,
            found["mean"].to_numpy(dtype=np.float64),
            why.to_numpy(dtype=object),
            figures.origins.get(name, ("", None)),
            low=low,
            high=high,
            coverage=found["coverage"].to_numpy(dtype=np.float64),
            fallback=found["fallback"].to_numpy(dtype=np.float64),
        )


def _own_bounds(means: Mapping[str, pd.DataFrame], name: str) -> tuple[ArrayLike, ArrayLike]:
    """Give the range of a mean; of a figure that says itself between what it lies, the means of those ends."""
    found = means[name]
    if name not in _BOUNDS or not all(end in means for end in _BOUNDS[name]):
        return found["low"], found["high"]
    low, high = (means[end]["mean"] for end in _BOUNDS[name])
    return np.fmin(found["low"], low), np.fmax(found["high"], high)


def _hull(
    ranges: Iterable[tuple[NDArray[np.float64], NDArray[np.float64]]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the lowest and the highest of some ranges, as far as they are known."""
    lows, highs = zip(*ranges, strict=True)
    return np.fmin.reduce(lows), np.fmax.reduce(highs)


@metric("raster", needs=("raster", "kind"), takes=("over",))
def measure_raster(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Average a raster over the ground within walking distance, or over the place itself, in its unit.

    The range of the former holds the mean over the ground that is surely within walking distance, too, as in
    `measure_area_mean`.
    """
    grids = {raster.name: raster for raster in reach.town.rasters}
    found: dict[tuple[str, str], tuple[pd.DataFrame, ...]] = {}
    for criterion in criteria:
        grid = grids.get(str(criterion.raster))
        if grid is None:
            yield _everywhere(reach, criterion, np.nan, "no_raster")
            continue
        over = criterion.over or grid.over
        if (grid.name, over) not in found:
            found[grid.name, over] = tuple(
                zonal(grid.source, ground.loc[reach.ids], kind=grid.kind)
                for ground in _grounds(reach, over)
            )
            for one in reach.town.sources:  # what was read is what was hashed
                if one.path == grid.source and one.seen is not None:
                    one.seen.check()
        cells = found[grid.name, over][0]
        why = np.full(len(reach.ids), "raster_hole", dtype=object)  # a plot needs no street
        low, high = _hull(
            _with_rest_of_scale(
                one["value"],
                one["value"],
                one["coverage_share"],
                criterion,
                energy=grid.kind == "decibel",
            )
            for one in found[grid.name, over]
        )
        yield Measured(
            criterion.key,
            cells["value"].to_numpy(),
            why if over == "site" else reach.or_joins("raster_hole").to_numpy(dtype=object),
            (grid.source.name, grid.year),
            low=low,
            high=high,
            coverage=cells["coverage_share"].to_numpy(),
        )


def _grounds(reach: Reach, over: str) -> tuple[gpd.GeoSeries, ...]:
    """Give the ground that a raster is averaged over, and what of it is sure where not all is."""
    if over == "site":
        return (_plots(reach),)
    return (reach.catchments, reach.sure_catchments) if reach.unsure else (reach.catchments,)


def _plots(reach: Reach) -> gpd.GeoSeries:
    """Give the ground that people sleep on: the plot, or a circle around a point."""
    shapes = reach.places.set_index("id").geometry
    points = shapes.geom_type == "Point"
    return shapes.where(~points, shapes.buffer(POINT_RADIUS_M))


@metric("people_within")
def measure_people_within(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Count the addresses within walking distance; unknown without any, or where people are known by square.

    At least those are that are within it in the cautious answer, too.
    """
    town = reach.town
    found = reach.counted(*reach.zones)
    reason = "no_addresses" if town.homes == "squares" else "no_homes"
    # Squares are no addresses, and none is no count.
    counted = town.homes != "squares" and not town.around.empty
    raw = np.where(counted & (reach.joins == "ok").to_numpy(), found.total, np.nan)
    why = reach.or_joins(reason).to_numpy(dtype=object)
    for criterion in criteria:
        yield Measured(criterion.key, raw, why, town.addresses_origin, low=found.sure_total)


@metric("site", needs=("column",))
def measure_site(reach: Reach, criteria: Sequence[Criterion]) -> Iterator[Measured]:
    """Take what the places' own table says: a number, or a word for a criterion with levels."""
    origin = reach.places.attrs.get("origin", ("", None))
    for criterion in criteria:
        name = str(criterion.column)
        if name not in reach.places:
            yield _everywhere(reach, criterion, np.nan, "not_given", origin)
            continue
        given = reach.places.set_index("id")[name]
        why = np.full(len(given), "not_given", dtype=object)
        if criterion.levels:
            words = given.astype(object).where(given.notna(), None).to_numpy()
            unknown = np.full(len(given), np.nan)
            yield Measured(criterion.key, unknown, why, origin, word=words)
        else:
            yield Measured(criterion.key, _numbers(given, name), why, origin)


def _with_rest_of_scale(
    low: ArrayLike,
    high: ArrayLike,
    coverage: ArrayLike,
    criterion: Criterion,
    *,
    energy: bool = False,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Widen the bounds of a mean by the part of it that is unknown, which may lie anywhere on the criterion's scale.

    The scale runs from the first anchor to the last: what lies beyond is worth no more and no less. Decibels are
    averaged by energy. A mean over nobody, or over no ground, is wholly unknown.
    """
    part = np.clip(np.nan_to_num(np.asarray(coverage, dtype=np.float64)), 0.0, 1.0)
    ends = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    if not criterion.anchors or (part == 1.0).all():
        return ends
    scale = criterion.anchors[0][0], criterion.anchors[-1][0]

    def mixed(end: NDArray[np.float64], rest: NDArray[np.float64]) -> NDArray[np.float64]:
        own = np.where(part > 0.0, end, rest)  # of no part there is no mean
        if not energy:
            return part * own + (1 - part) * rest
        return 10 * np.log10(part * 10 ** (own / 10) + (1 - part) * 10 ** (rest / 10))

    return (
        np.where(part < 1.0, mixed(ends[0], np.fmin(ends[0], scale[0])), ends[0]),
        np.where(part < 1.0, mixed(ends[1], np.fmax(ends[1], scale[1])), ends[1]),
    )


def _numbers(given: pd.Series, name: str) -> NDArray[np.float64]:
    """Read a column of the places as numbers, or say which are none."""
    numbers = pd.to_numeric(given, errors="coerce").astype("float64")
    wrong = given.notna() & numbers.isna()
    if wrong.any():
        raise InputError(
            "sites: {n} values of {column} are not numbers ({shown}); correct or empty them",
            n=int(wrong.sum()), column=name,
            shown=", ".join(f"{i}: {given[i]!r}" for i in given.index[wrong][:5]),
        )  # fmt: skip
    return np.asarray(numbers, dtype=np.float64)


def _everywhere(
    reach: Reach,
    criterion: Criterion,
    value: float,
    reason: str,
    origin: tuple[str, int | None] = ("", None),
) -> Measured:
    n = len(reach.ids)
    word = np.full(n, None, dtype=object) if criterion.levels else None
    return Measured(
        criterion.key, np.full(n, value), np.full(n, reason, dtype=object), origin, word=word
    )


def average_over_people(
    reach: Reach, columns: Sequence[str], *, sure: bool = False
) -> dict[str, pd.DataFrame]:
    """Average figures of areas by address, by square, or where there is neither by surface.

    Parameters
    ----------
    reach
        The places and who can walk to them.
    columns
        Figures that the town's areas have.
    sure
        Over those only who are within walking distance in the cautious answer, too.

    Returns
    -------
    dict
        Per figure a frame by place: ``mean, reason, low, high`` (by rounding, by what stood in and by how many
        people live in each square), ``coverage`` and ``fallback`` (shares, 0–1).

    Raises
    ------
    CrsError, InputError
        As `mean_over_surface` and `zones_of`.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> average_over_people(Reach(town, town.addresses.head(1)), ["share_65plus"])["share_65plus"]["mean"].round(1)
    id
    n900000003970    0.2
    Name: mean, dtype: float64
    """
    town = reach.town
    if (figures := town.figures) is None:
        return {}
    home, values, stands_in = figures.at_homes(town.around, town.home, columns)
    if town.homes == "squares":
        return _square_means(reach, home, values, stands_in, sure=sure)
    if town.around.empty:
        ground = reach.sure_catchments if sure else reach.catchments
        found = mean_over_surface(ground, figures.frame, values, fallbacks=stands_in)
    else:
        here = reach.counted(zones_of(home, values.index), len(values))
        weights, total = (here.sure, here.sure_total) if sure else (here.near, here.total)
        found = mean_over_counts(weights, total, values, reach.ids, fallbacks=stands_in)
    return {
        c: pd.DataFrame({
            "mean": found.means[c], "reason": found.reasons[c],
            "low": found.means[c] - found.width[c], "high": found.means[c] + found.width[c],
            "coverage": found.coverage_share[c], "fallback": found.fallback_share[c],
        })
        for c in columns
    }  # fmt: skip


def _square_means(
    reach: Reach, home: pd.Series[str], values: pd.DataFrame, stands_in: pd.DataFrame, *, sure: bool
) -> dict[str, pd.DataFrame]:
    """Give every square the figures of its zone, and average over its people, who are an interval."""
    town = reach.town
    squares = town.around.set_index("id")
    people = squares[["people_least", "people_most"]].set_axis(["least", "most"], axis="columns")
    pairs = (reach.sure_pairs if sure else reach.pairs).rename(columns={"address_id": "square_id"})
    widths = widths_of(stands_in, list(values.columns))
    stood_in = (stands_in != "").astype(float).where(values.notna())

    def over_squares(figures: pd.DataFrame) -> pd.DataFrame:
        own = figures.reindex(home).set_axis(home.index)
        return mean_over_squares(pairs, own, people, site_ids=reach.ids)

    found, low, high = (over_squares(one) for one in (values, values - widths, values + widths))
    shares = over_squares(stood_in)
    reason = pd.Series(NO_FIGURES, reach.ids, dtype="str")
    return {
        str(c): pd.DataFrame({
            "mean": found[c], "reason": reason.where(found[c].isna(), ""), "low": low[f"{c}_min"],
            "high": high[f"{c}_max"], "coverage": found[f"{c}_coverage_share"], "fallback": shares[c],
        })
        for c in values
    }  # fmt: skip


def check_names(reach: Reach) -> None:
    """Refuse rasters called as a figure of the areas or a class of facilities: one name, one thing.

    Parameters
    ----------
    reach
        Of the town that is measured.

    Raises
    ------
    StudyError
        With every such name.

    Examples
    --------
    >>> from geowoonzorg.measure.reach import Reach
    >>> from geowoonzorg.study import RasterInput
    >>> from geowoonzorg.town import Town
    >>> from pathlib import Path
    >>> town = Town.demo().replace(rasters=(RasterInput("balans", Path("x.tif")),))
    >>> check_names(Reach(town, town.addresses.head(1)))
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: 1 [[rasters]] with a name that something else has (balans): choose another
    """
    town = reach.town
    figures = set() if town.figures is None else set(town.figures.origins)
    others = {*town.facility_origins, *figures, "people_within", "site"}
    names = [raster.name for raster in town.rasters]
    taken = [n for i, n in enumerate(names) if n in others or n in names[:i]]
    if taken:
        raise StudyError(
            "{n} [[rasters]] with a name that something else has ({names}): choose another",
            n=len(taken), names=", ".join(taken[:5]),
        )  # fmt: skip


def metrics() -> Mapping[str, Metric]:
    """Give every metric by name.

    Returns
    -------
    mapping
        Name → metric.

    Examples
    --------
    >>> sorted(metrics())[:5]
    ['area_mean', 'distance', 'people_within', 'raster', 'site']
    """
    return REGISTERED
