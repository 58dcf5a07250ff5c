"""Two answers that must be the same: every table to 1e-6 m, every shape, grid, note and record."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def same_answer(one, other):
    """Hold an answer against another."""
    assert set(one.tables) == set(other.tables)
    for name, table in one.tables.items():
        same_table(table, other.tables[name])
    assert set(one.grids) == set(other.grids)
    for name, grid in one.grids.items():
        for band, cells in grid.bands.items():
            np.testing.assert_allclose(
                cells, other.grids[name].bands[band], atol=1e-4, equal_nan=True
            )
    assert [*map(str, one.notes)] == [*map(str, other.notes)]
    assert one.records == other.records


def same_table(one, other):
    """Hold a table or layer against another: the same rows in the same order, words equal, numbers to 1e-6."""
    plain = []
    for table in (one, other):
        shapes = [c for c in table if isinstance(table[c].dtype, gpd.array.GeometryDtype)]
        plain.append(pd.DataFrame(table).drop(columns=shapes))
        for name in shapes:
            a, b = (np.asarray(each[name].array) for each in (one, other))
            assert (shapely.is_missing(a) == shapely.is_missing(b)).all()
            apart = shapely.area(
                shapely.symmetric_difference(shapely.make_valid(a), shapely.make_valid(b))
            )
            assert np.nan_to_num(apart).max(initial=0.0) < 1e-3  # m2
            for ends in (shapely.bounds(a) - shapely.bounds(b),):
                assert np.nan_to_num(np.abs(ends)).max(initial=0.0) < 1e-6
    pd.testing.assert_frame_equal(*plain, rtol=0, atol=1e-6)
