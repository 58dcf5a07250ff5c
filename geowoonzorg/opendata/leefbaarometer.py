"""Leefbaarometer tables as published: one year of several, checked against their own sum."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.errors import CoverageError, MissingColumnError, first_ids
from geowoonzorg.files import TABLE_SUFFIXES, read_table, read_vector, split_layer
from geowoonzorg.messages import tell
from geowoonzorg.opendata.area_rows import coded_rows, each_once, unused
from geowoonzorg.opendata.codes import find_codes, find_column, find_names, level_of
from geowoonzorg.opendata.figures import Figures, parse_figures
from geowoonzorg.opendata.sources import LEEFBAAROMETER_FORMATS, read_catalogue
from geowoonzorg.opendata.table_forms import years_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

DIMENSIONS = ("lbm_fys", "lbm_onv", "lbm_soc", "lbm_vrz", "lbm_won")
_SAME = 1e-6  # a thousandth of what anybody reads in these figures
_YEARLY = re.compile(r"(rlb[a-z]+)(\d\d)", re.IGNORECASE)  # RLBRMTR16


def check_sum(values: pd.DataFrame, where: str) -> list[str]:
    """Check that the deviation is the sum of its five dimensions, to the precision of each row.

    Parameters
    ----------
    values
        ``lbm_afw`` and its dimensions, indexed by id; nothing is checked where one of them is not
        there.
    where
        The file, which starts the note.

    Returns
    -------
    list of str
        A note that says for how many rows the sum does not hold, and for which; empty when it does.

    Notes
    -----
    Holds exactly in the published files. A service that gives six significant digits knows 0.371047
    to half of its sixth decimal, and 0.00211395 to half of its eighth. A row is judged by its own
    cells: of each, the last digit it can have is that of the most significant digits among the six,
    but not beyond the most decimals among them, which is the precision of a table rounded to decimals.
    The six together are off by at most half a unit of each.

    Examples
    --------
    >>> columns = ["lbm_afw", *DIMENSIONS]
    >>> rows = [[0.371047, -0.0143511, -0.137106, -0.100151, 0.620541, 0.00211395], [0.25, 0.05, 0, 0, 0, 0]]
    >>> check_sum(pd.DataFrame(rows, columns=columns, index=["BU0363AB10", "x"]), "lbm.csv")[0][:70]
    'lbm.csv: afw is not the sum of fys, onv, soc, vrz and won for 1 (x), u'
    """
    columns = ["lbm_afw", *DIMENSIONS]
    if not set(columns) <= set(values.columns):
        return []
    known = values.loc[values[columns].notna().all(axis=1), columns]
    rest = (known["lbm_afw"] - known[list(DIMENSIONS)].sum(axis=1)).abs()
    wrong = rest > _SAME
    wrong[wrong] = rest[wrong] > _rounding(known[wrong].to_numpy())
    if not wrong.any():
        return []
    return [
        tell(
            "{where}: afw is not the sum of fys, onv, soc, vrz and won for {ids}, up to {off:.2g} off: "
            "see whether columns are swapped or the source is mistaken",
            where=where,
            ids=first_ids(known.index[wrong]),
            off=rest[wrong].max(),
        )
    ]


def _rounding(cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tell by how much the six numbers of each row may be off together, as they are written."""
    decimals = np.zeros(cells.shape)
    digits = np.zeros(cells.shape)
    for i, cell in np.ndenumerate(cells):
        _, written, exponent = Decimal(repr(float(cell))).normalize().as_tuple()
        decimals[i], digits[i] = max(-int(exponent), 0), len(written)
    with np.errstate(divide="ignore"):
        magnitude = np.where(cells == 0, -np.inf, np.floor(np.log10(np.abs(cells))))
    last = digits.max(axis=1, keepdims=True) - 1 - magnitude
    places = np.minimum(last, decimals.max(axis=1, keepdims=True))
    total: NDArray[np.float64] = (0.5 * 10.0**-places).sum(axis=1)
    return total * 1.001


def read_leefbaarometer(path: str | Path, *, year: int, used: pd.Index | None = None) -> Figures:
    """Read one year of a Leefbaarometer table, per buurt, wijk, gemeente or four-digit postcode.

    Parameters
    ----------
    path
        The csv as published (``bu_code``, ``wk_code`` or ``PC4``, ``jaar``, ``lbm``, ``afw``, …), a
        saved WFS layer (``id``, ``name``, ``kscore``, ``afw``, …), or a table of Leefbaarometer 2.0
        (``GBD``, ``JAAR``, ``RLBRMTR``, …, or a column per year: ``RLBRMTR16``).
    year
        The measurement to take; files hold several.
    used
        The codes that the study rests on, as `geowoonzorg.opendata.figures.read_figures`; None for
        all.

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
    InputError, FormatError, SourceError
        As `geowoonzorg.files.read_table` and `geowoonzorg.opendata.area_rows.coded_rows`.

    Notes
    -----
    ``lbm`` is a score around 4.1 (``afw`` plus a constant), not the class 1-9, and rounding it gives
    no class: the limits between classes are not published with the data. Only the WFS layers carry
    the class (``kscore``); elsewhere ``lbm_class`` stays unknown. Where ``afw`` is not the sum of the
    dimensions, a note says so.

    Leefbaarometer 2.0 has deviations from the national mean that add up, too, but of another model
    with other indicators: its figures stand in the same columns, under the source Leefbaarometer 2.0,
    and a note says that they are not to be compared with 3.0 and that its dimensions bewoners and
    veiligheid are not what 3.0 calls soc and onv. One file is of one of the two, so no column mixes
    them. Source: leefbaarometer.nl, open data.

    Examples
    --------
    >>> read_leefbaarometer("missing.csv", year=2022)
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: leefbaarometer: missing.csv does not exist; give the path of an existing file
    """
    file, layer = split_layer(path)
    where = str(path)
    if file.suffix.lower() in TABLE_SUFFIXES:
        table = read_table(path, role="leefbaarometer")
    else:
        layer_frame = read_vector(file, layer=layer, role="leefbaarometer")
        table = pd.DataFrame(layer_frame.drop(columns=layer_frame.geometry.name))
    notes: list[str] = []
    table = take_year(table, where, year, notes)
    table, codes, level = _codes(table, where, used, notes)
    names = find_names(table, str(codes.name))
    index = pd.Index(codes, name="code")
    spare = None if used is None else unused(codes, used)
    values, reasons, taken = parse_figures(
        table, where=where, formats=LEEFBAAROMETER_FORMATS, spare=spare
    )
    if "lbm_afw" not in taken:
        raise MissingColumnError(
            "{where} has no column afw; it has {names}",
            where=where,
            names=", ".join(map(str, table.columns)),
        )
    values, reasons = values.set_axis(index), reasons.set_axis(index)
    old = taken["lbm_afw"].lower().startswith("rlb")
    if old:
        notes.append(
            tell(
                "{where} is Leefbaarometer 2.0, another model than 3.0: its figures are not to be "
                "compared with those of 3.0 or with the anchors of a scoring profile, and bewoners and "
                "veiligheid stand where 3.0 has soc and onv",
                where=where,
            )
        )
    notes += check_sum(values if spare is None else values[~spare], where)
    if "lbm_class" not in taken:
        notes.append(tell("{where} has no classes 1-9; lbm_class stays unknown", where=where))
    return Figures(
        numbers=values,
        reasons=reasons,
        level=level.set_axis(index),
        name=names.set_axis(index),
        taken=taken,
        year=year,
        where=where,
        notes=tuple(notes),
        source="leefbaarometer_2" if old else None,
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
    >>> index = pd.Index(["8261"], name="code")
    >>> figures = Figures(
    ...     numbers=pd.DataFrame({"lbm_afw": [0.1]}, index), reasons=pd.DataFrame({"lbm_afw": [""]}, index),
    ...     level=pd.Series("pc4", index), name=pd.Series("Kampen", index), taken={"lbm_afw": "afw"},
    ...     year=2022, where="pc4.csv", notes=())
    >>> pc4 = pd.Series(["8261", "8262"], index=["BU01660000", "BU01660001"])
    >>> by_postcode(figures, pc4, level="buurt").numbers["lbm_afw"].to_dict()
    {'BU01660000': 0.1}
    """
    keys = pc4.dropna().astype("str").str.strip().str[:4]
    keys = keys[keys.isin(figures.numbers.index)]
    note = tell(
        "{where}: figures of the postcode stand for {n} of {total} areas",
        where=figures.where,
        n=len(keys),
        total=len(pc4),
    )
    return replace(
        figures,
        numbers=figures.numbers.loc[list(keys)].set_axis(keys.index),
        reasons=figures.reasons.loc[list(keys)].set_axis(keys.index),
        level=pd.Series(level, index=keys.index),
        name=figures.name.loc[list(keys)].set_axis(keys.index),
        notes=(*figures.notes, note),
    )


def take_year(table: pd.DataFrame, where: str, year: int, notes: list[str]) -> pd.DataFrame:
    """Take one measurement out of a table of several.

    Parameters
    ----------
    table
        As published.
    where
        The file, which starts each message.
    year
        The measurement.
    notes
        Hears it where the table names no year.

    Returns
    -------
    pandas.DataFrame
        Its rows, or its columns, of that year.

    Raises
    ------
    CoverageError
        When the table does not have it; the message lists those it has.

    Examples
    --------
    >>> take_year(pd.DataFrame({"jaar": ["2020", "2022"], "afw": [0.1, 0.2]}), "x", 2022, [])["afw"].tolist()
    [0.2]
    """
    years = years_of(table)
    if years is None:
        return _take_columns(table, where, year, notes)
    chosen = table[(years == str(year)).to_numpy()]
    if chosen.empty:
        raise _not_measured(where, year, {int(y) for y in years.dropna()})
    return chosen


def _not_measured(where: str, year: int, known: set[int]) -> CoverageError:
    return CoverageError(
        "{where} has no measurement of {year}; it has {years}: choose one of these",
        where=where,
        year=year,
        years=", ".join(map(str, sorted(known))) or tell("no years"),
    )


def _take_columns(table: pd.DataFrame, where: str, year: int, notes: list[str]) -> pd.DataFrame:
    """Take one year out of a table that has a column per measure and year, as 2.0 is published."""
    yearly = {str(c): m for c in table.columns if (m := _YEARLY.fullmatch(str(c).strip()))}
    if not yearly:
        notes.append(
            tell("{where} names no year; read as {year}, as asked", where=where, year=year)
        )
        return table
    known = {2000 + int(m[2]) for m in yearly.values()}
    if year not in known:
        raise _not_measured(where, year, known)
    own = {c: m[1] for c, m in yearly.items() if 2000 + int(m[2]) == year}
    return table.drop(columns=[c for c in yearly if c not in own]).rename(columns=own)


def _codes(
    table: pd.DataFrame, where: str, used: pd.Index | None, notes: list[str]
) -> tuple[pd.DataFrame, pd.Series[str], pd.Series[str]]:
    """Take the rows with area codes, else with four-digit postcodes, each once, and their level."""
    if find_codes(table, where=where) is not None:
        table, codes = coded_rows(table, where, used, notes)
        return table, codes, level_of(codes)
    column = find_column(table, next(k.code for k in read_catalogue().keys if k.level == "pc4"))
    if column is None:
        grid = find_column(table, ("grid_id", "gridid"))
        if grid:
            raise MissingColumnError(
                "{where} is the 100 m grid; give it as [areas] leefbaarometer_grid",
                where=where,
            )
        raise MissingColumnError(
            "{where} has no column bu_code, wk_code or PC4; it has {names}",
            where=where,
            names=", ".join(map(str, table.columns)),
        )
    codes = table[column].astype("str").str.strip().str[:4].rename(column)
    table, codes = table[table[column].notna()], codes[table[column].notna()]
    kept = each_once(table, codes, used, where, notes)
    return table[kept], codes[kept], pd.Series("pc4", index=codes[kept].index)
