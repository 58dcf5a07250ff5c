"""The long table of `nearest` as columns, made by plain pivots."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geowoonzorg.walk.nearest_arrays import NearestArrays
from geowoonzorg.walk.snapping import STATUS


def as_arrays(walks: pd.DataFrame) -> NearestArrays:
    """Lay a long table out, origins in their order and classes by name."""
    walks = walks.reset_index(drop=True)
    homes = walks["origin_id"].drop_duplicates()
    classes = tuple(sorted(walks["facility_class"].dropna().unique()))

    def wide(column: str) -> np.ndarray:
        table = walks.pivot(index="origin_id", columns="facility_class", values=column)
        return table.reindex(index=homes, columns=list(classes)).to_numpy()

    metres = wide("distance_m").astype(float)
    high = wide("distance_high_m").astype(float) if "distance_high_m" in walks else metres
    ids = np.array([], dtype=object)
    facility = np.full(metres.shape, -1, np.int32)
    if "facility_id" in walks:
        ids = np.array(sorted(walks["facility_id"].dropna().unique()), dtype=object)
        facility = pd.Index(ids).get_indexer(wide("facility_id").ravel()).reshape(metres.shape)
    first = walks.drop_duplicates("origin_id")["status"].replace("beyond_limit", "ok")
    joins = np.array([STATUS.index(one) for one in first], np.int8)
    return NearestArrays(classes, metres, high, facility.astype(np.int32), ids, joins)
