"""A study put together in a dialog: the parameters, and the study.toml they come to."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from . import given, layers, noise_input, parameters
from .algorithm import Call
from .parameters import Parameter, described
from .study import toml_lines
from .texts import tr

OURS = "# Written by the geowoonzorg plugin for QGIS, and replaced by its next run in this folder."
LEVELS = {"buurt": "buurt", "wijk": "wijk"}


def inputs() -> list[Parameter]:
    """Declare the parameters of a study: sites, network, facilities, areas, noise, profiles."""
    source = QgsProcessing.SourceType
    return [
        *parameters.places(
            "SITES",
            tr("Candidate sites"),
            tr("Points or areas; other fields, such as n_woningen and ontmoetingsruimte, count where the profile asks for them."),
        ),
        *parameters.network(),
        parameters.facility_classes(option=""),
        _layer(
            "REGISTER",
            tr("Own list of facilities"),
            tr("Wins over OpenStreetMap for the classes it holds; needed where the network is not an OpenStreetMap file.")
            + " "
            + tr("A layer, or a table (csv, xlsx) with coordinates or addresses."),
            source.TypeVector,
            check=given.register_problem,
        ),
        *area_inputs(optional=True),
        *_noise(),
        _layer(
            "ADDRESSES",
            tr("Addresses"),
            tr("Where people live. Empty: the addresses in the OpenStreetMap file."),
            source.TypeVectorPoint,
            advanced=True,
        ),
        *parameters.profile("scoring", title=tr("Scoring profile"), default="geclusterd", option=""),
        *parameters.profile("walking", title=tr("Who walks"), default="rollator", name="WALKER", option=""),
        parameters.limits(),
        parameters.max_snap(),
        parameters.access_legs(),
        parameters.crs(),
        Parameter(
            described(
                QgsProcessingParameterString("NAME", tr("Name of the study"), optional=True),
                tr("Comes on the map and the report."),
                advanced=True,
            )
        ),
    ]


def area_inputs(*, optional: bool) -> list[Parameter]:
    """Declare the areas and what is known of them."""
    return [
        _layer(
            "AREAS",
            _areas_title(),
            tr(
                "The CBS Wijk- en buurtkaart, or any polygons with buurt or wijk codes: a file, or a layer of the project, as of PDOK. "
                "With a layer of a GeoPackage go its wijken and gemeenten; of another layer, give those under tables with figures."
            ),
            QgsProcessing.SourceType.TypeVectorPolygon,
            optional=optional,
            check=lambda call, name, title: given.areas_problem(call, name, title, optional=optional),
        ),
        Parameter(
            described(
                parameters.keywords("LEVEL", tr("Level of the areas"), LEVELS, default="buurt"),
                tr("Which areas the figures are taken from."),
                advanced=True,
            )
        ),
        Parameter(
            described(
                QgsProcessingParameterString("GEMEENTE", tr("Only this gemeente"), optional=True),
                tr("A code such as GM0166; empty: all areas in the file."),
                advanced=True,
            )
        ),
        Parameter(
            described(
                QgsProcessingParameterMultipleLayers(
                    "FIGURES", _figures_title(), QgsProcessing.SourceType.TypeVector, optional=True
                ),
                tr("CBS key figures, joined on the area's code: files (csv, xlsx), or layers and tables of the project."),
                advanced=True,
            ),
            check=lambda call: given.tables_problem(call, "FIGURES", _figures_title()),
        ),
        _layer(
            "LEEFBAAROMETER",
            _scores_title(),
            tr("The csv as published, for the same level as the areas, or a layer or table with its columns."),
            QgsProcessing.SourceType.TypeVector,
            check=_openable,
        ),
        Parameter(
            described(
                QgsProcessingParameterNumber(
                    "LEEFBAAROMETER_YEAR",
                    tr("Leefbaarometer: year"),
                    QgsProcessingParameterNumber.Type.Integer,
                    optional=True,
                    minValue=2002,
                    maxValue=2100,
                ),
                tr("The file holds several years; choose one."),
            ),
            check=_year_problem,
        ),
    ]


def _areas_title() -> str:
    return tr("Buurten or wijken")


def _figures_title() -> str:
    return tr("Tables with figures")


def _scores_title() -> str:
    return tr("Leefbaarometer scores")


def _layer(name, title, text, kind, *, optional=True, advanced=False, check=None) -> Parameter:
    """Ask for a layer, which may also be a file."""
    definition = QgsProcessingParameterFeatureSource(name, title, [kind], optional=optional)
    check = check or (lambda call, name, title: call.crs_problem(name, title))
    return Parameter(described(definition, text, advanced=advanced), check=lambda call: check(call, name, title))


def _openable(call: Call, name: str, title: str) -> str | None:
    """Say that a table cannot be opened, if it cannot."""
    return given.not_opened(title) if call.is_given(name) and call.layer(name) is None else None


def _noise() -> list[Parameter]:
    """Ask for noise: a raster, or areas with a field of decibels."""
    raster = QgsProcessingParameterRasterLayer("NOISE", tr("Noise (Lden)"), optional=True)
    areas, field = "NOISE_AREAS", "NOISE_FIELD"
    of_areas = QgsProcessingParameterFeatureSource(
        areas, tr("Noise: or a layer of areas"), [QgsProcessing.SourceType.TypeVectorPolygon], optional=True
    )
    of_field = QgsProcessingParameterField(field, tr("Noise: field with decibels"), parentLayerParameterName=areas, optional=True)
    return [
        Parameter(
            described(raster, tr("A raster in decibels, averaged by energy over the walking catchment.")),
            check=lambda call: noise_input.problem(call, raster.description(), of_areas.description()),
        ),
        Parameter(
            described(
                of_areas,
                tr(
                    "Instead of a raster: areas with one number of decibels each, such as contours. They are laid on cells of 10 m; "
                    "where areas overlap the highest counts, and outside them noise is unknown."
                ),
                advanced=True,
            )
        ),
        Parameter(described(of_field, tr("A number in each area, such as 57; a class such as 55-59 is none."), advanced=True)),
    ]


class AreaFiles(NamedTuple):
    """The engine's files of the areas and what is known of them; empty where none was given."""

    areas: str
    figures: list[str]
    leefbaarometer: str


def area_files(call: Call, folder: Path) -> AreaFiles:
    """Give the files, handing layers over into ``folder``."""
    areas, scores = "", ""
    if call.is_given("AREAS"):
        areas = given.areas_path(call, "AREAS", _areas_title(), level=call.text("LEVEL"), folder=folder)
    if call.is_given("LEEFBAAROMETER"):
        scores = given.table_path(call, "LEEFBAAROMETER", _scores_title(), folder=folder)
    return AreaFiles(areas, given.tables_paths(call, "FIGURES", _figures_title(), folder=folder), scores)


def write_study(call: Call, folder: Path) -> str:
    """Write ``study.toml`` and the layers it names into ``folder``, and give its path."""
    path = folder / "study.toml"
    if path.is_file() and not path.read_text(encoding="utf-8", errors="replace").startswith(OURS) and not call.flag("FORCE"):
        message = tr("{file} was not written from this dialog, and would be lost. Choose another folder.")
        raise QgsProcessingException(message.format(file=path))
    path.write_text(f"{OURS}\n\n{toml_lines(tables(call, folder))}", encoding="utf-8")
    return str(path)


def tables(call: Call, folder: Path) -> dict[str, Any]:
    """Give the study's tables, handing layers over into ``folder``."""

    def path_of(name, title, give, **more):
        return _inside(give(call, name, title, folder=folder, **more), folder) if call.is_given(name) else None

    network = path_of("NETWORK_LAYER", tr("Walking network: or a line layer"), given.lines_path) or call.text("NETWORK")
    is_osm = network.lower().endswith((".pbf", ".osm", ".osm.bz2", ".osm.gz"))
    register = path_of("REGISTER", tr("Own list of facilities"), given.register_path)
    addresses = path_of("ADDRESSES", tr("Addresses"), given.places_path)
    if not is_osm and not (register and addresses):
        raise QgsProcessingException(
            tr("The network is not an OpenStreetMap file: give an own list of facilities, and addresses.")
        )
    now = datetime.now(timezone.utc).date().isoformat()
    tables = {
        "study": {"name": call.text("NAME") or tr("Candidate sites"), "crs": layers.crs_text(call.crs("CRS")), "date": now},
        "network": {
            "source": network,
            "profile": parameters.chosen_profile(call, "WALKER"),
            "limits_m": parameters.parse_metres(call.text("LIMITS_M")),
            "max_snap_m": call.number("MAX_SNAP_M"),
            "access_legs": call.flag("ACCESS_LEGS"),
        },
        "facilities": {"classes": parameters.chosen_classes(call), "osm": is_osm, "register": register},
        "addresses": {"source": addresses or "osm"},
        "sites": {
            "source": path_of(
                "SITES", tr("Candidate sites"), given.places_path, shape=layers.Shape(id_field=call.text("SITES_ID"))
            )
        },
        "scoring": {"profile": parameters.chosen_profile(call)},
    }
    files = area_files(call, folder)
    if files.areas:
        year = call.number("LEEFBAAROMETER_YEAR")
        tables["areas"] = {
            "source": _inside(files.areas, folder),
            "level": call.text("LEVEL"),
            "gemeente": call.text("GEMEENTE"),
            "figures": [_inside(one, folder) for one in files.figures],
            "leefbaarometer": _inside(files.leefbaarometer, folder),
            "leefbaarometer_year": None if year is None else int(year),
        }
    if noise := noise_input.path(call, folder):
        tables["rasters"] = [{"name": "geluid", "source": _inside(noise, folder), "kind": "decibel"}]
    return tables


def _inside(path: str, folder: Path) -> str:
    """Name a file in the study's own folder without that folder, so that the two can be moved or mailed together."""
    prefix = f"{folder}{os.sep}"
    return path[len(prefix) :].replace(os.sep, "/") if path.startswith(prefix) else path


def _year_problem(call):
    if call.is_given("LEEFBAAROMETER") == (call.number("LEEFBAAROMETER_YEAR") is not None):
        if call.is_given("LEEFBAAROMETER") and not call.is_given("AREAS"):
            return tr("Leefbaarometer scores need areas to belong to: choose the buurten or wijken too.")
        return None
    return tr("Leefbaarometer scores and their year go together: the file holds several years.")
