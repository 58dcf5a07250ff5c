"""Measuring: every criterion at every place, as one long table with what each measure rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.files import as_points
from geowoonzorg.measure._measured import COLUMNS, Measured
from geowoonzorg.measure.metrics import check_names, metrics
from geowoonzorg.measure.reach import Reach
from geowoonzorg.progress import Progress, silent
from geowoonzorg.town.given import keep_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from geowoonzorg.measure.registry import Criterion
    from geowoonzorg.town import Town


def measure(
    town: Town,
    places: gpd.GeoDataFrame,
    criteria: Sequence[Criterion],
    *,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Measure places on criteria.

    Parameters
    ----------
    town
        What there is to measure.
    places
        Sites, addresses, cells or areas: points or polygons in any CRS; the key is ``id``, else the index.
    criteria
        Such as those of a scoring profile, or the profile.
    progress
        Hears how far the work is.

    Returns
    -------
    pandas.DataFrame
        A row per place and criterion, by place and then in the order of the criteria: ``place`` (its label in
        the index of ``places``),
        ``criterion``, ``raw`` (in the criterion's unit; NaN where unknown; infinite for the distance to what is
        known not to exist), ``word`` (the outcome of a criterion with levels), ``raw_low`` and ``raw_high``
        (what the unknown leaves possible, infinite where there is no end; NaN where nothing is known),
        ``certainty`` (0–1, the chance that it is no less than it is given; NaN where nobody
        knows), ``reason`` (a key, empty where there is an outcome), ``source``, ``year``, ``coverage`` and
        ``fallback`` (shares, 0–1).

    Raises
    ------
    StudyError
        When a criterion names a metric that is not registered, or a raster has the name of something else.
    InputError, CrsError, DuplicateIdError, GeometryError, FormatError, SourceError
        When the places or a raster cannot be used.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> table = measure(town, town.addresses.head(2), read_scoring_profile("geclusterd").criteria[:2])
    >>> table["criterion"].tolist()
    ['supermarkt', 'huisarts', 'supermarkt', 'huisarts']
    """
    criteria = getattr(criteria, "criteria", criteria)  # of a whole profile
    if isinstance(criteria, str):
        raise StudyError(
            "measure takes criteria, not {name}; read the profile first", name=criteria
        )
    keep_index(places, places, role="places")
    checked = as_points(places, where="places", crs=town.crs)
    table = measure_reach(Reach(town, checked, progress=progress), criteria)
    own = places.index.repeat(len(criteria))
    return table.assign(place=own) if len(table) else table


def measure_reach(reach: Reach, criteria: Sequence[Criterion]) -> pd.DataFrame:
    """Measure places whose walks may be known already; see `measure`.

    Parameters
    ----------
    reach
        The places and what can be reached from them.
    criteria
        Such as those of a scoring profile.

    Returns
    -------
    pandas.DataFrame
        As `measure`.

    Raises
    ------
    StudyError, InputError, FormatError, SourceError
        As `measure`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> measure_reach(Reach(town, town.addresses.head(2)), ()).columns.tolist() == COLUMNS
    True
    """
    tables = [one.rows(reach.ids) for one in _measured(reach, criteria)]
    if not tables:
        return pd.DataFrame(columns=COLUMNS)
    table = pd.concat(tables, ignore_index=True)
    by_place = np.arange(len(table)).reshape(len(tables), -1).T.ravel()
    return table.iloc[by_place].reset_index(drop=True)


class Wide(NamedTuple):
    """Measures of places (rows, by id) on criteria (columns), as `geowoonzorg.score` takes them."""

    raw: pd.DataFrame
    raw_low: pd.DataFrame
    raw_high: pd.DataFrame
    certainty: pd.DataFrame


def measure_wide(reach: Reach, criteria: Sequence[Criterion]) -> Wide:
    """Measure places without the table of what each measure rests on, which of many places is large.

    Parameters
    ----------
    reach
        The places and what can be reached from them.
    criteria
        Such as those of a scoring profile.

    Returns
    -------
    Wide
        The same numbers as those of `measure_reach`.

    Raises
    ------
    StudyError, InputError, FormatError, SourceError
        As `measure`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> measure_wide(Reach(town, town.addresses.head(1)), ()).raw.shape
    (1, 0)
    """
    found, unknown = _measured(reach, criteria), np.full(len(reach.ids), np.nan)
    columns: tuple[dict[str, Any], ...] = ({}, {}, {}, {})
    for one in found:
        chance = unknown if one.certainty is None else one.certainty
        for table, values in zip(columns, (one.outcome, *one.ends, chance), strict=True):
            table[one.key] = values
    return Wide(*(pd.DataFrame(table, index=reach.ids) for table in columns))


def _measured(reach: Reach, criteria: Sequence[Criterion]) -> list[Measured]:
    """Measure every criterion, those of one metric together, and give them in their order."""
    check_names(reach)
    known = metrics()
    strange = list(dict.fromkeys(c.metric for c in criteria if c.metric not in known))
    if strange:
        raise StudyError(
            "no metric is called {names}; choose from {known}",
            names=", ".join(strange), known=", ".join(sorted(known)),
        )  # fmt: skip
    keys = [criterion.key for criterion in criteria]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise StudyError("criteria with one key: {keys}; give each its own", keys=", ".join(twice))
    by_metric: dict[str, list[Criterion]] = {}
    for criterion in criteria:
        by_metric.setdefault(criterion.metric, []).append(criterion)
    found: dict[str, Measured] = {}
    for name, asked in by_metric.items():
        found |= {one.key: one for one in known[name].measure(reach, asked)}
    return [found[criterion.key] for criterion in criteria]


def spread(measures: pd.DataFrame, column: str, places: pd.Index) -> pd.DataFrame:
    """Lay one column of the long table out as places × criteria.

    Parameters
    ----------
    measures
        From `measure`.
    column
        ``"raw"`` (with the words of criteria with levels), ``"reason"`` or any other.
    places
        The ids, in order.

    Returns
    -------
    pandas.DataFrame
        Indexed by place, a column per criterion, in the order of the table.

    Examples
    --------
    >>> table = pd.DataFrame({"place": ["a", "a"], "criterion": ["x", "y"], "raw": [1.0, 2.0], "word": [None, None]})
    >>> spread(table, "raw", pd.Index(["a"])).values.tolist()
    [[1.0, 2.0]]
    """
    wide: dict[str, pd.Series] = {}
    for key, rows in measures.groupby("criterion", sort=False):
        cells = rows.set_index("place")
        words = column == "raw" and cells["word"].notna().any()
        wide[str(key)] = cells["word" if words else column].reindex(places)
    return pd.DataFrame(wide, index=places)
