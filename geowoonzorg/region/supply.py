"""What there is and what is planned: housing in four categories, and what is still short of the need."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, MissingColumnError, first_ids
from geowoonzorg.files import parse_numbers, read_toml
from geowoonzorg.knowledge import read_document
from geowoonzorg.messages import tell
from geowoonzorg.opendata.codes import parse_codes
from geowoonzorg.opendata.listed import read_listed
from geowoonzorg.region.gemeenten import codes_of
from geowoonzorg.region.names import match_names, plain_name
from geowoonzorg.region.words import match_groups

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from geowoonzorg.messages import Message

UNKNOWN: Final = "unknown"
# A need and what meets it: the column that counts, and in which categories; of another group it does not.
_MET_BY: Final = {
    "severe_limits": ("suitable", None),
    "places": ("homes", ("beschermd", "opvang")),
    "homes": ("homes", ("zelfstandig", "geclusterd")),
}


@dataclass(frozen=True)
class _Words:
    """A value and what people write for it."""

    key: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class SupplyKnowledge:
    """What ``knowledge/region/supply.toml`` says: columns by what is in them, and values by what people write."""

    columns: Mapping[str, tuple[str, ...]]
    category: tuple[_Words, ...] = field(metadata={"unique": "key"})
    stay: tuple[_Words, ...] = field(metadata={"unique": "key"})
    funding: tuple[_Words, ...] = field(metadata={"unique": "key"})


@cache
def read_supply_knowledge() -> SupplyKnowledge:
    """Read how lists of housing are written.

    Returns
    -------
    SupplyKnowledge
        Wholly checked; the same object every time.

    Examples
    --------
    >>> [one.key for one in read_supply_knowledge().category]
    ['zelfstandig', 'geclusterd', 'beschermd', 'opvang']
    """
    with as_file(files("geowoonzorg") / "knowledge" / "region" / "supply.toml") as path:
        return read_document(read_toml(path), SupplyKnowledge, where=path.name)


def read_supply(path: Path, *, codes: Mapping[str, str]) -> tuple[pd.DataFrame, list[Message]]:
    r"""Read a list of housing with care.

    Parameters
    ----------
    path
        As `geowoonzorg.opendata.listed.read_listed` reads a ``woonvorm``; also what it has of ``categorie, verblijf,
        financiering, geschikt, aanpasbaar, groep, buurtcode``.
    codes
        Name of a gemeente → its code, besides the official list.

    Returns
    -------
    supply : pandas.DataFrame
        A row per complex: ``name, code, area`` (buurt or wijk, else that of the gemeente), ``category`` (one of four,
        or ``unknown``), ``stay`` (kort, lang, ``unknown``), ``funding`` (Wmo, Zvw, Wlz, ``unknown``), ``groep``
        (empty for no group in particular), ``homes, suitable, adaptable`` (float64, NaN where unknown), ``source``.
    notes : list of Message
        What was taken for what, and which types have no category.

    Raises
    ------
    MissingColumnError
        When there is no gemeente, or as `geowoonzorg.opendata.listed.read_listed`.
    InputError
        When a gemeente has no code, or homes are negative or no whole numbers.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "supply.csv"
    ...     _ = file.write_text("naam;gemeente;eenheden;type;wlz\nHof;Kampen;24;hofje;30%\n")
    ...     read_supply(file, codes={})[0][["code", "category", "homes", "suitable"]].values.tolist()
    [['GM0166', 'geclusterd', 24.0, nan]]
    """
    listed = read_listed(path, "woonvorm")
    notes: list[Message] = list(listed.attrs["notes"])
    where, known = str(path), read_supply_knowledge()
    code = _codes(listed, codes, where)
    kind = _cells(listed, "category")
    kind = kind.where(kind.notna(), listed["type"])
    made = pd.DataFrame({
        "name": listed["name"],
        "code": code,
        "area": _areas(listed, code),
        "category": _values(kind, known.category, where, notes),
        "stay": _values(_cells(listed, "stay"), known.stay, where, notes),
        "funding": _values(_cells(listed, "funding"), known.funding, where, notes),
        "groep": _groups(_cells(listed, "group")),
        "homes": _whole(listed["homes"], where, "homes"),
        "suitable": _numbers(listed, "suitable", where),
        "adaptable": _numbers(listed, "adaptable", where),
    })  # fmt: skip
    made["source"] = [f"{path.name}, {line}" for line in made.index + 2]
    return made, notes


def read_plans(path: Path, *, codes: Mapping[str, str]) -> tuple[pd.DataFrame, list[Message]]:
    r"""Read a list of plans for homes.

    Parameters
    ----------
    path
        As `geowoonzorg.opendata.listed.read_listed` reads a ``plan``, with a column gemeente; also what it has of
        ``categorie, geschikt, groep, buurtcode``.
    codes
        Name of a gemeente → its code, besides the official list.

    Returns
    -------
    plans : pandas.DataFrame
        A row per plan: ``name, code, area, category, groep, homes, suitable, status, year, source``.
    notes : list of Message
        As `read_supply`.

    Raises
    ------
    MissingColumnError, InputError
        As `read_supply`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "plans.csv"
    ...     _ = file.write_text("plan;gemeente;woningen;status;jaar\nKade;Kampen;40;hard;2027\n")
    ...     read_plans(file, codes={})[0][["code", "homes", "status", "year"]].values.tolist()
    [['GM0166', 40.0, 'hard', 2027]]
    """
    listed = read_listed(path, "plan")
    notes: list[Message] = list(listed.attrs["notes"])
    where, known = str(path), read_supply_knowledge()
    code = _codes(listed, codes, where)
    made = pd.DataFrame({
        "name": listed["name"],
        "code": code,
        "area": _areas(listed, code),
        "category": _values(_cells(listed, "category"), known.category, where, notes),
        "groep": _groups(_cells(listed, "group")),
        "homes": _whole(listed["homes"], where, "homes"),
        "suitable": _numbers(listed, "suitable", where),
        "status": listed["status"],
        "year": listed["year"],
    })  # fmt: skip
    made["source"] = [f"{path.name}, {line}" for line in made.index + 2]
    return made, notes


def sum_supply(supply: pd.DataFrame) -> pd.DataFrame:
    """Add up housing per gemeente, category, stay, funding and group.

    Parameters
    ----------
    supply
        As `read_supply` gives it.

    Returns
    -------
    pandas.DataFrame
        ``code, category, stay, funding, groep, complexes``, and ``homes, suitable, adaptable`` with their bounds: at
        least those told, without an end where a complex tells none; ``source``.

    Examples
    --------
    >>> supply = pd.DataFrame({"code": ["GM1", "GM1"], "category": "opvang", "stay": "kort", "funding": "Wmo",
    ...     "groep": "", "homes": [10.0, np.nan], "suitable": 0.0, "adaptable": 0.0, "source": ["a, 2", "a, 3"]})
    >>> sum_supply(supply)[["complexes", "homes", "homes_low", "homes_high"]].values.tolist()
    [[2.0, nan, 10.0, nan]]
    """
    by = ["code", "category", "stay", "funding", "groep"]
    rows = []
    for key, of in supply.groupby(by, sort=True):
        row = dict(zip(by, key, strict=True)) | {"complexes": len(of)}
        for name in ("homes", "suitable", "adaptable"):
            row |= _summed(of, name)
        rows.append(row | {"source": f"sum({'; '.join(of['source'])})"})
    spans = [f"{n}{s}" for n in ("homes", "suitable", "adaptable") for s in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=[*by, "complexes", *spans, "source"])


def _summed(of: pd.DataFrame, name: str) -> dict[str, float]:
    """Add up a column: what is not told is 0 or more, but for a suitable home no more than the homes."""
    told = of[name]
    low = float(told.sum())
    most = told.fillna(of["homes"]) if name != "homes" else told
    high = float(most.sum(skipna=False))
    return {name: low if low == high else np.nan, f"{name}_low": low, f"{name}_high": high}


def gap(
    needs: pd.DataFrame, supply: pd.DataFrame | None, plans: pd.DataFrame | None
) -> pd.DataFrame:
    """Set need, supply and plans beside each other: what is short.

    Parameters
    ----------
    needs
        As `geowoonzorg.region.needs.forecast_needs` or ``chain_needs`` gives them.
    supply, plans
        As `read_supply` and `read_plans` give them; None where nobody listed them, and then nothing is known of them.

    Returns
    -------
    pandas.DataFrame
        A row per area, group, need and year that housing can meet: ``area, groep, need, year, unit`` and ``amount,
        supply, plans, gap`` (amount - supply - plans; under 0 is more than enough), each with its bounds; ``source``.
        Homes for people with severe limits are met by suitable homes; places of a group by what is listed for it that
        is sheltered housing or a shelter, homes of a group by what is listed for it that is not.

    Notes
    -----
    An area is what the need is told of: what lies in a buurt counts for its wijk and gemeente too. A plan counts from
    its year on; without a year it may or may not be there in time. A plan that says nothing of suitable homes has
    between none and all. Of a gemeente that a list does not have at all nothing is known.

    Examples
    --------
    >>> needs = pd.DataFrame({"code": ["GM0166"], "groep": "GGZ", "need": "places", "year": 2030, "amount": 50.0,
    ...     "amount_low": 50.0, "amount_high": 50.0, "unit": "people", "source": "chain.csv, 2"})
    >>> supply = pd.DataFrame({"code": "GM0166", "area": ["GM0166"], "groep": "GGZ", "homes": 30.0,
    ...     "category": "beschermd", "suitable": np.nan, "source": "s, 2"})
    >>> plans = pd.DataFrame({"code": "GM0166", "area": ["GM0166"], "groep": "GGZ", "homes": 10.0,
    ...     "category": "opvang", "suitable": np.nan, "year": 2028, "source": "p, 2"})
    >>> gap(needs, supply, plans)[["amount", "supply", "plans", "gap"]].values.tolist()
    [[50.0, 30.0, 10.0, 10.0]]
    """
    rows = []
    here, later = _by_gemeente(supply), _by_gemeente(plans)
    need: Any
    for need in needs[needs["need"].isin(list(_MET_BY))].itertuples(index=False):
        there = _met(here, need)
        coming = _met(later, need, by_year=True)
        low = need.amount_low - there[1] - coming[1]
        high = need.amount_high - there[0] - coming[0]
        told = (
            (need.amount, need.amount_low, need.amount_high),
            (_point(there), *there),
            (_point(coming), *coming),
            (_point((low, high)), low, high),
        )
        sources = [need.source, *(f"- {s}" for s in (there[2], coming[2]) if s)]
        rows.append((
            need.code, need.groep, need.need, need.year, need.unit,
            *(value for one in told for value in one[:3]), " ".join(sources),
        ))  # fmt: skip
    spans = [f"{n}{s}" for n in ("amount", "supply", "plans", "gap") for s in ("", "_low", "_high")]
    found = pd.DataFrame(rows, columns=["area", "groep", "need", "year", "unit", *spans, "source"])
    found[spans] = found[spans].astype("float64").round(6)
    return found.replace({np.inf: np.nan, -np.inf: np.nan})


def _point(span: Sequence[Any]) -> float:
    low, high = float(span[0]), float(span[1])
    return low if low == high else np.nan


def _by_gemeente(listed: pd.DataFrame | None) -> dict[str, list[Any]]:
    """Lay the rows of a list out by the digits of their gemeente."""
    found: dict[str, list[Any]] = {}
    for row in () if listed is None else listed.itertuples(index=False):
        found.setdefault(str(row.code)[2:6], []).append(row)
    return found


def _met(
    listed: Mapping[str, list[Any]],
    need: Any,  # noqa: ANN401 - a row
    *,
    by_year: bool = False,
) -> tuple[float, float, str]:
    """Add up what of a list meets a need, at least and at most."""
    code, group = str(need.code), str(need.groep)
    column, categories = _MET_BY[str(need.need)]
    # A list that has nothing of a gemeente may just not have looked there.
    if code[2:6] not in listed:
        return 0.0, np.inf, ""
    low, high, sources = 0.0, 0.0, []
    for row in listed[code[2:6]]:
        if not _within(str(row.area), code):
            continue
        sure = True
        if categories:
            if row.groep != group or row.category not in {*categories, UNKNOWN}:
                continue
            sure = row.category != UNKNOWN  # what is no known category may be what is needed
        if by_year:
            sure = sure and bool(pd.notna(row.year))
            if pd.notna(row.year) and row.year > need.year:
                continue
        told = getattr(row, column)
        most = row.homes if pd.isna(told) else told
        high += np.inf if pd.isna(most) else float(most)
        low += float(told) if sure and pd.notna(told) else 0.0
        sources.append(str(row.source))
    return low, high, f"sum({'; '.join(sources)})" if sources else ""


def _within(area: str, of: str) -> bool:
    """Whether an area is another or lies in it, by its code."""
    return area == of or (len(area) > len(of) and area[2:].startswith(of[2:]))


def _column(listed: pd.DataFrame, meaning: str) -> str | None:
    plain = {plain_name(str(c)): str(c) for c in reversed(list(listed.columns))}
    names = map(plain_name, read_supply_knowledge().columns[meaning])
    return next((plain[name] for name in names if name in plain), None)


def _cells(listed: pd.DataFrame, meaning: str) -> pd.Series[str]:
    column = _column(listed, meaning)
    if column is None:
        return pd.Series(np.nan, index=listed.index, dtype="str")
    return listed[column].astype("str").str.strip().mask(listed[column].isna())


def _codes(listed: pd.DataFrame, codes: Mapping[str, str], where: str) -> pd.Series[str]:
    column = _column(listed, "gemeente")
    if column is None:
        raise MissingColumnError(
            "{where} has no column gemeente, so nobody knows whose it is; it has {columns}",
            where=where, columns=", ".join(map(str, listed.columns[:10])),
        )  # fmt: skip
    names = listed[column].astype("str").mask(listed[column].isna())
    return codes_of(names, own=codes, where=where, given=parse_codes(names))


def _areas(listed: pd.DataFrame, codes: pd.Series[str]) -> pd.Series[str]:
    area = parse_codes(_cells(listed, "area"))
    return area.where(area.notna(), codes)


def _values(
    cells: pd.Series[str], known: Sequence[_Words], where: str, notes: list[Message]
) -> pd.Series[str]:
    """Bring cells to the values that are known; say which are not."""
    matched = match_names(cells.dropna().unique(), {one.key: one.names for one in known})
    if matched.unknown:
        notes.append(
            tell(
                "{where}: words that are none of {known}, kept as unknown: {words}",
                where=where, known=", ".join(one.key for one in known), words=first_ids(matched.unknown),
            )
        )  # fmt: skip
    told = cells.where(cells.notna(), UNKNOWN)
    return told.map(lambda cell: matched.keys.get(cell, UNKNOWN)).astype("str")


def _groups(cells: pd.Series[str]) -> pd.Series[str]:
    keys = match_groups(cells.dropna().unique()).keys
    known = cells.where(cells.notna(), "")
    return known.map(lambda cell: keys.get(cell, cell)).astype("str")


def _numbers(listed: pd.DataFrame, meaning: str, where: str) -> pd.Series[float]:
    """Read how many homes of a complex are suitable: a number, or yes or no for all of them."""
    cells = _cells(listed, meaning).str.lower()
    yes, no = cells.isin(["ja", "yes", "alle"]), cells.isin(["nee", "no", "geen"])
    column = tell(
        "{where}, column {column}", where=where, column=_column(listed, meaning) or meaning
    )
    numbers = parse_numbers(cells.mask(yes | no), where=column, thousands=True)
    numbers = numbers.mask(yes, listed["homes"]).mask(no, 0.0)
    over = numbers > listed["homes"]
    if over.any():
        raise InputError(
            "{where}: more homes than the complex has on lines {lines}; correct one of both",
            where=column, lines=first_ids(listed.index[over] + 2),
        )  # fmt: skip
    return _whole(numbers, where, meaning)


def _whole(numbers: pd.Series[float], where: str, column: str) -> pd.Series[float]:
    wrong = (numbers < 0) | (numbers % 1 > 0)
    if wrong.any():
        raise InputError(
            "{where}: {column} that are no whole number of 0 or more: {rows}; correct them, or leave them empty",
            where=where, column=column,
            rows=first_ids(f"{n:g} ({i + 2})" for i, n in numbers[wrong].items()),  # type: ignore[operator]
        )  # fmt: skip
    return numbers.astype("float64")
