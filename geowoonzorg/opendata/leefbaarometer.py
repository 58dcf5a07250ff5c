"""Leefbaarometer tables as published: one year of several, checked against their own sum."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import (
    CoverageError,
    DuplicateIdError,
    InputError,
    MissingColumnError,
    first_ids,
)
from geowoonzorg.files import TABLE_SUFFIXES, read_table, read_vector, split_layer
from geowoonzorg.opendata.codes import find_codes, find_column, find_names, level_of
from geowoonzorg.opendata.figures import Figures, parse_figures
from geowoonzorg.opendata.sources import LEEFBAAROMETER_FORMATS, read_catalogue

if TYPE_CHECKING:
    from pathlib import Path

DIMENSIONS = ("lbm_fys", "lbm_onv", "lbm_soc", "lbm_vrz", "lbm_won")


def check_sum(values: pd.DataFrame, published: pd.DataFrame, where: str) -> None:
    """Check that the deviation is the sum of its five dimensions, to the precision of the file.

    Parameters
    ----------
    values
        ``lbm_afw`` and its dimensions; nothing is checked where one of them is not there.
    published
        The same columns as the file writes them, which tells its precision.
    where
        The file, which starts the message.

    Raises
    ------
    InputError
        When they differ by more than rounding can explain.

    Notes
    -----
    Holds exactly in the published files. A value rounded to d decimals is off by at most half of
    10**-d, so the six together by at most three times 10**-d.

    Examples
    --------
    >>> columns = ["lbm_afw", *DIMENSIONS]
    >>> good = pd.DataFrame([[0.15, 0.05, 0.04, 0.03, 0.02, 0.01]], columns=columns)
    >>> check_sum(good, good, "x")
    """
    columns = ["lbm_afw", *DIMENSIONS]
    if not set(columns) <= set(values.columns):
        return
    known = values[columns].notna().all(axis=1)
    if not known.any():
        return
    rest = (values["lbm_afw"] - values[list(DIMENSIONS)].sum(axis=1))[known].abs()
    text = published.loc[known.to_numpy(), columns].astype("str")
    digits = [text[c].str.extract(r"[.,](\d+)$")[0].str.len().fillna(0).max() for c in columns]
    decimals = int(min((d for d in digits if d > 0), default=0))
    wrong = rest.index[rest > max(3.0 * 10.0**-decimals, 1e-9) * 1.001]
    if len(wrong):
        msg = (
            f"{where}: afw is not the sum of fys, onv, soc, vrz and won for {first_ids(wrong)}; the "
            "file is damaged or its columns are mixed up: download it again"
        )
        raise InputError(msg)


def read_leefbaarometer(path: str | Path, *, year: int) -> Figures:
    """Read one year of a Leefbaarometer table, per buurt, wijk, gemeente or four-digit postcode.

    Parameters
    ----------
    path
        The csv as published (``bu_code``, ``wk_code`` or ``PC4``, ``jaar``, ``lbm``, ``afw``, …),
        or a saved WFS layer (``id``, ``name``, ``kscore``, ``afw``, …).
    year
        The measurement to take; files hold several.

    Returns
    -------
    Figures
        ``lbm_score``, ``lbm_afw`` and its five dimensions as deviations from the national mean,
        and ``lbm_class`` where the file has classes. Postcodes have level ``"pc4"``.

    Raises
    ------
    CoverageError
        When the file does not have the year; the message lists those it has.
    MissingColumnError
        When there is no code column or no ``afw``.
    DuplicateIdError
        When a code occurs twice in the year.
    InputError
        When ``afw`` is not the sum of the dimensions.
    FormatError, SourceError
        As `geowoonzorg.files.read_table`.

    Notes
    -----
    ``lbm`` is a score around 4.1 (``afw`` plus a constant), not the class 1-9, and rounding it gives
    no class: the limits between classes are not published with the data. Only the WFS layers carry
    the class (``kscore``); elsewhere ``lbm_class`` stays unknown. The old names of Leefbaarometer 2.0
    (``rlbrmtr``, …) are read too; its dimensions bewoners and veiligheid are not what 3.0 calls
    soc and onv, which a note says. Source: leefbaarometer.nl, open data.

    Examples
    --------
    >>> read_leefbaarometer("missing.csv", year=2022)
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: leefbaarometer: missing.csv does not exist; give the path of an existing file
    """
    file, layer = split_layer(path)
    where = str(path)
    if file.suffix.lower() in TABLE_SUFFIXES - {".json"}:
        table = read_table(path, role="leefbaarometer")
    else:
        layer_frame = read_vector(file, layer=layer, role="leefbaarometer")
        table = pd.DataFrame(layer_frame.drop(columns=layer_frame.geometry.name))
    notes: list[str] = []
    table = _take_year(table, where, year, notes)
    codes, level = _codes(table, where)
    table, codes = table[codes.notna().to_numpy()], codes.dropna()
    twice = codes[codes.duplicated()].unique()
    if len(twice):
        msg = f"{where}: codes that occur more than once in {year}: {first_ids(twice)}"
        raise DuplicateIdError(msg)
    names = find_names(table, str(codes.name))
    index = pd.Index(codes, name="code")
    values, reasons, taken = parse_figures(table, where=where, formats=LEEFBAAROMETER_FORMATS)
    if "lbm_afw" not in taken:
        msg = f"{where} has no column afw; it has {', '.join(map(str, table.columns))}"
        raise MissingColumnError(msg)
    values, reasons = values.set_axis(index), reasons.set_axis(index)
    if taken["lbm_afw"].lower().startswith("rlb"):
        notes.append(
            f"{where}: Leefbaarometer 2.0: bewoners en veiligheid staan waar 3.0 soc en onv heeft, "
            "en zijn daar niet mee te vergelijken"
        )
    else:
        published = table.rename(columns={p: name for name, p in taken.items()})
        check_sum(values, published, where)
    if "lbm_class" not in taken:
        notes.append(f"{where} heeft geen klassen 1-9; lbm_class blijft onbekend")
    return Figures(
        numbers=values,
        reasons=reasons,
        level=level.set_axis(index),
        name=names.set_axis(index),
        taken=taken,
        year=year,
        where=where,
        notes=tuple(notes),
    )


def by_postcode(figures: Figures, pc4: pd.Series, *, level: str) -> Figures:
    """Give areas with a four-digit postcode the figures of that postcode.

    Parameters
    ----------
    figures
        A table per PC4.
    pc4
        The postcode of each area, indexed by code.
    level
        The areas' level.

    Returns
    -------
    Figures
        One row per area whose postcode is in the table.

    Examples
    --------
    >>> by_postcode(figures, areas.frame["pc4"], level="buurt")  # doctest: +SKIP
    """
    keys = pc4.dropna().astype("str").str.strip().str[:4]
    keys = keys[keys.isin(figures.numbers.index)]
    note = f"{figures.where}: figures of the postcode stand for {len(keys)} of {len(pc4)} areas"
    return replace(
        figures,
        numbers=figures.numbers.loc[list(keys)].set_axis(keys.index),
        reasons=figures.reasons.loc[list(keys)].set_axis(keys.index),
        level=pd.Series(level, index=keys.index),
        name=figures.name.loc[list(keys)].set_axis(keys.index),
        notes=(*figures.notes, note),
    )


def _take_year(table: pd.DataFrame, where: str, year: int, notes: list[str]) -> pd.DataFrame:
    column = find_column(table, ("jaar", "year"))
    if column is None:
        notes.append(f"{where} noemt geen jaar; gelezen als {year}, zoals gevraagd")
        return table
    years = pd.to_numeric(table[column], errors="coerce")
    chosen = table[(years == year).to_numpy()]
    if chosen.empty:
        has = ", ".join(str(int(y)) for y in np.sort(years.dropna().unique()))
        msg = f"{where} has no measurement of {year}; it has {has}: choose one of these"
        raise CoverageError(msg)
    return chosen


def _codes(table: pd.DataFrame, where: str) -> tuple[pd.Series[str], pd.Series[str]]:
    """Find the area codes, else the four-digit postcodes, and their level."""
    codes = find_codes(table, where=where)
    if codes is not None:
        return codes, level_of(codes.dropna())
    column = find_column(table, next(k.code for k in read_catalogue().keys if k.level == "pc4"))
    if column is None:
        grid = find_column(table, ("grid_id", "gridid"))
        msg = (
            f"{where} is the 100 m grid: read it with squares.read_leefbaarometer_grid"
            if grid
            else f"{where} has no column bu_code, wk_code or PC4; it has {', '.join(map(str, table.columns))}"
        )
        raise MissingColumnError(msg)
    codes = table[column].astype("str").str.strip().str[:4].rename(column)
    return codes, pd.Series("pc4", index=codes.index)
