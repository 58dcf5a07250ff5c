"""The stock as it will be: figures after the woondeal, and the path of social rent to its floor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geowoonzorg.errors import MissingColumnError, StudyError
from geowoonzorg.region.counts import Span, span_of, up, with_span
from geowoonzorg.region.key_figures import check_figures, read_key_knowledge


def after_woondeal(figures: pd.DataFrame) -> pd.DataFrame:
    """Give the figures as they are when the homes of the woondeal have been added.

    Parameters
    ----------
    figures
        As `geowoonzorg.region.key_figures.read_figures` gives them, with ``dwellings``, ``social_homes``,
        ``added_dwellings`` and ``added_social``.

    Returns
    -------
    pandas.DataFrame
        The same, with the additions in ``dwellings`` and ``social_homes``, and in ``free_homes`` as many of the added
        social homes as become free of those there are; the columns of the additions themselves are gone. What is not
        known stays within bounds.

    Raises
    ------
    MissingColumnError
        When one of the four is not there.
    InputError
        When the figures cannot be so.

    Notes
    -----
    Homes that become free are social homes times the rate of today, ``free_homes / social_homes``; the first time
    that new homes are let is a single time and not in it.

    Examples
    --------
    >>> figures = pd.DataFrame({"gemeente": ["A"], "dwellings": [1000], "social_homes": [200],
    ...     "free_homes": [16], "added_dwellings": [100], "added_social": [50]})
    >>> after_woondeal(figures)[["dwellings", "social_homes", "free_homes"]].values.tolist()
    [[1100.0, 250.0, 20.0]]
    """
    check_figures(figures, where="figures")
    _need(figures, "dwellings", "social_homes", "added_dwellings", "added_social")
    after = figures.copy()
    more = {"dwellings": "added_dwellings", "social_homes": "added_social"}
    for column, added in more.items():
        now, then = span_of(figures, column), span_of(figures, added)
        _put(after, column, Span(now.low + then.low, now.high + then.high))
    if "free_homes" in figures:
        free, stock = span_of(figures, "free_homes"), span_of(figures, "social_homes")
        added_social = span_of(figures, "added_social")
        low = np.divide(
            added_social.low, stock.high, out=np.zeros(len(after)), where=stock.high > 0
        )
        # No more becomes free than there is: of a gemeente without social homes, at most all that is added.
        rate = np.divide(
            added_social.high, stock.low, out=np.zeros(len(after)), where=stock.low > 0
        )
        most = np.where(stock.low > 0, free.high * (1 + rate), np.inf)
        most = np.minimum(most, free.high + added_social.high)
        _put(after, "free_homes", Span(free.low * (1 + low), most))
    gone = [f"{name}{side}" for name in more.values() for side in ("", "_low", "_high")]
    return after.drop(columns=[name for name in gone if name in after])


def social_rent_path(
    figures: pd.DataFrame, *, start: int, end: int, floor: float | None = None
) -> pd.DataFrame:
    """Say how many social homes each gemeente needs to come to the floor, and when it has how many.

    Parameters
    ----------
    figures
        With ``dwellings`` and ``social_homes``.
    start, end
        The year of the figures, and that in which the floor is reached; later than ``start``.
    floor
        The share (above 0, under 1) of social rent; None for the one that is published.

    Returns
    -------
    pandas.DataFrame
        A row per gemeente and year from ``start`` to ``end``: ``gemeente``, ``code`` where known, ``year``,
        ``added_social`` since the start when all additions are social, in equal steps, ``social_share`` (0-1) then,
        and for comparison ``converted_social``, how many homes that there are would have become social instead. All
        in whole homes, with bounds beside them; 0 for who is at the floor.

    Raises
    ------
    MissingColumnError
        When one of the two is not there.
    StudyError
        When the years or the floor cannot be so.
    InputError
        When the figures cannot be so.

    Notes
    -----
    Of D dwellings S are social. Adding x, all social: (S + x) / (D + x) = f gives x = (f D - S) / (1 - f); converting
    takes f D - S.

    Examples
    --------
    >>> figures = pd.DataFrame({"gemeente": ["Regiogemeente"], "dwellings": [13_000], "social_homes": [1_950]})
    >>> path = social_rent_path(figures, start=2025, end=2027)
    >>> path[["year", "added_social", "converted_social", "social_share"]].round(3)
       year  added_social  converted_social  social_share
    0  2025             0                 0         0.150
    1  2026          1393               975         0.232
    2  2027          2786              1950         0.300
    """
    check_figures(figures, where="figures")
    _need(figures, "dwellings", "social_homes")
    floor = read_key_knowledge().social_rent_floor if floor is None else floor
    if not 0 < floor < 1:
        raise StudyError(
            "the floor of social rent is a share above 0 and under 1, not {floor}", floor=floor
        )
    if not end > start:
        raise StudyError(
            "a path of growth ends after its start, not in {end} when it starts in {start}",
            start=start,
            end=end,
        )
    stock, social = span_of(figures, "dwellings"), span_of(figures, "social_homes")
    social = Span(social.low, np.minimum(social.high, stock.high))
    short = Span(
        np.maximum(floor * stock.low - np.minimum(social.high, stock.high), 0.0),
        np.maximum(floor * stock.high - social.low, 0.0),
    )
    names = {name: figures[name].to_numpy() for name in ("gemeente", "code") if name in figures}
    frames = []
    for year in range(start, end + 1):
        part = (year - start) / (end - start)
        steps = [bound * part if part else np.zeros(len(figures)) for bound in short]
        added = Span(*(up(bound / (1 - floor)) for bound in steps))
        converted = Span(*(up(bound) for bound in steps))
        share = Span(
            _share(social.low + added.low, stock.high + added.low),
            _share(np.minimum(social.high, stock.low) + added.high, stock.low + added.high),
        )
        columns = {**names, "year": year, **with_span("added_social", added, whole=True)}
        columns |= with_span("converted_social", converted, whole=True) | with_span(
            "social_share", share
        )
        frames.append(pd.DataFrame(columns))
    path = pd.concat(frames, ignore_index=True)
    return path.sort_values(["gemeente", "year"], kind="stable").reset_index(drop=True)


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    endless = np.isinf(part) & np.isinf(whole)
    safe = np.where(endless, 1.0, whole)
    return np.divide(
        np.where(endless, 1.0, part), safe, out=np.full(len(part), np.nan), where=safe > 0
    )


def _need(figures: pd.DataFrame, *columns: str) -> None:
    absent = [name for name in columns if name not in figures]
    if absent:
        raise MissingColumnError(
            "the figures lack {columns}; add them, or leave this out",
            columns=", ".join(absent),
        )


def _put(figures: pd.DataFrame, name: str, span: Span) -> None:
    """Put bounds in the place of a column, and beside it where they differ."""
    for key, column in with_span(name, span).items():
        if key == name or not span.exact or key in figures:
            figures[key] = column.to_numpy()
