"""A study put together in a dialog: the parameters, and the study.toml they come to."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from . import layers, parameters
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
        Parameter(
            described(
                QgsProcessingParameterFeatureSource(
                    "REGISTER",
                    tr("Own list of facilities"),
                    list(parameters.POINTS_OR_AREAS),
                    optional=True,
                ),
                tr("Wins over OpenStreetMap for the classes it holds; needed where the network is not an OpenStreetMap file."),
            ),
            check=lambda call: call.crs_problem("REGISTER", tr("Own list of facilities")) if call.is_given("REGISTER") else None,
        ),
        *area_inputs(optional=True),
        Parameter(
            described(
                QgsProcessingParameterRasterLayer("NOISE", tr("Noise (Lden)"), optional=True),
                tr("A GeoTIFF in decibels, averaged by energy over the walking catchment."),
            ),
            check=_noise_problem,
        ),
        Parameter(
            described(
                QgsProcessingParameterFeatureSource("ADDRESSES", tr("Addresses"), [source.TypeVectorPoint], optional=True),
                tr("Where people live. Empty: the addresses in the OpenStreetMap file."),
                advanced=True,
            ),
            check=lambda call: call.crs_problem("ADDRESSES", tr("Addresses")) if call.is_given("ADDRESSES") else None,
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
        parameters.file(
            "AREAS",
            tr("Buurten or wijken"),
            tr("The CBS Wijk- en buurtkaart (GeoPackage), or polygons with buurt or wijk codes."),
            optional=optional,
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
                    "FIGURES", tr("Tables with figures"), QgsProcessing.SourceType.TypeFile, optional=True
                ),
                tr("CBS key figures (csv, xlsx), joined on the area's code."),
                advanced=True,
            )
        ),
        parameters.file(
            "LEEFBAAROMETER",
            tr("Leefbaarometer scores"),
            tr("The csv as published, for the same level as the areas."),
            optional=True,
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


def figures(call: Call) -> list[str]:
    """Give the chosen tables with figures."""
    return call.paths("FIGURES") if call.is_given("FIGURES") else []


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

    def layer(name, title, **fields):
        return call.source_path(name, title, folder=folder, **fields) if call.is_given(name) else None

    network = layer("NETWORK_LAYER", tr("Walking network: or a line layer")) or call.text("NETWORK")
    is_osm = network.lower().endswith((".pbf", ".osm", ".osm.bz2", ".osm.gz"))
    register = layer("REGISTER", tr("Own list of facilities"))
    addresses = layer("ADDRESSES", tr("Addresses"))
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
        "sites": {"source": layer("SITES", tr("Candidate sites"), id_field=call.text("SITES_ID"))},
        "scoring": {"profile": parameters.chosen_profile(call)},
    }
    if areas := call.text("AREAS"):
        year = call.number("LEEFBAAROMETER_YEAR")
        tables["areas"] = {
            "source": areas,
            "level": call.text("LEVEL"),
            "gemeente": call.text("GEMEENTE"),
            "figures": figures(call),
            "leefbaarometer": call.text("LEEFBAAROMETER"),
            "leefbaarometer_year": None if year is None else int(year),
        }
    if call.is_given("NOISE"):
        tables["rasters"] = [{"name": "geluid", "source": _raster_path(call), "kind": "decibel"}]
    return tables


def _raster_path(call):
    layer = call.algorithm.parameterAsRasterLayer(call.values, "NOISE", call.context)
    return layer.source() if layer is not None else ""


def _noise_problem(call):
    if call.is_given("NOISE") and not _raster_path(call).lower().endswith((".tif", ".tiff")):
        return tr("Noise must be a GeoTIFF on disk; save the layer as one first.")
    return None


def _year_problem(call):
    if bool(call.text("LEEFBAAROMETER")) == (call.number("LEEFBAAROMETER_YEAR") is not None):
        if call.text("LEEFBAAROMETER") and not call.text("AREAS"):
            return tr("Leefbaarometer scores need areas to belong to: choose the buurten or wijken too.")
        return None
    return tr("Leefbaarometer scores and their year go together: the file holds several years.")
