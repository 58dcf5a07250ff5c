"""What the ways to facilities are like, held where facilities only come or only go: closing betters none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geowoonzorg.change import Change
    from geowoonzorg.ranking.scoring_profile import Criterion

_WAYS: Final = "way_"  # how the metrics of ways are called
_SAME: Final = 1e-9


def hold_ways(
    before: pd.DataFrame, after: pd.DataFrame, parts_before: pd.DataFrame, parts_after: pd.DataFrame,
    change: Change, criteria: Sequence[Criterion],
) -> pd.DataFrame | None:  # fmt: skip
    """Keep the criteria of ways from getting better where facilities only close, and worse where they only open.

    Parameters
    ----------
    before, after
        What was measured, as `geowoonzorg.measure`.
    parts_before, parts_after
        What it comes to, as `geowoonzorg.ranking.accounting.explain`.
    change
        What is tried.
    criteria
        Those of the profile.

    Returns
    -------
    pandas.DataFrame or None
        What counts as measured afterwards; None where that is ``after``.

    Notes
    -----
    The worst of the ways to what is nearest says of a place how one gets anywhere from it. A closed facility takes
    its way out of that, or puts another, smoother one in its place; nobody walks better for it. So a value that would
    rise stays, as does one that would no longer be known, or only then; and the other way about where facilities
    open. Where both happen, something moves or streets change, what is measured counts.

    Examples
    --------
    >>> from geowoonzorg.change import Change
    >>> hold_ways(*[pd.DataFrame()] * 4, Change(homes={"werf": 24}), ()) is None
    True
    """
    ways = [one.key for one in criteria if one.metric.startswith(_WAYS)]
    both = bool(change.open) == bool(change.close)
    if not ways or both or change.move or change.on_streets:
        return None
    keys = ["site_id", "criterion"]
    was, is_ = (
        one.set_index(keys)["value"].astype("float64") for one in (parts_before, parts_after)
    )
    is_ = is_.reindex(was.index)
    better = is_ - was if change.close else was - is_
    wrong = (better > _SAME) | (was.notna() != is_.notna())
    wrong &= was.index.get_level_values("criterion").isin(ways)
    rows = pd.MultiIndex.from_frame(after[["place", "criterion"]])
    held = rows.isin(was.index[wrong.to_numpy(dtype=bool)])
    if not held.any():
        return None
    same = pd.MultiIndex.from_frame(before[["place", "criterion"]]).get_indexer(rows[held])
    kept = after.copy()
    at = np.flatnonzero(held)
    for column in kept:
        values = kept[column].to_numpy(dtype=object, copy=True)
        values[at] = before[column].to_numpy(dtype=object)[same]
        kept[column] = pd.Series(values, kept.index).astype(after[column].dtype)
    return kept
