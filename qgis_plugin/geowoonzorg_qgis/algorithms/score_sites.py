"""Candidate sites scored, from layers instead of a study.toml."""

from datetime import datetime, timezone
from pathlib import Path

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from .. import parameters
from ..parameters import Parameter, described
from ..study import StudyAlgorithm, toml_lines
from ..texts import tr

LEVELS = ["buurt", "wijk"]


class ScoreSites(StudyAlgorithm):
    """``geowoonzorg run`` on a study written from the dialog; the study stays in the output folder."""

    ident = "score_sites"
    command = "run"
    tags_ = ("kandidaatlocaties", "locaties", "scoren", "rangorde", "score", "rank")

    def title(self):
        """Give the name in the toolbox."""
        return tr("Score candidate sites")

    def summary(self):
        """Say what it does."""
        return tr(
            "Scores and ranks candidate sites on walking distances, liveability, the balance of vragers and dragers and noise, "
            "and shows for every site where its score comes from. What is not given stays unknown, and the score says what share "
            "of the weight was known.\n"
            "The study it runs is kept in the output folder, so that it can be run again without QGIS."
        )

    def inputs(self):
        """Declare the parameters."""
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
            parameters.file(
                "AREAS",
                tr("Buurten or wijken"),
                tr("The CBS Wijk- en buurtkaart (GeoPackage), or polygons with buurt or wijk codes."),
                optional=True,
            ),
            Parameter(
                described(
                    QgsProcessingParameterEnum(
                        "LEVEL", tr("Level of the areas"), LEVELS, defaultValue="buurt", usesStaticStrings=True
                    ),
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
                    QgsProcessingParameterMultipleLayers("FIGURES", tr("Tables with figures"), source.TypeFile, optional=True),
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
            Parameter(
                described(
                    QgsProcessingParameterBoolean("FORCE", tr("Replace files no earlier run wrote"), defaultValue=False),
                    tr("Without this the run refuses a folder that holds other files of the same names."),
                    advanced=True,
                )
            ),
        ]

    def arguments(self, call):
        """Write the study beside its output and give the command line."""
        folder = self.target(call) / "studie"
        folder.mkdir(exist_ok=True)
        study = folder / "study.toml"
        study.write_text(toml_lines(self.tables(call, folder)), encoding="utf-8")
        force = ["--force"] if call.flag("FORCE") else []
        return [self.command, str(study), *self.run_arguments(call), *force]

    def tables(self, call, folder):
        """Give the study's tables, handing layers over into ``folder``."""

        def layer(name, title, **fields):
            return call.source_path(name, title, folder=folder, **fields) if call.is_given(name) else None

        network = layer("NETWORK_LAYER", tr("Walking network: or a line layer")) or call.text("NETWORK")
        is_osm = ".osm" in Path(network).name.lower() or network.lower().endswith(".pbf")
        register = layer("REGISTER", tr("Own list of facilities"))
        addresses = layer("ADDRESSES", tr("Addresses"))
        if not is_osm and not (register and addresses):
            raise QgsProcessingException(
                tr("The network is not an OpenStreetMap file: give an own list of facilities, and addresses.")
            )
        now = datetime.now(timezone.utc).date().isoformat()
        tables = {
            "study": {"name": call.text("NAME") or tr("Candidate sites"), "crs": call.crs("CRS").authid(), "date": now},
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
                "figures": call.paths("FIGURES") if call.is_given("FIGURES") else [],
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
