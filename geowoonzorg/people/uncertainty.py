"""How far what is known may be from what is so, as data: complete lists, people over addresses, stand-ins."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.files import read_toml
from geowoonzorg.knowledge import NOT_NEGATIVE, SHARE, read_document
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

PATH: Final = Path(__file__).parents[1] / "knowledge" / "uncertainty.toml"


@dataclass(frozen=True)
class FigureWidth:
    """How far a figure of an area may lie from what is given, to either side and in its own unit.

    Attributes
    ----------
    column
        The figure.
    source
        What the widths rest on.
    rounding
        Half the step to which it is published.
    larger_area, older_year
        Where a larger area or an older year stands in; None where nobody measured it.
    """

    column: str
    source: str
    rounding: float = field(default=0.0, metadata={"must_be": NOT_NEGATIVE})
    larger_area: float | None = field(default=None, metadata={"must_be": NOT_NEGATIVE})
    older_year: float | None = field(default=None, metadata={"must_be": NOT_NEGATIVE})


@dataclass(frozen=True)
class Uncertainty:
    """What the file says.

    Attributes
    ----------
    unknown_share
        The share (0-1) that is taken for a class of which nobody knows it, where chances are weighed.
    standard_deviations, persons_together
        Of people over the addresses of an area that is partly within reach: the width of the band, and how many
        people share an address.
    figures
        The widths of figures; one that is not named has none.
    """

    unknown_share: float = field(metadata={"must_be": SHARE})
    complete_source: str
    standard_deviations: float = field(
        metadata={"key": "people.standard_deviations", "must_be": NOT_NEGATIVE}
    )
    persons_together: float = field(
        metadata={"key": "people.persons_together", "must_be": NOT_NEGATIVE}
    )
    people_source: str = field(metadata={"key": "people.source"})
    figures: tuple[FigureWidth, ...] = field(metadata={"key": "figure", "unique": "column"})


@cache
def read_uncertainty() -> Uncertainty:
    """Read how far what is known may be from what is so.

    Returns
    -------
    Uncertainty
        Wholly checked.

    Examples
    --------
    >>> read_uncertainty().unknown_share
    0.5
    """
    return read_document(
        read_toml(PATH), Uncertainty, where=tell("the widths of what is not known")
    )


def widths_of(fallbacks: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Say how far each area's figure may lie from what is given: by rounding, and by what stands in for it.

    Parameters
    ----------
    fallbacks
        By area what stands in for each figure, as in `Areas.fallbacks`: ``"wijk"``, ``"2016"``,
        ``"wijk 2016"``, empty for nothing; a column may be absent.
    columns
        The figures.

    Returns
    -------
    pandas.DataFrame
        On the index of ``fallbacks``, a column per figure: the half-width in its own unit, 0 where none is known.

    Examples
    --------
    >>> stood_in = pd.DataFrame({"lbm_fys": ["", "wijk", "2020", "wijk 2020"]})
    >>> widths_of(stood_in, ["lbm_fys"])["lbm_fys"].tolist()
    [0.0, 0.049, 0.011, 0.06]
    """
    known = {one.column: one for one in read_uncertainty().figures}
    found = {}
    for name in columns:
        one = known.get(name)
        width = np.zeros(len(fallbacks))
        if one is not None:
            width += one.rounding
            label = (
                fallbacks[name].fillna("") if name in fallbacks else pd.Series("", fallbacks.index)
            )
            older = label.str.contains(r"\d{4}$", regex=True).to_numpy()
            larger = label.str.contains(r"^[a-z]", regex=True).to_numpy()
            width += np.where(larger, one.larger_area or 0.0, 0.0)
            width += np.where(older, one.older_year or 0.0, 0.0)
        found[name] = width
    return pd.DataFrame(found, index=fallbacks.index)
