"""The tables of a region's account as they are printed: keys, needs, supply, what is short, what goes together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geowoonzorg.region.spread import LEAST_PAIRS
from geowoonzorg.region.words import group_title
from geowoonzorg.show.cells import is_known, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from geowoonzorg.findings import Findings
    from geowoonzorg.show.texts import Texts


@dataclass(frozen=True)
class Head:
    """A header of a table."""

    text: str
    number: bool


@dataclass(frozen=True)
class Rows:
    """Rows of a table that are about the same; without a title where nothing is said twice."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Table:
    """A table as it is printed."""

    title: str
    help: str
    caption: str
    heads: tuple[Head, ...]
    groups: tuple[Rows, ...]


def region_tables(findings: Findings, t: Texts) -> list[Table]:
    """Write the tables of a region's account, those that have anything in them.

    Parameters
    ----------
    findings
        What was found about a region.
    t
        The screen texts.

    Returns
    -------
    list of Table
        In the order of the account; nothing in them is escaped.

    Examples
    --------
    >>> import pandas as pd
    >>> from geowoonzorg.findings import Asked, Findings
    >>> from geowoonzorg.show.texts import read_texts
    >>> names = ("verdeelsleutels", "per_groep", "opgenomen", "behoefte", "aanbod", "opgave", "past_het",
    ...     "samenhang")
    >>> nothing = Findings(question="region", asked=Asked(name="R"), tables={n: pd.DataFrame() for n in names},
    ...     records={"region": {"homes": None}})
    >>> region_tables(nothing, read_texts("nl"))
    []
    """
    tables, homes = findings.tables, findings.records["region"]["homes"]
    own = tables["per_groep"]
    made = (
        _Kind("keys", "verdeelsleutels", _key_row, (
            "=key", "gemeente_head", "*key_share", "*homes", "*free_share", "*vulnerable",
        ), {"homes": t.number(homes or 0)}),
        _Kind("per_group", "per_groep", _group_row, (
            "=group_head", "=key", "gemeente_head", "*key_share", "*homes",
        ), {"homes": t.number(float(own["homes"].sum()) if len(own) else 0)}),
        _Kind("ledger", "opgenomen", _ledger_row, (
            "=gemeente_head", "*year_head", "*due", "*taken", "*balance",
        )),
        _Kind("need", "behoefte", _need_row, (
            "gemeente_head", "=group_head", "=need", "*year_head", "*amount",
        )),
        _Kind("supply", "aanbod", _supply_row, (
            "=gemeente_head", "category", "stay", "funding", "*homes", "*suitable", "*adaptable",
        )),
        _Kind("gap", "opgave", _gap_row, (
            "gemeente_head", "=group_head", "=need", "*year_head", "*amount", "*supply", "*planned", "*short",
        )),
        _Kind("fits", "past_het", _fit_row, (
            "gemeente_head", "kind", "*homes", "*placed", "*unplaced", "why",
        )),
        _Kind("together", "samenhang", _together_row, (
            "=group_head", "goes_with", "*correlation", "*over",
        ), {"least": LEAST_PAIRS}),
    )  # fmt: skip
    # Of too few gemeenten no correlation is known: a table that says so of each is no table.
    known = {"together": "rank_correlation"}
    return [
        _table(kind, of, t)
        for kind in made
        if len(of := tables[kind.table])
        and (kind.key not in known or of[known[kind.key]].notna().any())
    ]


@dataclass(frozen=True)
class _Kind:
    """A kind of table: its text, which table, how a row is written, its headers.

    A header with ``*`` is of numbers. What stands under one with ``=`` is said once above the rows that share it.
    """

    key: str
    table: str
    row: Callable[[Texts, Any], tuple[str, ...]]
    heads: tuple[str, ...]
    words: dict[str, Any] | None = None


def _table(kind: _Kind, frame: pd.DataFrame, t: Texts) -> Table:
    file = "verdeelsleutels_per_groep" if kind.table == "per_groep" else kind.table
    said_once = [one.startswith("=") for one in kind.heads]
    groups: dict[str, list[tuple[str, ...]]] = {}
    for row in frame.itertuples(index=False):
        cells = kind.row(t, row)
        title = ": ".join(cell for cell, once in zip(cells, said_once, strict=True) if once)
        own = tuple(cell for cell, once in zip(cells, said_once, strict=True) if not once)
        groups.setdefault(title, []).append(own)
    return Table(
        t(f"region.{kind.key}"),
        t(f"region.{kind.key}_help", **(kind.words or {})),
        t("region.sort_note", file=f"{file}.csv"),
        tuple(
            Head(t(f"region.{one.removeprefix('*')}"), one.startswith("*"))
            for one in kind.heads
            if not one.startswith("=")
        ),
        tuple(Rows(title, tuple(rows)) for title, rows in groups.items()),
    )


def span_words(t: Texts, told: Sequence[Any], decimals: int, unit: str = "") -> str:
    """Write a number; where it is not known, its bounds.

    Parameters
    ----------
    t
        The screen texts.
    told
        The number and its bounds, each possibly unknown.
    decimals
        How many decimals.
    unit
        ``%`` for per cents.

    Returns
    -------
    str
        The number, what it lies between, its least, or that it is not known.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> nan = float("nan")
    >>> [span_words(read_texts("nl"), three, 0) for three in ((1205.0, 1203.0, 1207.0), (nan, 0, 7), (nan, 3, nan))]
    ['1.205', '0 tot 7', 'minstens 3']
    """
    value, low, high = told
    per_cent = "\u00a0%" if unit and t.code == "nl" else unit
    if is_known(value):
        return t.number(float(value), decimals) + per_cent
    if not is_known(low):
        return t("region.unknown")
    if not is_known(high):
        nothing = float(low) == 0 and not unit
        least = t("region.at_least", low=t.number(float(low), decimals)) + per_cent
        return t("region.unknown") if nothing else least
    one, other = (t.number(float(bound), decimals) for bound in (low, high))
    return (one if one == other else t("region.between", low=one, high=other)) + per_cent


def _told(t: Texts, row: Any, name: str, *, share: bool = False) -> str:  # noqa: ANN401
    """Write a column of a row with its bounds."""
    found = [getattr(row, f"{name}{side}", None) for side in ("", "_low", "_high")]
    if not share:
        return span_words(t, found, 0)
    per_cents = [None if one is None or not is_known(one) else float(one) * 100 for one in found]
    return span_words(t, per_cents, 1, "%")


def _group(t: Texts, row: Any) -> str:  # noqa: ANN401
    return plain(group_title(str(row.groep), t.code))


def _word(t: Texts, word: object) -> str:
    return t.get("region_word", plain(word))


def _key_row(t: Texts, row: Any) -> tuple[str, ...]:  # noqa: ANN401
    key = t("region.per_group") if row.key == "per_group" else plain(row.key)
    key = f"{key} ({t('region.after')})" if row.moment == "after" else key
    return (
        key, plain(row.gemeente), _told(t, row, "share", share=True), _told(t, row, "homes"),
        _told(t, row, "free_homes_share", share=True), _told(t, row, "vulnerable_share_after", share=True),
    )  # fmt: skip


def _group_row(t: Texts, row: Any) -> tuple[str, ...]:  # noqa: ANN401
    share, homes = _told(t, row, "share", share=True), _told(t, row, "homes")
    return _group(t, row), plain(row.key), plain(row.gemeente), share, homes


def _ledger_row(t: Texts, row: Any) -> tuple[str, ...]:  # noqa: ANN401
    told = (_told(t, row, name) for name in ("due", "taken", "balance"))
    return plain(row.gemeente), str(row.year), *told


def _place(row: Any, code: str) -> str:  # noqa: ANN401
    """Name an area: its gemeente, and its code where it is a part of one."""
    name = plain(row.gemeente)
    return name if code[:2] == "GM" else f"{name} {plain(code)}"


def _need_row(t: Texts, row: Any) -> tuple[str, ...]:  # noqa: ANN401
    need = t.get("region_need", str(row.need))
    return _place(row, str(row.code)), _group(t, row), need, str(row.year), _told(t, row, "amount")


def _supply_row(t: Texts, row: Any) -> tuple[str, ...]:  # noqa: ANN401
    words = (_word(t, word) for word in (row.category, row.stay, row.funding))
    return (
        plain(row.gemeente),
        *words,
        *(_told(t, row, n) for n in ("homes", "suitable", "adaptable")),
    )


def _gap_row(t: Texts, row: Any) -> tuple[str, ...]:  # noqa: ANN401
    numbers = (_told(t, row, name) for name in ("amount", "supply", "plans", "gap"))
    need = t.get("region_need", str(row.need))
    return _place(row, str(row.area)), _group(t, row), need, str(row.year), *numbers


def _together_row(t: Texts, row: Any) -> tuple[str, ...]:  # noqa: ANN401
    rho = row.rank_correlation
    told = t.number(float(rho), 2, signed=True) if is_known(rho) else t("region.unknown")
    return _group(t, row), t(f"region.{row.goes_with}"), told, str(row.gemeenten)


def _fit_row(t: Texts, row: Any) -> tuple[str, ...]:  # noqa: ANN401
    kind = t.get("region_kind", str(row.woningtype) or "any")
    why = "; ".join(t.get("region_why", one) for one in str(row.why).split(", ") if one)
    fits = t.number(float(row.fits), 0) if is_known(row.fits) else t("region.unknown")
    return plain(row.gemeente), kind, _told(t, row, "homes"), fits, _told(t, row, "short"), why
