"""The areas of a study as one layer: every figure, the balance, and what is missing and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from geowoonzorg.errors import StudyError
from geowoonzorg.opendata.area_frame import area_status, figure_columns
from geowoonzorg.opendata.areas import (
    join_figures,
    join_indicator,
    join_leefbaarometer,
    read_areas,
)
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.people.vragers_dragers import compute_balance, correlate_leefbaarometer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geowoonzorg.opendata.area_frame import Areas
    from geowoonzorg.people.balance_profile import BalanceProfile
    from geowoonzorg.study import AreasInput, IndicatorInput

GAP_COLUMNS = ["code", "column", "kind", "what"]
BALANCE_COLUMNS = ["vragers_index", "dragers_index", "balans", "quadrant"]
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
        raise StudyError(f"indicators: the names {', '.join(taken)} are taken; choose others")


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


def describe_areas(
    given: AreasInput | None, areas: Areas | None, *, crs: str
) -> tuple[gpd.GeoDataFrame, list[str], pd.DataFrame]:
    """Lay the balance beside the figures of the areas.

    Parameters
    ----------
    given
        What a study says under ``[areas]``; None where it says nothing.
    areas
        From `read_area_input`, or None.
    crs
        The CRS of the layer when there are no areas.

    Returns
    -------
    layer : geopandas.GeoDataFrame
        The output layer ``areas``; no rows when there are none.
    notes : list of str
        What was noticed while reading, and the balance's rank correlation with the Leefbaarometer.
    gaps : pandas.DataFrame
        Per figure of an area that is not its own or not whole a row: ``code, column, kind, what``.
        ``kind`` is ``missing`` (``what`` is a reason of the catalogue, or words), ``stand_in`` (the
        larger area or older year, as in ``Areas.fallbacks``) or ``remark`` (words).

    Raises
    ------
    StudyError, InputError
        As `read_balance_profile` and `compute_balance`.

    Examples
    --------
    >>> layer, notes, gaps = describe_areas(None, None, crs="EPSG:28992")
    >>> len(layer), notes, len(gaps)
    (0, [], 0)
    """
    if given is None or areas is None:
        nothing = gpd.GeoDataFrame({c: [] for c in _COLUMNS[:-1]}, geometry=[], crs=crs)
        return nothing, [], pd.DataFrame(columns=GAP_COLUMNS)
    profile = read_balance_profile(given.balance)
    balance = compute_balance(areas, profile=profile, reference=given.reference)
    words = pd.concat(
        [area_status(areas, columns=_told(areas, profile)), balance["status"]], axis=1
    ).apply(_one_status, axis=1)
    layer = areas.frame.assign(**{c: balance[c] for c in BALANCE_COLUMNS}, status=words)
    notes = [*areas.notes]
    found = correlate_leefbaarometer(balance, areas.frame)
    known: pd.DataFrame = found[found["spearman_rho"].notna()]
    notes += [
        f"balans naast {name}: rangcorrelatie {rho:.2f} over {n} gebieden; telt niet mee in de balans"
        for name, rho, n in zip(known.index, known["spearman_rho"], known["n_areas"], strict=True)
    ]
    columns = [*_COLUMNS[:-1], *areas.indicators, _COLUMNS[-1]]
    gaps = _gaps(areas, balance, columns)
    return layer.rename_axis("code").reset_index()[columns], notes, gaps


def _gaps(areas: Areas, balance: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """List, figure by figure, what is missing, stood in for or to be minded."""
    parts: list[pd.DataFrame] = []

    def add(column: str, kind: str, what: pd.Series[str]) -> None:
        some = what[what != ""]
        parts.append(
            pd.DataFrame({"code": some.index, "column": column, "kind": kind, "what": some})
        )

    for column in (c for c in columns if c in areas.columns):
        missing = areas.frame[column].isna()
        add(column, "missing", areas.reasons[column].where(missing, ""))
        add(column, "stand_in", areas.fallbacks[column])
    level = balance["basis"].map(lambda basis: "wijk" if basis.startswith("wijk") else "")
    year = balance["basis_year"].map(str).where(balance["basis_year"].notna(), "")
    unknown = balance["basis"] == "unknown"
    for column in BALANCE_COLUMNS:
        add(column, "stand_in", level.str.cat(year, sep=" ").str.strip())
        add(column, "missing", balance["remarks"].where(unknown, ""))
        add(column, "remark", balance["remarks"].mask(unknown, ""))
    return pd.concat(parts, ignore_index=True)[GAP_COLUMNS]


def _told(areas: Areas, profile: BalanceProfile) -> list[str]:
    """Leave out what the balance's own status says already."""
    known = set(areas.provenance["column"])
    return [c for c in figure_columns() if c in known and c not in profile.columns]


def _one_status(parts: pd.Series[str]) -> str:
    return "; ".join(dict.fromkeys(p for p in parts if p != "ok")) or "ok"


def area_origins(areas: Areas, columns: pd.Index) -> dict[str, tuple[str, int | None]]:
    """Name the source and year of each figure.

    Parameters
    ----------
    areas
        Areas with their provenance.
    columns
        Internal columns.

    Returns
    -------
    dict
        Column → (source, year). The balance is our own construct on the areas' figures.

    Examples
    --------
    >>> area_origins(areas, layer.columns)["lbm_afw"]  # doctest: +SKIP
    ('leefbaarometer', 2022)
    """
    last = areas.provenance.drop_duplicates("column", keep="last").set_index("column")
    origins: dict[str, tuple[str, int | None]] = {}
    for column in columns:
        if column in BALANCE_COLUMNS:
            origins[column] = (_BALANCE_SOURCE, areas.year)
        elif column in last.index:
            found = last.loc[column]
            # An own table has no name in the catalogue; its file is what people know it by.
            source = (
                Path(str(found["file"])).name
                if column in areas.indicators
                else str(found["source"])
            )
            origins[column] = (source, None if pd.isna(found["year"]) else int(found["year"]))
    return origins
