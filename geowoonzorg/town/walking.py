"""Walks in a town: its facilities by class, the nearest of each for every address, the ground around each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from geowoonzorg.errors import InputError
from geowoonzorg.progress import Progress, silent
from geowoonzorg.town._data import TownData
from geowoonzorg.town.classes import several, with_absent
from geowoonzorg.walk.nearest_arrays import NearestArrays, fits_float32, nearest_array
from geowoonzorg.walk.reach import check_limits
from geowoonzorg.walk.service_area import nearest, service_areas

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd


class TownWalks(TownData):
    """What can be walked in a town; see `Town`."""

    def places(self, classes: str | Sequence[str] | None = None) -> gpd.GeoDataFrame:
        """Give the facilities of some classes.

        Parameters
        ----------
        classes
            One class or several; all by default.

        Returns
        -------
        geopandas.GeoDataFrame
            Rows of ``facilities``.

        Raises
        ------
        InputError
            When the town has no facility of a class, and does not know that there are none.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> Town.demo().places("huisarts")["facility_class"].unique().tolist()
        ['huisarts']
        """
        if classes is None:
            return self.facilities
        asked = several(classes)
        there = set(self.facilities["facility_class"])
        unknown = [c for c in asked if c not in there and c not in self.absent]
        if unknown:
            raise InputError(
                "the town has no facilities of the class {asked}; it has {known}",
                asked=", ".join(unknown), known=", ".join(sorted(there)) or "-",
            )  # fmt: skip
        return self.facilities[self.facilities["facility_class"].isin(asked)]

    def nearest(
        self,
        classes: str | Sequence[str] | None = None,
        *,
        limit_m: float | None = None,
        progress: Progress = silent,
    ) -> gpd.GeoDataFrame:
        """Walk from every address to the nearest facility.

        Parameters
        ----------
        classes
            One class or several; all by default.
        limit_m
            Look no further than this, inclusive (m); by default everywhere.
        progress
            Hears how far the work is.

        Returns
        -------
        geopandas.GeoDataFrame
            As `geowoonzorg.nearest`: for one class a row per address, on the index of ``addresses``.

        Raises
        ------
        InputError
            When the town has no addresses, or no such facility.
        StudyError
            When ``limit_m`` makes no sense.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> town.nearest("huisarts", limit_m=400)["distance_m"].max() <= 400
        np.True_
        """
        homes, places, limit, asked = self._who_walks(classes, limit_m)
        found = nearest(
            self.knows(limit).network, homes, places, limit_m=limit, progress=progress,
            **self.walking.access,
        )  # fmt: skip
        return found if asked is None else with_absent(found, homes, asked)

    def nearest_array(
        self,
        classes: str | Sequence[str] | None = None,
        *,
        limit_m: float | None = None,
        dtype: Literal["float32", "float64"] | None = None,
        progress: Progress = silent,
    ) -> NearestArrays:
        """Walk from every address to the nearest facility, and keep no more than columns of numbers.

        Parameters
        ----------
        classes
            One class or several; all by default.
        limit_m
            Look no further than this, inclusive (m); by default everywhere.
        dtype
            ``"float32"`` or ``"float64"``; by default the first, unless ``limit_m`` or one of the town's limits is
            no number that fits it.
        progress
            Hears how far the work is.

        Returns
        -------
        NearestArrays
            As `geowoonzorg.nearest_array`: rows in the order of ``addresses``, columns in that of ``classes``, by
            default the alphabet's.

        Raises
        ------
        InputError
            When the town has no addresses, or no such facility.
        StudyError
            When ``limit_m`` or ``dtype`` makes no sense.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> town = Town.demo()
        >>> found = town.nearest_array(["huisarts", "supermarkt"], limit_m=400)
        >>> found.distance_m.shape == (len(town.addresses), 2), found.distance_m.dtype
        (True, dtype('float32'))
        """
        homes, places, limit, asked = self._who_walks(classes, limit_m)
        limits = [*self.walking.limits_m, *([] if limit is None else [limit])]
        found = nearest_array(
            self.knows(limit).network, homes, places, limit_m=limit,
            dtype=dtype or ("float32" if fits_float32(limits) else "float64"),
            progress=progress, **self.walking.access,
        )  # fmt: skip
        return found if asked is None else found.of(asked)

    def _who_walks(
        self, classes: str | Sequence[str] | None, limit_m: float | None
    ) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, float | None, list[str] | None]:
        """Give the homes and the facilities of a walk to the nearest, its limit and the classes asked for."""
        homes = self.addresses
        if homes.empty:
            raise InputError("the town has no addresses to walk from; give it some")
        limit = None if limit_m is None else float(check_limits(limit_m)[-1])
        self.places(classes)  # what is asked is there, or known not to be
        places = self.knows(limit).facilities
        if classes is None:
            return homes, places, limit, None
        asked = list(dict.fromkeys(several(classes)))
        return homes, places[places["facility_class"].isin(asked)], limit, asked

    def service_areas(
        self,
        classes: str | Sequence[str] | None = None,
        *,
        limit_m: float | Sequence[float] | None = None,
        shape: Literal["lines", "polygons"] = "polygons",
        cautious: bool = False,
        progress: Progress = silent,
    ) -> gpd.GeoDataFrame:
        """Find what lies within walking distance of each facility.

        Parameters
        ----------
        classes
            One class or several; all by default.
        limit_m
            One walking distance or several (m); the town's by default.
        shape
            ``"polygons"`` or ``"lines"``.
        cautious
            Draw what is left when what is not known of the streets turns out badly.
        progress
            Hears how far the work is.

        Returns
        -------
        geopandas.GeoDataFrame
            As `geowoonzorg.service_areas`.

        Raises
        ------
        InputError
            When there is no such facility.
        StudyError
            When a limit makes no sense.

        Examples
        --------
        >>> from geowoonzorg.town import Town
        >>> areas = Town.demo().service_areas("huisarts", limit_m=400)
        >>> areas["area_m2"].gt(0).all()
        np.True_
        """
        limits = check_limits(self.walking.limits_m if limit_m is None else limit_m)
        places, who = self.places(classes), self.knows(float(limits[-1]))
        if (
            self.part is not None
        ):  # the others are other tiles' own, and a tile may end within theirs
            places = places[places["id"].isin(list(self.part.own_facilities))]
            who = self.part.whole or who
        return service_areas(
            who.network, places, limit_m=limits.tolist(), shape=shape, cautious=cautious,
            progress=progress, **self.walking.access,
        )  # fmt: skip
