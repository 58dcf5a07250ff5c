"""People within reach, from published counts that are rounded or secret, so intervals.

Small counts about people are never made finer than the source published them: of a zone that is partly within
reach the interval says how its people may be spread over its addresses, in the source's own steps.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.people.catchment import check_pairs, divide, sum_by, weight_matrix
from geowoonzorg.people.uncertainty import read_uncertainty

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from geowoonzorg.walk.nearest_arrays import NearestArrays

_ROUNDING: Final = 5  # CBS publishes counts of people rounded to five
_SLACK: Final = 1e-9  # of a step: sums may lose the last bits


def mean_over_squares(
    pairs: pd.DataFrame,
    values: pd.DataFrame,
    inhabitants: pd.DataFrame,
    *,
    site_ids: pd.Index | None = None,
) -> pd.DataFrame:
    """Average the figures of squares over their inhabitants, whose counts are intervals.

    Parameters
    ----------
    pairs
        Which squares each site's catchment holds: ``site_id`` and ``square_id``, each pair once.
    values
        Figures, one row per square and one column per figure; NaN where unknown.
    inhabitants
        On the squares' index: ``least`` and ``most`` people (0 and 4 for a secret count), NaN where
        not published.
    site_ids
        The sites to answer for, in order; those in ``pairs`` when None.

    Returns
    -------
    pandas.DataFrame
        One row per site, per figure ``<figure>`` (with every count in the middle of its interval),
        ``<figure>_min`` and ``<figure>_max`` (the lowest and highest mean that any counts within
        the intervals give) and ``<figure>_coverage_share`` (of the people, in the middle).

    Raises
    ------
    MissingColumnError
        When ``pairs`` lacks a column.
    InputError
        When a pair names a square without a row in ``values``.

    Notes
    -----
    A weighted mean whose weights lie in intervals is lowest when all squares under some value have
    their most people and all above it their least; every such value is tried, so the bounds are
    exact. A square whose count is not published at all takes no part.

    Examples
    --------
    >>> pairs = pd.DataFrame({"site_id": ["s", "s"], "square_id": ["p", "q"]})
    >>> values = pd.DataFrame({"lbm_afw": [0.0, 1.0]}, index=["p", "q"])
    >>> inhabitants = pd.DataFrame({"least": [8.0, 0.0], "most": [12.0, 4.0]}, index=["p", "q"])
    >>> mean_over_squares(pairs, values, inhabitants).round(2)
       lbm_afw  lbm_afw_min  lbm_afw_max  lbm_afw_coverage_share
    s     0.17          0.0         0.33                     1.0
    """
    check_pairs(pairs, values.index, place="square_id")
    sites = pd.Index(pairs["site_id"].unique()) if site_ids is None else site_ids
    site = sites.get_indexer(pd.Index(pairs["site_id"]))
    square = values.index.get_indexer(pd.Index(pairs["square_id"]))
    order = np.argsort(site, kind="stable")
    site, square = site[order], square[order]
    bounds = np.searchsorted(site, np.arange(len(sites) + 1))
    counts = inhabitants.reindex(values.index)[["least", "most"]].to_numpy(dtype=float)
    columns: dict[str, NDArray[np.float64]] = {}
    for name in values.columns:
        figure = values[name].to_numpy(dtype=float)
        rows = [
            _interval_mean(figure[square[start:end]], counts[square[start:end]])
            for start, end in pairwise(bounds)
        ]
        table = np.array(rows, dtype=float).reshape(-1, 4)
        keys = (name, f"{name}_min", f"{name}_max", f"{name}_coverage_share")
        columns |= dict(zip(keys, table.T, strict=True))
    return pd.DataFrame(columns, index=sites)


def count_people(
    pairs: pd.DataFrame,
    address_zone: pd.Series[str],
    counts: pd.DataFrame,
    *,
    site_ids: pd.Index | None = None,
    zone_sizes: pd.Series[int] | None = None,
) -> pd.DataFrame:
    """Count the people of some group within reach, as an interval that holds the truth.

    Parameters
    ----------
    pairs
        Which addresses are within reach of what: ``site_id`` (a site, or a facility class) and
        ``address_id``; an address that is near two facilities of a class counts once. With ``sure``, whether it
        is within reach in the cautious answer, too; without that all are.
    address_zone
        The square or area each address lies in, indexed by address id, of **all** addresses, also
        those out of reach; NaN for none.
    counts
        One row per zone: ``least`` and ``most`` people of the group, NaN where not published.
    site_ids
        What to answer for, in order; those in ``pairs`` when None.
    zone_sizes
        How many addresses each zone has, where ``address_zone`` does not hold all of them.

    Returns
    -------
    pandas.DataFrame
        One row per site: ``people`` (an estimate, rounded to five as the source rounds),
        ``people_min`` and ``people_max`` (a band that 95 of 100 random spreads of the people over their zones'
        addresses keep within, from those at the addresses that are surely within reach to those at all that
        may be), and ``coverage_share``: the share of the
        addresses within reach whose zone has a count. NaN where no such zone has one.

    Raises
    ------
    MissingColumnError
        When ``pairs`` lacks a column.
    InputError
        When a pair names an address that has no row in ``address_zone``.

    Notes
    -----
    Of a zone with ``K`` people whose share ``p`` of the addresses is within reach, the number within reach is taken
    as binomial: mean ``K p`` and variance ``g K p (1 - p)``, with ``g`` for people who live together (Cochran,
    Sampling Techniques, 1977, 3.2; the numbers stand in ``knowledge/uncertainty.toml``). The band runs from the
    zones' least people to their most, so it also holds what rounding and secrecy leave open; it is rounded
    outwards to five, so that no cell becomes finer than it was published, and never passes what is certain:
    nobody of a zone that is only partly within reach, or everybody. A zone that is wholly within reach counts
    with its own interval. Whoever is surely within reach is within reach, so the lower end is that of the sure
    addresses, whichever of the others are. A home for the elderly, where many share one address, may still break
    the band. The
    estimate spreads the middle of the interval evenly over the zone's addresses. It assumes that people live at
    the addresses given.

    Examples
    --------
    >>> pairs = pd.DataFrame({"site_id": ["s"] * 3, "address_id": ["1", "2", "3"]})
    >>> zone = pd.Series({"1": "p", "2": "p", "3": "q", "4": "q"})
    >>> counts = pd.DataFrame({"least": [18.0, 8.0], "most": [22.0, 12.0]}, index=["p", "q"])
    >>> count_people(pairs, zone, counts)
       people  people_min  people_max  coverage_share
    s    25.0        18.0        34.0             1.0
    """
    check_pairs(pairs, address_zone.index)
    sites = pd.Index(pairs["site_id"].unique()) if site_ids is None else site_ids
    if "sure" in pairs:  # near two, of one of which surely: surely
        pairs = pairs.sort_values("sure", ascending=False, kind="stable")
    pairs = pairs.drop_duplicates(["site_id", "address_id"])
    site = sites.get_indexer(pd.Index(pairs["site_id"]))
    in_zone = counts.index.get_indexer(pd.Index(address_zone))
    zone = in_zone[address_zone.index.get_indexer(pd.Index(pairs["address_id"]))]
    ones, shape = np.ones(len(pairs)), (len(sites), len(counts))
    sure = pairs["sure"].to_numpy(dtype=float) if "sure" in pairs else ones
    reached, surely = (weight_matrix(site, zone, n, shape) for n in (ones, sure))
    total = sum_by(site, ones, len(sites))
    return count_in_zones(reached, surely, total, in_zone, counts, sites, zone_sizes=zone_sizes)


class NearByZone(NamedTuple):
    """How many addresses of each zone are within reach of each class.

    ``near`` and ``sure`` (those within reach in the cautious answer, too) are of shape (n_classes, n_zones);
    ``total`` and ``sure_total``, shape (n_classes,), hold those in no zone, too.
    """

    near: NDArray[np.int64]
    sure: NDArray[np.int64]
    total: NDArray[np.int64]
    sure_total: NDArray[np.int64]


def near_by_zone(
    walks: NearestArrays, zone: NDArray[np.intp], n_zones: int, limit_m: float
) -> NearByZone:
    """Count the addresses within a limit of each class, by zone, without a table of them.

    Parameters
    ----------
    walks
        From `nearest_array`, addresses to facilities, at least as far as the limit.
    zone
        The number of the zone of each of those addresses, -1 for none, shape (n_addresses,).
    n_zones
        How many zones there are.
    limit_m
        The walking distance in metres.

    Returns
    -------
    NearByZone
        In the order of ``walks.classes``.

    Examples
    --------
    >>> from geowoonzorg.walk.nearest_arrays import NearestArrays
    >>> metres = np.array([[350.0], [390.0], [np.nan]])
    >>> joins = np.zeros(3, np.int8)
    >>> walks = NearestArrays(("huisarts",), metres, metres, np.zeros((3, 1), np.int32), np.array(["a"]), joins)
    >>> near_by_zone(walks, np.array([0, -1, 0]), 1, 400.0).near.tolist()
    [[1]]
    """
    limit = np.float64(limit_m)  # a plain number would be rounded to the type of the distances
    counts = np.zeros((2, len(walks.classes), n_zones + 1), np.int64)
    for answer, metres in enumerate((walks.distance_m, walks.distance_high_m)):
        if answer and metres is walks.distance_m:
            counts[1] = counts[0]
            break
        for row in range(len(walks.classes)):
            reached = walks.distance_m[:, row] <= limit
            if answer:
                reached &= metres[:, row] <= limit
            counts[answer, row] = np.bincount(zone[reached] + 1, minlength=n_zones + 1)
    (near, sure), totals = counts[:, :, 1:], counts.sum(axis=2)
    return NearByZone(near, sure, totals[0], totals[1])


def count_in_zones(
    reached: sparse.csr_matrix,
    surely: sparse.csr_matrix,
    total: NDArray[np.float64],
    in_zone: NDArray[np.intp],
    counts: pd.DataFrame,
    sites: pd.Index,
    *,
    zone_sizes: pd.Series[int] | None = None,
) -> pd.DataFrame:
    """Count people as `count_people`, where it is known already how many addresses are within reach by zone.

    Parameters
    ----------
    reached, surely
        How many addresses of each zone are within reach of each site, and how many surely are, with the same
        entries, shape (n_sites, n_zones).
    total
        How many are within reach in all, those in no zone among them, shape (n_sites,).
    in_zone
        The zone of every address, -1 for none.
    counts, zone_sizes
        As `count_people`.
    sites
        The sites, in order.

    Returns
    -------
    pandas.DataFrame
        As `count_people`.

    Examples
    --------
    >>> counts = pd.DataFrame({"least": [18.0], "most": [22.0]}, index=["p"])
    >>> from scipy.sparse import csr_matrix
    >>> one = csr_matrix([[2.0]])
    >>> count_in_zones(one, one, np.array([2.0]), np.array([0, 0]), counts, pd.Index(["s"]))["people"].tolist()
    [20.0]
    """
    near_of, sure_of = reached.tocoo(), surely.tocoo()
    homes = np.bincount(in_zone[in_zone >= 0], minlength=len(counts))
    if zone_sizes is not None:
        homes = np.maximum(homes, zone_sizes.reindex(counts.index, fill_value=0).to_numpy())
    limits = counts[["least", "most"]].to_numpy(dtype=float)
    has_count = np.isfinite(limits).all(axis=1)
    use = has_count[near_of.col]
    row, col, near = near_of.row[use], near_of.col[use], near_of.data[use]
    least, most = limits[col].T
    share, sure_share = (np.minimum(n / homes[col], 1.0) for n in (near, sure_of.data[use]))
    estimate = sum_by(row, (least + most) / 2 * share, len(sites))
    bands = [
        _band(row, least, sure_share, len(sites), -1),
        _band(row, most, share, len(sites), 1),
    ]
    known = sum_by(row, near, len(sites))
    some = known > 0
    return pd.DataFrame(
        {
            "people": np.where(some, np.round(estimate / _ROUNDING) * _ROUNDING, np.nan),
            "people_min": np.where(some, bands[0], np.nan),
            "people_max": np.where(some, bands[1], np.nan),
            "coverage_share": divide(known, total),
        },
        index=sites,
    )


def _band(
    row: NDArray[np.intp],
    people: NDArray[np.float64],
    share: NDArray[np.float64],
    n_sites: int,
    side: int,
) -> NDArray[np.float64]:
    """Give one end of the band of people within reach: the lower for side -1, the upper for 1."""
    told = read_uncertainty()
    variance = told.persons_together * people * share * (1 - share)
    wide = told.standard_deviations * np.sqrt(sum_by(row, variance, n_sites))
    end = sum_by(row, people * share, n_sites) + side * wide
    if side < 0:
        certain = sum_by(row, people * (share >= 1), n_sites)
        return np.maximum(np.floor(end / _ROUNDING + _SLACK) * _ROUNDING, certain)
    certain = sum_by(row, people, n_sites)
    return np.minimum(np.ceil(end / _ROUNDING - _SLACK) * _ROUNDING, certain)


def _interval_mean(
    figure: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Give the mean with middle weights, its exact bounds, and the share of people that is known."""
    least, most = counts.T
    counted = np.isfinite(least) & np.isfinite(most)
    middle = np.where(counted, (least + most) / 2, 0.0)
    use = counted & np.isfinite(figure)
    coverage = middle[use].sum() / middle.sum() if middle.sum() > 0 else np.nan
    order = np.argsort(figure[use], kind="stable")
    value, least, most = figure[use][order], least[use][order], most[use][order]
    if not len(value) or most.sum() == 0:
        return np.nan, np.nan, np.nan, coverage
    mean = float(value @ middle[use][order] / middle[use].sum())
    return (
        mean,
        0.0 - _highest(-value[::-1], least[::-1], most[::-1]),
        _highest(value, least, most),
        coverage,
    )


def _highest(
    value: NDArray[np.float64], least: NDArray[np.float64], most: NDArray[np.float64]
) -> float:
    """Give the highest weighted mean: least people under some value, most above it; value rises."""
    under = np.concatenate([[0.0], np.cumsum(least)])
    above = np.concatenate([np.cumsum(most[::-1])[::-1], [0.0]])
    under_sum = np.concatenate([[0.0], np.cumsum(least * value)])
    above_sum = np.concatenate([np.cumsum((most * value)[::-1])[::-1], [0.0]])
    people = under + above
    return float(((under_sum + above_sum)[people > 0] / people[people > 0]).max())
