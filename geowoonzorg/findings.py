"""What a question found, as data: tables, words and where they come from, for whoever shows or writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from geowoonzorg.ranking.scoring_profile import ScoringProfile


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What was asked, as far as whoever reads the outcome must know it.

    Attributes
    ----------
    name
        What the study is called.
    date
        The date printed on the outputs (ISO), or None to print none.
    crs
        The metric CRS of every layer.
    walking
        The title of the walking profile.
    limits_m
        Walking distances in metres; the first is the one places are judged by.
    classes
        The facility classes asked for, in the order asked.
    absent
        The classes of which it is known that there are none.
    reference
        What the balance compares with; ``gemeente`` where nothing was said.
    added_vragers_share
        0–1: of the residents of new homes; None where it was not asked.
    leefbaarometer_year
        Which of its years; None without.
    background
        Whether the map asks for a background from the internet.
    background_on_tap
        Whether it does so only once its reader asks for it.
    """

    name: str
    date: str | None = None
    crs: str = "EPSG:28992"
    walking: str = ""
    limits_m: tuple[float, ...] = (400.0,)
    classes: tuple[str, ...] = ()
    absent: frozenset[str] = frozenset()
    reference: str = "gemeente"
    added_vragers_share: float | None = None
    leefbaarometer_year: int | None = None
    background: bool = True
    background_on_tap: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Grid:
    """Values on square cells, north up.

    Attributes
    ----------
    bands
        By name an array of shape ``(rows, columns)``, float32; NaN where there is no value.
    west, north
        The outer corner of the first cell, in the CRS (m).
    cell_m
        The side of a cell, in metres of the CRS.
    crs
        A metric CRS.
    """

    bands: Mapping[str, NDArray[np.float32]]
    west: float
    north: float
    cell_m: float
    crs: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Findings:
    """Everything a question found.

    Attributes
    ----------
    question
        Which question: ``sites``.
    asked
        About what, and with which choices.
    tables
        The outcome by name. Of ``sites``: layers ``sites, facilities, service_areas, areas, addresses,
        routes, site_areas, streets`` (in the CRS asked for) and tables ``criteria, coverage, area_gaps``.
    profile
        The scoring profile that was used, or None.
    notes
        What was dropped, repaired, stood in for or unknown, for people to read.
    provenance
        Inputs with content hash, year and licence; profiles with hash; versions; counts.
    grids
        What was found on cells, by name.
    records
        What is no table, such as the bounds of a solution, by name, as JSON holds it.
    summary
        What a terminal says of it, and a page at its head.
    """

    question: str
    asked: Asked
    tables: Mapping[str, pd.DataFrame]
    profile: ScoringProfile | None = None
    notes: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    grids: Mapping[str, Grid] = field(default_factory=dict)
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    summary: tuple[str, ...] = ()
