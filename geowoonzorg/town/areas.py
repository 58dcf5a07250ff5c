"""The areas of a town: every figure, the balance beside it, what is missing and why, and where each is from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.errors import CoverageError, StudyError
from geowoonzorg.messages import tell
from geowoonzorg.opendata.areas import (
    Areas,
    area_status,
    figure_columns,
    join_figures,
    join_indicator,
    join_leefbaarometer,
    read_areas,
)
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.people.beside import correlate_leefbaarometer
from geowoonzorg.people.vragers_dragers import AUTO, choose_reference, compute_balance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geowoonzorg.people.balance_profile import BalanceProfile
    from geowoonzorg.study import AreasInput, IndicatorInput

GAP_COLUMNS = ["code", "column", "kind", "what", "what_en"]
_BALANCE = ["vragers_index", "dragers_index", "balans", "quadrant"]
# Between what each of the area's own lies, and the balance with its gemeente and with the region.
BALANCE_COLUMNS = [
    *_BALANCE, "vragers_low", "vragers_high", "dragers_low", "dragers_high", "balans_low", "balans_high",
    "balans_gemeente", "balans_region",
]  # fmt: skip
_COLUMNS = [
    "code", "name", "level", "year", "lbm_afw", "lbm_fys", "lbm_onv", "lbm_soc", "lbm_vrz", "lbm_won",
    "lbm_class", *BALANCE_COLUMNS, "inhabitants", "share_65plus", "status", "geometry",
]  # fmt: skip
_OF_GEOPACKAGE = ("fid", "geom")
_BALANCE_SOURCE = "vragers/dragers, eigen constructie op CBS-cijfers"


def check_indicators(indicators: Sequence[IndicatorInput]) -> None:
    """Refuse own indicators whose names are columns of the areas already, or each other's.

    Parameters
    ----------
    indicators
        What a study says under ``[[indicators]]``.

    Raises
    ------
    StudyError
        With every such name; a GeoPackage takes capitals for small letters.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geowoonzorg.study import IndicatorInput
    >>> check_indicators([IndicatorInput("Status", Path("own.csv"), "ggz", "%")])
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: indicators: the names Status are taken; choose others
    """
    used = {*_COLUMNS, *figure_columns(), *_OF_GEOPACKAGE}
    taken = []
    for own in indicators:
        name = own.name.lower()
        if name in used:
            taken.append(own.name)
        used.add(name)
    if taken:
        raise StudyError(
            "indicators: the names {names} are taken; choose others", names=", ".join(taken)
        )


def read_area_input(
    given: AreasInput, *, crs: str, indicators: Sequence[IndicatorInput] = ()
) -> Areas:
    """Read areas with all tables that are joined onto them.

    Parameters
    ----------
    given
        What a study says under ``[areas]``.
    crs
        The metric CRS to work in.
    indicators
        What a study says under ``[[indicators]]``.

    Returns
    -------
    Areas
        Figures with their reasons and origins.

    Raises
    ------
    StudyError
        As `check_indicators`.
    InputError, CrsError, FormatError, SourceError
        As `read_areas`, `join_figures`, `join_leefbaarometer` and `join_indicator`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geowoonzorg.study import AreasInput
    >>> read_area_input(AreasInput(Path("missing.gpkg")), crs="EPSG:28992")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: areas: missing.gpkg does not exist; give the path of an existing file
    """
    check_indicators(indicators)
    areas = read_areas(given.source, level=given.level, gemeente=given.gemeente, crs=crs)
    if given.figures:
        areas = join_figures(areas, given.figures, older_years=given.older_years)
    if given.leefbaarometer is not None and given.leefbaarometer_year is not None:
        areas = join_leefbaarometer(areas, given.leefbaarometer, given.leefbaarometer_year)
    for own in indicators:
        areas = join_indicator(
            areas, own.source, own.column, name=own.name, unit=own.unit, direction=own.direction
        )
    return areas


@dataclass(frozen=True, eq=False)
class AreaFigures:
    """Areas with their figures and their balance.

    Attributes
    ----------
    areas
        Figures with their reasons, stand-ins and provenance.
    balance
        From `compute_balance`, on the areas' index.
    profile
        How the balance is made.
    reference
        What the balance compares with: ``gemeente``, ``region``, ``country`` or a code.
    added_vragers_share
        0–1: of the residents of new homes; None where nobody said.
    notes
        What was noticed while reading, and the balance's rank correlation with the Leefbaarometer.
    own
        Which areas belong to this part of a town, shape (n_areas,); all where there is only one part. The
        others are known, since people live in them, and stand in no output.
    """

    areas: Areas
    balance: pd.DataFrame
    profile: BalanceProfile
    reference: str = "gemeente"
    added_vragers_share: float | None = None
    notes: tuple[str, ...] = ()
    own: NDArray[np.bool_] | None = None

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """The areas, indexed by code."""
        return self.areas.frame

    @property
    def layer(self) -> gpd.GeoDataFrame:
        """The output layer ``areas``: ``code, name, level, year``, figures, balance, ``status``, geometry."""
        return self._layer.copy(deep=False)

    @cached_property
    def _layer(self) -> gpd.GeoDataFrame:
        words = pd.concat(
            [area_status(self.areas, columns=self._told()), self.balance["status"]], axis=1
        ).apply(_one_status, axis=1)
        layer = self.frame.assign(**{c: self.balance[c] for c in BALANCE_COLUMNS}, status=words)
        if self.own is not None:
            layer = layer[self.own]
        return layer.rename_axis("code").reset_index()[self.columns]

    @property
    def numbers(self) -> pd.DataFrame:
        """Every number that can be averaged over people, indexed by code (float64, NaN where unknown)."""
        return self._numbers.copy(deep=False)

    @cached_property
    def _numbers(self) -> pd.DataFrame:
        every = self.frame.assign(**{c: self.balance[c] for c in BALANCE_COLUMNS})
        known = [c for c in self.columns if c not in {"code", "year", "status", "geometry"}]
        return pd.DataFrame(every[known]).select_dtypes("number").rename_axis("code")

    @property
    def columns(self) -> list[str]:
        """The columns of the output layer."""
        return [*_COLUMNS[:-1], *self.areas.indicators, _COLUMNS[-1]]

    @property
    def gaps(self) -> pd.DataFrame:
        """Per figure that is not its area's own or not whole a row: ``code, column, kind, what, what_en``.

        ``kind`` is ``missing`` (``what`` is a reason of the catalogue, or words), ``stand_in`` (the larger
        area or older year, as in ``Areas.fallbacks``) or ``remark`` (words); of words ``what_en`` has the English.
        """
        gaps = _gaps(self.areas, self.balance, self.columns)
        return gaps if self.own is None else gaps[gaps["code"].isin(self.frame.index[self.own])]

    @cached_property
    def origins(self) -> dict[str, tuple[str, int | None]]:
        """Source and year of each number; the balance is our own construct on the areas' figures."""
        last = self.areas.provenance.drop_duplicates("column", keep="last").set_index("column")
        origins: dict[str, tuple[str, int | None]] = {}
        for column in self.numbers.columns:
            if column in BALANCE_COLUMNS:
                origins[column] = (_BALANCE_SOURCE, self.areas.year)
            elif column in last.index:
                found = last.loc[column]
                # An own table has no name in the catalogue; its file is what people know it by.
                own = column in self.areas.indicators
                source = Path(str(found["file"])).name if own else str(found["source"])
                origins[column] = (source, None if pd.isna(found["year"]) else int(found["year"]))
        return origins

    def _told(self) -> list[str]:
        """Leave out what the balance's own status says already."""
        known = set(self.areas.provenance["column"])
        return [c for c in figure_columns() if c in known and c not in self.profile.columns]


def figure_areas(
    areas: Areas,
    *,
    profile: BalanceProfile | None = None,
    reference: str = AUTO,
    gemeenten: frozenset[str] | None = None,
    added_vragers_share: float | None = None,
) -> AreaFigures:
    """Lay the balance beside the figures of areas.

    Parameters
    ----------
    areas
        Such as `read_area_input` gives them.
    profile
        How the balance is made; None for the default.
    reference
        What it compares with; ``auto`` for the gemeente, or the region where ``gemeenten`` are several.
    gemeenten
        Those in which the places asked about lie; None for all of the areas'.
    added_vragers_share
        0–1: of the residents of new homes; None to ask nothing of it.

    Returns
    -------
    AreaFigures
        Figures, balance, and what is missing.

    Raises
    ------
    InputError, CoverageError, MissingColumnError
        As `compute_balance`.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> Town.demo().figures.layer[["code", "balans"]].round(2).head(1).to_dict("records")
    [{'code': 'BU...', 'balans': ...}]
    """
    profile = profile or read_balance_profile()
    chosen = choose_reference(areas, reference, profile=profile, gemeenten=gemeenten)
    balance = compute_balance(areas, profile=profile, reference=chosen)
    for other in ("gemeente", "region"):
        balance[f"balans_{other}"] = _balance_with(other, balance, areas, profile, chosen)
    found = correlate_leefbaarometer(balance, areas.frame)
    known: pd.DataFrame = found[found["spearman_rho"].notna()]
    notes = [
        tell(
            "balance beside {name}: rank correlation {rho:.2f} over {n} areas; it takes no part in the balance",
            name=name, rho=rho, n=n,
        )
        for name, rho, n in zip(known.index, known["spearman_rho"], known["n_areas"], strict=True)
    ]  # fmt: skip
    if AUTO in (reference, profile.reference) and chosen == "region":
        notes.append(
            tell(
                "the places lie in more than one gemeente, so the balance compares with the region; balans_gemeente "
                "has it against each area's own gemeente"
            )
        )
    return AreaFigures(areas, balance, profile, chosen, added_vragers_share, (*areas.notes, *notes))


def _balance_with(
    other: str, balance: pd.DataFrame, areas: Areas, profile: BalanceProfile, chosen: str
) -> pd.Series[float]:
    """Give the balance with another reference than the one chosen; unknown where that has no figures."""
    if other == chosen:
        return balance["balans"]
    try:
        return compute_balance(areas, profile=profile, reference=other)["balans"]
    except CoverageError:
        return pd.Series(np.nan, balance.index)


def no_areas(crs: object) -> gpd.GeoDataFrame:
    """Give the output layer ``areas`` of a town without areas: its columns and no rows.

    Parameters
    ----------
    crs
        The CRS of the layer.

    Returns
    -------
    geopandas.GeoDataFrame
        No rows.

    Examples
    --------
    >>> len(no_areas("EPSG:28992"))
    0
    """
    return gpd.GeoDataFrame({c: [] for c in _COLUMNS[:-1]}, geometry=[], crs=crs)


def _gaps(areas: Areas, balance: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """List, figure by figure, what is missing, stood in for or to be minded."""
    parts: list[pd.DataFrame] = []

    def add(
        column: str, kind: str, what: pd.Series[str], english: pd.Series[str] | None = None
    ) -> None:
        some = what[what != ""]
        told = "" if english is None else english[some.index]
        row = {"code": some.index, "column": column, "kind": kind, "what": some, "what_en": told}
        parts.append(pd.DataFrame(row))

    for column in (c for c in columns if c in areas.columns):
        missing = areas.frame[column].isna()
        add(column, "missing", areas.reasons[column].where(missing, ""))
        add(column, "stand_in", areas.fallbacks[column])
    level = balance["basis"].map(lambda basis: "wijk" if basis.startswith("wijk") else "")
    year = balance["basis_year"].map(str).where(balance["basis_year"].notna(), "")
    unknown = balance["basis"] == "unknown"
    for column in _BALANCE:
        add(column, "stand_in", level.str.cat(year, sep=" ").str.strip())
        add(column, "missing", balance["remarks"].where(unknown, ""), balance["remarks_en"])
        add(column, "remark", balance["remarks"].mask(unknown, ""), balance["remarks_en"])
    return pd.concat(parts, ignore_index=True)[GAP_COLUMNS]


def _one_status(parts: pd.Series[str]) -> str:
    return "; ".join(dict.fromkeys(p for p in parts if p != "ok")) or "ok"
