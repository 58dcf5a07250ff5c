"""The balance of vragers and dragers: what an area needs against what it can carry, per its reference.

Our own construct, labelled so on every output: relative to the reference, no norm, no judgement of
persons. ``q = x(area) / x(reference)``, held between 1/3 and 3; V and D are the weighted means of the
known q of their side; ``balans = log2(V / D)``: 0 is like the reference, +1 is twice as many vragers
per drager. Which measures, weights, cap and reference is a profile (`balance_profile`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd

from geowoonzorg.errors import MissingColumnError
from geowoonzorg.knowledge import said
from geowoonzorg.messages import tell, translate
from geowoonzorg.opendata.sources import reason_label
from geowoonzorg.people.balance_measures import make_measures, side_ranges
from geowoonzorg.people.balance_profile import (
    BalanceProfile,
    Measure,
    Side,
    parse_balance_profile,
    read_balance_profile,
)
from geowoonzorg.people.balance_reference import Reference, Vintage, find_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geowoonzorg.opendata.areas import Areas

__all__ = [
    "BalanceProfile",
    "Measure",
    "Side",
    "balance_against",
    "choose_reference",
    "compute_balance",
    "parse_balance_profile",
    "read_balance_profile",
]

_PREFIX: Final = {"wijk": "WK", "gemeente": "GM", "land": "NL"}
_REMARKS: Final = {"nl": "remarks", "en": "remarks_en"}
_RANGES: Final = ["V_low", "V_high", "D_low", "D_high"]
AUTO: Final = "auto"


def choose_reference(
    areas: Areas,
    reference: str | None,
    *,
    profile: BalanceProfile,
    gemeenten: frozenset[str] | None = None,
) -> str:
    """Say what the balance compares with where nobody said, or said ``auto``.

    Parameters
    ----------
    areas
        With ``gemeente_code``.
    reference
        What was asked.
    profile
        What it says stands where nobody asked.
    gemeenten
        Those in which the places asked about lie; None for all of the areas'.

    Returns
    -------
    str
        ``gemeente`` where all lie in one, and ``region`` where they lie in more: what lies in two gemeenten is
        measured with one yardstick.

    Examples
    --------
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.town.reading import demo_study
    >>> areas = read_areas(demo_study().parent / "wijkenbuurten_2023_v3.gpkg")
    >>> choose_reference(areas, "auto", profile=read_balance_profile(), gemeenten=frozenset({"GM9801"}))
    'gemeente'
    """
    for said_so in (reference, profile.reference):
        if said_so not in (None, AUTO):
            return str(said_so)
    among = set(areas.frame["gemeente_code"].dropna()) if gemeenten is None else gemeenten
    return "gemeente" if len(among) <= 1 else "region"


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
        instead of the profile's; ``"auto"`` as `choose_reference`.

    Returns
    -------
    pandas.DataFrame
        On the areas' index:

        - ``vragers_index``, ``dragers_index``: V and D, 1 for the reference, NaN when unknown;
        - ``balans``: ``log2(V / D)``;
        - ``vragers_low``, ``vragers_high``, ``dragers_low``, ``dragers_high``, ``balans_low``, ``balans_high``:
          between what the area's own lie, given how its figures and the reference's were rounded and what
          of them is secret or not there; NaN where V, D and balance are unknown;
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
    reference = choose_reference(areas, reference, profile=profile)
    frame = areas.frame
    table = pd.DataFrame(np.nan, index=frame.index, columns=["V", "D", *_RANGES])
    own_ranges = pd.DataFrame()
    table["basis"] = "unknown"
    table["basis_year"] = pd.array([pd.NA] * len(table), dtype="Int64")
    table[["status", *_REMARKS.values()]] = ""
    own_counts = {lang: pd.Series("", index=frame.index, dtype=object) for lang in _REMARKS}
    for step in _steps(areas, profile, reference):
        older, usable = step.year is not None, step.usable
        is_own = step.level == "own" and not older
        if not (is_own or usable.any()):
            continue
        ranges = side_ranges(step.figures, step.against.spread, profile)
        if is_own:
            own_counts, own_ranges = _counted_words(step.sides), ranges
        table.loc[usable, ["V", "D"]] = step.sides.loc[usable, ["V", "D"]]
        table.loc[usable, _RANGES] = _cover(ranges, own_ranges).loc[usable]
        basis = {"own": "older" if older else "own", "wijk": "wijk older" if older else "wijk"}
        table.loc[usable, "basis"] = basis[step.level]
        table.loc[usable, "basis_year"] = pd.NA if step.year is None else step.year
        reasons = areas.reasons if is_own else None
        remarks = {
            lang: _remarks(step.figures, step.against, profile, reasons, lang) for lang in _REMARKS
        }
        for lang, column in _REMARKS.items():
            table.loc[usable, column] = remarks[lang][usable]
        status = remarks["nl"]
        if not is_own:
            own = own_counts["nl"]
            stands_in = _stand_in_words(frame, step.level, step.year) + " (zelf: " + own + ")"
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
            "vragers_low": table["V_low"],
            "vragers_high": table["V_high"],
            "dragers_low": table["D_low"],
            "dragers_high": table["D_high"],
            "balans_low": np.log2(table["V_low"] / table["D_high"]),
            "balans_high": np.log2(table["V_high"] / table["D_low"]),
            "quadrant": _quadrant(table["V"], table["D"]),
            "basis": table["basis"],
            "basis_year": table["basis_year"],
            "status": table["status"],
            **{column: table[column] for column in _REMARKS.values()},
        }
    )


def balance_against(areas: Areas, *, profile: BalanceProfile, reference: str) -> pd.Series[float]:
    """Compute the balance of every area alone, without ranges and words.

    Parameters
    ----------
    areas, profile, reference
        As `compute_balance` takes them.

    Returns
    -------
    pandas.Series
        Its ``balans``.

    Raises
    ------
    MissingColumnError, CoverageError, InputError
        As `compute_balance`.

    Examples
    --------
    >>> from geowoonzorg.opendata.areas import read_areas
    >>> from geowoonzorg.town.reading import demo_study
    >>> areas = read_areas(demo_study().parent / "wijkenbuurten_2023_v3.gpkg")
    >>> balance = balance_against(areas, profile=read_balance_profile(), reference="gemeente")
    >>> balance.equals(compute_balance(areas, reference="gemeente")["balans"])
    True
    """
    sides = pd.DataFrame(np.nan, index=areas.frame.index, columns=["V", "D"])
    for step in _steps(areas, profile, reference):
        sides.loc[step.usable] = step.sides.loc[step.usable, ["V", "D"]]
    ratio = sides["V"] / sides["D"]
    return pd.Series(np.log2(ratio), index=ratio.index)


class _Step(NamedTuple):
    """Figures with which V and D are tried: of which year (None: now) and level, and for which areas they serve."""

    year: int | None
    level: str
    figures: pd.DataFrame
    against: Reference
    sides: pd.DataFrame
    usable: pd.Series[bool]


def _steps(areas: Areas, profile: BalanceProfile, reference: str) -> Iterator[_Step]:
    """Try the areas' own figures first, then those of their wijk, then older ones."""
    frame = areas.frame
    needed = list(dict.fromkeys(("inhabitants", *profile.columns)))
    if absent := [column for column in needed if column not in frame.columns]:
        raise MissingColumnError(
            "balance profile {profile!r} names columns that the areas do not have: {columns}",
            profile=profile.name,
            columns=", ".join(absent),
        )
    unknown = pd.Series(data=True, index=frame.index)
    for vintage in _vintages(areas, needed):
        against = find_reference(vintage, frame, reference, profile)
        for level in ("own", "wijk"):
            if level == "wijk" and areas.level == "wijk":
                continue
            figures = vintage.own if level == "own" else _of_wijk(vintage, frame, needed)
            sides = _sides(figures, against.measures, profile)
            usable = unknown & sides["V"].notna() & sides["D"].notna()
            unknown = unknown & ~usable
            yield _Step(vintage.year, level, figures, against, sides, usable)


def _vintages(areas: Areas, columns: list[str]) -> Iterator[Vintage]:
    """Give the figures of the present year and then of older ones, newest first."""
    yield Vintage(None, areas.frame[columns], areas.parents)
    for year in sorted(areas.older, reverse=True):
        table = areas.older[year].reindex(columns=columns)
        levels = {
            level: table[table.index.str.startswith(prefix)] for level, prefix in _PREFIX.items()
        }
        yield Vintage(year, table.reindex(areas.frame.index), levels)


def _of_wijk(vintage: Vintage, frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Give every area the figures of its wijk."""
    rows = vintage.parents["wijk"].reindex(index=frame["wijk_code"], columns=columns)
    return rows.set_axis(frame.index)


def _cover(ranges: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Widen the ranges of what stands in until they hold what the area itself can be."""
    lows, highs = ["V_low", "D_low"], ["V_high", "D_high"]
    low, high = np.fmin(ranges[lows], own[lows]), np.fmax(ranges[highs], own[highs])
    return pd.concat([low, high], axis=1)[_RANGES]


def _sides(figures: pd.DataFrame, reference: pd.DataFrame, profile: BalanceProfile) -> pd.DataFrame:
    """Compute V and D, and count how many of how many measures of each were known."""
    ratio = make_measures(figures, profile) / reference.where(reference > 0)
    ratio = ratio.clip(1 / profile.cap, profile.cap)
    table: dict[str, Any] = {}
    for name, side in (("V", profile.vragers), ("D", profile.dragers)):
        q = ratio[[measure.key for measure in side.measures]].to_numpy()
        weights = np.array([measure.weight for measure in side.measures])
        known = np.isfinite(q)
        weight = known @ weights
        enough = (known.sum(axis=1) >= side.minimum_known) & (weight > 0)
        total = np.where(known, q, 0.0) @ weights
        table[name] = np.divide(total, weight, out=np.full(len(q), np.nan), where=enough)
        table[f"{name}_known"], table[f"{name}_most"] = known.sum(axis=1), len(weights)
    return pd.DataFrame(table, index=figures.index)


def _counted_words(sides: pd.DataFrame) -> dict[str, pd.Series[str]]:
    """Say in words, per language, how many measures were known."""
    counts = sides[["V_known", "V_most", "D_known", "D_most"]].itertuples(index=False)
    told = [
        tell(
            "{v} of {most_v} measures of vragers and {d} of {most_d} of dragers known",
            v=v, most_v=most_v, d=d, most_d=most_d,
        )
        for v, most_v, d, most_d in counts
    ]  # fmt: skip
    return {
        lang: pd.Series([translate(one, lang) for one in told], index=sides.index, dtype=object)
        for lang in _REMARKS
    }


def _remarks(
    figures: pd.DataFrame,
    against: Reference,
    profile: BalanceProfile,
    reasons: pd.DataFrame | None,
    lang: str,
) -> pd.Series[str]:
    """Name every measure that is unknown, with its reason, and a reference that is a mean."""
    known = make_measures(figures, profile).notna()
    texts = pd.Series("", index=figures.index, dtype=object)
    for measure in profile.measures:
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
