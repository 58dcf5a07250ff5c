"""What tags tell of ways, as a table with a row for each set of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.osm._filling import FILLED, sources_of
from geowoonzorg.osm.tag_values import read_attribute

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geowoonzorg.osm.profile import WalkProfile
    from geowoonzorg.osm.verdicts import WayVerdict

WORDS: Final = ("surface", "smoothness", "crossing", "lit", "wheelchair", "tunnel", "bridge")
NUMBERS: Final = ("width_m", "incline_pct")
RAMPS: Final = ("ramp:wheelchair", "ramp:stroller")


def describe_ways(
    kinds: Sequence[Mapping[str, str]], profile: WalkProfile
) -> tuple[list[WayVerdict], pd.DataFrame]:
    """Judge sets of tags as those of ways in an OSM file are.

    Parameters
    ----------
    kinds
        OSM key → value of each way.
    profile
        Who walks.

    Returns
    -------
    verdicts : list of WayVerdict
        Whether each may be walked, and which way.
    attributes : pandas.DataFrame
        As ``Walkways.way_attributes``, a row each.

    Examples
    --------
    >>> from geowoonzorg.osm.profile import read_profile
    >>> verdicts, table = describe_ways([{"highway": "footway", "surface": "asphalt"}], read_profile("rollator"))
    >>> verdicts[0].reason is None, table["surface"].tolist()
    (True, ['asphalt'])
    """
    named = [{**tags, "highway": str(profile.kind_of(tags))} for tags in kinds]
    return [profile.judge_way(tags) for tags in kinds], table_of(named, profile)


def table_of(
    kinds: Sequence[Mapping[str, str]], profile: WalkProfile, *, filled: bool = False
) -> pd.DataFrame:
    """Give the attributes of ways, one row per set of tags."""
    columns: dict[str, object] = {
        key: words_of([tags.get(key) for tags in kinds]) for key in ("highway", *WORDS)
    }
    columns["steps"] = np.array([tags["highway"] == "steps" for tags in kinds], bool)
    columns["ramp"] = np.array([_has_ramp(tags) for tags in kinds], bool)
    columns["cautious"] = np.array([profile.stays_open(tags) for tags in kinds], bool)
    for name in NUMBERS:
        columns[name] = np.array([read_attribute(tags, name) for tags in kinds], np.float32)
    if filled:
        columns |= {f"{name}_source": words_of(sources_of(kinds, name)) for name in FILLED}
    return pd.DataFrame(columns)


def _has_ramp(tags: Mapping[str, str]) -> bool:
    """Tell whether steps have a ramp; where only a gutter for bicycles is told of, that is none."""
    if any(tags.get(key, "no") != "no" for key in RAMPS):
        return True
    return tags.get("ramp", "no") not in {"no", "separate"} and "ramp:bicycle" not in tags


def words_of(values: Sequence[str | None]) -> pd.Categorical:
    """Make a categorical; pandas' own way costs more than all the rest."""
    categories = sorted({v for v in values if v is not None})
    number = {v: i for i, v in enumerate(categories)}
    codes = np.array([-1 if v is None else number[v] for v in values], np.int32)
    words = pd.CategoricalDtype(pd.Index(categories, dtype="str"))
    return pd.Categorical.from_codes(codes, dtype=words)
