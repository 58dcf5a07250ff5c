"""Where are places that nobody has named? Every cell of the ground measured as a site, and the best spots of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.ask._asked import as_profile, asked_of, background_streets
from geowoonzorg.ask._assumed import assume_of
from geowoonzorg.ask._looked import (
    KNOCKED_OUT,
    SCORED,
    TOO_LITTLE_KNOWN,
    Buildings,
    look_at,
)
from geowoonzorg.ask._registry import question
from geowoonzorg.ask._spots import pick_spots, spots_of
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.provenance import account_for, name_files
from geowoonzorg.ask.writing import Outputs
from geowoonzorg.errors import InputError
from geowoonzorg.findings import Grid
from geowoonzorg.measure import Reach, measure_wide
from geowoonzorg.messages import tell
from geowoonzorg.progress import Progress, part, rising, silent
from geowoonzorg.ranking.scoring import score
from geowoonzorg.show.question_page import question_map
from geowoonzorg.show.terminal import one_line
from geowoonzorg.town.classes import several

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from geowoonzorg.ask._looked import Looked
    from geowoonzorg.messages import Message
    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.town import Town

OUTPUTS = Outputs(
    layers={"spots.gpkg": ("spots", "criteria")},
    tables={},
    pages=False,
    documents={"map.html": question_map},
    grids={"suitability.tif": "suitability"},
    records={"search.json": "search"},
)
#: Places measured together: enough to share each search, few enough for their walks to fit in memory.
_BLOCK: Final = 8_192
_BANDS: Final = ("score", "score_low", "score_high", "known_weight_share")


@question("search", OUTPUTS, section="search")
def search(  # noqa: PLR0913 - each is a choice of its own
    town: Town,
    *,
    profile: str | Path | Mapping[str, Any] | ScoringProfile = "geclusterd",
    cell_m: float = 25.0,
    homes: int | None = None,
    assume: Mapping[str, str] | None = None,
    spots: int | None = None,
    apart_m: float | None = None,
    max_per_wijk: int | None = None,
    min_area_m2: float | None = None,
    allow: Sequence[str | Path | gpd.GeoDataFrame] = (),
    forbid: Sequence[str | Path | gpd.GeoDataFrame] = (),
    dragers_to_spare: bool = False,
    buildings: str | Path | gpd.GeoDataFrame | None = None,
    building_use: Sequence[str] = (),
    min_floor_m2: float | None = None,
    built_from: int | None = None,
    built_until: int | None = None,
    seconds: float = 60.0,
    progress: Progress = silent,
) -> Answer:
    """Find places for homes where nobody has named any.

    Parameters
    ----------
    town
        Where is searched.
    profile
        How places are judged: as `geowoonzorg.read_scoring_profile` takes it, or a profile.
    cell_m
        The side of a cell (m); each is judged at its centre.
    homes
        How many homes a place is assumed to bring.
    assume
        What else a place is assumed to be, by column of a site, such as ``ontmoetingsruimte=ja``; what is not
        assumed is unknown.
    spots
        How many spots to choose: together they score most.
    apart_m
        How far apart spots lie at least, in a straight line (m).
    max_per_wijk
        At most so many spots in one wijk.
    min_area_m2
        The least piece of allowed ground that a spot is part of, or of a building its plot (m2).
    allow
        A layer of polygons or a GeoTIFF (every value but 0): only this ground is looked at.
    forbid
        A layer of polygons or a GeoTIFF (every value but 0): this ground is not looked at.
    dragers_to_spare
        Look only in areas that have more dragers to vragers than the reference (``balans`` below 0).
    buildings
        A list of buildings, as of the BAG, or an OSM file, whose buildings are looked at instead of cells.
    building_use
        Only buildings with this use, such as ``kantoorfunctie``.
    min_floor_m2
        Only buildings with at least so much floor (m2).
    built_from
        Only buildings of this year or later.
    built_until
        Only buildings of this year or earlier.
    seconds
        How long is looked for a better set of spots; then the best so far is given, with its gap.
    progress
        Hears how far the work is.

    Returns
    -------
    Answer
        Grid ``suitability`` with the bands ``score``, ``score_low``, ``score_high`` (0-100),
        ``known_weight_share`` (0-1) and ``why`` (0 scored, 1 too little known, 2 knocked out, 3 not allowed or
        outside the town's ground, 4 off the network); of buildings each cell has its best. Tables ``spots`` and
        ``criteria`` (their parts), in the town's CRS. Record ``search``: ``objective, bound, gap, spots, apart_m``
        and counts.

    Raises
    ------
    StudyError
        When an option makes no sense, an assumption is none of the profile's, or spots cannot be chosen as asked:
        the message says which bound cannot be met, and the most that can.
    InputError
        When there is no ground to look at, or no place with a score to choose spots from.
    CrsError, GeometryError, FormatError, SourceError, MissingColumnError
        When a layer cannot be used.
    Cancelled
        When ``progress`` asks to stop.

    Notes
    -----
    A cell is a site at its centre: measured by the same metrics and scored by the same profile, so `score_sites`
    gives the same there. Walks begin at the cell itself. The best spots are chosen by integer programming
    (`geowoonzorg.choosing.spots`), not one by one.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> answer = search(Town.demo(), cell_m=400, homes=24, assume={"ontmoetingsruimte": "ja"}, spots=2, apart_m=800)
    >>> answer.spots["rank"].tolist()
    [1, 2]
    >>> sorted(answer.grids["suitability"].bands)
    ['known_weight_share', 'score', 'score_high', 'score_low', 'why']
    """
    judged, progress = as_profile(profile), rising(progress)
    assumed = assume_of(judged, homes=homes, assume=assume or {})
    chosen_from = None if buildings is None else Buildings(
        buildings, several(building_use), min_floor_m2, built_from, built_until
    )  # fmt: skip
    looked = look_at(
        town, cell_m, allow=allow, forbid=forbid, dragers_to_spare=dragers_to_spare, buildings=chosen_from
    )  # fmt: skip
    progress(0.05, "places to look at")
    places = looked.places.assign(**assumed.columns)
    found = _score_blocks(town, places, judged, progress=part(progress, 0.05, 0.85))
    usable = _usable(found, looked, min_area_m2)
    if spots is not None and not usable.any():
        raise _none_to_choose_from(found, looked, min_area_m2)
    picked = pick_spots(
        looked, np.where(usable, found["score"], np.nan), n=spots, apart_m=apart_m,
        max_per_wijk=max_per_wijk, seconds=seconds, progress=part(progress, 0.85, 0.95),
    )  # fmt: skip
    layer, criteria = spots_of(town, places.iloc[picked.chosen], judged)
    progress(1.0, "done")
    counts = {name: int((found["why"] == code).sum()) for name, code in _COUNTED.items()}
    told = tell(
        "{n:,} {places} looked at: {scored:,} with a score, {unknown:,} of which too little is known, {out:,} "
        "knocked out",
        n=len(found), places=tell("cells") if buildings is None else tell("buildings"),
        scored=counts["scored"], unknown=counts["too_little_known"], out=counts["knocked_out"],
    )  # fmt: skip
    sources = looked.sources
    return Answer(
        question="search",
        asked=asked_of(town),
        tables={"spots": layer, "criteria": criteria, "streets": background_streets(town.network)},
        grids={"suitability": _grid(looked, found)},
        records={"search": {**picked.record, **counts, "cell_m": float(cell_m), "assumed": assumed.record}},
        profile=judged,
        notes=name_files(
            [*town.sources, *sources],
            [*town.network.notes, *town.notes, *assumed.notes, *looked.notes, told, *picked.proof, *picked.costs],
        ),
        provenance=account_for(town, sources=sources, profile=judged),
        outputs=OUTPUTS,
        summary=(*picked.proof, *_spot_lines(layer), *picked.costs, told),
        inputs=tuple(one.path for one in (*town.sources, *sources) if one.path is not None),
    )  # fmt: skip


_COUNTED: Final = {
    "scored": SCORED,
    "too_little_known": TOO_LITTLE_KNOWN,
    "knocked_out": KNOCKED_OUT,
}


def _score_blocks(
    town: Town, places: gpd.GeoDataFrame, profile: ScoringProfile, *, progress: Progress
) -> pd.DataFrame:
    """Measure and score places block by block: the bands of the grid, and ``why``, a row each."""
    tables: list[pd.DataFrame] = []
    for start in range(0, len(places), _BLOCK):
        block = places.iloc[start : start + _BLOCK].reset_index(drop=True)
        ends = start / len(places), (start + len(block)) / len(places)
        progress(ends[0], tell("places {start} to {end}", start=start + 1, end=start + len(block)))
        reach = Reach(town, block, progress=part(progress, *ends))
        measures = measure_wide(reach, profile.criteria)
        scores = score(
            measures.raw, profile, raw_low=measures.raw_low, raw_high=measures.raw_high, draws=0
        )
        why = np.where(scores["knocked_out"], KNOCKED_OUT, SCORED)
        why = np.where((why == SCORED) & scores["score"].isna(), TOO_LITTLE_KNOWN, why)
        tables.append(scores[list(_BANDS)].assign(why=why).reset_index(drop=True))
    return pd.concat(tables, ignore_index=True)


def _usable(found: pd.DataFrame, looked: Looked, min_area_m2: float | None) -> NDArray[np.bool_]:
    """Say which places a spot may be: those with a score on a piece of ground that is large enough."""
    large = looked.places["piece_m2"].to_numpy() >= (min_area_m2 or 0.0)
    return np.asarray((found["why"] == SCORED).to_numpy() & large)


def _none_to_choose_from(
    found: pd.DataFrame, looked: Looked, min_area_m2: float | None
) -> InputError:
    """Say why no place can be a spot: what is not known of them, what knocks them out, or that they are too small."""
    counts = found["why"].value_counts()
    scored = int(counts.get(SCORED, 0))
    if scored:
        return InputError(
            "spots: {n} places have a score, and none of them lies on a piece of ground of {area:g} m2; the largest "
            "is {most:g} m2: ask for no more with min_area_m2",
            n=scored, area=min_area_m2,
            most=float(looked.places["piece_m2"].to_numpy()[(found["why"] == SCORED).to_numpy()].max()),
        )  # fmt: skip
    return InputError(
        "spots: none of the {n} places has a score: of {unknown} too little is known for one, {out} are knocked out; "
        "give the study what the profile asks (figures of areas, rasters), assume more of a place, or take another "
        "profile",
        n=len(found), unknown=int(counts.get(TOO_LITTLE_KNOWN, 0)), out=int(counts.get(KNOCKED_OUT, 0)),
    )  # fmt: skip


def _grid(looked: Looked, found: pd.DataFrame) -> Grid:
    """Lay what was found out as a grid; of several places in a cell the one with the highest score."""
    ground, shape = looked.ground, looked.ground.shape
    best = found.assign(cell=looked.cell).sort_values(
        ["why", "score"], ascending=[True, False], kind="stable"
    )
    best = best.drop_duplicates("cell")
    why = looked.why.astype(np.float32)
    np.put(why, best["cell"].to_numpy(), best["why"].to_numpy())
    bands: dict[str, Any] = {}
    for name in _BANDS:
        values = best[name]
        if name.startswith("score"):
            values = values.where(best["why"] == SCORED)
        band = np.full(shape, np.nan, dtype=np.float32)
        np.put(band, best["cell"].to_numpy(), values.to_numpy())
        bands[name] = band
    return Grid(
        bands={**bands, "why": why}, west=ground.west, north=ground.north, cell_m=ground.cell_m,
        crs=ground.crs.to_string(),
    )  # fmt: skip


def _spot_lines(spots: pd.DataFrame) -> tuple[Message, ...]:
    """Tell of every spot its points and between what they may lie."""
    lines = []
    row: Any
    for row in spots.sort_values("rank").itertuples(index=False):
        line = tell(
            "{rank}. {spot}: {score:.1f} points, {low:.1f} to {high:.1f} possible",
            rank=int(row.rank), spot=one_line(row.name), score=float(row.score), low=float(row.score_low),
            high=float(row.score_high),
        )  # fmt: skip
        lines.append(line)
    return tuple(lines)
