"""Where the numbers come from: every input with its hash, year and licence, and what was counted."""

from __future__ import annotations

import copy
import importlib.metadata
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg.files import split_layer
from geowoonzorg.messages import renamed
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.osm import read_facility_classes
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.ranking.lenses import ranking_choices
from geowoonzorg.town.completeness import completeness_of_gemeenten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.town import Source, Town

_LIBRARIES: Final = (
    "geowoonzorg",
    "numpy",
    "numba",
    "shapely",
    "geopandas",
    "pyproj",
    "osmium",
    "rasterio",
    "folium",
    "babel",
)
_OWN: Final = "eigen bestand"
# In the order in which people look for them, whatever was read first.
_ROLES: Final = (
    "network", "pavement", "heights", "register", "facilities", "sites", "candidates", "addresses", "areas",
    "figures", "leefbaarometer", "indicator", "raster", "allow", "forbid", "buildings", "change",
)  # fmt: skip


def account_for(
    town: Town,
    *,
    sources: Sequence[Source] = (),
    profile: ScoringProfile | None = None,
    draws: int | None = None,
    seed: int | None = None,
) -> dict[str, Any]:
    """Account for an answer: its inputs, profiles, versions and counts.

    Parameters
    ----------
    town
        What was asked of.
    sources
        The inputs that belong to the question, such as its sites.
    profile
        The scoring profile, where there is one.
    draws, seed
        Of the ranks, where something was ranked.

    Returns
    -------
    dict
        ``study``, ``inputs``, ``figures``, ``leefbaarometer_beside``, ``expected`` (by facility class the country's
        number that says how many there may be, and where it was published), ``profiles``, ``versions`` and
        ``counts``, and ``ranking`` where something was ranked; the same for the same input, so without times or
        machine.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> [one["role"] for one in account_for(Town.demo())["inputs"]]
    ['network', 'register', 'areas', 'leefbaarometer', 'raster']
    """
    figures, made_with = town.figures, town.network.provenance
    balance = read_balance_profile() if figures is None else figures.profile
    given = sorted([*town.sources, *sources], key=lambda one: _ROLES.index(one.role))
    profiles: dict[str, Any] = {
        "walking": {
            "name": made_with.get("profile_name"),
            "title": made_with.get("profile_name"),
            "hash": made_with.get("profile"),
            "limits_m": list(town.walking.limits_m),
            "max_snap_m": town.walking.max_snap_m,
            "access_legs": town.walking.access_legs,
        }
    }
    if profile is not None:  # whole, because a profile may be a file that only its maker has
        made_of = {"hash": profile.hash, "inherits": list(profile.ancestors)}
        profiles["scoring"] = {**profile.document(), **made_of}
    profiles["vragers_dragers"] = {
        "name": balance.name, "title": balance.title, "title_en": balance.title_en, "hash": balance.hash,
    }  # fmt: skip
    about = town.about
    ranking: dict[str, Any] = {}
    if draws is not None:
        ranking = {"ranking": {"draws": draws, "seed": seed, **ranking_choices()}}
    return {
        "study": {
            "name": about.name, "date": about.date, "sha256": about.sha256, "crs": town.crs.to_string(),
        },
        "inputs": [_describe(one) for one in given],
        "figures": [] if figures is None else _figures(town),
        "leefbaarometer_beside": [] if figures is None else _plain_rows(figures.beside),
        "expected": _expected(town),
        "complete_of_gemeenten": _complete_of_gemeenten(town),
        "profiles": profiles,
        "versions": versions(),
        "counts": copy.deepcopy(town.network.counts),
        **ranking,
    }  # fmt: skip


def _complete_of_gemeenten(town: Town) -> list[dict[str, Any]]:
    """Count per class and gemeente, with the gemeente's name as far as the borders tell it."""
    rows = completeness_of_gemeenten(town).reset_index()
    if rows.empty or town.figures is None:
        return []
    names = town.figures.frame.drop_duplicates("gemeente_code").set_index("gemeente_code")
    rows.insert(1, "gemeente_name", rows["gemeente_code"].map(names["gemeente_name"]))
    return _plain_rows(rows)


def versions(names: Sequence[str] = _LIBRARIES) -> dict[str, str]:
    """Tell of which versions an answer was made.

    Parameters
    ----------
    names
        Of libraries.

    Returns
    -------
    dict
        Name → version.

    Examples
    --------
    >>> list(versions(["numpy"]))
    ['numpy']
    """
    return {name: importlib.metadata.version(name) for name in names}


def name_files(sources: Iterable[Source], notes: Iterable[str]) -> tuple[str, ...]:
    """Name files by their last part: where a study lies on somebody's disk is nobody's business.

    Parameters
    ----------
    sources
        The inputs that the notes are about.
    notes
        Sentences or messages, with whole paths.

    Returns
    -------
    tuple of str
        The same once each, with file names.

    Examples
    --------
    >>> from geowoonzorg.messages import tell
    >>> from geowoonzorg.town import Source
    >>> name_files([Source("sites", Path("a/b/list.csv"), "")], [tell("{file}: read", file=Path("a/b/list.csv"))])
    ('list.csv: read',)
    """
    return name_paths((one.path for one in sources if one.path is not None), notes)


def name_paths(paths: Iterable[Path], notes: Iterable[str]) -> tuple[str, ...]:
    """Name files by their last part, as `name_files` does, by their paths.

    Parameters
    ----------
    paths
        Of the inputs that the notes are about, with a layer's name where they have one.
    notes
        Sentences or messages, with whole paths.

    Returns
    -------
    tuple of str
        The same once each, with file names.

    Examples
    --------
    >>> name_paths([Path("a/b/list.csv")], ["a/b/list.csv: read"])
    ('list.csv: read',)
    """
    told = list(notes)
    for file in sorted({split_layer(path)[0] for path in paths}, key=lambda one: -len(str(one))):
        told = [renamed(note, str(file), file.name) for note in told]
    return tuple(dict.fromkeys(told))


def _figures(town: Town) -> list[dict[str, Any]]:
    if town.figures is None:
        return []
    provenance = town.figures.areas.provenance
    table = provenance.assign(file=provenance["file"].map(lambda file: Path(str(file)).name))
    return _plain_rows(table)


def _plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]


def _expected(town: Town) -> dict[str, Any]:
    classes = read_facility_classes()
    known = {name: classes[name].expected for name in town.classes if name in classes}
    return {name: asdict(one) for name, one in known.items() if one is not None}


def _describe(one: Source) -> dict[str, Any]:
    dated = one.dated
    year = int(dated[:4]) if isinstance(dated, str) else dated
    source = read_catalogue().sources.get(one.key) if one.key else None
    return {
        "role": one.role,
        "title": source.title if source else _OWN,
        "file": split_layer(one.path)[0].name if one.path is not None else "",
        "sha256": one.sha256,
        "year": year,
        "date": dated if isinstance(dated, str) else None,
        "licence": source.licence if source else "",
        "citation": source.citation.format(year=year or "") if source else "",
    }
