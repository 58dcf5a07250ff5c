"""How groups are spread over the gemeenten of a region: per 1,000 of whoever lives there, against all together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, MissingColumnError
from geowoonzorg.messages import tell
from geowoonzorg.region.counts import Span, share_span, span_of, with_span

if TYPE_CHECKING:
    from collections.abc import Collection

    from geowoonzorg.messages import Message

WHOLE: Final = "totaal"
LEAST_PAIRS: Final = 5  # of fewer gemeenten a rank correlation says nothing
_NEAR: Final = 1e-9


def feature_of(sub: str, part: str) -> str:
    """Name what of a group a count is about.

    Parameters
    ----------
    sub, part
        As `geowoonzorg.region.known.know_counts` has them.

    Returns
    -------
    str
        ``totaal`` where both are empty.

    Examples
    --------
    >>> feature_of("", ""), feature_of("85+ jaar", "Koopwoning")
    ('totaal', '85+ jaar, Koopwoning')
    """
    return ", ".join(filter(None, (sub, part))) or WHOLE


def spread_groups(
    counts: pd.DataFrame,
    figures: pd.DataFrame,
    *,
    per: str = "inhabitants",
    year: int | None = None,
    cannot_spread: Collection[str] = (),
) -> tuple[pd.DataFrame, list[Message]]:
    """Hold every group in every gemeente against the region.

    Parameters
    ----------
    counts
        ``code, groep, sub, part, year, persons, persons_low, persons_high, source``.
    figures
        One row per gemeente of the region, with ``gemeente, code`` and the column ``per``.
    per
        Per 1,000 of whom: a column of counts.
    year
        Of the counts; the newest of each group when None.
    cannot_spread
        Groups that are bound to a place: told, and not held against the region.

    Returns
    -------
    spread : pandas.DataFrame
        A row per group and gemeente that is counted: ``groep, gemeente, code, year, persons, base, per_1000,
        region_per_1000, share`` (of the group in the region, 0-1), each with its bounds where they differ;
        ``against_region`` (``above``, ``below``, ``alike`` or ``unsure``, where the bounds decide it), ``can_spread``
        and ``source``. Ordered by group and, within it, by ``per_1000``, highest first.
    notes : list of Message
        Groups of different years, gemeenten that are not counted.

    Raises
    ------
    MissingColumnError
        When the figures have no such column.
    InputError
        When the counts have nothing of the year that is asked for.

    Notes
    -----
    Platform31, Handvatten voor een heldere woonzorganalyse, figures 5 and 6: groups per 1,000 inhabitants with the
    mean of the region, which is all people of the group over all inhabitants, not the mean of the gemeenten.

    Examples
    --------
    >>> counts = pd.DataFrame({
    ...     "code": ["GM1", "GM2"], "groep": "Ouderen", "sub": "", "part": "", "year": 2021, "source": "a.csv",
    ...     "persons": [300.0, 100.0], "persons_low": [300.0, 100.0], "persons_high": [300.0, 100.0]})
    >>> figures = pd.DataFrame({"gemeente": ["A", "B"], "code": ["GM1", "GM2"], "inhabitants": [1000, 1000]})
    >>> spread_groups(counts, figures)[0][["gemeente", "per_1000", "region_per_1000", "against_region"]]
      gemeente  per_1000  region_per_1000 against_region
    0        A     300.0            200.0          above
    1        B     100.0            200.0          below
    """
    if per not in figures:
        raise MissingColumnError(
            "the figures have no column {per}, so nothing is told per 1,000 of them; add it, or set region.per",
            per=per,
        )
    mine = counts[(counts["sub"] == "") & (counts["part"] == "")]
    mine = mine[mine["code"].isin(figures["code"])]
    notes: list[Message] = []
    mine = _of_year(mine, year, notes)
    base = span_of(figures.set_index("code"), per)
    order = pd.Index(figures["code"])
    made = [
        _one_group(str(group), of, order, base, figures, per)
        for group, of in mine.groupby("groep", sort=False)
    ]
    lacking = {g: len(order) - len(of) for g, of in mine.groupby("groep", sort=False)}
    notes += [
        tell(
            "{group}: {n} of {all} gemeenten are not in the tables; the region is that of the others",
            group=group, n=n, all=len(order),
        )
        for group, n in lacking.items()
        if n
    ]  # fmt: skip
    if not made:
        return pd.DataFrame(columns=_columns()), notes
    spread = pd.concat(made, ignore_index=True)
    spread["can_spread"] = ~spread["groep"].isin(list(cannot_spread))
    spread["against_region"] = np.where(spread["can_spread"], spread["against_region"], "")
    return spread[_columns()], notes


def _columns() -> list[str]:
    spans = ("persons", "base", "per_1000", "region_per_1000", "share")
    return [
        "groep", "gemeente", "code", "year",
        *(f"{name}{side}" for name in spans for side in ("", "_low", "_high")),
        "against_region", "can_spread", "source",
    ]  # fmt: skip


def _of_year(counts: pd.DataFrame, year: int | None, notes: list[Message]) -> pd.DataFrame:
    if counts.empty:
        return counts
    if year is not None:
        chosen = counts[counts["year"] == year]
        if chosen.empty:
            raise InputError(
                "the tables have nothing of {year}, but of {years}; set region.year to one of these",
                year=year,
                years=", ".join(str(y) for y in sorted(counts["year"].unique())),
            )
        return chosen
    if counts["year"].isna().all():  # figures that tell no year
        return counts
    newest = counts.groupby("groep")["year"].transform("max")
    by_group = counts.groupby("groep", sort=True)["year"].max()
    if len(set(by_group)) > 1:
        notes.append(
            tell(
                "groups of different years are told beside each other: {years}",
                years=", ".join(f"{group} {y}" for group, y in by_group.items()),
            )
        )
    return counts[counts["year"] == newest]


def _one_group(
    group: str, of: pd.DataFrame, order: pd.Index, base: Span, figures: pd.DataFrame, per: str
) -> pd.DataFrame:
    at = order.get_indexer(pd.Index(of["code"]))
    rows = of.reset_index(drop=True)
    published = rows["persons"].to_numpy(dtype=float)
    # Not `span_of`: a published count is rounded, and its bounds lie around it.
    people = Span(
        rows["persons_low"].to_numpy(float), rows["persons_high"].fillna(np.inf).to_numpy(float)
    )
    whom = Span(base.low[at], base.high[at])
    rate = _per_1000(people, whom)
    region = _per_1000(
        Span(people.low.sum(keepdims=True), people.high.sum(keepdims=True)),
        Span(whom.low.sum(keepdims=True), whom.high.sum(keepdims=True)),
    )
    middle = published.sum() / whom.low.sum() * 1000 if base.exact and whom.low.sum() else np.nan
    shares = (
        share_span(people) if people.low.sum() > 0 else Span(people.low * 0, people.low * 0 + 1)
    )
    frame = pd.DataFrame({
        "groep": group,
        "gemeente": figures["gemeente"].to_numpy()[at],
        "code": rows["code"],
        "year": rows["year"].astype("Int64"),
        **with_span("persons", people),
        **with_span("base", whom),
        **with_span("per_1000", rate),
        **{k: np.repeat(v.to_numpy(), len(at)) for k, v in with_span("region_per_1000", region).items()},
        **with_span("share", shares),
        "against_region": _against(rate, region),
        "source": [f"{s} / {per} × 1000" for s in rows["source"]],
    })  # fmt: skip
    # What was published is the middle of what it was rounded from.
    frame["persons"] = published
    exact_base = whom.low == whom.high
    with np.errstate(divide="ignore", invalid="ignore"):
        frame["per_1000"] = np.where(exact_base, published / whom.low * 1000, np.nan)
        frame["share"] = published / published.sum() if published.sum() else np.nan
    frame["region_per_1000"] = middle
    return frame.sort_values(
        ["per_1000_high", "per_1000_low", "code"], ascending=[False, False, True], kind="stable"
    )


def _per_1000(people: Span, whom: Span) -> Span:
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(whom.high > 0, people.low / whom.high * 1000, 0.0)
        high = np.where(whom.low > 0, people.high / whom.low * 1000, np.inf)
    return Span(low, high)


def _against(rate: Span, region: Span) -> np.ndarray[Any, Any]:
    """Tell on which side of the region a gemeente surely is."""
    above, below = rate.low > region.high + _NEAR, rate.high < region.low - _NEAR
    exact = (region.low == region.high) & (rate.low == rate.high)
    alike = exact & np.isclose(rate.low, region.low, rtol=0.0, atol=_NEAR)
    return np.select([above, below, alike], ["above", "below", "alike"], "unsure")


def goes_together(
    spread: pd.DataFrame, figures: pd.DataFrame, *, beside: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Tell which groups are many where something else is much: rank correlations over the gemeenten.

    Parameters
    ----------
    spread
        As `spread_groups` gives it.
    figures
        One row per gemeente: ``code`` and what is known of ``social_homes, dwellings, vulnerable, inhabitants``.
    beside
        ``code`` and more columns to hold groups against, such as places in institutions per 1,000.

    Returns
    -------
    pandas.DataFrame
        ``groep, goes_with, rank_correlation`` (Spearman, from -1 to 1; NaN where too few gemeenten are known, or all
        are alike), ``gemeenten`` (how many it is over) and ``source``. A correlation explains nothing by itself.

    Examples
    --------
    >>> spread = pd.DataFrame({"groep": "Ouderen", "code": list("abcde"), "per_1000": [1.0, 2, 3, 4, 5]})
    >>> figures = pd.DataFrame({"code": list("abcde"), "social_homes": [1, 2, 3, 4, 5], "dwellings": 10})
    >>> goes_together(spread, figures)[["goes_with", "rank_correlation", "gemeenten"]].values.tolist()
    [['social_rent_share', 1.0, 5]]
    """
    other = figures[["code"]].copy()
    sources: dict[str, str] = {}
    for name, part, whole in (
        ("social_rent_share", "social_homes", "dwellings"),
        ("vulnerable_share", "vulnerable", "inhabitants"),
    ):
        if part in figures and whole in figures:
            other[name] = figures[part] / figures[whole]
            sources[name] = f"{part} / {whole}"
    if beside is not None:
        other = other.merge(beside, on="code", how="left")
        sources |= {str(c): str(c) for c in beside.columns if c != "code"}
    rows = []
    for group, of in spread.groupby("groep", sort=False):
        joined = of[["code", "per_1000"]].merge(other, on="code", how="left")
        for name, source in sources.items():
            pair = joined[["per_1000", name]].dropna().astype(float)
            enough = len(pair) >= LEAST_PAIRS and bool((pair.max() > pair.min()).all())
            ranks = pair.rank()
            rho = np.corrcoef(ranks["per_1000"], ranks[name])[0, 1] if enough else np.nan
            rows.append((group, name, rho, len(pair), f"spearman({group} per_1000; {source})"))
    columns = ["groep", "goes_with", "rank_correlation", "gemeenten", "source"]
    found = pd.DataFrame(rows, columns=columns)
    found["rank_correlation"] = found["rank_correlation"].round(12)
    return found
