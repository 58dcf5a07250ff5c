"""The files a study is read from: hashed before any is read, and told with source and year afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geowoonzorg.errors import GeowoonzorgError
from geowoonzorg.files import is_osm, split_layer, witness
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.town._data import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geowoonzorg.files import Witness
    from geowoonzorg.opendata.areas import Areas
    from geowoonzorg.study import Study
    from geowoonzorg.town.areas import AreaFigures
    from geowoonzorg.town.streets import Streets


def name_of(path: str | Path) -> str:
    """Give a file's own name, without a layer's."""
    return split_layer(path)[0].name


def osm_year(streets: Streets) -> int | None:
    """Give the year of the OSM data, where it is known."""
    dated = streets.network.provenance.get("data_date")
    return int(dated[:4]) if dated else None


def witnesses(study: Study) -> list[tuple[str, Path, Witness]]:
    """Hash every file of a study but its sites before any is read, in the order in which they are told."""
    given: list[tuple[str, Path | None]] = [
        *(("network", one) for one in (study.network.source, *study.network.adjoining)),
        ("pavement", study.network.bgt),
        ("heights", study.network.ahn),
        ("heights", study.network.ahn_surface),
        ("register", study.facilities.register),
    ]
    if study.addresses.source != "osm":
        given.append(("addresses", Path(study.addresses.source)))
    if study.areas:
        given.append(("areas", study.areas.source))
        given.append(("figures", study.areas.figures_borders))
        given += [("figures", path) for path in study.areas.figures]
        given += [("figures", table.source) for table in study.areas.tables]
        if study.areas.forecast is not None:
            given.append(("figures", study.areas.forecast.source))
        given.append(("leefbaarometer", study.areas.leefbaarometer))
        given.append(("leefbaarometer", study.areas.leefbaarometer_grid))
    given += [("indicator", i.source) for i in study.indicators]
    given += [("raster", r.source) for r in study.rasters]
    seen = [(role, path, witness_of(path)) for role, path in given if path is not None]
    return [(role, path, one) for role, path, one in seen if one is not None]


def witness_of(path: Path) -> Witness | None:
    """Hash a file; one that cannot be is left to its reader, who knows what it is for and says what to do."""
    try:
        return witness(path)
    except GeowoonzorgError:
        return None


def sources_of(
    study: Study,
    seen: list[tuple[str, Path, Witness]],
    figures: AreaFigures | None,
    streets: Streets,
) -> tuple[Source, ...]:
    """Give every input its key in the catalogue and its year; the network the day where it is known."""
    areas = figures.areas if figures else None
    given = study.areas
    about: dict[str, tuple[str | None, int | str | None]] = {
        "network": (
            "osm" if is_osm(study.network.source) else None,
            streets.network.provenance.get("data_date"),
        ),
        "pavement": ("bgt", None),
        "heights": ("ahn", None),
    }
    if areas and given:
        about["areas"] = (areas.source, areas.year)
        about["leefbaarometer"] = (_version_of_leefbaarometer(areas), given.leefbaarometer_year)
    years = {r.source: r.year for r in study.rasters}
    traced = _traced(areas)
    return tuple(
        Source(
            role, path, one.sha256,
            *(traced.get(name_of(path)) if role == "figures" else None)
            or about.get(role, (None, years.get(path))),
            one,
        )
        for role, path, one in seen
    )  # fmt: skip


def _traced(areas: Areas | None) -> dict[str, tuple[str | None, int | None]]:
    """Give the source in the catalogue and the year of every table of figures, by its file's name."""
    found: dict[str, tuple[str | None, int | None]] = {}
    if areas is None:
        return found
    rows: Iterable[Any] = areas.provenance.drop_duplicates("file").itertuples()
    for row in rows:
        key = row.source if row.source in read_catalogue().sources else None
        found[name_of(row.file)] = (key, None if row.year is pd.NA else int(row.year))
    return found


def _version_of_leefbaarometer(areas: Areas) -> str:
    """Tell which Leefbaarometer the areas got: 2.0 is a source of its own."""
    old = bool((areas.provenance["source"] == "leefbaarometer_2").any())
    return "leefbaarometer_2" if old else "leefbaarometer"
