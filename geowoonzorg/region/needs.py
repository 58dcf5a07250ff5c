"""What a region needs now and in years to come: people of 75 and over, and the chain of every other group."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import DuplicateIdError, InputError, MissingColumnError, first_ids
from geowoonzorg.files import read_table, read_toml
from geowoonzorg.knowledge import NOT_NEGATIVE, read_document
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import find_codes
from geowoonzorg.opendata.forecast import VARIANTS, read_forecast
from geowoonzorg.opendata.table_forms import widen, years_of
from geowoonzorg.region.counts import Span, read_counts
from geowoonzorg.region.gemeenten import codes_of
from geowoonzorg.region.names import plain_name
from geowoonzorg.region.words import match_groups, read_table_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from geowoonzorg.messages import Message

CHAIN: Final = ("stand", "instroom", "doorstroom", "uitstroom", "wachtlijst")
OLD: Final = "75-plussers"
COLUMNS: Final = (
    "code", "groep", "need", "year", "amount", "amount_low", "amount_high", "unit", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Rate:
    """A share of the country, and where it is from."""

    key: str
    value: float = field(metadata={"must_be": NOT_NEGATIVE})
    of: str
    source: str


@dataclass(frozen=True)
class CountryYear:
    """How many people of 75 and over the country has in a year."""

    year: int
    people_75plus_million: float


@dataclass(frozen=True)
class Chain:
    """What people call the parts of the chain."""

    stand: tuple[str, ...]
    instroom: tuple[str, ...]
    doorstroom: tuple[str, ...]
    uitstroom: tuple[str, ...]
    wachtlijst: tuple[str, ...]


@dataclass(frozen=True)
class NeedKnowledge:
    """What ``knowledge/region/needs.toml`` says."""

    chain: Chain
    rates: tuple[Rate, ...] = field(metadata={"key": "rate", "unique": "key"})
    country: tuple[CountryYear, ...]

    def rate(self, key: str) -> Rate:
        """Give a rate by its key.

        Parameters
        ----------
        key
            ``independent`` or ``severe_limits``.

        Returns
        -------
        Rate
            With its source.

        Examples
        --------
        >>> read_need_knowledge().rate("independent").value
        0.92
        """
        return next(one for one in self.rates if one.key == key)


@cache
def read_need_knowledge() -> NeedKnowledge:
    """Read what is known of needs in general.

    Returns
    -------
    NeedKnowledge
        Wholly checked; the same object every time.

    Examples
    --------
    >>> read_need_knowledge().country[-1].people_75plus_million
    2.9
    """
    with as_file(files("geowoonzorg") / "knowledge" / "region" / "needs.toml") as path:
        return read_document(read_toml(path), NeedKnowledge, where=path.name)


def forecast_needs(
    path: Path, *, years: Sequence[int], rates: Mapping[str, float] = MappingProxyType({})
) -> tuple[pd.DataFrame, list[Message]]:
    r"""Tell how many people of 75 and over there will be, and what they need.

    Parameters
    ----------
    path
        A forecast, as `geowoonzorg.opendata.forecast.read_forecast`.
    years
        Which years; one between two of the forecast is drawn on the line between them.
    rates
        The region's own instead of the country's: ``independent, severe_limits`` (shares, 0-1).

    Returns
    -------
    needs : pandas.DataFrame
        Per area code (of any level), need and year: ``code, groep, need`` (``people``, ``independent`` or
        ``severe_limits``), ``year, amount`` (the middle variant) with ``amount_low, amount_high`` (the low and high
        ones), ``unit`` (``people`` or ``households``) and ``source``.
    notes : list of Message
        Years that the forecast does not reach, and which rates were used.

    Raises
    ------
    InputError
        When the forecast reaches none of the years.
    MissingColumnError, FormatError, SourceError
        As `geowoonzorg.opendata.forecast.read_forecast`.

    Notes
    -----
    Households of n people of 75 and over are at least n / 2 and at most n, as two may share one home.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "forecast.csv"
    ...     _ = file.write_text(
    ...         "code,jaar,forecast_75plus_low,forecast_75plus_mid,forecast_75plus_high\n"
    ...         "GM0166,2030,90,100,110\nGM0166,2040,140,160,180\n"
    ...     )
    ...     needs, notes = forecast_needs(file, years=[2035])
    >>> needs[["need", "amount", "amount_low", "amount_high"]].values.tolist()[0]
    ['people', 130.0, 115.0, 145.0]
    """
    known = _forecast_years(path)
    reached = [y for y in years if known[0] <= y <= known[-1]]
    notes: list[Message] = []
    if not reached:
        raise InputError(
            "{where}: the forecast is of {years} and reaches none of {asked}; set region.year or region.ahead",
            where=str(path),
            years=f"{known[0]}-{known[-1]}",
            asked=", ".join(map(str, years)),
        )
    if len(reached) < len(years):
        notes.append(
            tell(
                "{where}: the forecast does not reach {years}",
                where=str(path),
                years=", ".join(str(y) for y in years if y not in reached),
            )
        )
    knowledge = read_need_knowledge()
    used = {one.key: rates.get(one.key, one.value) for one in knowledge.rates}
    made = [_needs_of(_in_year(path, year, known), year, path.name, used) for year in reached]
    notes += [
        tell("the region's own rate instead of the country's: {name} {own}, not {value}",
             name=one.key, own=rates[one.key], value=one.value)
        if one.key in rates
        else tell("taken of the whole country: {source}", source=one.source)
        for one in knowledge.rates
    ]  # fmt: skip
    grows = ", ".join(f"{one.people_75plus_million} ({one.year})" for one in knowledge.country)
    notes.append(
        tell("millions of people of 75 and over in the whole country: {years}", years=grows)
    )
    return pd.concat(made, ignore_index=True), notes


def _forecast_years(path: Path) -> list[int]:
    years = years_of(widen(read_table(path, role="forecast"), where=str(path)))
    if years is None or years.dropna().empty:
        raise InputError(
            "{where}: the forecast names no year; give it a column jaar", where=str(path)
        )
    return sorted({int(y) for y in years.dropna()})


def _in_year(path: Path, year: int, known: Sequence[int]) -> dict[str, pd.Series[float]]:
    """Give the three variants of a year; between two years on the line between them."""
    if year in known:
        numbers = read_forecast(path, year=year).numbers
        return {
            v: numbers[f"forecast_75plus_{v}"]
            for v in VARIANTS
            if f"forecast_75plus_{v}" in numbers
        }
    before, after = max(y for y in known if y < year), min(y for y in known if y > year)
    part = (year - before) / (after - before)
    one, other = (_in_year(path, y, known) for y in (before, after))
    return {v: one[v] + (other[v] - one[v]) * part for v in one if v in other}


def _needs_of(
    variants: Mapping[str, pd.Series[float]], year: int, file: str, rates: Mapping[str, float]
) -> pd.DataFrame:
    middle = variants.get("mid", next(iter(variants.values())))
    low, high = variants.get("low", middle), variants.get("high", middle)
    alone, limits = rates["independent"], rates["severe_limits"]
    told = f"{file}, {year}"
    rows = {
        "people": (middle, low, high, "people", told),
        "independent": (
            middle * alone, low * alone, high * alone, "people",
            f"{told} × {alone}",
        ),
        "severe_limits": (
            middle * np.nan, low * alone / 2 * limits, high * alone * limits,
            "households", f"{told} × {alone} × {limits} × (1/2 … 1)",
        ),
    }  # fmt: skip
    return pd.concat([
        pd.DataFrame({
            "code": middle.index, "groep": OLD, "need": need, "year": year,
            **{name: bound.to_numpy().round(6) for name, bound in zip(
                ("amount", "amount_low", "amount_high"), (amount, least, most), strict=True)},
            "unit": unit, "source": source,
        })[list(COLUMNS)]
        for need, (amount, least, most, unit, source) in rows.items()
    ], ignore_index=True)  # fmt: skip


def read_chain(path: Path, *, codes: Mapping[str, str]) -> pd.DataFrame:
    r"""Read the chain per gemeente and group as a region fills it in.

    Parameters
    ----------
    path
        A row per gemeente and group: ``gemeente, groep, stand, instroom, doorstroom, uitstroom, wachtlijst``, people
        and people a year; ``?`` and empty cells stay unknown.
    codes
        Name of a gemeente → its code, besides the official list.

    Returns
    -------
    pandas.DataFrame
        ``code, groep, line`` and each part with its bounds, float64.

    Raises
    ------
    MissingColumnError
        When gemeente, groep or all parts are missing.
    InputError
        When a gemeente has no code, or a count is none.
    DuplicateIdError
        When a gemeente has a group twice.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "chain.csv"
    ...     _ = file.write_text("gemeente,groep,stand,instroom,uitstroom\nKampen,Beschermd wonen,40,10,12\n")
    ...     read_chain(file, codes={})[["code", "groep", "stand", "wachtlijst_high"]].values.tolist()
    [['GM0166', 'Uitstroom beschermd wonen', 40.0, inf]]
    """
    table, where = read_table(path, role="chain"), str(path)
    words = read_table_words()
    gemeente = next((c for c in table.columns if words.means("gemeente", c)), None)
    group = next((c for c in table.columns if words.means("group", c)), None)
    chain = read_need_knowledge().chain
    found = {part: _column(table, getattr(chain, part)) for part in CHAIN}
    if gemeente is None or group is None or not any(found.values()):
        raise MissingColumnError(
            "{where}: the chain needs the columns gemeente, groep and one or more of {parts}; it has {columns}",
            where=where, parts=", ".join(CHAIN), columns=", ".join(map(str, table.columns[:10])),
        )  # fmt: skip
    known = codes_of(table[gemeente], own=codes, where=where, given=find_codes(table, where=where))
    groups = table[group].fillna("").astype("str")
    keys = match_groups(groups).keys
    made = pd.DataFrame({
        "code": known, "groep": groups.map(lambda one: keys.get(one, one)), "line": table.index + 2,
    })  # fmt: skip
    twice = made[made.duplicated(["code", "groep"], keep=False)]
    if len(twice):
        raise DuplicateIdError(
            "{where}: lines about the same gemeente and group: {lines}; keep one of each",
            where=where, lines=first_ids(twice["line"]),
        )  # fmt: skip
    for part, column in found.items():
        cells = table[column] if column else pd.Series(None, index=table.index, dtype="str")
        at = tell("{where}, column {column}", where=where, column=column or part)
        counts = read_counts(cells, where=at, suppressed_high=0.0, whole=True)
        hidden = counts["value"].isna() & (counts["high"] == 0)
        made[part] = counts["value"]
        made[f"{part}_low"] = counts["low"].fillna(0.0)
        made[f"{part}_high"] = counts["high"].mask(hidden).fillna(np.inf)
    return made


def _column(table: pd.DataFrame, names: Iterable[str]) -> str | None:
    plain = {plain_name(str(c)): str(c) for c in reversed(list(table.columns))}
    return next((plain[p] for name in names if (p := plain_name(name)) in plain), None)


def chain_needs(chain: pd.DataFrame, *, year: int, ahead: Sequence[int], file: str) -> pd.DataFrame:
    """Tell what the chain asks for: places to stay in, and homes for who leaves.

    Parameters
    ----------
    chain
        As `read_chain` gives it.
    year
        Of the chain.
    ahead
        How many years ahead.
    file
        What the source is called.

    Returns
    -------
    pandas.DataFrame
        As `forecast_needs`, with ``need`` ``places`` (stand + wachtlijst + years · (instroom - uitstroom), never
        under 0) and ``homes`` (years · uitstroom, everybody who leaves needing one). What is not told of a part
        leaves its sums without an end.

    Notes
    -----
    The chain stand – instroom – doorstroom – uitstroom – wachtlijst is that of the Handvatten; doorstroom stays
    inside and needs no more places. Taking in- and outflow to stay as they are is a choice of ours.

    Examples
    --------
    >>> chain = pd.DataFrame({"code": ["GM1"], "groep": ["GGZ"], "line": [2]})
    >>> for part, n in {"stand": 40, "instroom": 10, "doorstroom": 5, "uitstroom": 12, "wachtlijst": 8}.items():
    ...     chain[part] = chain[f"{part}_low"] = chain[f"{part}_high"] = float(n)
    >>> needs = chain_needs(chain, year=2025, ahead=[5], file="chain.csv")
    >>> needs[["need", "year", "amount"]].values.tolist()
    [['places', 2025, 48.0], ['places', 2030, 38.0], ['homes', 2030, 60.0]]
    """
    part = {
        name: Span(chain[f"{name}_low"].to_numpy(float), chain[f"{name}_high"].to_numpy(float))
        for name in CHAIN
    }
    where = [f"{file}, {line}" for line in chain["line"]]
    made = []
    for years in (0, *ahead):
        low = part["stand"].low + part["wachtlijst"].low
        high = part["stand"].high + part["wachtlijst"].high
        told = "stand + wachtlijst"
        if years:
            low = low + years * (part["instroom"].low - part["uitstroom"].high)
            high = high + years * (part["instroom"].high - part["uitstroom"].low)
            told = f"stand + wachtlijst + {years} × (instroom - uitstroom)"
        places = Span(
            np.maximum(np.nan_to_num(low, nan=0.0, neginf=0.0), 0.0), np.maximum(high, 0.0)
        )
        made.append(_rows(chain, "places", year + years, places, "people", where, told))
    for years in ahead:
        homes = Span(years * part["uitstroom"].low, years * part["uitstroom"].high)
        made.append(
            _rows(chain, "homes", year + years, homes, "homes", where, f"{years} × uitstroom")
        )
    return pd.concat(made, ignore_index=True)


def _rows(
    chain: pd.DataFrame, need: str, year: int, span: Span, unit: str, where: list[str], told: str
) -> pd.DataFrame:
    return pd.DataFrame({
        "code": chain["code"].to_numpy(),
        "groep": chain["groep"].to_numpy(),
        "need": need,
        "year": year,
        "amount": np.where(span.low == span.high, span.low, np.nan),
        "amount_low": span.low,
        "amount_high": np.where(np.isfinite(span.high), span.high, np.nan),
        "unit": unit,
        "source": [f"{one}: {told}" for one in where],
    })[list(COLUMNS)]  # fmt: skip
