"""Facility classes as they are asked for: one or several, there or known to be nowhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Collection

    import geopandas as gpd


def several(names: object) -> tuple[str, ...]:
    """Take one name or several.

    Parameters
    ----------
    names
        A class, or classes.

    Returns
    -------
    tuple of str
        The classes, in the order given.

    Raises
    ------
    StudyError
        When one of them is no text.

    Examples
    --------
    >>> several("huisarts")
    ('huisarts',)
    """
    if isinstance(names, str):
        return (names,)
    found = tuple(names) if isinstance(names, Iterable) else (names,)
    if wrong := [name for name in found if not isinstance(name, str)]:
        raise StudyError("classes are names such as huisarts, not {given}", given=str(wrong[0]))
    return found


def complete_classes(complete: object, classes: Collection[str]) -> frozenset[str]:
    """Name the classes of which every facility is known.

    Parameters
    ----------
    complete
        True for all that are asked for, false for none, or one class or several of them.
    classes
        Those that are asked for.

    Returns
    -------
    frozenset of str
        The classes.

    Raises
    ------
    StudyError
        When one of them is not asked for, or is no name.

    Examples
    --------
    >>> sorted(complete_classes(True, ["huisarts", "apotheek"]))
    ['apotheek', 'huisarts']
    """
    if isinstance(complete, bool):
        return frozenset(classes) if complete else frozenset()
    named = frozenset(several(complete))
    if other := sorted(named.difference(classes)):
        raise StudyError(
            "complete: {names} are not among the classes that are asked for: {known}",
            names=", ".join(other), known=", ".join(sorted(classes)) or "-",
        )  # fmt: skip
    return named


def with_absent(
    found: gpd.GeoDataFrame, homes: gpd.GeoDataFrame, asked: list[str]
) -> gpd.GeoDataFrame:
    """Give every class that was asked its rows, in the order asked: of what is nowhere all is too far.

    Parameters
    ----------
    found
        From `nearest`, of the classes that are there: by origin and then class.
    homes
        The origins.
    asked
        The classes, each once.

    Returns
    -------
    geopandas.GeoDataFrame
        On the index of ``homes`` for one class; for several with the class as one more, unnamed level.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo().replace(absent={"bank"})
    >>> town.nearest("bank")["status"].unique().tolist()[0]
    'beyond_limit'
    """
    there = [name for name in asked if (found["facility_class"] == name).any()]
    if asked == there and len(asked) == 1:
        return found
    by_class = {name: found[found["facility_class"] == name] for name in there}
    blank = (by_class[there[0]] if there else found).copy()
    for column in ("distance_m", "distance_high_m", "unknown_share", "access_leg_facility_m"):
        blank[column] = np.nan
    blank["facility_id"] = pd.Series(np.nan, blank.index, dtype=found["facility_id"].dtype)
    blank["status"] = blank["status"].replace("ok", "beyond_limit")
    parts = []
    for name in asked:
        one = by_class.get(name)
        one = blank.assign(facility_class=name) if one is None else one
        parts.append(one.set_axis(homes.index, axis="index"))
    if len(asked) == 1:
        return parts[0]
    order = np.arange(len(parts) * len(homes)).reshape(len(parts), -1).T.ravel()
    every = pd.concat(parts).iloc[order]
    keys = [every.index, np.tile(np.array(asked, dtype=object), len(homes))]
    return every.set_axis(
        pd.MultiIndex.from_arrays(keys, names=[homes.index.name, None]), axis="index"
    )
