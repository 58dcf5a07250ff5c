"""What can be reached from places on foot, and from where they can be reached: each found once, when first asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.people.catchment import weight_matrix
from geowoonzorg.progress import Progress, part, rising, silent
from geowoonzorg.town.grounds import draw_areas, draw_around, draw_surely_around
from geowoonzorg.town.known_whole import CompletenessAt, completeness_at
from geowoonzorg.town.walked import count_reached, pair_reached, walk_to_nearest
from geowoonzorg.walk.access import read_layer
from geowoonzorg.walk.caller_index import FACILITIES, ORIGINS
from geowoonzorg.walk.route import routes
from geowoonzorg.walk.ways import trace_ways

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from geowoonzorg.town import Town
    from geowoonzorg.walk.ways import Ways


_STRETCHED: Final = 1.05  # no metric system of a country stretches lengths as much


class Counted(NamedTuple):
    """How many addresses, or squares, are within the first limit of places.

    ``near`` and ``sure`` (those within it in the cautious answer, too) are by place and zone, with the same entries,
    shape (n_places, n_zones); ``total`` and ``sure_total`` hold all, those in no zone among them.
    """

    near: sparse.csr_matrix
    sure: sparse.csr_matrix
    total: NDArray[np.float64]
    sure_total: NDArray[np.float64]


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
        self._progress = rising(progress)
        self._counted: dict[bytes, Counted] = {}
        self._ways: dict[str, tuple[NDArray[np.intp], Ways]] = {}

    def tell_of(self, progress: Progress) -> None:
        """Let another hear how far the work is from now on."""
        self._progress = rising(progress)

    @cached_property
    def walks(self) -> gpd.GeoDataFrame:
        """From every place to the nearest facility of each class, as `nearest` gives them."""
        town = self.town
        who = town.knows(None)  # the walk to the nearest has no limit
        found = walk_to_nearest(
            who, self.places, who.facilities, progress=part(self._progress, 0.0, 0.3)
        )
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

    def met(self, facility_class: str, column: str) -> NDArray[np.float64]:
        """Say what one meets on the way of each place to the nearest facility of a class.

        Parameters
        ----------
        facility_class
            Its name.
        column
            A column of `routes`: ``distance_m``, ``bench_gap_m`` or one of those that `count_encounters` gives.

        Returns
        -------
        numpy.ndarray
            Shape (n_places,); NaN where it is not known, or there is no way.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> reach = Reach(town, town.addresses.head(3))
        >>> np.array_equal(reach.met("huisarts", "steps_count"), np.zeros(3))
        True
        """
        at, ways = self._traced(facility_class)
        values = self.met_on(ways, column)
        out = np.full(len(self.ids), np.nan)
        out[at] = values
        return out

    def met_on(self, ways: Ways, column: str) -> NDArray[np.float64]:
        """Say what one meets on ways.

        Parameters
        ----------
        ways
            As `trace_ways` gives them.
        column
            As for `met`.

        Returns
        -------
        numpy.ndarray
            An item per way; NaN where it is not known, or there is no way.
        """
        if column == "distance_m":
            return np.where(ways.found, ways.metres, np.nan)
        if column == "bench_gap_m":
            return ways.bench_gaps(self.town.knows(None).network.bench_lonlat)
        found: Any = pd.Series(ways.encounters[column]).to_numpy("float64", na_value=np.nan)
        return np.asarray(found, dtype=np.float64)

    def has_way(self, facility_class: str) -> NDArray[np.bool_]:
        """Say which places have a way to a facility of a class.

        Parameters
        ----------
        facility_class
            Its name.

        Returns
        -------
        numpy.ndarray
            Shape (n_places,).

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> Reach(town, town.addresses.head(1)).has_way("huisarts").tolist()
        [True]
        """
        at, _ = self._traced(facility_class)
        there = np.zeros(len(self.ids), dtype=bool)
        there[at] = True
        return there

    @cached_property
    def _layers(self) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """The places and the facilities as walks take them."""
        who = self.town.knows(None)
        return (
            read_layer(who.network, self.places, role=ORIGINS),
            read_layer(who.network, who.facilities, role=FACILITIES),
        )

    def _traced(self, facility_class: str) -> tuple[NDArray[np.intp], Ways]:
        """Trace the way of each place to the nearest facility of a class: which places have one, and those ways."""
        if facility_class in self._ways:
            return self._ways[facility_class]
        who = self.town.knows(None)
        walks = self.walks
        own = walks[(walks["facility_class"] == facility_class) & walks["facility_id"].notna()]
        homes, places = self._layers
        at = self.ids.get_indexer(pd.Index(own["origin_id"]))
        to = pd.Index(places["id"]).get_indexer(pd.Index(own["facility_id"]))
        ways = trace_ways(
            who.network, homes, places, at.astype(np.int64), to.astype(np.int64),
            progress=part(self._progress, 0.9, 1.0), **self.town.walking.access,
        )  # fmt: skip
        self._ways[facility_class] = at, ways
        return at, ways

    @cached_property
    def joins(self) -> pd.Series[str]:
        """How each place joins the network: ``ok``, ``off_network`` or ``island``, by id."""
        one = self.walks.drop_duplicates("origin_id").set_index("origin_id")["status"]
        return one.reindex(self.ids).replace("beyond_limit", "ok").rename("joins")

    @cached_property
    def areas(self) -> gpd.GeoDataFrame:
        """Per place and limit the ground within walking distance: ``site_id, limit_m, area_m2, status``."""
        town = self.town
        found = draw_areas(
            town, self.places.assign(facility_class="site"),
            limit_m=town.walking.limits_m, shape="polygons", progress=part(self._progress, 0.3, 0.7),
        ).reset_index(drop=True).rename(columns={"facility_id": "site_id"})  # fmt: skip
        return found[["site_id", "limit_m", "area_m2", "status", "geometry"]]

    @cached_property
    def catchments(self) -> gpd.GeoSeries:
        """The ground within the first limit, by id; drawn alone where nobody asked for those of the other limits."""
        town = self.town
        if "areas" in self.__dict__:
            first = self.areas[self.areas["limit_m"] == town.walking.limits_m[0]]
            return first.set_index("site_id").geometry.reindex(self.ids)
        drawn = draw_around(
            town, self.places, limit_m=town.walking.limits_m[0],
            progress=part(self._progress, 0.3, 0.7),
        )  # fmt: skip
        return gpd.GeoSeries(drawn, self.ids, crs=town.crs)

    @cached_property
    def sure_catchments(self) -> gpd.GeoSeries:
        """The part of each catchment that is within the first limit in the cautious answer, too, by id."""
        town = self.town
        if not self.unsure:
            return self.catchments
        drawn = draw_surely_around(
            town, self.places, self.catchments.to_numpy(copy=True),
            limit_m=town.walking.limits_m[0], progress=part(self._progress, 0.9, 1.0),
        )  # fmt: skip
        return gpd.GeoSeries(drawn, self.ids, crs=town.crs)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Which addresses are within the first limit of which place.

        Columns ``site_id, address_id, distance_m, distance_high_m``, and ``sure``: whether they are within it in the
        cautious answer, too.
        """
        town = self.town
        limit_m = town.walking.limits_m[0]
        found = pair_reached(
            town, town.around, self.places.assign(facility_class="site"),
            limit_m=limit_m, progress=part(self._progress, 0.7, 0.9),
        )  # fmt: skip
        found = found.assign(sure=found["distance_high_m"] <= limit_m)
        return found.reset_index(drop=True).rename(
            columns={"facility_id": "site_id", "origin_id": "address_id"}
        )

    def counted(self, zone: NDArray[np.intp], n_zones: int) -> Counted:
        """Count who lives within the first limit of each place, by zone.

        Parameters
        ----------
        zone
            The number of the zone of everybody ``around``, -1 for none, shape (n_addresses,).
        n_zones
            How many zones there are.

        Returns
        -------
        Counted
            Counted once for each way to divide the town into zones.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> reach = Reach(town, town.addresses.head(1))
        >>> reach.counted(np.zeros(len(town.addresses), int), 1).total[0] == len(reach.pairs)
        np.True_
        """
        key = zone.tobytes()
        if key not in self._counted:
            town, near = self.town, self._nearby
            found = count_reached(
                town, town.around.iloc[near], self.places, zone[near],
                limit_m=town.walking.limits_m[0], progress=part(self._progress, 0.7, 0.9),
            )  # fmt: skip
            n = len(self.ids)
            counts = [one.astype(np.float64) for one in (found.near, found.sure)]
            self._counted[key] = Counted(
                *(weight_matrix(found.place, found.zone, one, (n, n_zones)) for one in counts),
                *(np.bincount(found.place, weights=one, minlength=n) for one in counts),
            )
        return self._counted[key]

    @cached_property
    def _nearby(self) -> NDArray[np.intp]:
        """Who of those ``around`` may be within the first limit: no walk is shorter than the straight line."""
        around, walking = self.town.around, self.town.walking
        if "entrances" in self.places or "entrances" in around:  # which may lie elsewhere
            return np.arange(len(around))
        far = _STRETCHED * (walking.limits_m[0] + 2 * walking.max_snap_m)  # legs may not count
        west, south, east, north = self.places.total_bounds + [-far, -far, far, far]
        box = around.bounds.to_numpy()
        apart = (box[:, 0] > east) | (box[:, 2] < west) | (box[:, 1] > north) | (box[:, 3] < south)
        return np.flatnonzero(~apart)

    @property
    def zones(self) -> tuple[NDArray[np.intp], int]:
        """Number the zone that everybody ``around`` is counted in: his area, or where squares are known that."""
        town = self.town
        n = len(town.around)
        if town.homes == "squares":
            return np.arange(n), n
        if town.figures is None:
            return np.full(n, -1), 0
        areas = town.figures.frame.index
        return areas.get_indexer(pd.Index(town.home)), len(areas)

    @property
    def sure_pairs(self) -> pd.DataFrame:
        """Those of the pairs that are within the limit in the cautious answer, too."""
        return self.pairs[self.pairs["sure"]]

    @property
    def unsure(self) -> bool:
        """Whether something of the ways is not known that could make a walk longer."""
        return self.town.network.cautious is not self.town.network

    @cached_property
    def _completeness(self) -> CompletenessAt:
        return completeness_at(self.town, self.places.set_index("id"))

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
        shares = self._completeness.share
        if facility_class not in shares:
            return np.full(len(self.ids), np.nan)
        return shares[facility_class].loc[self.ids].to_numpy(dtype=np.float64)

    def knows_all(self, facility_class: str) -> NDArray[np.bool_]:
        """Say where the nearest facility of a class that was found is surely the nearest that there is.

        Parameters
        ----------
        facility_class
            Its name.

        Returns
        -------
        numpy.ndarray
            Shape (n_places,): whether as many are found as there may be at most, in the gemeente of each place.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> Reach(town, town.addresses.head(1)).knows_all("inloopvoorziening").tolist()
        [False]
        """
        whole = self._completeness.whole
        if facility_class not in whole:
            return np.zeros(len(self.ids), dtype=np.bool_)
        return whole[facility_class].loc[self.ids].to_numpy(dtype=np.bool_)

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
