"""What can be reached from places on foot, and from where they can be reached: each found once, when first asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.people.uncertainty import read_uncertainty
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.town.completeness import complete_shares
from geowoonzorg.walk.pairs import reached_pairs
from geowoonzorg.walk.route import routes
from geowoonzorg.walk.service_area import nearest, service_areas

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.town import Town


class Reach:
    """The walks around places in a town.

    Parameters
    ----------
    town
        The streets, the facilities and where people live.
    places
        With ``id`` and geometry, in the town's CRS.
    progress
        Hears how far the work is.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> from geowoonzorg.town.reading import demo_study, read_sites
    >>> from geowoonzorg.study import read_study
    >>> reach = Reach(Town.demo(), read_sites(read_study(demo_study())))
    >>> reach.joins.unique().tolist()
    ['ok', 'island', 'off_network']
    """

    def __init__(
        self, town: Town, places: gpd.GeoDataFrame, *, progress: Progress = silent
    ) -> None:
        self.town = town
        self.places = places
        self.ids = pd.Index(places["id"], name="id")
        self._progress = _rising(progress)

    @cached_property
    def walks(self) -> gpd.GeoDataFrame:
        """From every place to the nearest facility of each class, as `nearest` gives them."""
        town = self.town
        who = town.knows(None)  # the walk to the nearest has no limit
        found = nearest(
            who.network, self.places, who.facilities,
            progress=part(self._progress, 0.0, 0.3), **town.walking.access,
        )  # fmt: skip
        return found.reset_index(drop=True)

    @cached_property
    def ways(self) -> gpd.GeoDataFrame:
        """The way of each of the walks, and what one meets on it: as `routes`, with ``facility_class``."""
        who = self.town.knows(None)
        walked = self.walks[self.walks["facility_id"].notna()]
        paths = routes(
            who.network, self.places, who.facilities, walked[["origin_id", "facility_id"]],
            bench_lonlat=who.network.bench_lonlat, progress=part(self._progress, 0.9, 1.0),
            **self.town.walking.access,
        )  # fmt: skip
        paths.insert(1, "facility_class", walked["facility_class"].reindex(paths.index))
        return paths

    @cached_property
    def joins(self) -> pd.Series[str]:
        """How each place joins the network: ``ok``, ``off_network`` or ``island``, by id."""
        one = self.walks.drop_duplicates("origin_id").set_index("origin_id")["status"]
        return one.reindex(self.ids).replace("beyond_limit", "ok").rename("joins")

    @cached_property
    def areas(self) -> gpd.GeoDataFrame:
        """Per place and limit the ground within walking distance: ``site_id, limit_m, area_m2, status``."""
        town = self.town
        found = service_areas(
            town.network, self.places.assign(facility_class="site"),
            limit_m=town.walking.limits_m, shape="polygons",
            progress=part(self._progress, 0.3, 0.7), **town.walking.access,
        ).reset_index(drop=True).rename(columns={"facility_id": "site_id"})  # fmt: skip
        return found[["site_id", "limit_m", "area_m2", "status", "geometry"]]

    @cached_property
    def catchments(self) -> gpd.GeoSeries:
        """The ground within the first limit, by id."""
        first = self.areas[self.areas["limit_m"] == self.town.walking.limits_m[0]]
        return first.set_index("site_id").geometry.reindex(self.ids)

    @cached_property
    def sure_catchments(self) -> gpd.GeoSeries:
        """The part of each catchment that is within the first limit in the cautious answer, too, by id."""
        town = self.town
        if not self.unsure:
            return self.catchments
        found = service_areas(
            town.network, self.places.assign(facility_class="site"),
            limit_m=town.walking.limits_m[0], shape="polygons", cautious=True,
            progress=part(self._progress, 0.9, 1.0), **town.walking.access,
        )  # fmt: skip
        return found.set_index("facility_id").geometry.reindex(self.ids)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Which addresses are within the first limit of which place.

        Columns ``site_id, address_id, distance_m, distance_high_m``, and ``sure``: whether they are within it in the
        cautious answer, too.
        """
        town = self.town
        limit_m = town.walking.limits_m[0]
        found = reached_pairs(
            town.network, town.around, self.places.assign(facility_class="site"),
            limit_m=limit_m, progress=part(self._progress, 0.7, 0.9), **town.walking.access,
        )  # fmt: skip
        found = found.assign(sure=found["distance_high_m"] <= limit_m)
        return found.reset_index(drop=True).rename(
            columns={"facility_id": "site_id", "origin_id": "address_id"}
        )

    @property
    def sure_pairs(self) -> pd.DataFrame:
        """Those of the pairs that are within the limit in the cautious answer, too."""
        return self.pairs[self.pairs["sure"]]

    @property
    def unsure(self) -> bool:
        """Whether something of the ways is not known that could make a walk longer."""
        return self.town.network.cautious is not self.town.network

    @cached_property
    def _complete_shares(self) -> pd.DataFrame:
        return complete_shares(self.town, self.places.set_index("id")).loc[self.ids]

    def complete_shares_of(self, facility_class: str) -> NDArray[np.float64]:
        """Give which share of what may be expected of a class is found, in the gemeente of each place.

        Parameters
        ----------
        facility_class
            Its name.

        Returns
        -------
        numpy.ndarray
            Shape (n_places,), 0–1; NaN where unknown.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> Reach(town, town.addresses.head(1)).complete_shares_of("inloopvoorziening")
        array([nan])
        """
        shares = self._complete_shares
        if facility_class not in shares:
            return np.full(len(self.ids), np.nan)
        return shares[facility_class].to_numpy(dtype=np.float64)

    def knows_all(self, facility_class: str) -> NDArray[np.bool_]:
        """Say where the nearest facility of a class that was found is surely the nearest that there is.

        Parameters
        ----------
        facility_class
            Its name.

        Returns
        -------
        numpy.ndarray
            Shape (n_places,): whether the class is complete enough, as ``knowledge/uncertainty.toml`` says it.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> Reach(town, town.addresses.head(1)).knows_all("inloopvoorziening").tolist()
        [False]
        """
        return self.complete_shares_of(facility_class) >= read_uncertainty().complete_enough

    def or_joins(self, reason: str) -> pd.Series[str]:
        """Give a reason for every place on the network, and for the others why they are not on it.

        Parameters
        ----------
        reason
            A key of the screen texts.

        Returns
        -------
        pandas.Series of str
            By id.

        Examples
        --------
        >>> import geopandas as gpd
        >>> from geowoonzorg.town import Town
        >>> far = gpd.GeoDataFrame({"id": ["far"]}, geometry=gpd.points_from_xy([100_000], [400_000]), crs=28992)
        >>> Reach(Town.demo(), far).or_joins("raster_hole").tolist()
        ['off_network']
        """
        return self.joins.where(self.joins != "ok", reason)

    def per_place(self, frame: pd.DataFrame, column: str) -> np.ndarray:
        """Take a column of something indexed by place, in the places' order.

        Parameters
        ----------
        frame
            Indexed by place.
        column
            Its name.

        Returns
        -------
        numpy.ndarray
            Shape (n_places,).

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> Reach(town, town.addresses.head(2)).per_place(pd.DataFrame({"a": [1.0]}, index=["x"]), "a")
        array([nan, nan])
        """
        return np.asarray(frame[column].reindex(self.ids))


def _rising(progress: Progress) -> Progress:
    """Tell no fraction lower than one told before: what is found first is up to who asks."""
    highest = 0.0

    def told(fraction: float, message: str) -> None:
        nonlocal highest
        highest = max(highest, fraction)
        progress(highest, message)

    return told
