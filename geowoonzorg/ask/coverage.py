"""Which share of the homes of every area lies within walking distance of what? Whole, in tiles or on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geowoonzorg.ask._asked import asked_of
from geowoonzorg.ask._registry import question
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.provenance import account_for
from geowoonzorg.ask.writing import Outputs
from geowoonzorg.errors import InputError
from geowoonzorg.measure.residents import people_by_zone
from geowoonzorg.messages import tell
from geowoonzorg.people.area_coverage import KEY, add_up, cover_areas, tally_arrays
from geowoonzorg.progress import Progress, part, silent
from geowoonzorg.show.coverage_page import coverage_page
from geowoonzorg.town.completeness import class_completeness, completeness_of_gemeenten
from geowoonzorg.town.known_whole import known_whole
from geowoonzorg.town.tiling import Asking, Tile, over_tiles
from geowoonzorg.walk.nearest_arrays import fits_float32, nearest_array

if TYPE_CHECKING:
    from geowoonzorg.messages import Message
    from geowoonzorg.town import Town

OUTPUTS = Outputs(
    layers={"coverage.gpkg": ("areas",)}, tables={"coverage_per_area.csv": "coverage"}, pages=False,
    documents={"map.html": coverage_page},
)  # fmt: skip


@question("coverage", OUTPUTS)
def coverage(town: Town, *, progress: Progress = silent) -> Answer:
    """Say which share of every area's homes is near what.

    Parameters
    ----------
    town
        Whose addresses walk, and in whose areas they are counted.
    progress
        Hears how far the work is.

    Returns
    -------
    Answer
        Table ``coverage``, a row per area, class and limit: as `cover_areas`, with ``area_name``, ``share_high``
        (1 where the class is not known whole: one that is missing may be near) and, per class in the area's own
        gemeente, ``found, expected_low, expected_high, complete_share``. Layer ``areas``: the areas with, for the
        first limit, ``share_<class>`` and ``share_<class>_low`` (0–1; empty where nobody lives, or nothing is known
        of the class).

    Raises
    ------
    InputError
        When the town has no areas, no facilities or no addresses but squares.
    StudyError, SourceError, OutputError
        Of a town that is asked in tiles: when ``parts`` is of another question or cannot be written, or the cluster
        cannot be used.
    Cancelled
        When ``progress`` asks to stop.

    Notes
    -----
    The counts of tiles are whole numbers, so they add up to exactly those of the town, however it is cut. A class of
    which not all may be known has a share that is at least this: there may be one that is nearer.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> found = coverage(Town.demo()).coverage
    >>> found[found["facility_class"] == "huisarts"]["share_within"].between(0, 1).all()
    np.True_
    """
    if town.figures is None:
        raise InputError("coverage: the study has no [areas] to count homes in")
    if town.homes == "squares":
        raise InputError("coverage: squares are no homes to count; give the study addresses")
    if town.facilities.empty:
        raise InputError("coverage: the study has no facilities to walk to")
    limits = [float(limit) for limit in town.walking.limits_m]
    tally = _tally(town, limits, part(progress, 0.0, 0.9))
    _, elderly = people_by_zone(town, "65plus")
    sizes = town.home.value_counts()
    table = cover_areas(tally, sizes=sizes, elderly=elderly, absent=town.absent)
    frame = town.figures.frame
    table.insert(1, "area_name", frame["name"].reindex(table["area_code"]).to_numpy())
    table = table.join(_completeness(town, table))
    share = table["share_within"]  # where one may be missing, anybody may be near it
    at_most = share.where(known_whole(table) | share.isna(), 1.0)
    table.insert(list(table.columns).index("share_low") + 1, "share_high", at_most)
    return Answer(
        question="coverage",
        asked=asked_of(town),
        tables={"coverage": table, "areas": _layer(town, table, limits[0])},
        notes=tuple(_notes(town, table, tally)),
        provenance=account_for(town),
        outputs=OUTPUTS,
        summary=tuple(_told(table, limits[0])),
        inputs=tuple(one.path for one in town.sources if one.path is not None),
    )


def _tally(town: Town, limits_m: list[float], progress: Progress) -> pd.DataFrame:
    """Walk from the addresses of a town and count by area, as a whole or tile by tile."""
    if town.addresses.empty:
        raise InputError("the town has no addresses to walk from; give it some")
    if town.tiling is None:
        walks = town.nearest_array(limit_m=max(limits_m), progress=progress)
        return tally_arrays(walks, town.home.reindex(town.addresses["id"]), limits_m)
    asking = Asking(
        tally_tile, "coverage", max(limits_m), {"limits_m": limits_m}, one_of_each="facility_class"
    )
    homes = town.addresses
    homes = homes.assign(zone=town.home.reindex(homes["id"]).to_numpy())
    found = over_tiles(town, asking, homes, town.facilities, progress=progress)
    return add_up([one.frame.set_index(list(KEY)) for one in found])


def tally_tile(tile: Tile, *, limits_m: list[float], progress: Progress = silent) -> pd.DataFrame:
    """Walk from the addresses of a tile and count by area.

    Parameters
    ----------
    tile
        Its places have the code of their area in ``zone``.
    limits_m
        Walking distances (m).
    progress
        Hears how far the work is.

    Returns
    -------
    pandas.DataFrame
        As `tally_arrays`, on a range index: whole numbers, so those of tiles add up to exactly the town's.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> town = Town.demo()
    >>> homes = town.addresses.head(9).assign(zone="BU01")
    >>> tile = Tile(town.network, homes, town.facilities, town.walking.access)
    >>> tally_tile(tile, limits_m=[400.0])["addresses"].max()
    np.int64(9)
    """
    walks = nearest_array(
        tile.network, tile.places, tile.beside, limit_m=max(limits_m),
        dtype="float32" if fits_float32(limits_m) else "float64", progress=progress, **tile.access,
    )  # fmt: skip
    return tally_arrays(walks, tile.places["zone"], limits_m).reset_index()


def _completeness(town: Town, table: pd.DataFrame) -> pd.DataFrame:
    """Say of each row how complete its class is: in the area's own gemeente where the areas lie in several."""
    columns = ["found", "expected_low", "expected_high", "complete_share"]
    whole = class_completeness(town).reindex(table["facility_class"])[columns]
    own = completeness_of_gemeenten(town)
    if own.empty:
        return whole.set_axis(table.index)
    assert town.figures is not None  # noqa: S101 - checked
    gemeente = town.figures.frame["gemeente_code"].reindex(table["area_code"])
    keys = pd.MultiIndex.from_arrays([gemeente, table["facility_class"]])
    return own[columns].reindex(keys).set_axis(table.index)


def _layer(town: Town, table: pd.DataFrame, limit_m: float) -> gpd.GeoDataFrame:
    """Lay the shares of the first limit on the areas, two columns a class."""
    assert town.figures is not None  # noqa: S101 - checked
    frame = town.figures.frame
    own = table[table["limit_m"] == limit_m].set_index(["area_code", "facility_class"])
    wide = {
        f"share_{name}{end}": own[column].unstack("facility_class").reindex(frame.index)[name]
        for name in sorted(table["facility_class"].unique())
        for end, column in (("", "share_within"), ("_low", "share_low"))
    }
    n = own.groupby("area_code")["addresses"].max().reindex(frame.index).astype("Int64")
    about: dict[str, Any] = {
        "code": frame.index,
        "name": frame["name"].to_numpy(),
        "limit_m": limit_m,
        "addresses": n.to_numpy(),
    }
    return gpd.GeoDataFrame(
        about | {name: np.asarray(column) for name, column in wide.items()},
        geometry=frame.geometry.to_numpy(),
        crs=frame.crs,
    )


def _notes(town: Town, table: pd.DataFrame, tally: pd.DataFrame) -> list[Message]:
    """Say what people should know of the outcome."""
    outside = int(town.home.isna().sum())
    notes = []
    if outside:
        notes.append(
            tell(
                "{n} {n:address lies|addresses lie} in no area and {n:is|are} not counted",
                n=outside,
            )
        )
    off = int(table.drop_duplicates("area_code")["addresses_off"].sum())
    if off:
        notes.append(tell("{n} {n:address is|addresses are} not on the network", n=off))
    unheard = sorted(set(town.classes) - set(table["facility_class"]))
    if unheard and len(tally):
        notes.append(tell(
            "nothing is known of {names}: no row says how many live near", names=", ".join(unheard)
        ))  # fmt: skip
    return notes


def _told(table: pd.DataFrame, limit_m: float) -> list[Message]:
    """Say per class what came out, for a terminal."""
    lines = []
    for name, rows in table[table["limit_m"] == limit_m].groupby("facility_class"):
        n, near, low = (int(rows[c].sum()) for c in ("addresses", "addresses_within", "within_low"))
        if n:
            values = {
                "name": str(name),
                "share": near / n,
                "low": low / n,
                "n": n,
                "limit": limit_m,
            }
            told = tell(
                "{name}: {share:.0%} of {n:,} addresses within {limit:limit}; {low:.0%} if the unknown "
                "turns out badly",
                **values,
            )  # fmt: skip
            if not known_whole(rows).all():
                told = tell(
                    "{name}: at least {share:.0%} of {n:,} addresses within {limit:limit}, for it is not sure that "
                    "all are known; of those known {low:.0%} if the unknown turns out badly",
                    **values,
                )
            lines.append(told)
    return lines
