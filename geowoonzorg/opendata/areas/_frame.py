"""The areas of a study in memory: their figures, why some are missing, what stands in, where each is from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from geowoonzorg.errors import CoverageError, first_ids
from geowoonzorg.files import content_hash
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import LEVELS, level_code
from geowoonzorg.opendata.sources import (
    AREA_FORMATS,
    LEEFBAAROMETER_FORMATS,
    Column,
    read_catalogue,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from geowoonzorg.messages import Message
    from geowoonzorg.opendata.figures import Figures

CARRIED = ["code", "column", "year", "method", "known_share"]
PROVENANCE = ["column", "source", "file", "sha256", "source_column", "year", "level", "known"]
_LEAST_MATCH_SHARE = 0.5  # under it a table is of another year or another place


@dataclass(frozen=True)
class Areas:
    """Areas of one level, their figures under internal names, and where each figure is from."""

    frame: gpd.GeoDataFrame
    """Indexed by code: name, level, year, wijk_code, gemeente_code, gemeente_name, every area
    column of the catalogue (float64, NaN where unknown) and geometry."""
    reasons: pd.DataFrame
    """Index and columns as the figures: why a figure is missing (a reason of the catalogue), or ""."""
    fallbacks: pd.DataFrame
    """Index and columns as the figures: the larger area or older year that stands in, or ""."""
    parents: Mapping[str, pd.DataFrame]
    """The figures of whole wijken, gemeenten and the country, by level, indexed by code."""
    older: Mapping[int, pd.DataFrame] = field(default_factory=dict)
    """Figures of earlier years, of all levels, indexed by code."""
    provenance: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=PROVENANCE))
    """One row per column and file: source, content hash, published column, year, level, rows known."""
    indicators: Mapping[str, Column] = field(default_factory=dict)
    """The user's own columns, by name, besides those of the catalogue."""
    carried: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CARRIED))
    """Figures of other borders, per area and column: of which year, by what (``same``, ``homes``,
    ``surface``) and for which share (0-1) of the area's people they were known."""
    notes: tuple[str, ...] = ()
    """What was dropped, repaired, left out or stood in for, in sentences."""
    source: str | None = None
    """The source of the catalogue that the borders are of, known by what the layer holds."""

    @property
    def wijken(self) -> pd.DataFrame:
        """The figures of whole wijken, indexed by code."""
        return self.parents["wijk"]

    @property
    def gemeenten(self) -> pd.DataFrame:
        """The figures of whole gemeenten, indexed by code."""
        return self.parents["gemeente"]

    @property
    def codes(self) -> pd.Index:
        """The codes that these areas rest on: their own, and those of their wijken and gemeenten."""
        parents = pd.concat([self.frame["wijk_code"], self.frame["gemeente_code"]])
        return self.frame.index.append(pd.Index(parents.dropna().unique())).unique()

    @property
    def columns(self) -> dict[str, Column]:
        """All figure columns: the catalogue's for areas, and the user's own."""
        known = read_catalogue().columns
        return {**{name: known[name] for name in figure_columns()}, **self.indicators}

    @property
    def level(self) -> str:
        """``"buurt"`` or ``"wijk"``."""
        return str(self.frame["level"].iloc[0])

    @property
    def year(self) -> int | None:
        """The year of the borders, where the file says one."""
        year = self.frame["year"].iloc[0]
        return None if pd.isna(year) else int(year)


class Carrier(Protocol):
    """Carries a table of other borders over to those of the areas; see `geowoonzorg.people.carrying`."""

    @property
    def year(self) -> int | None:
        """The year of the other borders."""

    @property
    def codes(self) -> pd.Index:
        """Their codes, and those of their wijken and gemeenten."""

    def fits(self, figures: Figures, areas: Areas) -> bool:
        """Tell whether a table is of the other borders rather than of the areas'."""

    def carry(self, figures: Figures, areas: Areas) -> Figures:
        """Give a table on the borders of the areas."""


def figure_columns() -> list[str]:
    """Name the figure columns that every `Areas` frame has, in the catalogue's order.

    Returns
    -------
    list of str
        Internal names.

    Examples
    --------
    >>> figure_columns()[:2]
    ['inhabitants', 'households']
    """
    return list(read_catalogue().of_formats(AREA_FORMATS + LEEFBAAROMETER_FORMATS))


def with_provenance(
    areas: Areas,
    file: Path,
    taken: Mapping[str, str],
    values: pd.DataFrame,
    *,
    year: int | None,
    level: str,
    source: str | None = None,
) -> Areas:
    """Write down, per column, which file and published column its figures are from.

    Parameters
    ----------
    areas
        The areas.
    file
        The file read.
    taken
        Internal name → published column.
    values
        The figures read, a column per internal name.
    year
        The year of the figures, where known.
    level
        The level of their areas.
    source
        A source of the catalogue, where it is not that of the columns.

    Returns
    -------
    Areas
        With a row per column added to ``provenance``.

    Raises
    ------
    SourceError
        When the file can no longer be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> with_provenance(None, Path(__file__), {}, pd.DataFrame(), year=2023, level="buurt")
    """
    if not taken:
        return areas
    columns = areas.columns
    digest = content_hash(file)
    rows = [
        [
            n,
            source or columns[n].source,
            str(file),
            digest,
            p,
            year,
            level,
            int(values[n].notna().sum()),
        ]
        for n, p in taken.items()
    ]
    new = pd.DataFrame(rows, columns=PROVENANCE).astype({"year": "Int64"})
    both = [areas.provenance, new] if len(areas.provenance) else [new]
    return replace(areas, provenance=pd.concat(both, ignore_index=True))


def stand_in(areas: Areas) -> Areas:
    """Let the wijk, the gemeente or an older year stand in for what is unknown.

    Parameters
    ----------
    areas
        The areas; what stood in before is taken away first.

    Returns
    -------
    Areas
        With the stand-ins in ``frame``, and in ``fallbacks`` what each is: ``"wijk"``,
        ``"gemeente"``, ``"2016"``, ``"wijk 2016"``. Only columns that the catalogue lets stand in:
        no counts, and no measures of the balance.

    Examples
    --------
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.prepare import demo_study
    >>> folder = demo_study().parent
    >>> areas = read_areas(folder / "wijkenbuurten_2023_v3.gpkg")
    >>> wijk = pd.DataFrame({"lbm_afw": [0.2]}, index=["WK980100"])
    >>> parents = {**areas.parents, "wijk": wijk}
    >>> stood = stand_in(replace(areas, parents=parents))
    >>> stood.frame["lbm_afw"].head(1).tolist(), stood.fallbacks["lbm_afw"].iloc[0]
    ([0.2], 'wijk')
    """
    frame, fallbacks = areas.frame.copy(), areas.fallbacks.copy()
    codes = {"wijk": frame["wijk_code"], "gemeente": frame["gemeente_code"]}
    chain = [(level, keys, areas.parents[level]) for level, keys in codes.items()]
    for year in sorted(areas.older, reverse=True):
        table = areas.older[year]
        chain.append((str(year), frame.index.to_series(), table))
        chain += [(f"{level} {year}", keys, table) for level, keys in codes.items()]
    for column, about in areas.columns.items():
        if not about.stands_in:
            continue
        value = frame[column].mask(fallbacks[column] != "")
        label = pd.Series("", index=frame.index, dtype="str")
        for name, keys, table in chain:
            if column not in table.columns or table[column].isna().all() or value.notna().all():
                continue
            other = keys.map(table[column])
            use = value.isna() & other.notna()
            value, label = value.where(~use, other), label.mask(use, name)
        frame[column], fallbacks[column] = value, label
    return replace(areas, frame=frame, fallbacks=fallbacks)


def lay_over(areas: Areas, figures: Figures, file: Path, *, older: bool = False) -> Areas:
    """Lay a table's figures over the areas: what it knows wins over what was there.

    Parameters
    ----------
    areas
        The areas.
    figures
        The table.
    file
        Where it was read from.
    older
        Whether it is of an earlier year: then it only stands in.

    Returns
    -------
    Areas
        With figures of their own level in ``frame`` and those of larger areas in ``parents``.

    Examples
    --------
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.prepare import demo_study
    >>> folder = demo_study().parent
    >>> areas = read_areas(folder / "wijkenbuurten_2023_v3.gpkg")
    >>> from geowoonzorg.opendata.leefbaarometer import read_leefbaarometer
    >>> table = folder / "Leefbaarometer-scores buurten 2002-2022.csv"
    >>> lay_over(areas, read_leefbaarometer(table, year=2022), table).frame["lbm_afw"].head(1).tolist()
    [0.114]
    """
    own = figures.numbers[(figures.level == areas.level).to_numpy()]
    level = areas.level if len(own) else str(figures.level.iloc[0])
    areas = with_provenance(
        areas,
        file,
        figures.taken,
        figures.numbers,
        year=figures.year,
        level=level,
        source=figures.source,
    )
    areas = replace(areas, notes=(*areas.notes, *figures.notes))
    if figures.carried is not None and len(figures.carried):
        both = [areas.carried, figures.carried] if len(areas.carried) else [figures.carried]
        areas = replace(areas, carried=pd.concat(both, ignore_index=True))
    if older:
        year, numbers = figures.year or 0, figures.numbers
        if year in areas.older:  # of two tables of one year the later wins where it knows a figure
            numbers = numbers.combine_first(areas.older[year])
        return stand_in(replace(areas, older={**areas.older, year: numbers}))
    frame, reasons, fallbacks = areas.frame.copy(), areas.reasons.copy(), areas.fallbacks.copy()
    found = own.index.get_indexer(frame.index) >= 0
    for column in own.columns if len(own) else ():
        value = own[column].reindex(frame.index)
        why = figures.reasons[column].reindex(frame.index).where(found, "no_row")
        before = frame[column].mask(fallbacks[column] != "")
        frame[column] = value.where(value.notna(), before)
        reasons[column] = why.where(frame[column].isna(), "").astype("str")
        fallbacks[column] = ""
    if not len(own):
        for column in figures.numbers.columns:
            unknown = frame[column].isna() & (reasons[column] == "no_column")
            reasons[column] = reasons[column].mask(unknown, "other_level")
    parents = dict(areas.parents)
    for larger in LEVELS[LEVELS.index(areas.level) + 1 :]:
        rows = figures.numbers[(figures.level == larger).to_numpy()]
        if len(rows):
            known = parents[larger]
            parents[larger] = rows.reindex(columns=list(areas.columns)).combine_first(known)
    if len(own) and not found.all():
        n, ids = (~found).sum(), first_ids(frame.index[~found]).partition(" ")[2]
        note = tell(
            "{where} has no row for {areas} {ids}",
            where=figures.where,
            areas=_counted(areas.level, int(n)),
            ids=ids,
        )
        areas = replace(areas, notes=(*areas.notes, note))
    return stand_in(
        replace(areas, frame=frame, reasons=reasons, fallbacks=fallbacks, parents=parents)
    )


def check_match(areas: Areas, figures: Figures) -> None:
    """Refuse a table of another place or of another year's codes.

    Parameters
    ----------
    areas
        The areas.
    figures
        The table.

    Raises
    ------
    CoverageError
        When it has no row for over half of the areas, nor for their wijken and gemeenten where it
        is of a larger level; both years are named.

    Examples
    --------
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.prepare import demo_study
    >>> folder = demo_study().parent
    >>> areas = read_areas(folder / "wijkenbuurten_2023_v3.gpkg")
    >>> from geowoonzorg.opendata.figures import read_figures
    >>> elsewhere = pd.DataFrame({"gwb_code_10": ["BU01660000"], "a_inw": ["41"]})
    >>> check_match(areas, read_figures(elsewhere, where="kwb-2022.csv"))
    Traceback (most recent call last):
    geowoonzorg.errors.CoverageError: kwb-2022.csv (2022) has rows for only 0% of the areas (2023): ...
    """
    known = figures.numbers.index
    frame = areas.frame
    found = known.get_indexer(frame.index) >= 0
    if not (figures.level == areas.level).any():
        larger = frame["wijk_code"].isin(known) | frame["gemeente_code"].isin(known)
        found = larger.to_numpy() | bool((figures.level == "land").any())
    if np.mean(found) >= _LEAST_MATCH_SHARE:
        return
    years = [str(year) if year else tell("an unstated year") for year in (areas.year, figures.year)]
    here = level_code(known.to_series(), "gemeente").isin(frame["gemeente_code"]).to_numpy()
    others = known[here & ~known.isin(areas.codes)]
    same = (
        tell("; of the same gemeente it has {ids}, another year's codes", ids=first_ids(others))
        if len(others)
        else ""
    )
    raise CoverageError(
        "{where} ({year}) has rows for only {share:.0%} of the areas ({area_year}): not "
        "for {ids}{same}; give a table of the same year and place, or the borders of its codes under "
        "[areas] figures_borders, by which its figures are carried over",
        where=figures.where,
        year=years[1],
        share=np.mean(found),
        area_year=years[0],
        ids=first_ids(frame.index[~found]),
        same=same,
    )


def _counted(level: str, n: int) -> Message:
    """Say how many areas of a level, so that the number is not read as the number of one."""
    if level == "buurt":
        return tell("{n} {n:buurt|buurten}", n=n)
    if level == "wijk":
        return tell("{n} {n:wijk|wijken}", n=n)
    return tell("{n} {n:gemeente|gemeenten}", n=n)
