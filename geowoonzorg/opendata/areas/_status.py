"""What is missing of an area and why, and what stands in for it, in the reader's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geowoonzorg.messages import tell, translate
from geowoonzorg.opendata.sources import reason_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geowoonzorg.opendata.areas._frame import Areas


def fallback_label(fallback: str, *, lang: str = "nl") -> str:
    """Say in words what stands in for an area's own figure.

    Parameters
    ----------
    fallback
        As in `Areas.fallbacks`: ``"wijk"``, ``"gemeente"``, ``"2016"``, ``"wijk 2016"``.
    lang
        ``"nl"`` or ``"en"``.

    Returns
    -------
    str
        The words.

    Examples
    --------
    >>> fallback_label("wijk 2016"), fallback_label("2016", lang="en")
    ('van de wijk, uit 2016', 'of 2016')
    """
    level, _, year = fallback.rpartition(" ") if fallback[-4:].isdigit() else (fallback, "", "")
    parts = [tell("of the {level}", level=level)] if level else []
    parts += [tell("of {year}", year=year)] if year else []
    return ", ".join(translate(part, lang) for part in parts)


def carried_label(row: Any, *, lang: str = "nl") -> str:  # noqa: ANN401 - a row
    """Say in words that a figure comes from other borders, by what, and for which share it was known.

    Parameters
    ----------
    row
        Of `Areas.carried`: ``method``, ``year`` of the other borders and ``known_share``.
    lang
        ``"nl"`` or ``"en"``.

    Returns
    -------
    str
        The words.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> carried_label(SimpleNamespace(method="homes", year=2022, known_share=0.874), lang="en")
    'carried over from the borders of 2022 by homes (known for 87%)'
    """
    from_year = tell("another year") if pd.isna(row.year) else str(row.year)
    by = tell("homes") if row.method == "homes" else tell("surface, which is coarse")
    told = tell(
        "carried over from the borders of {year} by {by} (known for {share:.0%})",
        year=from_year,
        by=by,
        share=0.0 if pd.isna(row.known_share) else row.known_share,
    )
    return translate(told, lang)


def area_status(
    areas: Areas,
    *,
    columns: Sequence[str] | None = None,
    carried: Sequence[str] = (),
    lang: str = "nl",
) -> pd.Series[str]:
    """Say per area what is missing and why, and what stood in.

    Parameters
    ----------
    areas
        From `read_areas` and the joins.
    columns
        Internal columns to speak of; default those that at least one file had.
    carried
        Others of which only is told that they come from other borders.
    lang
        ``"nl"`` or ``"en"``.

    Returns
    -------
    pandas.Series of str
        Indexed by code; ``"ok"`` where every column has its own figure.

    Examples
    --------
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.prepare import demo_study
    >>> folder = demo_study().parent
    >>> areas = read_areas(folder / "wijkenbuurten_2023_v3.gpkg")
    >>> area_status(areas, columns=["inhabitants", "lbm_afw"], lang="en").iloc[0]
    'the source has no such column: lbm_afw'
    """
    known = set(areas.provenance["column"])
    chosen = list(columns) if columns is not None else [c for c in areas.columns if c in known]
    parts: list[dict[str, list[str]]] = [{} for _ in range(len(areas.frame))]
    for column in chosen:
        stood = areas.fallbacks[column].to_numpy()
        reason = areas.reasons[column].to_numpy()
        absent = areas.frame[column].isna().to_numpy()
        for i in np.flatnonzero((stood != "") | absent):
            words = (
                fallback_label(stood[i], lang=lang)
                if stood[i]
                else reason_label(reason[i], lang=lang)
            )
            parts[i].setdefault(words, []).append(column)
    at = {code: i for i, code in enumerate(areas.frame.index)}
    told: Iterable[Any] = areas.carried[
        areas.carried["column"].isin([*chosen, *carried])
    ].itertuples()
    for row in told:
        if row.code in at and not pd.isna(areas.frame.loc[row.code, row.column]):
            words = carried_label(row, lang=lang)
            parts[at[row.code]].setdefault(words, []).append(row.column)
    text = [
        "; ".join(f"{w}: {', '.join(_once(c))}" for w, c in part.items()) or "ok" for part in parts
    ]
    return pd.Series(text, index=areas.frame.index, name="status", dtype="str")


def _once(columns: Sequence[str]) -> list[str]:
    """Name the low, middle and high of one figure once, where all three are meant."""
    ends = ("_low", "_mid", "_high")
    stems = {c.removesuffix("_mid") for c in columns if c.endswith("_mid")}
    whole = {stem for stem in stems if all(stem + end in columns for end in ends)}
    named = [next((w for w in whole if c in {w + end for end in ends}), c) for c in columns]
    return list(dict.fromkeys(named))
