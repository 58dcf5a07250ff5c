"""What a programme says in words: its bounds, which sites they leave out, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from geowoonzorg.ask.site_homes import BALANCE, NO_BALANCE, NO_WIJK, WIJK
from geowoonzorg.choosing.conflicts import HOMES
from geowoonzorg.choosing.homes import CAPACITY, MINIMUM
from geowoonzorg.errors import StudyError, first_ids
from geowoonzorg.messages import Message, tell, translate

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from geowoonzorg.choosing.homes import HomesAsked
    from geowoonzorg.choosing.programmes import Worked
    from geowoonzorg.study_questions import ProgrammeInput

_LISTED: Final = 12  # sites on a terminal; the table has all
_TOLD: Final = 0.05  # points a home
OTHERS: Final = "others_are_better"
_ALL_OF_A_KIND: Final = {
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
    given: ProgrammeInput, asked: HomesAsked, about: pd.DataFrame, names: Mapping[str, str]
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
    names
        Id of a site → what it is called.

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
                site=names.get(one.of, one.of), most=float(given.max_balance or 0.0),
            )  # fmt: skip
            found[BALANCE, ""] = _ALL_OF_A_KIND[BALANCE]
        else:
            words = tell("no homes on {n} {n:site|sites}: {why}", n=n, why=_why(one.kind, given))
        found[one.kind, one.of] = words
    return found


def _why(kind: str, given: ProgrammeInput) -> Message:
    """Say why sites are left out."""
    reasons = {
        "score": tell("too little is known for a score (unscored lets them take part)"),
        "knocked_out": tell("knocked out by the profile"),
        "by_year": tell("no phase until {year}, or none told", year=given.by_year),
        "woonvorm": tell("another woonvorm than {asked}, or none told", asked=given.woonvorm),
        NO_WIJK: tell("the wijk is not known"),
        NO_BALANCE: tell(
            "the balance around them, or the mix of their new residents, is not known"
        ),
        BALANCE: tell(
            "around them, or around a site within walking distance, the balance is above the bound already"
        ),
        MINIMUM: tell("they take fewer homes than the least"),
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
    aside = layer[~layer["why"].isin(["", OTHERS, "infeasible"])]
    return [
        tell(
            "programme: no homes on {ids}: {why}",
            ids=first_ids(rows["id"]), why=_why(str(kind), given),
        )
        for kind, rows in aside.groupby("why", sort=True)
    ]  # fmt: skip


def record_of(
    worked: Worked, ids: pd.Index, words: Mapping[tuple[str, str], Message]
) -> dict[str, Any]:
    """Give what is no table, as JSON holds it.

    Parameters
    ----------
    worked
        What was found.
    ids
        Of the sites.
    words
        From `bound_words`.

    Returns
    -------
    dict
        ``status, objective, bound, gap, fits, binding, conflict, next_best, range``; sentences in Dutch.
    """
    found = worked.found

    def named(homes: np.ndarray) -> dict[str, int]:
        return {str(site): int(n) for site, n in zip(ids, homes, strict=True) if n}

    def bound_of(kind: str, of: str) -> dict[str, Any]:
        return {"bound": kind, "of": of, "text": translate(words[kind, of], "nl")}

    other = worked.other
    has_other = other is not None and other.homes.any()
    return {
        "status": found.status,
        "objective": _number(found.objective),
        "bound": _number(found.bound),
        "gap": _number(found.gap) if found.homes.any() else None,
        "fits": worked.fits,
        "binding": [
            {**bound_of(one.kind, one.of), "cost": _number(one.cost)} for one in worked.reached
        ],
        "conflict": [bound_of(kind, of) for kind, of in worked.conflict],
        "next_best": {
            "objective": _number(other.objective),
            "cost": _number(found.objective - other.objective),
            "homes": named(other.homes),
        } if other is not None and has_other else {},
        "range": {
            end.name: {
                "objective": _number(end.worth), "best": _number(end.best.objective),
                "stays": end.stays, "homes": named(end.best.homes),
            }
            for end in worked.ends
        },
    }  # fmt: skip


def _number(value: float) -> float | None:
    """Give a number as JSON knows them: what is not known, or has no end, is none."""
    return round(float(value), 9) if np.isfinite(value) else None


def summary_of(
    worked: Worked,
    layer: gpd.GeoDataFrame,
    homes: int,
    words: Mapping[tuple[str, str], Message],
) -> tuple[Message, ...]:
    """Say what was found in a few lines.

    Parameters
    ----------
    worked
        What was found.
    layer
        The sites, with ``name`` and ``homes``.
    homes
        How many were asked for.
    words
        From `bound_words`.

    Returns
    -------
    tuple of str
        A line each.
    """
    found = worked.found
    if found.status == "infeasible":
        told = [
            tell(
                "{homes} homes do not fit; the most that do are {fits}",
                homes=homes,
                fits=worked.fits,
            )
        ]
        told.append(
            tell("these bounds cannot all hold together; at least one of them must give way:")
        )
        return (*told, *(tell("- {what}", what=words[one]) for one in worked.conflict))
    if not found.homes.any():
        return (tell("no programme was found in the time given; give more seconds"),)
    used = layer[layer["homes"] > 0]
    mean = found.objective / homes
    told = [
        tell(
            "{homes} homes on {n} {n:site|sites}, {mean:.1f} points a home on average",
            homes=homes, n=len(used), mean=mean,
        )
    ]  # fmt: skip
    told += [
        tell("{name}: {n} {n:home|homes}", name=name, n=int(n))
        for name, n in zip(used["name"][:_LISTED], used["homes"][:_LISTED], strict=True)
    ]
    if len(used) > _LISTED:
        told.append(tell("and {n} more {n:site|sites}", n=len(used) - _LISTED))
    if worked.stopped:
        told.append(
            tell(
                "stopped before it was proven best; at most {gap:.1%} better is possible",
                gap=found.gap,
            )
            if found.status != "optimal"
            else tell("stopped before all that stands beside it was found")
        )
        return tuple(told)
    dear = [one for one in worked.reached if one.kind != CAPACITY]
    told += [
        tell(
            "without this bound {cost:.1f} points a home more: {what}",
            cost=one.cost / homes, what=words[one.kind, one.of],
        )
        for one in dear[:3]
        if np.isfinite(one.cost) and one.cost / homes >= _TOLD  # a cost that is printed as 0.0 tells nothing
    ]  # fmt: skip
    if worked.other is not None and worked.other.homes.any():
        cost = (found.objective - worked.other.objective) / homes
        told.append(
            tell("the next best choice of sites has {cost:.2f} points a home less", cost=cost)
        )
    if not all(end.stays for end in worked.ends):
        told.append(
            tell(
                "with every score at the lowest or the highest that it can be another choice would be best"
            )
        )
    return tuple(told)
