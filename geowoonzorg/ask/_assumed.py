"""What a search assumes of a place that it finds: stated, checked against the profile, and told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, StudyError
from geowoonzorg.messages import tell
from geowoonzorg.ranking.ranges import measure_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geowoonzorg.messages import Message
    from geowoonzorg.ranking.scoring_profile import Criterion, ScoringProfile

HOMES: Final = "n_woningen"
_SITE: Final = "site"  # the metric that takes what a site's own table says


@dataclass(frozen=True)
class Assumed:
    """What every place is assumed to be.

    Attributes
    ----------
    columns
        The columns of a site: numbers and words.
    record
        The same, as JSON holds it.
    notes
        What is assumed, and what is not and so counts as unknown.
    """

    columns: Mapping[str, float | int | str]
    record: Mapping[str, float | int | str]
    notes: tuple[Message, ...]


def assume_of(
    profile: ScoringProfile, *, homes: int | None = None, assume: Mapping[str, object]
) -> Assumed:
    """Check what is assumed of places.

    Parameters
    ----------
    profile
        Which asks things of a site.
    homes
        How many homes a place brings, or None where that is not assumed.
    assume
        What else, by column of a site.

    Returns
    -------
    Assumed
        As columns of a site.

    Raises
    ------
    StudyError
        When ``homes`` is no whole number above 0 or contradicts ``assume``, the profile asks for no such column,
        or a value is none that it takes.

    Examples
    --------
    >>> from geowoonzorg.ranking.scoring_profile import read_scoring_profile
    >>> assume_of(read_scoring_profile("geclusterd"), homes=24, assume={"ontmoetingsruimte": "ja"}).columns
    {'ontmoetingsruimte': 'ja', 'homes': 24, 'n_woningen': 24}
    """
    asked = {str(c.column): c for c in profile.criteria if c.metric == _SITE}
    given = dict(assume)
    if homes is not None:
        if isinstance(homes, bool) or int(homes) != homes or homes < 1:
            raise StudyError("homes is {homes}: give a whole number of 1 or more", homes=homes)
        if str(given.pop(HOMES, homes)).strip() != str(homes):
            raise StudyError(
                "homes is {homes} and {column} is assumed to be {other}; give one of the two",
                homes=homes, column=HOMES, other=assume[HOMES],
            )  # fmt: skip
    if strange := sorted(set(given) - set(asked)):
        raise StudyError(
            "assume: the profile {profile} asks nothing of a site that is called {names}; it asks for {known}",
            profile=profile.name, names=", ".join(strange), known=", ".join(asked) or "-",
        )  # fmt: skip
    columns: dict[str, Any] = {}
    for name, value in given.items():
        criterion = asked[name]
        cell: Any = value if criterion.levels else pd.to_numeric(str(value), errors="coerce")
        if not _is_known(criterion, cell):
            words = ", ".join(word for word, _ in criterion.levels)
            raise StudyError(
                "assume: {column} cannot be {value}; give {allowed}",
                column=name, value=value, allowed=words or tell("a number"),
            )  # fmt: skip
        columns[name] = cell if isinstance(cell, str) else float(cell)
    if homes is not None:
        columns |= {"homes": int(homes), HOMES: int(homes)}
    elif HOMES in columns:
        columns["homes"] = columns[HOMES]
    record = {name: value for name, value in columns.items() if name != "homes"}
    return Assumed(columns, record, _notes(profile, columns))


def _is_known(criterion: Criterion, cell: object) -> bool:
    """Say whether a criterion takes a measure, as it would take that of a site."""
    try:
        found = measure_values(criterion, pd.DataFrame({criterion.key: [cell]}))
    except InputError:
        return False
    return not np.isnan(found.value[0])


def _notes(profile: ScoringProfile, columns: Mapping[str, object]) -> tuple[Message, ...]:
    """Say what is assumed, and what of a site the profile asks for is not."""
    told = [
        tell("assumed of every place: {column} = {value}", column=name, value=value)
        for name, value in columns.items()
        if name != "homes"
    ]
    blank = [c for c in profile.criteria if c.metric == _SITE and c.column not in columns]
    told += [
        tell(
            "not assumed, so unknown and counted as the worst answer until it is told: {column}; assume it with "
            "--assume {column}=…",
            column=str(one.column),
        )
        for one in blank
        if one.weight > 0
    ]
    return tuple(told)
