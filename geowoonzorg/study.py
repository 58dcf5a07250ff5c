"""A study: what is asked about which place, as frozen dataclasses with the bounds of their fields."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LIMIT_M = 100_000.0
MAX_DRAWS = 1_000_000


def _is_limit(value: float) -> str | None:
    good = 0 < value <= MAX_LIMIT_M
    return None if good else f"must be more than 0 and at most {MAX_LIMIT_M:.0f} metres"


def _is_not_negative(value: float) -> str | None:
    return None if value >= 0 else "must be 0 or more"


def _is_share(value: float) -> str | None:
    return None if 0 <= value <= 1 else "must be 0 to 1"


def _is_draws(value: int) -> str | None:
    return None if 1 <= value <= MAX_DRAWS else f"must be 1 to {MAX_DRAWS}"


def _is_text(value: str) -> str | None:
    return None if value.strip() else "must not be empty"


def _is_column_name(value: str) -> str | None:
    return None if value.isidentifier() else "must be one word of letters, digits and underscores"


@dataclass(frozen=True)
class NetworkInput:
    """``[network]``: the streets, and how far who walks.

    Attributes
    ----------
    source
        An OSM file, a cached network or a line layer.
    profile
        ``wandelaar``, ``rollator``, ``rolstoel`` or the path of a TOML file.
    limits_m
        Walking distances in metres; the first is the one sites are judged by.
    max_snap_m
        How far from a street a place may lie, in metres.
    access_legs
        Whether the straight line from a place to its street counts.
    """

    source: Path
    profile: str = "rollator"
    limits_m: tuple[float, ...] = field(default=(400.0,), metadata={"check": _is_limit})
    max_snap_m: float = field(default=100.0, metadata={"check": _is_not_negative})
    access_legs: bool = True


@dataclass(frozen=True)
class FacilitiesInput:
    """``[facilities]``: which classes, and where they come from.

    Attributes
    ----------
    classes
        Names from the facility class file.
    osm
        Whether to take them from the network's OSM file.
    register
        An own list, which wins over OSM for the classes it holds.
    register_class
        The class of its places that name none, such as all of DUO's list of schools.
    complete
        The classes of which the own list is complete: all of ``classes`` when true. What it does not
        hold of them does not exist, and OSM is not asked.
    """

    classes: tuple[str, ...] = (
        "huisarts",
        "supermarkt",
        "inloopvoorziening",
        "apotheek",
        "ov_halte",
    )
    osm: bool = True
    register: Path | None = None
    register_class: str | None = None
    complete: bool | tuple[str, ...] = False

    @property
    def complete_classes(self) -> frozenset[str]:
        """The classes of which the own list is complete."""
        if isinstance(self.complete, bool):
            return frozenset(self.classes) if self.complete else frozenset()
        return frozenset(self.complete)


@dataclass(frozen=True)
class AddressesInput:
    """``[addresses]``: where people live.

    Attributes
    ----------
    source
        ``"osm"`` for ``addr:*`` in the OSM file, a point layer, or the CBS squares of 100 m.
    kind
        ``addresses``, or ``squares``: then people count by square, with their interval.
    """

    source: Path | Literal["osm"] = "osm"
    kind: Literal["addresses", "squares"] = "addresses"


@dataclass(frozen=True)
class AreasInput:
    """``[areas]``: buurten or wijken and what is known of them.

    Attributes
    ----------
    source
        The CBS wijk- en buurtkaart, or any polygon layer with buurt or wijk codes.
    level
        ``buurt`` or ``wijk``.
    figures
        Tables joined on the code.
    older_years
        Whether tables of an earlier year than the borders may stand in, flagged, instead of being an error.
    leefbaarometer
        The Leefbaarometer's scores as published.
    leefbaarometer_year
        Which of its years; needed with ``leefbaarometer``.
    reference
        What the balance compares with: ``gemeente``, ``region``, ``country`` or a code.
    added_vragers_share
        Of the residents of each site's new homes; given it, sites tell the balance before and after.
    gemeente
        Keep only the areas of this gemeente.
    balance
        An own vragers/dragers profile instead of the default.
    """

    source: Path
    level: Literal["buurt", "wijk"] = "buurt"
    figures: tuple[Path, ...] = ()
    older_years: bool = False
    leefbaarometer: Path | None = None
    leefbaarometer_year: int | None = None
    reference: str = "gemeente"
    added_vragers_share: float | None = field(default=None, metadata={"check": _is_share})
    gemeente: str | None = None
    balance: Path | None = None


@dataclass(frozen=True)
class RasterInput:
    """``[[rasters]]``: a grid of values, such as noise.

    Attributes
    ----------
    name
        The name that scoring profiles use.
    source
        A GeoTIFF.
    kind
        How cells are averaged: ``decibel`` by energy, ``share`` and ``mean`` as they are.
    over
        Where: ``catchment``, all that can be walked to within the limit, or ``site``, the plot itself.
    year
        The year of the data, for the account.
    """

    name: str = field(metadata={"check": _is_column_name})
    source: Path
    kind: Literal["decibel", "share", "mean"] = "mean"
    over: Literal["catchment", "site"] = "catchment"
    year: int | None = None


@dataclass(frozen=True)
class IndicatorInput:
    """``[[indicators]]``: a column of an own table per area, such as WoonZorgwijzer.

    Attributes
    ----------
    name
        The name that scoring profiles use as ``column``.
    source
        A table with area codes.
    column
        The column in it.
    unit
        Its unit, for the account.
    direction
        1 when higher is better, -1 when lower is, 0 when neither.
    """

    name: str = field(metadata={"check": _is_column_name})
    source: Path
    column: str
    unit: str
    direction: int = 0


@dataclass(frozen=True)
class SitesInput:
    """``[sites]``: the candidate locations.

    Attributes
    ----------
    source
        A point or polygon layer, or a table with coordinates.
    """

    source: Path


@dataclass(frozen=True)
class ScoringInput:
    """``[scoring]``: how a site is judged.

    Attributes
    ----------
    profile
        The name of a profile, such as ``geclusterd``, or the path of a TOML file.
    draws
        How many perturbed weight sets the rank intervals rest on.
    seed
        Of the random draws.
    """

    profile: str = "geclusterd"
    draws: int = field(default=1000, metadata={"check": _is_draws})
    seed: int = field(default=1, metadata={"check": _is_not_negative})


@dataclass(frozen=True)
class Study:
    """One question about one place; see the README for what each part means.

    Attributes
    ----------
    name
        What the study is called on the map and in the report.
    network, sites
        The streets and the candidate locations.
    facilities, addresses, areas, rasters, indicators, scoring
        The rest of the inputs; ``areas`` may be absent, and then no figure of an area is known.
    crs
        The metric CRS to work in.
    date
        The date printed on the outputs, or None to print none.
    background
        Whether the map asks for a background from the internet.
    hash
        The SHA-256 of the study's file, empty for one made in memory.
    """

    name: str = field(metadata={"check": _is_text})
    network: NetworkInput
    sites: SitesInput
    facilities: FacilitiesInput = FacilitiesInput()
    addresses: AddressesInput = AddressesInput()
    areas: AreasInput | None = None
    rasters: tuple[RasterInput, ...] = ()
    indicators: tuple[IndicatorInput, ...] = ()
    scoring: ScoringInput = ScoringInput()
    crs: str = "EPSG:28992"
    date: str | None = None
    background: bool = True
    hash: str = ""


def study_files(study: object) -> Iterator[Path]:
    """Name every file that a study reads, with the layer's name where it has one.

    Parameters
    ----------
    study
        The study, or a part of it.

    Yields
    ------
    pathlib.Path
        As the study has it; profiles only where they are files.

    Examples
    --------
    >>> [path.name for path in study_files(SitesInput(Path("sites.gpkg")))]
    ['sites.gpkg']
    """
    if isinstance(study, Path):
        yield study
    elif isinstance(study, tuple):
        for one in study:
            yield from study_files(one)
    elif is_dataclass(study):
        for item in fields(study):
            value = getattr(study, item.name)
            is_file = item.name == "profile" and str(value).lower().endswith(".toml")
            yield from study_files(Path(value) if is_file else value)
