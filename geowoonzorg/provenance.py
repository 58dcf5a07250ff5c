"""Where the numbers come from: every input with its hash, year and licence, and what was counted."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geowoonzorg.files import content_hash, is_osm, split_layer
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.people.balance_profile import read_balance_profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import geopandas as gpd

    from geowoonzorg.opendata.area_frame import Areas
    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.study import Study
    from geowoonzorg.walk.network import WalkNetwork

_LIBRARIES = (
    "geowoonzorg",
    "numpy",
    "numba",
    "shapely",
    "geopandas",
    "pyproj",
    "osmium",
    "rasterio",
    "folium",
)
_OWN = "eigen bestand"


def account_for(
    study: Study,
    profile: ScoringProfile,
    *,
    net: WalkNetwork,
    areas: Areas | None,
    layers: Mapping[str, gpd.GeoDataFrame],
) -> tuple[dict[str, Any], list[str]]:
    """Account for a result: its inputs, profiles, versions and counts.

    Parameters
    ----------
    study
        What was asked.
    profile
        The scoring profile.
    net
        The network, with what was read and dropped.
    areas
        The areas, with the source of every figure.
    layers
        Other layers by role, whose notes are passed on.

    Returns
    -------
    provenance : dict
        ``study``, ``inputs``, ``figures``, ``profiles``, ``versions`` and ``counts``; the same for the same
        input, so without times or machine.
    notes : list of str
        What people should know: repairs, stand-ins, what was left out.

    Raises
    ------
    SourceError
        When an input can no longer be read.

    Examples
    --------
    >>> account_for(study, profile, net=net, areas=None, layers={})  # doctest: +SKIP
    """
    balance = read_balance_profile(study.areas.balance if study.areas else None)
    given = _inputs(study, areas, data_date=net.provenance.get("data_date"))
    provenance = {
        "study": {"name": study.name, "date": study.date, "sha256": study.hash, "crs": study.crs},
        "inputs": [_describe(*one) for one in given],
        "figures": [] if areas is None else _figures(areas),
        "profiles": {
            "walking": {
                "name": net.provenance.get("profile_name"),
                "title": net.provenance.get("profile_name"),
                "hash": net.provenance.get("profile"),
            },
            # Whole, because a profile may be a file that only its maker has.
            "scoring": {**profile.document(), "hash": profile.hash},
            "vragers_dragers": {"name": balance.name, "title": balance.title, "hash": balance.hash},
        },
        "versions": {name: importlib.metadata.version(name) for name in _LIBRARIES},
        "counts": net.counts,
    }
    notes = [*net.notes]
    for role, layer in layers.items():
        notes += [f"{role}: {note}" for note in layer.attrs.get("notes", [])]
    return provenance, notes


def name_files(study: Study, notes: Iterable[str]) -> tuple[str, ...]:
    """Name files by their last part: where a study lies on somebody's disk is nobody's business.

    Parameters
    ----------
    study
        The study whose inputs the notes are about.
    notes
        Sentences, with whole paths.

    Returns
    -------
    tuple of str
        The sentences, with file names.

    Examples
    --------
    >>> name_files(study, ["a/b/list.csv: read"])  # doctest: +SKIP
    ('list.csv: read',)
    """
    paths = {
        str(split_layer(path)[0]): split_layer(path)[0].name for _, path, _, _ in _inputs(study)
    }
    named = []
    for note in notes:
        for path in sorted(paths, key=len, reverse=True):
            note = note.replace(path, paths[path])  # noqa: PLW2901 - one path after the other
        named.append(note)
    return tuple(named)


def _figures(areas: Areas) -> list[dict[str, Any]]:
    table = areas.provenance.assign(
        file=areas.provenance["file"].map(lambda file: Path(str(file)).name)
    )
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]


def _inputs(
    study: Study, areas: Areas | None = None, *, data_date: str | None = None
) -> Sequence[tuple[str, Path, str | None, int | str | None]]:
    """List role, file, key in the catalogue and year of every input, of the network the day where it is known."""
    osm = is_osm(study.network.source)
    given: list[tuple[str, Path | None, str | None, int | str | None]] = [
        ("network", study.network.source, "osm" if osm else None, data_date),
        ("register", study.facilities.register, None, None),
        ("sites", study.sites.source, None, None),
    ]
    if study.addresses.source != "osm":
        given.append(("addresses", study.addresses.source, None, None))
    if study.areas:
        is_cbs = "wijkenbuurten" in study.areas.source.name.lower()
        given.append(
            (
                "areas",
                study.areas.source,
                "cbs_wijken_buurten" if is_cbs else None,
                areas.year if areas else None,
            )
        )
        given += [("figures", path, None, None) for path in study.areas.figures]
        given.append(
            (
                "leefbaarometer",
                study.areas.leefbaarometer,
                _version_of_leefbaarometer(areas),
                study.areas.leefbaarometer_year,
            )
        )
    given += [("indicator", i.source, None, None) for i in study.indicators]
    given += [("raster", r.source, None, r.year) for r in study.rasters]
    return [(role, path, key, year) for role, path, key, year in given if path is not None]


def _version_of_leefbaarometer(areas: Areas | None) -> str:
    """Tell which Leefbaarometer the areas got: 2.0 is a source of its own."""
    old = areas is not None and bool((areas.provenance["source"] == "leefbaarometer_2").any())
    return "leefbaarometer_2" if old else "leefbaarometer"


def _describe(role: str, path: Path, key: str | None, dated: int | str | None) -> dict[str, Any]:
    file = split_layer(path)[0]
    year = int(dated[:4]) if isinstance(dated, str) else dated
    source = read_catalogue().sources.get(key) if key else None
    return {
        "role": role,
        "title": source.title if source else _OWN,
        "file": file.name,
        "sha256": content_hash(file),
        "year": year,
        "date": dated if isinstance(dated, str) else None,
        "licence": source.licence if source else "",
        "citation": source.citation.format(year=year or "") if source else "",
    }
