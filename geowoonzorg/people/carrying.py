"""A table of figures of other borders → the same table on the borders of a study, at every level."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

import pandas as pd
import shapely

from geowoonzorg.errors import CoverageError
from geowoonzorg.files import bring_to
from geowoonzorg.messages import tell
from geowoonzorg.opendata.areas import CARRIED
from geowoonzorg.opendata.codes import LEVELS
from geowoonzorg.people.crosswalk import HOMES, SAME, SURFACE, carry_over, cross_borders

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from geowoonzorg.opendata.areas import Areas
    from geowoonzorg.opendata.figures import Figures
    from geowoonzorg.people.crosswalk import CarriedOver, Crosswalk


class BordersCarrier:
    """Carries tables of other borders over to those of areas: what `geowoonzorg.opendata.areas.Carrier` asks.

    Parameters
    ----------
    old
        Areas with the other borders, from `geowoonzorg.opendata.areas.read_areas`.
    areas
        The areas of the study.
    homes
        Points where people live, with ``people_least`` and ``people_most`` where they are squares; None for
        by surface.

    Raises
    ------
    CoverageError
        When none of the other areas touches one of the study.

    Examples
    --------
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.prepare import demo_study
    >>> areas = read_areas(demo_study().parent / "wijkenbuurten_2023_v3.gpkg")
    >>> BordersCarrier(areas, areas).year
    2023
    """

    def __init__(self, old: Areas, areas: Areas, homes: gpd.GeoDataFrame | None = None) -> None:
        shapes = bring_to(old.frame, areas.frame.crs)
        near = shapely.STRtree(areas.frame.geometry.to_numpy())
        touched, _ = near.query(shapes.geometry.to_numpy(), predicate="intersects")
        keep = shapes.index[sorted(set(touched))]
        if keep.empty:
            raise CoverageError(
                "none of the {n} areas of figures_borders touches one of this study; give the borders of the "
                "same place",
                n=len(shapes),
            )
        # All of a wijk that is touched, else its shape would be a part of it.
        wijken = set(shapes.loc[keep, "wijk_code"].dropna())
        self.old = replace(
            old, frame=shapes[shapes.index.isin(keep) | shapes["wijk_code"].isin(wijken)]
        )
        self.areas = areas
        self.homes = homes
        self.year = old.year
        self._crosswalk: Callable[[str], Crosswalk] = cache(self._cross)

    @cached_property
    def codes(self) -> pd.Index:
        """The codes of the other borders, and of their wijken and gemeenten."""
        return self.old.codes

    def fits(self, figures: Figures, areas: Areas) -> bool:
        """Tell whether a table is of the other borders rather than of the areas'.

        Parameters
        ----------
        figures
            The table.
        areas
            The areas of the study.

        Returns
        -------
        bool
            By its year where it has that of one of the two, but for the Leefbaarometer, which gives all
            years on one division; else by which codes more of it has, at its smallest level, and where it
            has as many of both by which year is nearer.
        """
        levels = [level for level in LEVELS[:2] if (figures.level == level).any()]
        if not levels or LEVELS.index(levels[0]) < LEVELS.index(self.old.level):
            return False
        of_division = "lbm_afw" in figures.taken
        if not of_division and figures.year is not None and self.year != areas.year:
            if figures.year == areas.year:
                return False
            if figures.year == self.year:
                return True
        known = figures.numbers.index
        before, after = (self._at(which, levels[0]).index for which in (self.old, areas))
        of_old, of_new = float(before.isin(known).mean()), float(after.isin(known).mean())
        if of_old != of_new or None in {figures.year, self.year, areas.year}:
            return of_old > of_new
        # The same codes under both: the division that was drawn nearest to the figures.
        return abs(int(figures.year) - int(self.year)) < abs(int(figures.year) - int(areas.year))  # type: ignore[arg-type]

    def carry(self, figures: Figures, areas: Areas) -> Figures:
        """Give a table on the borders of the areas.

        Parameters
        ----------
        figures
            The table, of the other borders.
        areas
            The areas of the study.

        Returns
        -------
        Figures
            Buurten and wijken carried over by shape, homes or surface; gemeenten and the country as they
            are, by their codes. ``carried`` says per area and column by what, and for which share.
        """
        start = LEVELS.index(areas.level)
        parts, told, notes = [], [], list(figures.notes)
        kinds = {name: column.kind for name, column in areas.columns.items()}
        for level in LEVELS[start:2]:
            rows = (figures.level == level).to_numpy()
            if not rows.any() or LEVELS.index(level) < LEVELS.index(self.old.level):
                continue
            found = carry_over(
                figures.numbers[rows],
                self._crosswalk(level),
                kinds=kinds,
                reasons=figures.reasons[rows],
            )
            parts.append((level, found.numbers, found.reasons))
            notes.append(self._note(figures, level, found))
            if level == areas.level:
                told.append(_long(found, self.year))
        kept = figures.level.isin(LEVELS[2:]).to_numpy()
        numbers = pd.concat([*(n for _, n, _ in parts), figures.numbers[kept]])
        reasons = pd.concat([*(r for _, _, r in parts), figures.reasons[kept]])
        levels = pd.Series(
            [at for at, n, _ in parts for _ in range(len(n))] + figures.level[kept].tolist(),
            index=numbers.index, dtype="str",
        )  # fmt: skip
        return replace(
            figures,
            numbers=numbers.rename_axis("code"),
            reasons=reasons.rename_axis("code"),
            level=levels,
            name=figures.name[~figures.name.index.duplicated()].reindex(numbers.index),
            notes=tuple(notes),
            carried=pd.concat(told, ignore_index=True) if told else None,
        )

    def _note(self, figures: Figures, level: str, found: CarriedOver) -> str:
        n = found.method.value_counts()
        return tell(
            "{where}: figures per {level} on borders of {year} carried over to those of this study: {same} "
            "unchanged, {homes} by homes, {surface} by surface, {none} in no area of {year}",
            where=figures.where,
            level=level,
            year=self.year or tell("another year"),
            same=int(n.get(SAME, 0)),
            homes=int(n.get(HOMES, 0)),
            surface=int(n.get(SURFACE, 0)),
            none=int(found.method.isna().sum()),
        )

    def _cross(self, level: str) -> Crosswalk:
        weights = None
        if self.homes is not None and "people_most" in self.homes:
            weights = self.homes[["people_least", "people_most"]].mean(axis=1)
        old, new = self._at(self.old, level), self._at(self.areas, level)
        return cross_borders(old, new, homes=self.homes, weights=weights)

    def _at(self, areas: Areas, level: str) -> gpd.GeoDataFrame:
        """Give the shapes of areas at their own level, or put together at a larger one."""
        if level == areas.level:
            return areas.frame[["geometry"]]
        whole = areas.frame[[f"{level}_code", "geometry"]].dropna(subset=f"{level}_code")
        return whole.dissolve(f"{level}_code")


def _long(found: CarriedOver, year: int | None) -> pd.DataFrame:
    """Give what was carried over as a row per area and figure; what did not change is not told."""
    changed = found.method.notna() & (found.method != SAME)
    share, by = found.known_share[changed], found.method.to_dict()
    return pd.DataFrame(
        [
            [code, column, year, by[code], known]
            for column in share.columns
            for code, known in share[column].items()
        ],
        columns=CARRIED,
    ).astype({"year": "Int64"})
