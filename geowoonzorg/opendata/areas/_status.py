"""What is missing of an area and why, and what stands in for it, in the reader's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geowoonzorg.messages import tell, translate
from geowoonzorg.opendata.sources import reason_label

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def area_status(
    areas: Areas, *, columns: Sequence[str] | None = None, lang: str = "nl"
) -> pd.Series[str]:
    """Say per area what is missing and why, and what stood in.

    Parameters
    ----------
    areas
        From `read_areas` and the joins.
    columns
        Internal columns to speak of; default those that at least one file had.
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
    text = ["; ".join(f"{w}: {', '.join(c)}" for w, c in part.items()) or "ok" for part in parts]
    return pd.Series(text, index=areas.frame.index, name="status", dtype="str")
