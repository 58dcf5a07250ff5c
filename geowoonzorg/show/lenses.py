"""The ranking looked at in three ways, as rows to print, and what each way takes for granted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.ranking.lenses import LENSES, read_lenses
from geowoonzorg.show.cells import is_known, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from geowoonzorg.show.texts import Texts

MOST_ROWS: Final = 100  # who looks further down has lenses.csv


@dataclass(frozen=True)
class LensRow:
    """One site: per way of looking its rank, between which ranks, and what it lacks; ``differs`` if ranks do."""

    name: str
    ranks: tuple[tuple[str, str, str], ...]
    differs: bool


def lens_rows(lenses: pd.DataFrame | None, *, texts: Texts) -> tuple[LensRow, ...]:
    """List the ranked sites with their rank in each of three ways.

    Parameters
    ----------
    lenses
        As `geowoonzorg.ranking.lenses.compare_lenses` makes it, with ``id``; None where there is none.
    texts
        The screen texts of one language.

    Returns
    -------
    tuple of LensRow
        By the rank of the score, at most the first hundred.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> lens_rows(None, texts=read_texts("nl"))
    ()
    """
    if lenses is None or lenses.empty:
        return ()
    ranked = lenses[lenses["mean_rank"].notna()].sort_values(["mean_rank", "id"]).head(MOST_ROWS)
    rows: Iterable[Any] = ranked.itertuples(index=False)
    return tuple(_row(row, texts) for row in rows)


def _row(row: Any, texts: Texts) -> LensRow:  # noqa: ANN401 - a row of the lenses
    ranks = []
    for lens in LENSES:
        low, high = getattr(row, f"{lens}_rank_low"), getattr(row, f"{lens}_rank_high")
        between = f"({low:.0f}–{high:.0f})" if is_known(low) and low != high else ""
        more = _lacking(row, lens, texts)
        rank = getattr(row, f"{lens}_rank")
        ranks.append((f"{rank:.0f}" if is_known(rank) else "–", between, more))
    return LensRow(
        plain(row.name) or plain(row.id), tuple(ranks), len({rank for rank, _, _ in ranks}) > 1
    )


def _lacking(row: Any, lens: str, texts: Texts) -> str:  # noqa: ANN401 - a row of the lenses
    """Say how many must-haves a site lacks, or between how many; nothing where it lacks none."""
    low, high = (getattr(row, f"{lens}_lacking_{end}", 0) for end in ("low", "high"))
    if not is_known(low) or not is_known(high) or not high:
        return ""
    if low == high:
        return texts("lenses.lacking", n=int(low))
    return texts("lenses.lacking_between", low=int(low), high=int(high))


def lens_help(texts: Texts) -> tuple[str, ...]:
    """Say what each way of looking does.

    Parameters
    ----------
    texts
        The screen texts of one language.

    Returns
    -------
    tuple of str
        A sentence each.

    Examples
    --------
    >>> from geowoonzorg.show.texts import read_texts
    >>> len(lens_help(read_texts("nl")))
    3
    """
    attitude = texts.number(read_lenses().attitude, 1)
    return tuple(texts(f"lenses.{lens}_help", attitude=attitude) for lens in LENSES)
