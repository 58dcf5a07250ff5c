"""Before a run: a study to start from, the demo's study, and every problem of a study at once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from geowoonzorg.ask.provenance import name_files
from geowoonzorg.errors import GeowoonzorgError, InputError, OutputError, SourceError, StudyError
from geowoonzorg.files import (
    LAYER_SUFFIXES,
    OSM_SUFFIXES,
    TABLE_SUFFIXES,
    check_input,
    check_layer,
    open_raster,
    split_layer,
    working_crs,
    write_text,
)
from geowoonzorg.messages import listed, tell
from geowoonzorg.opendata.areas import (
    Areas,
    TableColumns,
    join_figures,
    join_forecast,
    join_indicator,
    join_leefbaarometer,
    read_areas,
)
from geowoonzorg.opendata.pavement import read_pavement
from geowoonzorg.opendata.register import check_register, classes_held, for_classes
from geowoonzorg.osm import read_facility_classes
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.people.balance_profile import read_balance_profile
from geowoonzorg.ranking.scoring_profile import read_scoring_profile
from geowoonzorg.show.texts import read_texts
from geowoonzorg.study import read_study, sections, study_files
from geowoonzorg.town._data import Source
from geowoonzorg.town.area_input import (
    area_tables,
    borders_carrier,
    check_indicators,
    read_grid_input,
)
from geowoonzorg.town.areas import figure_areas
from geowoonzorg.town.completeness import expect_facilities
from geowoonzorg.town.ground import read_ground_layer
from geowoonzorg.town.reading import demo_study, read_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd

    from geowoonzorg.ranking.scoring_profile import ScoringProfile
    from geowoonzorg.study import Study
    from geowoonzorg.study_areas import AreasInput

__all__ = ["check_study", "demo_study", "write_template"]

_HERE = Path(__file__).parent


def write_template(directory: str | Path, *, lang: str = "nl") -> Path:
    """Write a commented study to start from.

    Parameters
    ----------
    directory
        A folder; made where it does not exist.
    lang
        The language of its comments: ``"nl"`` or ``"en"``.

    Returns
    -------
    pathlib.Path
        The ``study.toml`` in it.

    Raises
    ------
    StudyError
        When the language is not one of the two.
    OutputError
        When there is a study already, or the folder cannot be written.

    Examples
    --------
    >>> write_template("no/such/parent/folder")
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/parent/folder could not be made (No such file or directory)
    """
    read_texts(lang)  # a language that there is not is told before anything is written
    folder = Path(directory)
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(
            "{folder} could not be made ({reason})", folder=folder, reason=error.strerror
        ) from error
    path = folder / "study.toml"
    if path.exists():
        raise OutputError(
            "{file} exists already; choose another folder, or remove it first", file=path
        )
    name = "study_template.toml" if lang == "nl" else f"study_template_{lang}.toml"
    write_text(path, (_HERE / "knowledge" / name).read_text(encoding="utf-8"))
    return path


def check_study(path: str | Path) -> list[str]:
    """Tell every problem of a study at once, without walking or scoring.

    Parameters
    ----------
    path
        The study.

    Returns
    -------
    list of str
        What is no problem but good to know: what was left out or stands in, and which criteria will be
        unknown.

    Raises
    ------
    StudyError
        When keys or profiles are wrong; all are listed.
    InputError
        When inputs cannot be used; all are listed. When a file is absent the error is a `SourceError`.

    Examples
    --------
    >>> check_study(demo_study())  # doctest: +ELLIPSIS
    [...]
    """
    study = read_study(path)
    problems: list[GeowoonzorgError] = []
    notes: list[str] = []
    whole: list[Areas] = []  # as a run has them, for what is said of the facilities
    for step in _checks(study, whole):
        try:
            notes += _notes_of(step())
        except GeowoonzorgError as error:
            if str(error) not in map(str, problems):  # what several inputs share, such as the CRS
                problems.append(error)
    if problems:
        _raise_all(path, problems)
    told = name_files([Source("", path, "") for path in study_files(study)], notes)
    people = float(whole[-1].frame["inhabitants"].sum()) if whole else 0.0
    profile = read_scoring_profile(study.scoring.profile)
    return [*told, *_hints(study, profile, inhabitants=people)]


def _notes_of(read: object) -> list[str]:
    """Give what a reader had to say of what it read."""
    if isinstance(read, Areas):
        return list(read.notes)
    notes: list[str] = getattr(read, "attrs", {}).get("notes", [])
    return notes


def _checks(study: Study, whole: list[Areas]) -> Iterator[Callable[[], object]]:
    """List what there is to check, each on its own, so that one fault does not hide another."""
    streets = OSM_SUFFIXES | LAYER_SUFFIXES | {".npz"}
    yield partial(read_profile, study.network.profile)
    yield partial(read_scoring_profile, study.scoring.profile)
    yield partial(_check_classes, study)
    yield partial(_check_file, study.network.source, "network", streets)
    for beside in study.network.adjoining:
        yield partial(_check_file, beside, "network", OSM_SUFFIXES)
    if study.network.bgt:
        yield partial(read_pavement, study.network.bgt, crs=study.crs)
    for heights in (study.network.ahn, study.network.ahn_surface):
        if heights:
            yield partial(_check_raster, heights)
    others = [getattr(study, name) for name in sections()]
    # Of the other questions only a programme cannot do without.
    if study.sites is not None or not any(others) or study.programme is not None:
        yield partial(_check_sites, study)
    yield from _check_ground(study)
    if study.facilities.register:
        yield partial(
            check_register,
            study.facilities.register,
            crs=study.crs,
            facility_class=study.facilities.register_class,
            classes_of=study.facilities.classes_of,
        )
    if study.addresses.source != "osm":
        yield partial(
            _check_file, Path(study.addresses.source), "addresses", LAYER_SUFFIXES | TABLE_SUFFIXES
        )
    yield partial(check_indicators, study.indicators)
    if study.areas:
        yield partial(read_balance_profile, study.areas.balance)
        yield from _check_tables(study, study.areas, whole)
    for raster in study.rasters:
        yield partial(_check_raster, raster.source)


def _check_ground(study: Study) -> Iterator[Callable[[], object]]:
    for role in ("allow", "forbid") if study.search else ():
        for path in getattr(study.search, role):
            yield partial(read_ground_layer, path, role=role, crs=working_crs(study.crs))


def _check_sites(study: Study) -> gpd.GeoDataFrame:
    sites = read_sites(study)
    sites.attrs["notes"] = [tell("sites: {note}", note=note) for note in sites.attrs["notes"]]
    return sites


def _check_tables(
    study: Study, given: AreasInput, whole: list[Areas]
) -> Iterator[Callable[[], object]]:
    """Read the areas as a run does, and lay every table over them on its own; ``whole`` gets them with all."""
    read: list[Areas] = []

    def borders() -> Areas:
        _check_areas(given)
        of = partial(read_areas, given.source, level=given.level, crs=study.crs)
        try:
            whole.append(of(gemeente=given.gemeente))
        except InputError:  # another gemeente's areas do for what is wrong with the tables
            with suppress(GeowoonzorgError):
                read.append(of())
            raise
        read.extend(whole)
        return read[0]

    def joined(path: Path, join: Callable[[Areas], Areas]) -> Areas | None:
        if not read:  # what is wrong with the areas is told; of the table only whether it is there
            _check_file(path, "table", TABLE_SUFFIXES | LAYER_SUFFIXES)
            return None
        found = join(read[0])
        return replace(found, notes=found.notes[len(read[0].notes) :])

    def compared() -> None:
        if whole:
            areas = whole[0]
            for _, join in _figure_joins(study, given, whole):
                areas = join(areas)
            whole.append(areas)
            profile = read_balance_profile(given.balance)
            figure_areas(areas, profile=profile, reference=given.reference)

    yield borders
    for path, join in (*_figure_joins(study, given, read), *_other_joins(study, given, read)):
        yield partial(joined, path, join)
    yield compared


def _figure_joins(
    study: Study, given: AreasInput, read: list[Areas]
) -> Iterator[tuple[Path, Callable[[Areas], Areas]]]:
    """Give the tables that the balance rests on, and how each is laid over areas."""

    def laid(path: Path, columns: TableColumns, areas: Areas) -> Areas:
        carrier = borders_carrier(given, read[0], crs=study.crs)
        return join_figures(
            areas, path, older_years=given.older_years, named=columns, carrier=carrier
        )

    for path, columns in area_tables(given):
        yield path, partial(laid, path, columns)


def _other_joins(
    study: Study, given: AreasInput, read: list[Areas]
) -> Iterator[tuple[Path, Callable[[Areas], Areas]]]:
    """Give the tables beside the balance, and how each is laid over areas."""
    year = given.leefbaarometer_year or 0
    if (scores := given.leefbaarometer) is not None:

        def lived(areas: Areas) -> Areas:
            carrier = borders_carrier(given, read[0], crs=study.crs)
            return join_leefbaarometer(areas, scores, year, carrier=carrier)

        yield scores, lived
    if given.leefbaarometer_grid is not None:
        yield given.leefbaarometer_grid, lambda areas: read_grid_input(given, areas)[0]
    if (ahead := given.forecast) is not None:
        yield (
            ahead.source,
            partial(
                join_forecast,
                path=ahead.source,
                year=ahead.year,
                columns=ahead.columns,
                code=ahead.code,
            ),
        )
    for own in study.indicators:
        yield (
            own.source,
            partial(
                join_indicator, path=own.source, column=own.column, name=own.name, unit=own.unit
            ),
        )


def _raise_all(path: str | Path, problems: list[GeowoonzorgError]) -> None:
    if len(problems) == 1:
        raise problems[0]
    kind = next(
        (
            k
            for k in (StudyError, InputError, SourceError)
            if all(isinstance(p, k) for p in problems)
        ),
        None,
    )
    if kind is None:
        kind = StudyError if any(isinstance(p, StudyError) for p in problems) else InputError
    raise kind(
        "{file} has {n} problems:\n  {problems}",
        file=path, n=len(problems), problems=listed((p.message for p in problems), between="\n  "),
    )  # fmt: skip


def _check_file(path: Path, role: str, suffixes: frozenset[str]) -> None:
    file = check_input(split_layer(path)[0], suffixes=suffixes, role=role)
    if file.suffix.lower() in LAYER_SUFFIXES - {".parquet", ".geoparquet"}:
        check_layer(path, role=role)


def _check_classes(study: Study) -> None:
    known = read_facility_classes()
    unknown = [c for c in study.facilities.classes if c not in known]
    if unknown and study.facilities.osm:
        raise StudyError(
            "facilities.classes: unknown {unknown}; known are {known}",
            unknown=", ".join(unknown), known=", ".join(known),
        )  # fmt: skip


def _check_areas(areas: AreasInput) -> None:
    _check_file(areas.source, "areas", LAYER_SUFFIXES)
    if split_layer(areas.source)[0].suffix.lower() in {".parquet", ".geoparquet"}:
        return
    kind = check_layer(areas.source, role="areas")
    if kind and "Polygon" not in kind and kind != "Unknown":
        raise InputError(
            "areas: {file} has {kind} where polygons are needed", file=areas.source, kind=kind
        )


def _check_raster(path: Path) -> None:
    with open_raster(path) as dataset:
        if dataset.crs is None:
            raise InputError("raster: {file} has no CRS; set it in the file", file=path)


def _hints(study: Study, profile: ScoringProfile, *, inhabitants: float) -> list[str]:
    """Say which criteria nothing in the study can answer, and what an own list says there is none of."""
    rasters = {r.name for r in study.rasters}
    unsaid, hints = _register_hints(study, inhabitants)
    for criterion in profile.criteria:
        lacking: str = ""
        if criterion.facility_class and criterion.facility_class not in study.facilities.classes:
            lacking = tell("facilities.classes lacks {name}", name=criterion.facility_class)
        elif criterion.facility_classes and not set(criterion.facility_classes).intersection(
            study.facilities.classes
        ):
            classes = ", ".join(criterion.facility_classes)
            lacking = tell("facilities.classes lacks {name}", name=classes)
        elif criterion.facility_class in unsaid:
            lacking = tell(
                "the register has no {name}, and osm = false", name=criterion.facility_class
            )
        elif criterion.raster and criterion.raster not in rasters:
            lacking = tell("there is no raster named {name}", name=criterion.raster)
        elif criterion.metric == "area_mean" and study.areas is None:
            lacking = tell("there is no [areas]")
        elif (
            criterion.column
            and criterion.column.startswith("lbm_")
            and not (study.areas and study.areas.leefbaarometer)
        ):
            lacking = tell("there is no leefbaarometer")
        if lacking:
            hints.append(
                tell("criterion {key} will be unknown: {why}", key=criterion.key, why=lacking)
            )
    return hints


def _register_hints(study: Study, inhabitants: float) -> tuple[set[str], list[str]]:
    """Name the classes of which nothing will be known, and say what else an own list leaves out."""
    given = study.facilities
    if given.register is None:
        return set(), []
    register = check_register(
        given.register,
        crs=study.crs,
        facility_class=given.register_class,
        classes_of=given.classes_of,
    )
    register = for_classes(register, given.classes)
    held = classes_held(register, complete=given.complete_classes).intersection(given.classes)
    absent = sorted(held.difference(register["facility_class"]))
    unsaid = set() if given.osm else set(given.classes) - held
    hints: list[str] = []
    if register.empty and not held:
        hints.append(
            tell(
                "register: {file} lists no facility, so it says nothing; if it is complete, set "
                "facilities.complete = true",
                file=given.register,
            )
        )
    if absent:
        none = listed((tell("no {name}", name=name) for name in absent), between=", ")
        hints.append(
            tell("register: {file} says that there is {none}", file=given.register, none=none)
        )
    from_osm = [name for name in given.classes if name not in held] if given.osm else []
    if held and from_osm:
        hints.append(
            tell(
                "register: {file} lists no {names}: those of OpenStreetMap are taken; of a class that there is "
                "none of, say so in facilities.complete",
                file=given.register,
                names=", ".join(from_osm),
            )
        )
    listed_counts = register["facility_class"].value_counts()
    counts = {name: int(listed_counts.get(name, 0)) for name in sorted(held - set(absent))}
    for name, row in expect_facilities(counts, inhabitants=inhabitants).iterrows():
        if row["expected"] >= row["found"] + 1:
            hints.append(
                tell(
                    "register: {name}: {n} listed, about {expected:.0f} expected ({source})",
                    name=str(name), n=row["found"], expected=row["expected"], source=row["complete_source"],
                )
            )  # fmt: skip
    return unsaid, hints
