"""What every area is compared with: the figures of its reference, or the mean of the areas that make it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from geowoonzorg.errors import CoverageError, InputError
from geowoonzorg.knowledge import said
from geowoonzorg.messages import tell, translate
from geowoonzorg.people.balance_measures import make_measures, mean_of_areas, measure_ranges

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geowoonzorg.people.balance_profile import BalanceProfile

#: The languages in which a mean is told.
_LANGUAGES: Final = ("nl", "en")
_LEAST_GEMEENTEN: Final = 300  # of about 340: with fewer rows a mean is not the country's


@dataclass(frozen=True)
class Vintage:
    """One year's figures: of the areas themselves, and of the larger areas by level."""

    year: int | None
    own: pd.DataFrame
    parents: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Reference:
    """The measures of each area's reference, on the areas' index, and the words for what is a mean."""

    measures: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    """Between what the measures lie, as their figures were rounded."""
    words: Mapping[str, pd.Series[str]]
    """Per language."""

    @property
    def spread(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """The measures and their ends."""
        return self.measures, self.low, self.high


def find_reference(
    vintage: Vintage, frame: pd.DataFrame, reference: str, profile: BalanceProfile
) -> Reference:
    """Find what each area is compared with: the reference's own row, else the mean of its areas.

    Parameters
    ----------
    vintage
        The figures of one year.
    frame
        The areas, with the codes of what they lie in.
    reference
        ``gemeente``, ``region``, ``country`` or an area's code.
    profile
        The measures.

    Returns
    -------
    Reference
        On the areas' index.

    Raises
    ------
    CoverageError
        When there are no present figures of it, nor areas to take their mean of.
    InputError
        When the reference is not one of the words nor an area's code.
    """
    keys, rows, members, group = _reference_rows(vintage, frame, reference, profile)
    if vintage.year is None and not (keys.isin(rows.index) | keys.isin(group)).any():
        raise CoverageError(
            "reference {reference!r}: there are no figures of it, nor areas to take their mean of; "
            "add a table that has it, or choose gemeente",
            reference=reference,
        )
    columns = vintage.own.columns
    theirs = rows.reindex(columns=columns)
    own = make_measures(theirs, profile).reindex(keys.unique())
    means = mean_of_areas(members.reindex(columns=columns), group, profile)
    mean = means[0].reindex(own.index)
    low, high = (
        end.reindex(own.index).fillna(of_mean.reindex(own.index))
        for end, of_mean in zip(measure_ranges(theirs, profile), means[1:], strict=True)
    )
    is_mean, counts = own.isna() & mean.notna(), group.value_counts()
    words = {
        lang: keys.map(
            {
                key: _mean_words(row, int(counts.get(key, 0)), profile, lang)
                for key, row in is_mean.iterrows()
            }
        ).astype("str")
        for lang in _LANGUAGES
    }
    measures, least, most = (
        of.reindex(index=keys.to_numpy()).set_axis(frame.index)
        for of in (own.fillna(mean), low, high)
    )
    return Reference(measures, least, most, words)


def _mean_words(is_mean: pd.Series[bool], n_areas: int, profile: BalanceProfile, lang: str) -> str:
    """Say of which measures the reference is a mean, and of how many areas."""
    measures = profile.measures
    which = [said(m, "label", lang) for m, mean in zip(measures, is_mean, strict=True) if mean]
    if not which:
        return ""
    if len(which) == len(measures):
        told = tell("reference is the mean of {n} areas weighted by inhabitants", n=n_areas)
    else:
        told = tell(
            "reference is the mean of {n} areas weighted by inhabitants for {measures}",
            n=n_areas, measures=", ".join(which),
        )  # fmt: skip
    return translate(told, lang)


def _reference_rows(
    vintage: Vintage, frame: pd.DataFrame, reference: str, profile: BalanceProfile
) -> tuple[pd.Series[str], pd.DataFrame, pd.DataFrame, pd.Series[str]]:
    """Give each area's reference key, rows by key, and the areas a mean is taken of with their key."""
    gemeenten, nothing = vintage.parents["gemeente"], vintage.own.iloc[:0]
    about = frame.loc[vintage.own.index]
    if reference == "gemeente":
        return about["gemeente_code"], gemeenten, vintage.own, about["gemeente_code"]
    keys = pd.Series(reference, index=frame.index, dtype="str")
    if reference == "region":
        codes = profile.region or tuple(sorted(about["gemeente_code"].dropna().unique()))
        inside = about["gemeente_code"].isin(codes)
        whole = set(codes) <= set(gemeenten.index)
        members = gemeenten.loc[list(codes)] if whole else vintage.own[inside]
        return keys, nothing, members, pd.Series(reference, index=members.index, dtype="str")
    if reference == "country":
        rows = vintage.parents.get("land", nothing).iloc[:1].rename(index=lambda _: reference)
        members = gemeenten if len(gemeenten) >= _LEAST_GEMEENTEN else nothing
        return keys, rows, members, pd.Series(reference, index=members.index, dtype="str")
    levels = {"GM": "gemeente", "WK": "wijk"}
    if reference[:2] not in {*levels, "BU"}:
        raise InputError(
            "reference {reference!r} is unknown; choose gemeente, region, country or an area's "
            "code",
            reference=reference,
        )
    level = levels.get(reference[:2])
    rows = vintage.parents[level] if level else vintage.own
    members = vintage.own[about[f"{level}_code"] == reference] if level else nothing
    return keys, rows, members, pd.Series(reference, index=members.index, dtype="str")
