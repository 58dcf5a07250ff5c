"""The balance of vragers and dragers: what an area needs against what it can carry, per its reference.

Our own construct, labelled so on every output: relative to the reference, no norm, no judgement of
persons. ``q = x(area) / x(reference)``, held between 1/3 and 3; V and D are the weighted means of the
known q of their side; ``balans = log2(V / D)``: 0 is like the reference, +1 is twice as many vragers
per drager. Which measures, weights, cap and reference is a profile (`balance_profile`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import CoverageError, InputError, MissingColumnError
from geowoonzorg.knowledge import said
from geowoonzorg.messages import tell, translate
from geowoonzorg.opendata.sources import reason_label
from geowoonzorg.people.balance_profile import (
    BalanceProfile,
    Measure,
    Side,
    parse_balance_profile,
    read_balance_profile,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from geowoonzorg.opendata.areas import Areas

__all__ = [
    "LEEFBAAROMETER",
    "BalanceProfile",
    "Measure",
    "Side",
    "compute_balance",
    "correlate_leefbaarometer",
    "parse_balance_profile",
    "read_balance_profile",
]

LEEFBAAROMETER: Final = ("lbm_afw", "lbm_fys", "lbm_onv", "lbm_soc", "lbm_vrz", "lbm_won")
_PREFIX: Final = {"wijk": "WK", "gemeente": "GM", "land": "NL"}
_LEAST_SHARE: Final = 0.5  # of a reference's inhabitants whose areas know a measure
_REMARKS: Final = {"nl": "remarks", "en": "remarks_en"}
_LEAST_GEMEENTEN: Final = 300  # of about 340: with fewer rows a mean is not the country's


@dataclass(frozen=True)
class _Vintage:
    """One year's figures: of the areas themselves, and of the larger areas by level."""

    year: int | None
    own: pd.DataFrame
    parents: Mapping[str, pd.DataFrame]


def compute_balance(
    areas: Areas, *, profile: BalanceProfile | None = None, reference: str | None = None
) -> pd.DataFrame:
    """Compute V, D, the balance and the quadrant of every area.

    Parameters
    ----------
    areas
        Areas with figures: ``frame`` and ``reasons`` are used, ``parents`` as reference and as
        stand-in, ``older`` as stand-in.
    profile
        Measures, weights, cap and reference; None for the default.
    reference
        ``"gemeente"`` (each area against its own), ``"region"``, ``"country"`` or an area's code,
        instead of the profile's.

    Returns
    -------
    pandas.DataFrame
        On the areas' index:

        - ``vragers_index``, ``dragers_index``: V and D, 1 for the reference, NaN when unknown;
        - ``balans``: ``log2(V / D)``;
        - ``quadrant``: V and D each said as ``meer`` (1 or more) or ``minder``; empty when unknown;
        - ``basis``: ``own``, ``wijk``, ``older`` (the area's own of an older year), ``wijk older``
          or ``unknown``;
        - ``basis_year``: the older year, missing for the present one;
        - ``status``: in Dutch, every measure that is unknown with its reason, every stand-in and
          every reference that is not the reference's own figure; ``ok`` when there is none;
        - ``remarks``, ``remarks_en``: the same but for the stand-in, which ``basis`` says, in Dutch and
          in English; empty when there is none.

    Raises
    ------
    MissingColumnError
        When the profile names columns that the areas do not have.
    CoverageError
        When there are no figures of the reference, nor areas to take their mean of.
    InputError
        When the reference is not one of the words nor an area's code.

    Notes
    -----
    A side exists when at least 3 of 4 V measures, or 2 of 3 D measures, are known; its weights are
    then spread over those. Where V or D does not exist, V, D and balance of the wijk stand in, all
    three; then those of the newest older year, of the area itself or else of its wijk, against that
    year's reference; then all are unknown. A reference's measure is that of its own row, else the
    mean of its areas weighted by inhabitants, provided that the areas that know it hold half of
    the inhabitants. No column of the Leefbaarometer takes part.

    Examples
    --------
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.town.reading import demo_study
    >>> areas = read_areas(demo_study().parent / "wijkenbuurten_2023_v3.gpkg")
    >>> compute_balance(areas)["balans"].between(-2, 2).sum()
    np.int64(15)
    """
    profile = profile or read_balance_profile()
    reference = reference or profile.reference
    frame = areas.frame
    needed = list(dict.fromkeys(("inhabitants", *profile.columns)))
    if absent := [column for column in needed if column not in frame.columns]:
        raise MissingColumnError(
            "balance profile {profile!r} names columns that the areas do not have: {columns}",
            profile=profile.name,
            columns=", ".join(absent),
        )
    table = pd.DataFrame(np.nan, index=frame.index, columns=["V", "D"])
    table["basis"] = "unknown"
    table["basis_year"] = pd.array([pd.NA] * len(table), dtype="Int64")
    table[["status", *_REMARKS.values()]] = ""
    own_counts = {lang: pd.Series("", index=frame.index, dtype=object) for lang in _REMARKS}
    for vintage in _vintages(areas, needed):
        against = _reference(vintage, frame, reference, profile)
        older = vintage.year is not None
        for level in ("own", "wijk"):
            if level == "wijk" and areas.level == "wijk":
                continue
            figures = vintage.own if level == "own" else _of_wijk(vintage, frame, needed)
            sides = _sides(figures, against.measures, profile)
            if level == "own" and not older:
                own_counts = {lang: sides[lang] for lang in _REMARKS}
            usable = (table["basis"] == "unknown") & sides["V"].notna() & sides["D"].notna()
            table.loc[usable, ["V", "D"]] = sides.loc[usable, ["V", "D"]]
            basis = {"own": "older" if older else "own", "wijk": "wijk older" if older else "wijk"}
            table.loc[usable, "basis"] = basis[level]
            table.loc[usable, "basis_year"] = pd.NA if vintage.year is None else vintage.year
            reasons = areas.reasons if level == "own" and not older else None
            for lang, column in _REMARKS.items():
                said_of = _remarks(figures, against, profile, reasons, lang)
                table.loc[usable, column] = said_of[usable]
            status = _remarks(figures, against, profile, reasons, "nl")
            if level == "wijk" or older:
                own = own_counts["nl"]
                stands_in = _stand_in_words(frame, level, vintage.year) + " (zelf: " + own + ")"
                status = stands_in.str.cat(status, sep="; ").str.removesuffix("; ")
            table.loc[usable, "status"] = status[usable]
    unknown = table["basis"] == "unknown"
    table.loc[unknown, "status"] = "balans onbekend: " + own_counts["nl"][unknown]
    for lang, column in _REMARKS.items():
        table.loc[unknown, column] = own_counts[lang][unknown]
    table.loc[table["status"] == "", "status"] = "ok"
    return pd.DataFrame(
        {
            "vragers_index": table["V"],
            "dragers_index": table["D"],
            "balans": np.log2(table["V"] / table["D"]),
            "quadrant": _quadrant(table["V"], table["D"]),
            "basis": table["basis"],
            "basis_year": table["basis_year"],
            "status": table["status"],
            **{column: table[column] for column in _REMARKS.values()},
        }
    )


def correlate_leefbaarometer(
    balance: pd.DataFrame, frame: pd.DataFrame, *, within: str = "gemeente_code"
) -> pd.DataFrame:
    """Put the rank correlation of the balance with each Leefbaarometer dimension beside it.

    Parameters
    ----------
    balance
        What `compute_balance` returned.
    frame
        The areas' figures on the same index, with the Leefbaarometer columns and ``within``.
    within
        The column whose groups are ranked apart, because a balance is relative to its gemeente.

    Returns
    -------
    pandas.DataFrame
        Indexed by dimension (``lbm_afw``, …): ``spearman_rho``, NaN with fewer than three areas or
        without variation; ``n_areas``, the areas whose own balance and dimension are both known;
        ``n_values``, how many different values of the dimension they hold: where a wijk's value
        stands in for its buurten these are fewer than the areas.

    Notes
    -----
    Spearman's rho on ranks within each group, pooled: with one group it is the ordinary rho. The
    figure is printed beside the balance as a check on its sense, and never mixed into it.

    Examples
    --------
    >>> codes = ["a", "b", "c"]
    >>> balance = pd.DataFrame({"balans": [-1.0, 0.0, 1.0], "basis": "own"}, index=codes)
    >>> frame = pd.DataFrame({"lbm_afw": [0.3, 0.1, -0.2], "gemeente_code": "GM0166"}, index=codes)
    >>> correlate_leefbaarometer(balance, frame)
             spearman_rho  n_areas  n_values
    lbm_afw          -1.0        3         3
    """
    own = balance["balans"].where(balance["basis"] == "own")
    rows = {}
    for dimension in [column for column in LEEFBAAROMETER if column in frame.columns]:
        pairs = pd.DataFrame({"a": own, "b": frame[dimension]}).dropna()
        groups = frame.loc[pairs.index, within]
        ranks = pairs.groupby(groups).rank(pct=True)
        ranks -= ranks.groupby(groups).transform("mean")
        spread = float(np.sqrt((ranks["a"] ** 2).sum() * (ranks["b"] ** 2).sum()))
        known = len(pairs) > 2 and spread > 0  # noqa: PLR2004 - two points always lie on a line
        rho = float((ranks["a"] * ranks["b"]).sum()) / spread if known else np.nan
        rows[dimension] = (rho, len(pairs), pairs["b"].nunique())
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["spearman_rho", "n_areas", "n_values"]
    )


def _vintages(areas: Areas, columns: list[str]) -> Iterator[_Vintage]:
    """Give the figures of the present year and then of older ones, newest first."""
    yield _Vintage(None, areas.frame[columns], areas.parents)
    for year in sorted(areas.older, reverse=True):
        table = areas.older[year].reindex(columns=columns)
        levels = {
            level: table[table.index.str.startswith(prefix)] for level, prefix in _PREFIX.items()
        }
        yield _Vintage(year, table.reindex(areas.frame.index), levels)


def _of_wijk(vintage: _Vintage, frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Give every area the figures of its wijk."""
    rows = vintage.parents["wijk"].reindex(index=frame["wijk_code"], columns=columns)
    return rows.set_axis(frame.index)


def _measures(figures: pd.DataFrame, profile: BalanceProfile) -> pd.DataFrame:
    """Make every measure of both sides from the figures, one column per key, V's first."""
    made = {}
    for measure in (*profile.vragers.measures, *profile.dragers.measures):
        value = figures[list(measure.columns)].sum(axis=1, skipna=False)
        if measure.per:
            per = figures[list(measure.per)].sum(axis=1, skipna=False)
            value = value / per.where(per > 0)
        made[measure.key] = value
    return pd.DataFrame(made, index=figures.index)


@dataclass(frozen=True)
class _Reference:
    """The measures of each area's reference, on the areas' index, and the words for what is a mean."""

    measures: pd.DataFrame
    words: Mapping[str, pd.Series[str]]
    """Per language."""


def _reference(
    vintage: _Vintage, frame: pd.DataFrame, reference: str, profile: BalanceProfile
) -> _Reference:
    """Find what each area is compared with: the reference's own row, else the mean of its areas."""
    keys, rows, members, group = _reference_rows(vintage, frame, reference, profile)
    if vintage.year is None and not (keys.isin(rows.index) | keys.isin(group)).any():
        raise CoverageError(
            "reference {reference!r}: there are no figures of it, nor areas to take their mean of; "
            "add a table that has it, or choose gemeente",
            reference=reference,
        )
    columns = vintage.own.columns
    own = _measures(rows.reindex(columns=columns), profile).reindex(keys.unique())
    mean = _mean_by_inhabitants(members.reindex(columns=columns), group, profile).reindex(own.index)
    measures = own.fillna(mean)
    is_mean, counts = own.isna() & mean.notna(), group.value_counts()
    words = {
        lang: keys.map(
            {
                key: _mean_words(row, int(counts.get(key, 0)), profile, lang)
                for key, row in is_mean.iterrows()
            }
        ).astype("str")
        for lang in _REMARKS
    }
    return _Reference(measures.reindex(index=keys.to_numpy()).set_axis(frame.index), words)


def _mean_words(is_mean: pd.Series[bool], n_areas: int, profile: BalanceProfile, lang: str) -> str:
    """Say of which measures the reference is a mean, and of how many areas."""
    measures = (*profile.vragers.measures, *profile.dragers.measures)
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
    vintage: _Vintage, frame: pd.DataFrame, reference: str, profile: BalanceProfile
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


def _mean_by_inhabitants(
    figures: pd.DataFrame, group: pd.Series[str], profile: BalanceProfile
) -> pd.DataFrame:
    """Average each measure over the areas of each group that know it, if they hold enough people."""
    measures = _measures(figures, profile)
    people = figures["inhabitants"].where(figures["inhabitants"] > 0)
    weights = measures.notna().mul(people, axis=0)
    known = weights.groupby(group).sum()
    total = people.groupby(group).sum()
    mean = (measures * weights).groupby(group).sum() / known.where(known > 0)
    return mean.where(known.ge(_LEAST_SHARE * total, axis=0))


def _sides(figures: pd.DataFrame, reference: pd.DataFrame, profile: BalanceProfile) -> pd.DataFrame:
    """Compute V and D, and say in words, per language, how many measures were known."""
    ratio = _measures(figures, profile) / reference.where(reference > 0)
    ratio = ratio.clip(1 / profile.cap, profile.cap)
    table: dict[str, Any] = {}
    counts: dict[str, tuple[Any, int]] = {}
    for name, side in (("V", profile.vragers), ("D", profile.dragers)):
        q = ratio[[measure.key for measure in side.measures]].to_numpy()
        weights = np.array([measure.weight for measure in side.measures])
        known = np.isfinite(q)
        weight = known @ weights
        enough = (known.sum(axis=1) >= side.minimum_known) & (weight > 0)
        total = np.where(known, q, 0.0) @ weights
        table[name] = np.divide(total, weight, out=np.full(len(q), np.nan), where=enough)
        counts[name] = (known.sum(axis=1), len(weights))
    (vragers, most_v), (dragers, most_d) = counts["V"], counts["D"]
    told = [
        tell(
            "{v} of {most_v} measures of vragers and {d} of {most_d} of dragers known",
            v=v, most_v=most_v, d=d, most_d=most_d,
        )
        for v, d in zip(vragers, dragers, strict=True)
    ]  # fmt: skip
    table |= {lang: [translate(one, lang) for one in told] for lang in _REMARKS}
    return pd.DataFrame(table, index=figures.index)


def _remarks(
    figures: pd.DataFrame,
    against: _Reference,
    profile: BalanceProfile,
    reasons: pd.DataFrame | None,
    lang: str,
) -> pd.Series[str]:
    """Name every measure that is unknown, with its reason, and a reference that is a mean."""
    known = _measures(figures, profile).notna()
    texts = pd.Series("", index=figures.index, dtype=object)
    for measure in (*profile.vragers.measures, *profile.dragers.measures):
        no_reference = ~(against.measures[measure.key] > 0)
        absent = ~known[measure.key] | no_reference
        if not absent.any():
            continue
        why = pd.Series(translate(tell("not known"), lang), index=figures.index, dtype=object)
        why[no_reference] = translate(tell("reference not known"), lang)
        for column in reversed((*measure.columns, *measure.per)):
            if reasons is not None and column in reasons:
                given = reasons[column].map(lambda r: reason_label(str(r), lang=lang) if r else "")
                why = why.mask(figures[column].isna() & (given != ""), given)
        texts[absent] += "; " + said(measure, "label", lang) + " (" + why[absent] + ")"
    texts = texts.map(
        lambda which: (
            translate(tell("without {measures}", measures=which.removeprefix("; ")), lang)
            if which
            else ""
        )
    )
    return texts.str.cat(against.words[lang], sep="; ").str.strip("; ").astype("str")


def _stand_in_words(frame: pd.DataFrame, level: str, year: int | None) -> pd.Series[str]:
    """Say what stands in for an area's own V, D and balance."""
    of_year = "" if year is None else f" van {year}"
    if level == "own":
        return pd.Series(f"V, D en balans{of_year}", index=frame.index, dtype="str")
    return ("V, D en balans van wijk " + frame["wijk_code"].astype("str") + of_year).astype("str")


def _quadrant(vragers: pd.Series[float], dragers: pd.Series[float]) -> pd.Series[str]:
    """Say V and D each as more or less than the reference."""
    words = {True: "meer", False: "minder"}
    text = [
        f"{words[v >= 1]} vragers, {words[d >= 1]} dragers" if v == v and d == d else ""  # noqa: PLR0124
        for v, d in zip(vragers, dragers, strict=True)
    ]
    return pd.Series(text, index=vragers.index, dtype="str")
