"""Figures of one year's areas on the borders of another's: by shape, else by homes, else by surface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from geowoonzorg.errors import CrsError, DuplicateIdError, InputError, first_ids
from geowoonzorg.files import bring_to
from geowoonzorg.opendata.area_rules import read_area_rules
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.people.catchment import divide, locate_in_areas

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

SAME: Final = "same"  # one area under both borders, whatever its code
HOMES: Final = "homes"
SURFACE: Final = "surface"
NO_ROW: Final = "no_row"  # reasons of the catalogue
NO_PEOPLE: Final = "no_people"
TOO_SMALL: Final = "too_small"
CHANGED: Final = "changed_borders"
_PAIRS = ["old", "new", "share", "homes", "surface_m2", "method"]


@dataclass(frozen=True)
class Crosswalk:
    """How areas of one year lie on those of another.

    Attributes
    ----------
    pairs
        A row per old and new area that have something in common: ``old, new``, ``share`` (0–1, the part of
        the old area's people that goes to the new one), ``homes`` and ``surface_m2`` in common, and
        ``method``: ``same`` (one area, whatever its code), ``homes`` or ``surface``.
    covered_share
        Per new area which share (0–1) of its homes, or of its surface without homes, lies in an old area.
    """

    pairs: pd.DataFrame
    covered_share: pd.Series[float]

    @property
    def method(self) -> pd.Series[str]:
        """Per new area what its figures are carried over by; missing where it lies in no old area."""
        rank = self.pairs["method"].map({SAME: 0, HOMES: 1, SURFACE: 2})
        used = (self.pairs["share"] > 0) | (self.pairs["method"] == SURFACE)
        worst = rank[used].groupby(self.pairs["new"][used]).max()
        names = worst.map({0: SAME, 1: HOMES, 2: SURFACE})
        return names.reindex(self.covered_share.index).astype("str").rename("method")


@dataclass(frozen=True)
class CarriedOver:
    """Figures on new borders; each frame has a row per new area and a column per figure.

    Attributes
    ----------
    numbers
        In the figure's own unit; NaN where unknown.
    reasons
        Why a figure is unknown (a reason of the catalogue), ``""`` where it is not.
    known_share
        0–1, for which share of the new area's people a figure was known under the old borders.
    method
        Per new area, as `Crosswalk.method`.
    """

    numbers: pd.DataFrame
    reasons: pd.DataFrame
    known_share: pd.DataFrame
    method: pd.Series[str]


def cross_borders(
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    *,
    homes: gpd.GeoDataFrame | gpd.GeoSeries | None = None,
    weights: pd.Series[float] | None = None,
) -> Crosswalk:
    """Find which part of each old area's people lives in which new area.

    Parameters
    ----------
    old, new
        Polygons indexed by code; old ones that touch no new one take no part.
    homes
        Points where people live: addresses, or centres of squares; None for by surface alone.
    weights
        How many people each of ``homes`` stands for, on its index; one each by default.

    Returns
    -------
    Crosswalk
        Areas whose shapes are the same are one, whatever their codes; what is left is shared out by
        homes, and by surface where an old area has no known homes, or where part of it lies outside
        all new areas and none of its homes is known there.

    Raises
    ------
    CrsError
        When a layer has no CRS, or that of ``new`` is not in metres.
    DuplicateIdError
        When a code occurs twice.

    Notes
    -----
    By addresses as the R package grenswijzigen does for indicators per gemeente; thresholds in
    ``knowledge/area_rules.toml``. Shares of an old area that lies whole within the new ones sum to 1.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import Point, box
    >>> old = gpd.GeoDataFrame(geometry=[box(0, 0, 4, 1)], index=["A"], crs=28992)
    >>> new = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 4, 1)], index=["B", "C"], crs=28992)
    >>> homes = gpd.GeoSeries([Point(0.2, 0.5), Point(0.8, 0.5), Point(3, 0.5)], crs=28992)
    >>> cross_borders(old, new, homes=homes).pairs[["new", "share"]].round(2).values.tolist()
    [['B', 0.67], ['C', 0.33]]
    """
    if old.crs is None or new.crs is None or (homes is not None and homes.crs is None):
        raise CrsError("borders and homes must have a CRS before one can be laid over the other")
    if not new.crs.is_projected:
        raise CrsError(
            "the new borders are in {crs}, whose surfaces are no square metres: give them a metric CRS",
            crs=new.crs.name,
        )
    for layer in (old, new):
        if layer.index.has_duplicates:
            raise DuplicateIdError(
                "areas that occur more than once: {ids}; keep one row each",
                ids=first_ids(layer.index[layer.index.duplicated()].unique()),
            )
    rules = read_area_rules().crosswalk
    old = bring_to(old, new.crs)
    pairs = _overlaps(old, new, rules.same_shape_share)
    same = pairs["method"] == SAME
    one_old, one_new = set(pairs["old"][same]), set(pairs["new"][same])
    rest = pairs[~same & ~pairs["old"].isin(one_old) & ~pairs["new"].isin(one_new)]
    whole = old.geometry.area
    lost = pairs[~same & pairs["old"].isin(rest["old"]) & pairs["new"].isin(one_new)]
    whole = whole.sub(lost.groupby("old")["surface_m2"].sum(), fill_value=0.0)
    points = _points(homes, weights, new)
    lies = pd.DataFrame({
        "old": locate_in_areas(points, old[old.index.isin(pairs["old"])]),
        "new": locate_in_areas(points, new), "n": points["n"],
    })  # fmt: skip
    lies = lies[~lies["old"].isin(one_old) & ~lies["new"].isin(one_new)]
    rest = _share_out(rest, lies, whole, rules.outside_share)
    every = pd.concat([pairs[same].assign(share=1.0), rest], ignore_index=True)[_PAIRS]
    return Crosswalk(every, _covered(rest, lies, new, one_new))


def _points(
    homes: gpd.GeoDataFrame | gpd.GeoSeries | None,
    weights: pd.Series[float] | None,
    new: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Give homes as points with how many people each stands for."""
    import geopandas as gpd

    if homes is None:
        return gpd.GeoDataFrame({"n": pd.Series(dtype="float64")}, geometry=[], crs=new.crs)
    shapes = bring_to(homes.geometry, new.crs)
    count = np.ones(len(shapes)) if weights is None else weights.reindex(shapes.index).to_numpy()
    points = shapely.centroid(shapes.to_numpy())
    return gpd.GeoDataFrame({"n": np.nan_to_num(count)}, geometry=points, crs=new.crs)


def _overlaps(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, same_share: float) -> pd.DataFrame:
    """Find what old and new areas have in common, and which of them are one."""
    before, after = old.geometry.to_numpy(), new.geometry.to_numpy()
    i, j = shapely.STRtree(after).query(before, predicate="intersects")
    common = shapely.area(shapely.intersection(before[i], after[j]))
    together = shapely.area(before)[i] + shapely.area(after)[j] - common
    some = common > 0
    pairs = pd.DataFrame({
        "old": old.index[i], "new": new.index[j], "surface_m2": common, "homes": 0.0,
        "method": np.where(divide(common, together) >= same_share, SAME, HOMES),
    })  # fmt: skip
    return pairs[some].reset_index(drop=True)


def _share_out(
    rest: pd.DataFrame, lies: pd.DataFrame, whole_m2: pd.Series[float], outside_share: float
) -> pd.DataFrame:
    """Share every old area that changed out over the new ones: by homes, else by surface."""
    n = lies.groupby(["old", "new"])["n"].sum()
    keys = pd.MultiIndex.from_frame(rest[["old", "new"]])
    homes = n.reindex(keys, fill_value=0.0).to_numpy()
    of_old = lies.dropna(subset="old").groupby("old")["n"].sum()
    all_homes = of_old.reindex(rest["old"], fill_value=0.0).to_numpy()
    inside = rest.groupby("old")["surface_m2"].sum()
    outside = (1 - inside / whole_m2.reindex(inside.index)).reindex(rest["old"]).to_numpy()
    known_outside = (
        lies[lies["new"].isna()].groupby("old")["n"].sum().reindex(rest["old"], fill_value=0.0)
    )
    by_surface = (all_homes == 0) | ((outside > outside_share) & (known_outside == 0).to_numpy())
    of_whole = np.asarray(whole_m2.reindex(rest["old"]), dtype=np.float64)
    surface = divide(rest["surface_m2"].to_numpy(), of_whole)
    share = np.where(by_surface, np.minimum(surface, 1.0), divide(homes, all_homes))
    method = np.where(by_surface, SURFACE, HOMES)
    return rest.assign(homes=homes, share=share, method=method)


def _covered(
    rest: pd.DataFrame, lies: pd.DataFrame, new: gpd.GeoDataFrame, one_new: set[str]
) -> pd.Series[float]:
    """Tell which share of each new area lies in an old one: of its homes, else of its surface."""
    here = lies.dropna(subset="new").assign(inside=lambda t: t["n"].where(t["old"].notna(), 0.0))
    counted = here.groupby("new")[["n", "inside"]].sum()
    by_homes = (counted["inside"] / counted["n"].where(counted["n"] > 0)).reindex(new.index)
    by_surface = rest.groupby("new")["surface_m2"].sum() / new.geometry.area
    share = by_homes.fillna(by_surface.reindex(new.index).clip(upper=1.0)).fillna(0.0)
    return share.mask(share.index.isin(one_new), 1.0).rename("covered_share")


def carry_over(
    values: pd.DataFrame,
    crosswalk: Crosswalk,
    *,
    kinds: Mapping[str, str] | None = None,
    reasons: pd.DataFrame | None = None,
    people: str | None = "inhabitants",
) -> CarriedOver:
    """Carry figures of old areas over to new ones.

    Parameters
    ----------
    values
        Figures by code of the old areas, a column each; NaN where unknown.
    crosswalk
        From `cross_borders`.
    kinds
        Per column ``count`` (shared out and added up), ``share`` or ``number`` (averaged over people) or
        ``class`` (only where all parts have one class); the catalogue's by default, else ``number``.
    reasons
        Like ``values``: why a figure is unknown; ``secret`` by default.
    people
        The column of ``values`` with inhabitants, by which means are weighted where all parts of an area
        have it; elsewhere homes weigh, and where there are none surface. None for homes.

    Returns
    -------
    CarriedOver
        A row per new area. What is unknown stays so: a count when any part of it is, but for slivers; a
        mean when its parts with a known figure hold too few of the people. A part of a count that is under
        five is not told.

    Raises
    ------
    InputError
        When ``kinds`` names a kind that there is not.

    Notes
    -----
    The share of an old area's people that goes to a new one is the same for every figure: that the people
    of its parts are alike is the assumption that carrying over makes.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> old = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 4, 1)], index=["A", "B"], crs=28992)
    >>> new = gpd.GeoDataFrame(geometry=[box(0, 0, 4, 1)], index=["C"], crs=28992)
    >>> values = pd.DataFrame({"inhabitants": [100.0, 300.0], "share_65plus": [0.4, 0.2]}, index=["A", "B"])
    >>> carry_over(values, cross_borders(old, new)).numbers.round(2).values.tolist()
    [[400.0, 0.25]]
    """
    known_kinds: dict[str, str] = {n: c.kind for n, c in read_catalogue().columns.items()}
    kind = {str(c): (kinds or {}).get(str(c), known_kinds.get(str(c), "number")) for c in values}
    if strange := sorted(set(kind.values()) - {"count", "share", "number", "class"}):
        raise InputError(
            "kinds of figures are count, share, number and class, not {kinds}",
            kinds=", ".join(map(str, strange)),
        )
    why = pd.DataFrame("secret", index=values.index, columns=values.columns, dtype="str")
    why = (why if reasons is None else reasons.reindex_like(values)).where(values.isna(), "")
    work = _Carrying(values, why, crosswalk, people)
    parts = {column: work.one(column, of_kind) for column, of_kind in kind.items()}
    index = crosswalk.covered_share.index

    def frame(position: int, dtype: str) -> pd.DataFrame:
        return pd.DataFrame(
            {c: part[position] for c, part in parts.items()}, index=index, dtype=dtype
        )

    return CarriedOver(frame(0, "float64"), frame(1, "str"), frame(2, "float64"), crosswalk.method)


class _Carrying:
    """One table being carried over: its values at every pair, and what weighs there."""

    def __init__(
        self, values: pd.DataFrame, why: pd.DataFrame, crosswalk: Crosswalk, people: str | None
    ) -> None:
        pairs, index = crosswalk.pairs, crosswalk.covered_share.index
        self.rules = read_area_rules().crosswalk
        self.values = values.reindex(pairs["old"])
        self.why = why.reindex(pairs["old"]).fillna(NO_ROW)
        self.share = pairs["share"].to_numpy()
        self.covered = crosswalk.covered_share.to_numpy()
        self.new = index.get_indexer(pd.Index(pairs["new"]))
        self.n = len(index)
        ones = np.ones(len(pairs))
        at = np.arange(len(pairs))
        self.group = sparse.csr_matrix((ones, (self.new, at)), shape=(self.n, len(pairs)))
        same = (pairs["method"] == SAME).to_numpy()
        homes, surface = pairs["homes"].to_numpy(), pairs["surface_m2"].to_numpy()
        of_homes = np.where(same | ((self.group @ homes) == 0)[self.new], surface, homes)
        self.part = divide(of_homes, (self.group @ of_homes)[self.new])
        self.weight = of_homes
        if people is not None and people in values:
            living = self.values[people].to_numpy() * self.share
            told = (self.group @ np.isnan(living).astype(float)) == 0
            self.weight = np.where(told[self.new], np.nan_to_num(living), of_homes)

    def one(
        self, column: str, kind: str
    ) -> tuple[NDArray[np.float64], NDArray[np.object_], NDArray[np.float64]]:
        """Give one figure on the new borders, why it is unknown, and for which share it was known."""
        value = self.values[column].to_numpy(dtype=np.float64)
        known = np.isfinite(value)
        filled = np.where(known, value, 0.0)
        total = self.group @ self.weight
        known_share = divide(self.group @ (self.weight * known), total) * self.covered
        if kind == "count":
            known_share = (self.group @ (self.part * known)) * self.covered
            result = self.group @ (filled * self.share)
            enough = known_share >= 1 - self.rules.sliver_share
            part_of = (self.share < 1 - self.rules.sliver_share) & (filled * self.share > 0)
            split = self.group @ part_of.astype(float) > 0
            small = split & (result > 0) & (result < self.rules.least_count)
        else:
            result = divide(self.group @ (self.weight * filled), self.group @ (self.weight * known))
            enough = np.nan_to_num(known_share) >= self.rules.least_known_share
            small = np.zeros(self.n, dtype=bool)
        why = self._reasons(column, value)
        why = np.where(enough, "", why)
        why = np.where(small, TOO_SMALL, why)
        if kind == "class":
            weighs = known & (self.part > self.rules.sliver_share)
            low = np.full(self.n, np.inf)
            high = np.full(self.n, -np.inf)
            np.minimum.at(low, self.new[weighs], value[weighs])
            np.maximum.at(high, self.new[weighs], value[weighs])
            why = np.where((low < high) & (why == ""), CHANGED, why)
            result = low
        result = np.where((why == "") & np.isfinite(result), result, np.nan)
        why = np.where(np.isnan(result) & (why == ""), NO_PEOPLE, why)
        return result, why, np.clip(known_share, 0.0, 1.0)

    def _reasons(self, column: str, value: NDArray[np.float64]) -> NDArray[np.object_]:
        """Give each new area the reason of its largest part that is unknown."""
        reasons = np.full(self.n, NO_ROW, dtype=object)
        unknown = np.flatnonzero(~np.isfinite(value))
        order = unknown[np.argsort(self.part[unknown], kind="stable")]
        reasons[self.new[order]] = self.why[column].to_numpy(dtype=object)[order]
        return reasons
