"""The caller's own index on what is found: labels that a join can use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, first_ids
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

#: What layers are for, as messages call them.
ORIGINS, FACILITIES = tell("origins"), tell("facilities")


def labels_of(layer: gpd.GeoDataFrame, *, role: str) -> pd.Index[Any]:
    """Give the index of a layer, which names each of its rows.

    Parameters
    ----------
    layer
        Places; any index, sorted or not, with one level or several.
    role
        What they are, which starts the message.

    Returns
    -------
    pandas.Index
        The index as it is.

    Raises
    ------
    DuplicateIdError
        When a label is there more than once: results on it could not be joined.

    Examples
    --------
    >>> labels_of(pd.DataFrame(index=[7, 3]), role=ORIGINS).tolist()
    [7, 3]
    """
    if not layer.index.is_unique:
        twice = layer.index[layer.index.duplicated()].unique()
        raise DuplicateIdError(
            "{role}: index labels that occur more than once: {ids}; make them unique, as reset_index() does",
            role=role,
            ids=first_ids(twice),
        )
    return layer.index


def combine_labels(*parts: tuple[pd.Index[Any], NDArray[Any]]) -> pd.MultiIndex:
    """Label rows by several indexes at once.

    Parameters
    ----------
    *parts
        An index without doubles and which of its labels each row has, shape (n_rows,).

    Returns
    -------
    pandas.MultiIndex
        The levels of the first index, then those of the next. A level has the name its index has: a
        level named as a column of the result would make ``groupby`` and ``to_file`` refuse it.

    Examples
    --------
    >>> sites, limits_m = pd.Index(["a", "b"]), pd.Index([400.0])
    >>> combine_labels((sites, np.array([1, 0])), (limits_m, np.array([0, 0]))).tolist()
    [('b', 400.0), ('a', 400.0)]
    """
    levels: list[pd.Index[Any]] = []
    codes: list[NDArray[Any]] = []
    names: list[Any] = []
    for index, rows in parts:
        names.extend(index.names)
        if isinstance(index, pd.MultiIndex):
            levels.extend(index.levels)
            codes.extend(np.asarray(code)[rows] for code in index.codes)
        else:
            levels.append(index)
            codes.append(np.where(index.isna()[rows], -1, rows))
    return pd.MultiIndex(levels, codes, names=names, verify_integrity=False)  # type: ignore[arg-type]
