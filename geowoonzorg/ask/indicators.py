"""What do these sites measure? Every criterion at every site, unscored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geowoonzorg.ask._asked import as_profile, asked_of, site_source, take_sites
from geowoonzorg.ask._registry import question
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.provenance import account_for
from geowoonzorg.ask.sites import like_given, site_layer
from geowoonzorg.ask.writing import Outputs
from geowoonzorg.measure import Reach, measure_reach, spread
from geowoonzorg.messages import tell
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.town import Town

OUTPUTS = Outputs(layers={"indicators.gpkg": ("indicators",)}, tables={}, pages=False)


@question("indicators", OUTPUTS, output=".gpkg")
def measure_sites(
    town: Town,
    sites: gpd.GeoDataFrame,
    *,
    profile: str | Path | Mapping[str, Any] | ScoringProfile = "geclusterd",
    progress: Progress = silent,
) -> Answer:
    """Measure a study's sites on every criterion, unscored.

    Parameters
    ----------
    town
        What is measured in.
    sites
        As `score_sites`.
    profile
        Whose criteria: as `geowoonzorg.read_scoring_profile` takes it, or a profile.
    progress
        Hears how far the work is.

    Returns
    -------
    Answer
        Table ``indicators``: ``id, name``, per criterion its measure in its own unit, ``<criterion>_low`` and
        ``<criterion>_high`` (between what it lies; an end that is nowhere is empty, as in the long table),
        ``<criterion>_reason`` (why it is unknown, else empty), and ``geometry``; on the index and in the CRS of
        ``sites``.

    Raises
    ------
    StudyError, CrsError, DuplicateIdError, GeometryError, InputError, FormatError, SourceError, Cancelled
        As `score_sites`.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import Point
    >>> from geowoonzorg.town import Town
    >>> sites = gpd.GeoDataFrame(geometry=[Point(146_000, 507_000)], index=["werf"], crs=28992)
    >>> measure_sites(Town.demo(), sites).indicators.loc["werf", "supermarkt"] > 0
    np.True_
    """
    judged = as_profile(profile)
    places = take_sites(sites, town)
    ids = pd.Index(places["id"], name="id")
    measures = measure_reach(Reach(town, places, progress=progress), judged.criteria)
    # No walk is endless in a file; its reason says that there is none.
    known = spread(measures, "raw", ids).replace(np.inf, np.nan)
    ends = [
        spread(measures, f"raw_{end}", ids).replace(np.inf, np.nan).add_suffix(f"_{end}")
        for end in ("low", "high")
    ]
    table = pd.concat([known, *ends, spread(measures, "reason", ids).add_suffix("_reason")], axis=1)
    order = [c for key in known for c in (key, f"{key}_low", f"{key}_high", f"{key}_reason")]
    source = site_source(sites)
    layer = site_layer(places[["id", "name", "geometry"]], table[order])
    return Answer(
        question="indicators",
        asked=asked_of(town),
        tables={"indicators": like_given(sites, layer)},
        profile=judged,
        notes=tuple(places.attrs["notes"]),
        provenance=account_for(town, sources=[source], profile=judged),
        outputs=OUTPUTS,
        summary=(tell("{n} {n:site|sites} measured", n=len(layer)),),
        inputs=tuple(one.path for one in (*town.sources, source) if one.path is not None),
    )
