"""What a programme says in words: its bounds, and which sites they leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geowoonzorg.ask.site_homes import BALANCE, NO_BALANCE, NO_WIJK, WIJK
from geowoonzorg.choosing.conflicts import HOMES
from geowoonzorg.choosing.homes import CAPACITY, MINIMUM
from geowoonzorg.errors import StudyError, first_ids
from geowoonzorg.messages import Message, tell

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geowoonzorg.choosing.homes import HomesAsked
    from geowoonzorg.study import ProgrammeInput

_ALL_OF_A_KIND = {
    WIJK: tell("the bounds on the homes in one wijk, together"),
    BALANCE: tell("the bounds on the balance afterwards, together"),
}


def no_words(name: str, words: str, value: object) -> StudyError:
    """Refuse the value of an option, as the command does."""
    return StudyError(
        "--{name} must be {words}, not {value}",
        name=name.replace("_", "-"), words=words, value=value,
    )  # fmt: skip


def bound_words(
    given: ProgrammeInput, asked: HomesAsked, about: pd.DataFrame
) -> dict[tuple[str, str], Message]:
    """Say every bound in a sentence.

    Parameters
    ----------
    given
        The options.
    asked
        The bounds.
    about
        By site ``most, least``.

    Returns
    -------
    dict
        Kind, and of what → sentence.
    """
    found: dict[tuple[str, str], Message] = {
        (HOMES, ""): tell("{n} homes must get a place", n=given.homes),
        (CAPACITY, ""): tell(
            "no site takes more than its n_woningen; together {n}", n=int(about["most"].sum())
        ),
        (MINIMUM, ""): tell("a site takes at least its minimum of homes, or none"),
    }
    for one in asked.bounds:
        n = int((one.per_home > 0).sum())
        if one.kind == WIJK:
            words = tell("at most {n} homes in wijk {wijk}", n=int(one.at_most), wijk=one.of)
            found[WIJK, ""] = _ALL_OF_A_KIND[WIJK]
        elif one.kind == BALANCE:
            words = tell(
                "the balance around site {site} is at most {most:+.2f} afterwards",
                site=one.of, most=float(given.max_balance or 0.0),
            )  # fmt: skip
            found[BALANCE, ""] = _ALL_OF_A_KIND[BALANCE]
        else:
            words = tell("no homes on {n} {n:site|sites}: {why}", n=n, why=_why(one.kind, given))
        found[one.kind, one.of] = words
    return found


def _why(kind: str, given: ProgrammeInput) -> Message:
    """Say why sites are left out."""
    reasons = {
        "score": tell("too little is known for a score"),
        "knocked_out": tell("knocked out by the profile"),
        "by_year": tell("no phase until {year}, or none told", year=given.by_year),
        "woonvorm": tell("another woonvorm than {asked}, or none told", asked=given.woonvorm),
        NO_WIJK: tell("the wijk is not known"),
        NO_BALANCE: tell(
            "the balance around them, or the mix of their new residents, is not known"
        ),
        CAPACITY: tell("nobody told how many homes they take"),
    }
    return reasons[kind]


def left_words(layer: gpd.GeoDataFrame, given: ProgrammeInput) -> list[Message]:
    """Say which sites have no homes, and why, but for those that others are better than.

    Parameters
    ----------
    layer
        With ``id`` and ``why``.
    given
        The options.

    Returns
    -------
    list of str
        One sentence per reason.
    """
    aside = layer[~layer["why"].isin(["", "others_are_better", "infeasible"])]
    return [
        tell(
            "programme: no homes on {n} {n:site|sites} ({ids}): {why}",
            n=len(rows), ids=first_ids(rows["id"]), why=_why(str(kind), given),
        )
        for kind, rows in aside.groupby("why", sort=True)
    ]  # fmt: skip
