"""A run as it is compared with another: its measures, its profile and what it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from geowoonzorg.ask.answer import Answer
from geowoonzorg.errors import FormatError, InputError
from geowoonzorg.files import read_json, read_table, read_vector
from geowoonzorg.ranking.scoring_profile import ScoringProfile, parse_scoring_profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

_PROVENANCE: Final = "provenance.json"
_RESULT: Final = "result.gpkg"
#: The inputs that are the streets and who walks them.
_OF_STREETS: Final = frozenset({"network", "pavement", "heights"})
_NONE: Final = "none"  # the reason of a distance that has no end


@dataclass(frozen=True, eq=False)
class Run:
    """What a run found.

    Attributes
    ----------
    name
        What its study is called.
    sites
        By id (text): ``name, score, rank``.
    raw, low, high
        The measures and their ranges, sites × criteria.
    profile
        How it was scored.
    provenance
        What it was made of.
    around
        The facilities and the addresses, each as a set of texts: what of the network's file are no streets.
    """

    name: str
    sites: pd.DataFrame
    raw: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    profile: ScoringProfile
    provenance: Mapping[str, Any]
    around: tuple[frozenset[str], ...]

    @property
    def streets(self) -> object:
        """What the streets and the walking were made of."""
        return (_inputs(self.provenance, of_streets=True), _walking(self.provenance))

    @property
    def data(self) -> object:
        """What all else was made of."""
        return (_inputs(self.provenance, of_streets=False), self.around, _balance(self.provenance))


def take_run(given: Answer | str | Path) -> Run:
    """Take a run from the folder it was written in, or from its answer.

    Parameters
    ----------
    given
        A folder that ``geowoonzorg run`` wrote, or what `geowoonzorg.run` or `score_sites` gave.

    Returns
    -------
    Run
        What is needed to compare it.

    Raises
    ------
    InputError
        When it is no run of sites.
    FormatError, SourceError
        When the folder lacks files of a run, or they cannot be read.

    Examples
    --------
    >>> import geowoonzorg
    >>> from geowoonzorg.prepare import demo_study
    >>> take_run(geowoonzorg.run(demo_study())).name
    'Wierhaven 2023 (fictieve gemeente)'
    """
    if isinstance(given, Answer):
        if "criteria" not in given.tables or given.profile is None or given.question != "sites":
            raise InputError(
                "compare takes answers of run, not of {question}", question=given.question
            )
        known = tuple(
            _as_texts(_places(given.tables[name])) for name in ("facilities", "addresses")
        )
        return _run(given.tables, given.provenance, given.profile, known, given.asked.name)
    folder = Path(given)
    provenance = read_json(folder / _PROVENANCE)
    document = provenance.get("profiles", {}).get("scoring")
    if not isinstance(document, dict) or "criterion" not in document:
        raise FormatError(
            "{folder} holds no run of sites: its provenance tells of no scoring profile; give a folder that "
            "`geowoonzorg run` wrote",
            folder=folder,
        )
    own = {k: v for k, v in document.items() if k not in {"hash", "inherits"}}
    profile = parse_scoring_profile(own, where=str(folder / _PROVENANCE))
    file = folder / _RESULT
    read = {
        name: read_table(f"{file}|layername={name}", role="run") for name in ("sites", "criteria")
    }
    layers = ("facilities", "addresses")
    around = tuple(_as_texts(read_vector(file, layer=name, role="run")) for name in layers)
    return _run(
        read, provenance, profile, around, str(provenance["study"].get("name", folder.name))
    )


def _run(
    tables: Mapping[str, pd.DataFrame], provenance: Mapping[str, Any], profile: ScoringProfile,
    around: tuple[frozenset[str], ...], name: str,
) -> Run:  # fmt: skip
    sites = tables["sites"].reset_index(drop=True)
    ids = pd.Index(sites["id"].astype(str), name="id")
    shown = pd.DataFrame(
        {
            "name": sites["name"].astype(str).to_numpy(),
            "score": _numbers(sites["score"]),
            "rank": _numbers(sites["rank"]),
        },
        index=ids,
    )
    rows = tables["criteria"].assign(site_id=lambda t: t["site_id"].astype(str))
    words = {c.key for c in profile.criteria if c.levels}
    raw: dict[str, pd.Series] = {}
    low: dict[str, pd.Series] = {}
    high: dict[str, pd.Series] = {}
    for name_of, own in rows.groupby("criterion", sort=False):
        key = str(name_of)
        part = own.set_index("site_id").reindex(ids)
        if key in words:
            raw[key] = part["raw"].astype(object).where(part["raw"].notna(), None)
            continue
        value = pd.Series(_numbers(part["raw"]), ids)
        none = (part["reason"] == _NONE) & value.isna()
        raw[key] = value.mask(none, np.inf)
        ends = [pd.Series(_numbers(part[f"raw_{end}"]), ids) for end in ("low", "high")]
        some = raw[key].notna() | ends[0].notna() | ends[1].notna()
        # Beside what is known an empty end is no end.
        low[key] = ends[0].mask(ends[0].isna() & some, -np.inf)
        high[key] = ends[1].mask(ends[1].isna() & some, np.inf)
    first, second, third = (pd.DataFrame(table, index=ids) for table in (raw, low, high))
    return Run(name, shown, first, second, third, profile, provenance, around)


def _places(table: pd.DataFrame) -> gpd.GeoDataFrame:
    import geopandas as gpd

    return gpd.GeoDataFrame(table)


def _numbers(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)


def _as_texts(places: gpd.GeoDataFrame) -> frozenset[str]:
    """Give facilities or addresses as texts that are the same where those are, to the millimetre."""
    columns = [c for c in ("id", "facility_class", "area_code") if c in places]
    centres = places.geometry.centroid
    told = places[columns].astype(str).assign(x=centres.x.round(3), y=centres.y.round(3))
    return frozenset("\x1f".join(map(str, row)) for row in told.itertuples(index=False))


def _inputs(provenance: Mapping[str, Any], *, of_streets: bool) -> frozenset[tuple[str, str]]:
    return frozenset(
        (one["role"], one["sha256"])
        for one in provenance.get("inputs", [])
        if (one["role"] in _OF_STREETS) == of_streets
    )


def _walking(provenance: Mapping[str, Any]) -> tuple[object, ...]:
    made = provenance.get("profiles", {}).get("walking", {})
    keys = ("hash", "max_snap_m", "access_legs")
    return (*(made.get(key) for key in keys), tuple(made.get("limits_m", ())))


def _balance(provenance: Mapping[str, Any]) -> object:
    return provenance.get("profiles", {}).get("vragers_dragers", {}).get("hash")
