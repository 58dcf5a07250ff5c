"""Does it fit? A gemeente's homes of a region, tried on the sites of a study of that gemeente."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.ask._registry import REGISTERED, said_of
from geowoonzorg.ask.programme import programme
from geowoonzorg.choosing.homes import CAPACITY
from geowoonzorg.errors import StudyError
from geowoonzorg.files import column_for
from geowoonzorg.messages import tell
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.region.gemeenten import plain_gemeente
from geowoonzorg.study import read_study
from geowoonzorg.town import Town
from geowoonzorg.town.reading import read_sites

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from geowoonzorg.ask.answer import Answer
    from geowoonzorg.messages import Message
    from geowoonzorg.region.outcome import Outcome
    from geowoonzorg.region.study import Region
    from geowoonzorg.study import Study

COLUMNS: Final = (
    "gemeente", "code", "woningtype", "homes", "homes_low", "homes_high", "fits", "short", "short_low", "short_high",
    "why", "source",
)  # fmt: skip
#: The kinds of the form that a site's woonvorm can be.
KINDS: Final = ("geclusterd", "zorggeschikt")
ANY: Final = ""  # whatever kind: of a key, or where no site tells its woonvorm
NO_STUDY: Final = "no_study"
NO_SITES: Final = "no_sites"
NO_HOMES: Final = "homes_unknown"
NO_TIME: Final = "no_time"


@dataclass(frozen=True, eq=False)
class Fits:
    """What fits.

    Attributes
    ----------
    table
        A row per gemeente and kind of home: `COLUMNS`.
    notes
        What was left out and which bounds conflict, per gemeente.
    inputs
        The files that the studies read.
    """

    table: pd.DataFrame
    notes: tuple[Message, ...] = ()
    inputs: tuple[Path, ...] = field(default=())


def try_homes(region: Region, outcome: Outcome, *, progress: Progress = silent) -> Fits:
    """Try every gemeente's homes on the sites of its study.

    Parameters
    ----------
    region
        With ``studies``, and what homes are held to.
    outcome
        With the tables ``hulpmiddel`` and ``verdeelsleutels``.
    progress
        Hears how far the work is.

    Returns
    -------
    Fits
        The homes that the form adds, of kinds that a site can be of, on sites of that woonvorm; where the form has
        none of them for a gemeente its share by the first key, on any site. ``why`` is empty where all fit, else
        keys: the kinds of bounds that conflict, or why nothing can be told.

    Raises
    ------
    StudyError
        When a study is of no gemeente of the region, or wrong.
    InputError, MissingColumnError, CrsError, FormatError, SourceError, Cancelled
        As `geowoonzorg.ask.programme.programme`.

    Notes
    -----
    Homes that are not known exactly are tried at the most that they can be; if even their most is not known, at the
    least. Each kind is a programme of its own, on sites that no other kind has; what one does to the balance around
    the sites of another is not counted.

    Examples
    --------
    >>> from pathlib import Path
    >>> from geowoonzorg.prepare import demo_study
    >>> from geowoonzorg.region.outcome import work_out
    >>> from geowoonzorg.region.study import read_region
    >>> region = read_region(demo_study().parent / "regio" / "region.toml")
    >>> found = try_homes(region, work_out(region)).table
    >>> found.loc[found["gemeente"] == "Wierhaven", ["woningtype", "homes", "fits"]].values.tolist()
    [['geclusterd', 50, 50], ['zorggeschikt', 110, 102]]
    """
    studies = _by_code(region, outcome)
    asked = homes_asked(region, outcome)
    notes: list[Message] = []
    inputs: list[Path] = []
    rows = []
    for at, (code, mine) in enumerate(asked.groupby("code", sort=False)):
        heard = part(progress, at / asked["code"].nunique(), (at + 1) / asked["code"].nunique())
        if code not in studies:
            rows += [_untold(row, NO_STUDY) for row in mine.to_dict("records")]
            continue
        study = read_study(studies[str(code)])
        ground, told = _ground(study, part(heard, 0.0, 0.3))
        about = tell("{gemeente}", gemeente=mine["gemeente"].iloc[0])
        notes += [tell("{about}: {what}", about=about, what=one) for one in told]
        kind = column_for(ground[1], "woonvorm")
        apart = kind is not None and ground[1][kind].notna().any()
        tried = (mine if apart else _as_one(mine)).to_dict("records")
        for number, row in enumerate(tried):
            share = 0.7 / len(tried)
            listening = part(heard, 0.3 + number * share, 0.3 + (number + 1) * share)
            found, answer = _try(row, study, *ground, region=region, progress=listening)
            rows.append(found)
            if answer is not None:
                notes += _told(found, answer)
                inputs += answer.inputs
    return Fits(_typed(rows), tuple(dict.fromkeys(notes)), tuple(dict.fromkeys(inputs)))


def _ground(
    study: Study, progress: Progress
) -> tuple[tuple[Town, gpd.GeoDataFrame], list[Message]]:
    """Read the town and the sites of a study; the spots of its search where it names no sites."""
    if study.sites is not None or study.search is None or not study.search.spots:
        return (Town.read(study, progress=progress), read_sites(study)), []
    town = Town.read(study, progress=part(progress, 0.0, 0.5))
    looking = REGISTERED["search"]
    found = looking.ask(town, **said_of(study, looking), progress=part(progress, 0.5, 1.0))
    note = tell(
        "the study names no sites: homes are tried on the {n} {n:spot|spots} of its search", n=len(found.spots)
    )  # fmt: skip
    return (town, found.spots), [note]


def homes_asked(region: Region, outcome: Outcome) -> pd.DataFrame:
    """Give the homes that each gemeente has to add, by kind where the form says it.

    Parameters
    ----------
    region
        Its first key is taken where the form has nothing.
    outcome
        With the tables ``hulpmiddel`` and ``verdeelsleutels``, and figures.

    Returns
    -------
    pandas.DataFrame
        ``gemeente, code, woningtype`` (empty for any), ``homes, homes_low, homes_high`` (float64) and ``source``; in
        the order of the figures.
    """
    form, keys = outcome.tables["hulpmiddel"], outcome.tables["verdeelsleutels"]
    rows: list[dict[str, Any]] = []
    for name, code in outcome.figures.codes.items():
        about = {"gemeente": name, "code": code}
        mine = form[(form["gemeente"] == name) & (form["row"] == "to_add")] if len(form) else form
        told = [
            {**about, "woningtype": kind, **_sum(cells), "source": _source(cells)}
            for kind in KINDS
            if len(cells := _filled(mine, kind))
        ]
        if not told and len(keys):
            first = next(iter(region.keys))
            own = keys[
                (keys["gemeente"] == name) & (keys["key"] == first) & (keys["moment"] == "now")
            ]
            spans = {f"homes{s}": float(own[f"homes{s}"].iloc[0]) for s in ("_low", "_high")}
            spans["homes"] = float(own["homes"].astype("float64").iloc[0])
            told = [{**about, "woningtype": ANY, **spans, "source": own["source"].iloc[0]}]
        rows += [one for one in told if one["homes_high"] != 0]
    names = ["gemeente", "code", "woningtype", "homes", "homes_low", "homes_high", "source"]
    return pd.DataFrame(rows, columns=names)


def _filled(form: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Give the cells of a kind that somebody filled in, or in which a suppressed number may be."""
    if form.empty:
        return form
    cells = form[form["woningtype"] == kind]
    return cells[cells["homes"].notna() | cells["homes_low"].notna() | cells["homes_high"].notna()]


def _sum(cells: pd.DataFrame) -> dict[str, float]:
    """Add up homes of all groups, each end by itself."""
    exact = cells["homes"].astype("float64")
    low = exact.fillna(cells["homes_low"].astype("float64"))
    high = exact.fillna(cells["homes_high"].astype("float64"))
    return {
        "homes": float(exact.sum(skipna=False)),
        "homes_low": float(low.fillna(0.0).sum()),
        "homes_high": float(high.sum(skipna=False)),
    }


def _source(cells: pd.DataFrame) -> str:
    return "; ".join(cells["source"].astype("str"))


def _as_one(rows: pd.DataFrame) -> pd.DataFrame:
    """Put all kinds together, where no site says which it takes."""
    first = rows.iloc[[0]].assign(woningtype=ANY, source="; ".join(rows["source"]))
    for name in ("homes", "homes_low", "homes_high"):
        first[name] = rows[name].sum(skipna=False)
    return first


def _by_code(region: Region, outcome: Outcome) -> dict[str, Path]:
    """Name studies by the code of their gemeente."""
    codes = {plain_gemeente(name): code for name, code in outcome.figures.codes.items()}
    codes |= {plain_gemeente(code): code for code in outcome.figures.codes.values()}
    strange = [name for name in region.studies if plain_gemeente(name) not in codes]
    if strange:
        raise StudyError(
            "studies of what is no gemeente of the region: {names}; it has {gemeenten}",
            names=", ".join(strange), gemeenten=", ".join(outcome.figures.codes),
        )  # fmt: skip
    return {codes[plain_gemeente(name)]: path for name, path in region.studies.items()}


def _untold(row: Mapping[Any, Any], why: str) -> dict[str, Any]:
    """Give a row of which nobody can tell what fits."""
    nothing = dict.fromkeys(("fits", "short", "short_low", "short_high"), np.nan)
    return {**row, **nothing, "why": why}


def _try(
    row: Mapping[Any, Any],
    study: Study,
    town: Town,
    sites: gpd.GeoDataFrame,
    *,
    region: Region,
    progress: Progress,
) -> tuple[dict[str, Any], Answer | None]:
    """Try the homes of one row: what fits, and the programme that says so."""
    known_most = bool(np.isfinite(row["homes_high"]))
    homes = int(row["homes_high"] if known_most else row["homes_low"])
    if homes == 0:
        return _untold(row, NO_HOMES), None
    if sites.empty:
        return _short(row, 0, NO_SITES), None
    woonvorm = row["woningtype"] or None
    kind = column_for(sites, "woonvorm")
    if woonvorm and not (sites[kind].astype("str").str.strip().str.casefold() == woonvorm).any():
        return _short(row, 0, NO_SITES), None
    said = {
        name: getattr(study.programme, name)
        for name in ("max_share_per_wijk", "max_balance", "by_year", "min_per_site", "unscored")
        if study.programme is not None
    }
    for name in ("max_share_per_wijk", "max_balance"):
        value = getattr(region.fits, name, None)
        said |= {} if value is None else {name: value}
    answer = programme(
        town, sites, homes=homes, profile=study.scoring.profile, woonvorm=woonvorm, **said, progress=progress
    )  # fmt: skip
    found = answer.records["programme"]
    if found["status"] == "infeasible":
        why = dict.fromkeys(one["bound"] for one in found["conflict"] if one["bound"] != "homes")
        return _short(row, int(found["fits"]), ", ".join(why) or CAPACITY), answer
    if answer.programme.empty:
        return _untold(row, NO_TIME), answer
    return _short(row, homes, "" if known_most else NO_HOMES), answer


def _short(row: Mapping[Any, Any], fits: int, why: str) -> dict[str, Any]:
    """Say how many homes have no place."""
    low, high = (max(0.0, row[f"homes_{end}"] - fits) for end in ("low", "high"))
    if np.isnan(row["homes_high"]):
        high = np.nan
    return {
        **row, "fits": fits, "short": low if low == high else np.nan, "short_low": low, "short_high": high,
        "why": why,
    }  # fmt: skip


def _told(row: Mapping[Any, Any], answer: Answer) -> list[Message]:
    """Say of which gemeente and kind a programme's sentences are."""
    about = tell("{gemeente}", gemeente=row["gemeente"])
    if row["woningtype"]:
        about = tell("{gemeente}, {kind}", gemeente=row["gemeente"], kind=row["woningtype"])
    why = answer.summary if answer.records["programme"]["status"] == "infeasible" else ()
    return [tell("{about}: {what}", about=about, what=one) for one in (*why, *answer.notes)]


def _typed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Make the table, whole numbers as such."""
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    whole = [name for name in COLUMNS if name.startswith(("homes", "fits", "short"))]
    return table.astype(dict.fromkeys(whole, "Int64"))
