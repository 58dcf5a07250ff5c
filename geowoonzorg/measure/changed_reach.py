"""The walks around places after a change of facilities: only those that can differ are walked again."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geowoonzorg.measure.reach import Reach
from geowoonzorg.walk.route import routes
from geowoonzorg.walk.service_area import nearest

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np
    from numpy.typing import NDArray

    from geowoonzorg.town import Town
    from geowoonzorg.walk.ways import Ways


class ChangedReach(Reach):
    """What can be reached from places in a town in which facilities of some classes are others.

    Parameters
    ----------
    town
        The town afterwards, with the streets and the homes that it had.
    before
        What could be reached before, from the same places.
    classes
        Of which classes facilities came, went or moved.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> before = Reach(town, town.addresses.head(3))
    >>> fewer = town.replace(facilities=town.facilities[town.facilities["facility_class"] != "apotheek"])
    >>> after = ChangedReach(fewer, before, ["apotheek"])
    >>> "apotheek" in set(after.walks["facility_class"]), after.pairs is before.pairs
    (False, True)
    """

    def __init__(self, town: Town, before: Reach, classes: Collection[str]) -> None:
        super().__init__(town, before.places)
        self.before = before
        self.classes = frozenset(classes)
        self._counted = before._counted  # noqa: SLF001 - the same homes around the same places

    def _traced(self, facility_class: str) -> tuple[NDArray[np.intp], Ways]:
        """As `Reach._traced`; to classes that did not change as they were."""
        if facility_class in self.classes:
            return super()._traced(facility_class)
        return self.before._traced(facility_class)  # noqa: SLF001

    @cached_property
    def walks(self) -> gpd.GeoDataFrame:
        """As `Reach.walks`; to classes that did not change as they were."""
        places = self.town.facilities
        if places.empty:
            return super().walks
        kept = self.before.walks[~self.before.walks["facility_class"].isin(self.classes)]
        kept = kept[kept["facility_class"].notna()]
        changed = places[places["facility_class"].isin(self.classes)]
        if changed.empty:
            return kept.reset_index(drop=True)
        anew = nearest(self.town.network, self.places, changed, **self.town.walking.access)
        both = pd.concat([kept, anew.reset_index(drop=True)], ignore_index=True)
        order = both.assign(at=self.ids.get_indexer(pd.Index(both["origin_id"])))
        order = order.sort_values(["at", "facility_class"], kind="stable").index
        return gpd.GeoDataFrame(both.loc[order].reset_index(drop=True), crs=self.places.crs)

    @cached_property
    def ways(self) -> gpd.GeoDataFrame:
        """As `Reach.ways`; to classes that did not change as they were."""
        kept = self.before.ways[~self.before.ways["facility_class"].isin(self.classes)]
        walked = self.walks[
            self.walks["facility_class"].isin(self.classes) & self.walks["facility_id"].notna()
        ]
        if walked.empty:
            return kept.reset_index(drop=True)
        net = self.town.network
        paths = routes(
            net, self.places, self.town.facilities, walked[["origin_id", "facility_id"]],
            bench_lonlat=net.bench_lonlat, **self.town.walking.access,
        )  # fmt: skip
        paths.insert(1, "facility_class", walked["facility_class"].reindex(paths.index))
        both = pd.concat([kept, paths], ignore_index=True)
        return gpd.GeoDataFrame(both, crs=self.places.crs)

    @cached_property
    def joins(self) -> pd.Series[str]:
        """As before."""
        return self.before.joins

    @cached_property
    def areas(self) -> gpd.GeoDataFrame:
        """As before."""
        return self.before.areas

    @cached_property
    def sure_catchments(self) -> gpd.GeoSeries:
        """As before."""
        return self.before.sure_catchments

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """As before."""
        return self.before.pairs
