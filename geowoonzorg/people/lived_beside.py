"""The Leefbaarometer of gemeente, region and country, to lay beside that of areas and sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from geowoonzorg.messages import LANGUAGES, tell
from geowoonzorg.opendata.area_rules import deviation_words
from geowoonzorg.opendata.leefbaarometer import DIMENSIONS

if TYPE_CHECKING:
    from geowoonzorg.messages import Message
    from geowoonzorg.opendata.areas import Areas

COLUMNS: Final = ["column", "level", "code", "name", "value", "words", "basis", "n_areas"]
_DEVIATIONS: Final = ("lbm_afw", *DIMENSIONS)
_MOST_TOLD: Final = 3  # gemeenten; of more only the region is told


def leefbaarometer_beside(areas: Areas) -> pd.DataFrame:
    """Give the Leefbaarometer of every gemeente, of the region and of the country.

    Parameters
    ----------
    areas
        Areas with ``lbm_afw`` or its dimensions.

    Returns
    -------
    pandas.DataFrame
        A row per figure and place: ``column``, ``level`` (``gemeente``, ``region`` for all areas where they
        lie in more than one, ``land``), ``code``, ``name``, ``value`` (deviation from the national mean),
        ``words`` (in Dutch), ``basis`` (``row``: the place's own figure; ``mean`` of ``n_areas`` areas,
        weighted by inhabitants where all have them; ``definition``: the country's deviation from itself).

    Notes
    -----
    The national mean is the zero of the scale, so the country stands there as 0.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> found = leefbaarometer_beside(Town.demo().figures.areas)
    >>> found.loc[found["column"] == "lbm_afw", ["level", "words"]].values.tolist()
    [['gemeente', ...], ['land', 'ongeveer gemiddeld']]
    """
    frame, whole = areas.frame, areas.gemeenten
    people = frame["inhabitants"]
    weight = people if people.notna().all() and people.sum() > 0 else pd.Series(1.0, frame.index)
    several = len(frame["gemeente_code"].dropna().unique()) > 1
    names = frame.drop_duplicates("gemeente_code").set_index("gemeente_code")["gemeente_name"]
    rows: list[list[object]] = []
    for column in _DEVIATIONS:
        known = frame[column].notna()
        own = whole[column] if column in whole else pd.Series(dtype="float64")
        if not known.any():
            continue
        for code, part in frame[known].groupby("gemeente_code"):
            value, basis, n = _mean(part[column], weight), "mean", len(part)
            if code in own.index and pd.notna(own[code]):
                value, basis, n = float(own[code]), "row", 1
            rows.append([column, "gemeente", code, names.get(code), value, "", basis, n])
        if several:
            value = _mean(frame.loc[known, column], weight)
            rows.append([column, "region", "", None, value, "", "mean", int(known.sum())])
        rows.append([column, "land", "NL00", "Nederland", 0.0, "", "definition", 1])
    found = pd.DataFrame(rows, columns=COLUMNS)
    found["words"] = [
        deviation_words(c, v) for c, v in zip(found["column"], found["value"], strict=True)
    ]
    return found


def _mean(values: pd.Series[float], weight: pd.Series[float]) -> float:
    of = weight[values.index]
    return float((values * of).sum() / of.sum()) if of.sum() > 0 else float(values.mean())


def beside_notes(beside: pd.DataFrame) -> list[Message]:
    """Say what the Leefbaarometer of gemeente and region is, in a sentence each.

    Parameters
    ----------
    beside
        From `leefbaarometer_beside`.

    Returns
    -------
    list of Message
        Of the total only; of more than three gemeenten the region alone.

    Examples
    --------
    >>> beside_notes(pd.DataFrame(columns=COLUMNS))
    []
    """
    rows = beside[(beside["column"] == "lbm_afw") & (beside["level"] != "land")]
    if (rows["level"] == "gemeente").sum() > _MOST_TOLD:
        rows = rows[rows["level"] == "region"]
    told = []
    for row in rows.to_dict("records"):
        words = {lang: deviation_words("lbm_afw", row["value"], lang=lang) for lang in LANGUAGES}
        name = row["name"] if isinstance(row["name"], str) else row["code"]
        place = name if row["level"] == "gemeente" else tell("all areas together")
        told.append(
            tell(
                "Leefbaarometer of {place}: {value:.2f} ({words}); the Netherlands is 0",
                place=place, value=row["value"], words=tell("{en}", **words),
            )
        )  # fmt: skip
    return told
