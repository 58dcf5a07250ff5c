"""How complete each class of facilities is: what was found, against what can be expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from geowoonzorg.town.town import Town


def class_completeness(town: Town) -> pd.DataFrame:
    """Say per class how many facilities were found, and which share of what can be expected that is.

    Parameters
    ----------
    town
        Whose facilities and classes.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``facility_class``: ``found, expected`` (NaN unknown), ``complete_share`` (0-1; 1 for a list that
        is declared complete, NaN unknown) and ``complete_source`` (empty unknown).

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> class_completeness(Town.demo()).columns.tolist()
    ['found', 'expected', 'complete_share', 'complete_source']
    """
    counts = town.facilities["facility_class"].value_counts()
    names = pd.Index(sorted({*town.classes, *counts.index}), name="facility_class", dtype="str")
    declared = names.isin(sorted({*town.complete, *town.absent}))
    return pd.DataFrame(
        {
            "found": counts.reindex(names, fill_value=0).astype("int64"),
            "expected": np.nan,
            "complete_share": np.where(declared, 1.0, np.nan),
            "complete_source": np.where(declared, "declared", ""),
        },
        index=names,
    )
