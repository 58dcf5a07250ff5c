"""A study: what is asked about which place, as frozen dataclasses that are also what its file may hold."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the reader looks at the annotations
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from geowoonzorg.files import content_hash, is_osm, read_toml, split_layer
from geowoonzorg.knowledge import NOT_NEGATIVE, Bound, read_document
from geowoonzorg.messages import tell
from geowoonzorg.study_areas import AreasInput  # noqa: TC001 - the reader looks at the annotations
from geowoonzorg.study_questions import (
    LocateInput,
    ProgrammeInput,
    SearchInput,
    WhatIfInput,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geowoonzorg.messages import Message

_OSM: Final = "osm"
MAX_LIMIT_M: Final = 100_000.0
MAX_DRAWS: Final = 1_000_000
_LIMIT: Final = Bound(
    tell("more than 0 and at most {most:,.0f} metres", most=MAX_LIMIT_M),
    lambda value: 0 < value <= MAX_LIMIT_M,
)
_LIMITS: Final = Bound(tell("a list of at least one limit"), bool)
_CLASSES: Final = Bound(tell("a list of at least one class"), bool)
_DRAWS: Final = Bound(
    tell("a whole number from 1 to {most}", most=MAX_DRAWS), lambda value: 1 <= value <= MAX_DRAWS
)
_SEED: Final = Bound(tell("a whole number of 0 or more"), lambda value: value >= 0)
_COLUMN: Final = Bound(tell("one word of letters, digits and underscores"), str.isidentifier)


@dataclass(frozen=True)
class NetworkInput:
    """``[network]``: the streets, and how far who walks.

    Attributes
    ----------
    source
        An OSM file, a cached network or a line layer.
    adjoining
        Further OSM files, such as the extracts of the provinces around it: streets, facilities and addresses are
        those of all of them, what stands in more than one counts once, and walks go over the borders.
    profile
        ``wandelaar``, ``rollator``, ``rolstoel`` or the path of a TOML file.
    limits_m
        Walking distances in metres; the first is the one sites are judged by.
    max_snap_m
        How far from a street a place may lie, in metres.
    access_legs
        Whether the straight line from a place to its street counts.
    bgt
        Wegdelen of the BGT: width and surface of ways of which OSM does not say them.
    ahn, ahn_surface
        Heights of the ground (AHN DTM), and of what stands on it (DSM) for bridges: slopes likewise.
    """

    source: Path
    adjoining: tuple[Path, ...] = ()
    profile: str = "rollator"
    limits_m: tuple[float, ...] = field(
        default=(400.0,), metadata={"must_be": _LIMITS, "each_must_be": _LIMIT}
    )
    max_snap_m: float = field(default=100.0, metadata={"must_be": NOT_NEGATIVE})
    access_legs: bool = True
    bgt: Path | None = None
    ahn: Path | None = None
    ahn_surface: Path | None = None

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        for name in ("bgt", "ahn", "ahn_surface"):
            if getattr(self, name) is not None and not is_osm(self.source):
                yield (
                    name,
                    tell("fills in what OSM does not say; network.source is not an OSM file"),
                )
        if not all(map(is_osm, (self.source, *self.adjoining) if self.adjoining else ())):
            yield (
                "adjoining",
                tell("goes with OSM files; network.source and all it adjoins must be such files"),
            )
        elif len({self.source, *self.adjoining}) <= len(self.adjoining):
            yield "adjoining", tell("names a file more than once")


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
    classes_of
        What the own list calls a kind of place → its class, besides the words that are known.
    complete
        The classes of which the own list is complete: all of ``classes`` when true. What it does not
        hold of them does not exist, and OSM is not asked.
    """

    classes: tuple[str, ...] = field(
        default=("huisarts", "supermarkt", "inloopvoorziening", "apotheek", "ov_halte"),
        metadata={"must_be": _CLASSES},
    )
    osm: bool = True
    register: Path | None = None
    register_class: str | None = None
    complete: bool | tuple[str, ...] = False
    classes_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def complete_classes(self) -> frozenset[str]:
        """The classes of which the own list is complete."""
        if isinstance(self.complete, bool):
            return frozenset(self.classes) if self.complete else frozenset()
        return frozenset(self.complete)

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if not self.osm and self.register is None:
            yield "", tell("osm = false needs a register")
        if self.complete and self.register is None:
            yield "complete", tell("says something about a register; give one")
        if self.classes_of and self.register is None:
            yield "classes_of", tell("says something about a register; give one")
        for name in sorted(self.complete_classes.difference(self.classes)):
            yield "complete", tell("{name} is not one of facilities.classes", name=name)
        for key, names in (("classes", self.classes), ("complete", self.complete)):
            if not isinstance(names, bool):
                for name in sorted({one for one in names if names.count(one) > 1}):
                    yield key, tell("{name} is named more than once", name=name)


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

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        if self.kind == "squares" and self.source == _OSM:
            yield "source", tell("must be the file of the squares when kind is squares")


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

    name: str = field(metadata={"must_be": _COLUMN})
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

    name: str = field(metadata={"must_be": _COLUMN})
    source: Path
    column: str
    unit: str = field(metadata={"blank": True})
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
    draws: int = field(default=1000, metadata={"must_be": _DRAWS})
    seed: int = field(default=1, metadata={"must_be": _SEED})


@dataclass(frozen=True)
class Study:
    """One question about one place; see the README for what each part means.

    Attributes
    ----------
    name
        What the study is called on the map and in the report.
    network
        The streets.
    sites
        The candidate locations; absent in a study that only asks where there could be some.
    facilities, addresses, areas, rasters, indicators, scoring
        The rest of the inputs; ``areas`` may be absent, and then no figure of an area is known.
    search, locate, what_if, programme
        Further questions, each absent unless it is asked.
    crs
        The metric CRS to work in.
    date
        The date printed on the outputs, or None to print none.
    background
        Whether the map asks for a background from the internet.
    background_on_tap
        Whether it does so only once its reader asks for it.
    hash
        The SHA-256 of the study's file, empty for one made in memory.
    """

    name: str = field(metadata={"key": "study.name"})
    network: NetworkInput
    sites: SitesInput | None = None
    facilities: FacilitiesInput = FacilitiesInput()
    addresses: AddressesInput = AddressesInput()
    areas: AreasInput | None = None
    rasters: tuple[RasterInput, ...] = field(default=(), metadata={"unique": "name"})
    indicators: tuple[IndicatorInput, ...] = ()
    scoring: ScoringInput = ScoringInput()
    search: SearchInput | None = None
    locate: LocateInput | None = None
    what_if: WhatIfInput | None = None
    programme: ProgrammeInput | None = None
    crs: str = field(default="EPSG:28992", metadata={"key": "study.crs"})
    date: str | None = field(default=None, metadata={"key": "study.date"})
    background: bool = field(default=True, metadata={"key": "study.background"})
    background_on_tap: bool = field(default=False, metadata={"key": "study.background_on_tap"})
    hash: str = field(default="", metadata={"key": None})

    def _contradictions(self) -> Iterator[tuple[str, Message]]:
        from_osm = is_osm(self.network.source)
        if not from_osm and self.facilities.osm:
            yield (
                "facilities.osm",
                tell("network.source is not an OSM file; set osm = false, give a register"),
            )
        if not from_osm and self.addresses.source == _OSM:
            yield "addresses.source", tell("network.source is not an OSM file; give a point layer")
        if self.indicators and self.areas is None:
            yield "indicators", tell("need [areas] to belong to")


def read_study(path: str | Path) -> Study:
    """Read a study from its TOML file.

    Parameters
    ----------
    path
        The file; the paths in it are relative to its folder.

    Returns
    -------
    Study
        The study, its paths made whole.

    Raises
    ------
    SourceError
        When the file cannot be read.
    StudyError
        When it is not TOML, or any key is unknown, missing or wrong; all are listed.

    Examples
    --------
    >>> read_study("missing.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: missing.toml does not exist; give the path of an existing file
    """
    file = Path(path)
    document = read_toml(file)
    study = parse_study(document, folder=file.parent, where=str(file))
    return replace(study, hash=content_hash(file))


def parse_study(document: dict[str, Any], *, folder: Path, where: str = "study") -> Study:
    """Make a study of a TOML document.

    Parameters
    ----------
    document
        Tables and keys as in the file.
    folder
        What relative paths are relative to.
    where
        The file's name, which starts the message.

    Returns
    -------
    Study
        The study.

    Raises
    ------
    StudyError
        When any key is unknown, missing or wrong; all are listed with their key path.

    Examples
    --------
    >>> parse_study({"study": {"nam": "Kampen"}}, folder=Path(), where="study.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.StudyError: study.toml has 3 faults:
      study.nam: unknown key; did you mean name?
      study.name: is missing
      network: is missing
    """

    def whole(text: str) -> Path:
        split_layer(text)  # refuses what names no layer
        return folder / text

    study = read_document(document, Study, where=where, to_path=whole)
    profiles = {
        table: replace(given, profile=str(folder / given.profile))
        for table in ("network", "scoring")
        if (given := getattr(study, table)).profile.lower().endswith(".toml")
    }
    if study.areas is not None and study.areas.balance.lower().endswith(".toml"):
        own = replace(study.areas, balance=str(folder / study.areas.balance))
        study = replace(study, areas=own)
    return replace(study, **profiles)


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
            is_file = item.name in {"profile", "balance"} and str(value).lower().endswith(".toml")
            yield from study_files(Path(value) if is_file else value)


def sections() -> dict[str, type[Any]]:
    """Give the tables of a study that are each a further question.

    Returns
    -------
    dict
        Name → dataclass.

    Examples
    --------
    >>> sorted(sections())
    ['locate', 'programme', 'search', 'what_if']
    """
    return {
        "search": SearchInput,
        "locate": LocateInput,
        "what_if": WhatIfInput,
        "programme": ProgrammeInput,
    }
