"""The parameters algorithms share: each knows its help, its check and how it is said to the engine."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from . import given, layers, settings
from .texts import tr

if TYPE_CHECKING:
    from .algorithm import Call

MAX_LIMIT_M = 100_000
LEAST_BESIDE_M = 25  # a limit under this, next to one over it, is more likely half of a number than a limit
TITLES = "titles"
AS_STUDY = "study"  # a choice that is left to the study
POINTS_OR_AREAS = (QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVectorPolygon)
OSM_FILTER = "OpenStreetMap (*.osm.pbf *.pbf *.osm *.osm.bz2 *.osm.gz)"
_ADVANCED = QgsProcessingParameterDefinition.Flag.FlagAdvanced


def _nothing(_call: Call) -> list[str]:
    return []


def _fine(_call: Call) -> str | None:
    return None


@dataclass(frozen=True)
class Parameter:
    """A parameter of an algorithm.

    Attributes
    ----------
    definition
        What QGIS shows.
    arguments
        What it adds to the engine's command line; called when the algorithm runs.
    check
        What is wrong with the value, in the user's words, or None; called before and at the run.
    """

    definition: QgsProcessingParameterDefinition
    arguments: Callable[[Call], list[str]] = field(default=_nothing)
    check: Callable[[Call], str | None] = field(default=_fine)


def described(definition: QgsProcessingParameterDefinition, text: str, *, advanced: bool = False) -> Any:
    """Give a definition its help, and its place under Advanced."""
    definition.setHelp(text)
    if advanced:
        definition.setFlags(definition.flags() | _ADVANCED)
    return definition


def file(
    name: str, title: str, text: str, *, option: str = "", filter_: str = "", optional: bool = False, advanced: bool = False
) -> Parameter:
    """Make a file parameter; ``option`` is the engine's option, empty for a bare argument."""
    definition = QgsProcessingParameterFile(name, title, optional=optional, fileFilter=filter_ or tr("All files (*.*)"))

    def arguments(call: Call) -> list[str]:
        path = call.text(name)
        return ([option, path] if option else [path]) if path else []

    def check(call: Call) -> str | None:
        path = call.text(name)
        if not path:
            return None if optional else tr("{parameter}: choose a file.").format(parameter=title)
        if not Path(path.partition("|")[0]).is_file():
            return tr("{parameter}: {path} is not there.").format(parameter=title, path=path)
        return None

    return Parameter(described(definition, text, advanced=advanced), arguments, check)


def osm_file() -> Parameter:
    """Ask for an OpenStreetMap file."""
    return file(
        "OSM",
        tr("OpenStreetMap file"),
        tr("An extract such as kampen.osm.pbf. Extracts per province: download.geofabrik.de."),
        filter_=OSM_FILTER,
    )


def network() -> list[Parameter]:
    """Ask for the walking network: a file, or a line layer."""
    path, layer = "NETWORK", "NETWORK_LAYER"
    file_title, layer_title = tr("Walking network: file"), tr("Walking network: or a line layer")
    of_file = QgsProcessingParameterFile(path, file_title, optional=True, fileFilter=tr("All files (*.*)"))
    of_layer = QgsProcessingParameterFeatureSource(layer, layer_title, [QgsProcessing.SourceType.TypeVectorLine], optional=True)

    def arguments(call: Call) -> list[str]:
        return [given.lines_path(call, layer, layer_title) if call.is_given(layer) else call.text(path)]

    def check(call: Call) -> str | None:
        file = call.text(path)
        if call.is_given(layer):
            if file:
                return tr("Choose either a network file or a line layer, not both.")
            return given.lines_problem(call, layer, layer_title)
        if not file:
            return tr("Choose a walking network: an OpenStreetMap file or a line layer.")
        if not Path(file.partition("|")[0]).is_file():
            return tr("{parameter}: {path} is not there.").format(parameter=file_title, path=file)
        return None

    return [
        Parameter(
            described(
                of_file,
                tr("An OpenStreetMap extract (.osm.pbf, .osm, .osm.bz2), a network saved earlier (.npz), or a file with lines."),
            ),
            arguments,
            check,
        ),
        Parameter(
            described(
                of_layer,
                tr(
                    "Instead of a file: a layer of walkable lines, which connect where their vertices coincide, such as the streets "
                    "of Walking network as layers. Of an OpenStreetMap file that is open in QGIS the file itself is read."
                ),
                advanced=True,
            )
        ),
    ]


def _field_problem(call: Call, layer: str, title: str, name: str) -> str | None:
    """Say that a chosen field is not in its layer, if it is not."""
    if call.text(name) and given.named_table(call.values.get(layer)):
        message = tr(
            "{layer}: a table is read as it is, so no field of it can be chosen. Call the column id or klasse, or load it as a layer."
        )
        return message.format(layer=title)
    source = call.algorithm.parameterAsSource(call.values, layer, call.context)
    return None if source is None else layers.field_problem(source.fields(), call.text(name), title)


def places(name: str, title: str, text: str, *, option: str = "", classes: bool = False) -> list[Parameter]:
    """Ask for points or areas, and under Advanced which field is their key (and their class)."""
    id_name, class_name = f"{name}_ID", f"{name}_CLASS"
    main = QgsProcessingParameterFeatureSource(name, title, list(POINTS_OR_AREAS))
    key = QgsProcessingParameterField(
        id_name, tr("{layer}: key field").format(layer=title), parentLayerParameterName=name, optional=True
    )

    def arguments(call: Call) -> list[str]:
        shape = layers.Shape(id_field=call.text(id_name), class_field=call.text(class_name) if classes else "")
        path = given.places_path(call, name, title, shape=shape)
        return [option, path] if option else [path]

    made = [
        Parameter(described(main, text), arguments, lambda call: call.crs_problem(name, title)),
        Parameter(
            described(
                key,
                tr("The field whose values name each feature. Empty: the field id, else the feature's number."),
                advanced=True,
            ),
            check=lambda call: _field_problem(call, name, title, id_name),
        ),
    ]
    if classes:
        of_class = QgsProcessingParameterField(
            class_name, tr("{layer}: class field").format(layer=title), parentLayerParameterName=name, optional=True
        )
        help_ = tr("The field with the class (huisarts, supermarkt, …). Empty: the field facility_class, if there is one.")
        made.append(
            Parameter(described(of_class, help_, advanced=True), check=lambda call: _field_problem(call, name, title, class_name))
        )
    return made


def limits(default: str = "400") -> Parameter:
    """Ask for one or more walking distances."""
    title = tr("Walking distance (m)")
    definition = QgsProcessingParameterString("LIMITS_M", title, defaultValue=default)
    help_ = tr(
        "Metres over the ground, whatever the layers' reference system. 400 is the rollator distance (Platform31), "
        "500 and 800 are other norms. Several: 400; 800."
    )

    def check(call: Call) -> str | None:
        text = call.text("LIMITS_M")
        try:
            values = parse_metres(text)
        except ValueError:
            message = tr("{parameter}: {value} is not a number of metres, such as 400 or 400; 800.")
            return message.format(parameter=title, value=text or "''")
        if is_ambiguous(text):
            message = tr(
                "{parameter}: {value} can be read in two ways. Write whole metres, without a decimal comma or a separator "
                "of thousands, and several distances with a semicolon between them: 400; 800."
            )
            return message.format(parameter=title, value=text)
        return _limit_problem(title, values)

    def arguments(call: Call) -> list[str]:
        return [part for value in parse_metres(call.text("LIMITS_M")) for part in ("--limit-m", f"{value:.15g}")]

    return Parameter(described(definition, help_), arguments, check)


def parse_metres(text: str) -> list[float]:
    """Read ``400``, ``400; 800``, ``400 800`` or, as scripts write it, ``400,800``."""
    values = [float(part) for part in re.split(r"[;,\s]+", text) if part]
    if not values:
        raise ValueError(text)
    return values


def is_ambiguous(text: str) -> bool:
    """Whether a comma may be a decimal one (``400,5``), or a point or comma one of thousands (``1.500``)."""
    return re.search(r"\d,\d{1,2}(?!\d)|\d[.,]000(?!\d)|\d\.\d{3}(?!\d)", text) is not None


def _limit_problem(title: str, values: list[float]) -> str | None:
    if all(math.isfinite(value) and 0 < value <= MAX_LIMIT_M for value in values):
        if min(values) < LEAST_BESIDE_M <= max(values):
            message = tr(
                "{parameter}: {small} m beside {large} m; was one number meant? A limit under {least} m goes in a run of its own."
            )
            return message.format(parameter=title, small=f"{min(values):g}", large=f"{max(values):g}", least=LEAST_BESIDE_M)
        return None
    message = tr("{parameter}: must be more than 0 and at most {maximum} metres, not {value}.")
    shown = ", ".join(f"{value:.15g}" for value in values)
    return message.format(parameter=title, maximum=MAX_LIMIT_M, value=shown)


def metres(
    name: str,
    option: str,
    title: str,
    text: str,
    *,
    default: float | None,
    optional: bool = False,
    advanced: bool = True,
) -> Parameter:
    """Ask for a single distance in metres, under Advanced unless it is what matters."""
    definition = QgsProcessingParameterNumber(
        name, title, QgsProcessingParameterNumber.Type.Double, defaultValue=default, optional=optional
    )

    def check(call: Call) -> str | None:
        value = call.number(name)
        if value is None:
            return None
        return _limit_problem(title, [value])

    def arguments(call: Call) -> list[str]:
        value = call.number(name)
        return [] if value is None else [option, f"{value:.15g}"]

    return Parameter(described(definition, text, advanced=advanced), arguments, check)


def max_snap() -> Parameter:
    """Ask how far from a street a place may lie."""
    return metres(
        "MAX_SNAP_M",
        "--max-snap-m",
        tr("Farthest from a street (m)"),
        tr("A place farther than this from any walkable street gets the status off_network."),
        default=100,
    )


def access_legs() -> Parameter:
    """Ask whether the straight line from a place to its street counts."""
    definition = QgsProcessingParameterBoolean("ACCESS_LEGS", tr("Count the way from door to street"), defaultValue=True)
    help_ = tr("Whether the straight line between a place and its nearest street is part of the distance.")
    return Parameter(
        described(definition, help_, advanced=True),
        lambda call: [] if call.flag("ACCESS_LEGS") else ["--no-access-legs"],
    )


def keywords(name: str, title: str, options: dict[str, str], *, default: str) -> QgsProcessingParameterEnum:
    """Make a choice of keywords, of which dialogs show the titles; scripts give a keyword or its place in the list."""
    definition = QgsProcessingParameterEnum(name, title, list(options), defaultValue=default, usesStaticStrings=True)
    wrapper = f"{__package__}.gui.choices.TitledChoice"
    definition.setMetadata({TITLES: list(options.values()), "widget_wrapper": {"class": wrapper}})
    return definition


def as_keyword(definition: QgsProcessingParameterEnum, value: object) -> object:
    """Give the keyword that is meant by its place in the list; whatever else is left for QGIS to judge."""
    several = value.split(",") if definition.allowMultiple() and isinstance(value, str) else value
    if isinstance(several, (list, tuple)):
        return [_keyword(definition.options(), one.strip() if isinstance(one, str) else one) for one in several]
    return _keyword(definition.options(), value)


def _keyword(options: list[str], value: object) -> object:
    if isinstance(value, bool) or str(value) not in map(str, range(len(options))):
        return value
    return options[int(value)]


def choice(name: str, title: str, text: str, options: dict[str, str], *, default: str, option: str) -> Parameter:
    """Ask to choose one of some keywords."""
    definition = keywords(name, title, options, default=default)
    return Parameter(described(definition, text), lambda call: [option, call.text(name)])


def shape() -> Parameter:
    """Ask whether streets or areas are drawn."""
    return choice(
        "SHAPE",
        tr("Shape"),
        tr("Streets: the metres of street within reach. Areas: every place within reach."),
        {"polygons": tr("Areas"), "lines": tr("Streets")},
        default="polygons",
        option="--shape",
    )


def profile(kind: str, *, title: str, default: str = "", name: str = "PROFILE", option: str = "--profile") -> list[Parameter]:
    """Ask for a profile: from the list in the engine's data, or a file of one's own, which wins.

    Without a default a study has one, and it is the default that the engine is told nothing.
    """
    known = settings.catalogue()[kind]
    file_name = f"{name}_FILE"
    file_title = tr("{profile}: own file").format(profile=title)
    of_study = {} if default else {AS_STUDY: tr("As the study says")}
    titles = {**of_study, **{entry["name"]: entry["title"] for entry in known}}
    picked = keywords(name, title, titles, default=default or AS_STUDY)
    own = QgsProcessingParameterFile(file_name, file_title, optional=True, fileFilter="TOML (*.toml)")

    def check(call: Call) -> str | None:
        path = call.text(file_name)
        if path and not Path(path).is_file():
            return tr("{parameter}: {path} is not there.").format(parameter=file_title, path=path)
        return None

    def arguments(call: Call) -> list[str]:
        chosen = chosen_profile(call, name)
        return [] if of_study and chosen == AS_STUDY else [option, chosen]

    about = "<br>".join(f"<i>{entry['name']}</i>: {entry['title']}. {entry['description']}" for entry in known)
    return [
        Parameter(
            described(picked, about),
            arguments if option else _nothing,
        ),
        Parameter(
            described(
                own,
                tr("A TOML file in the form of the engine's own profiles; it wins over the choice above."),
                advanced=True,
            ),
            check=check,
        ),
    ]


def chosen_profile(call: Call, name: str = "PROFILE") -> str:
    """Give the name or file chosen with ``profile``."""
    return call.text(f"{name}_FILE") or call.text(name)


def facility_classes(*, option: str = "--class") -> Parameter:
    """Ask which classes of facility."""
    known = settings.catalogue()["facility_classes"]
    definition = QgsProcessingParameterEnum(
        "CLASSES",
        tr("Facility classes"),
        [entry["name"] for entry in known],
        allowMultiple=True,
        defaultValue=[entry["name"] for entry in known if entry["default"]],
        usesStaticStrings=True,
    )
    help_ = tr("What to take from OpenStreetMap. What is absent there is unknown, never 'none'.")

    def arguments(call: Call) -> list[str]:
        return [part for name in chosen_classes(call) for part in (option, name)] if option else []

    def check(call: Call) -> str | None:
        return None if chosen_classes(call) else tr("Choose at least one facility class.")

    return Parameter(described(definition, help_), arguments, check)


def chosen_classes(call: Call) -> list[str]:
    """Give the names of the chosen classes."""
    return call.texts("CLASSES")


def walk_options() -> list[Parameter]:
    """Ask what every algorithm asks that looks for the nearest: how far, who walks, from where to where."""
    return [
        metres(
            "LIMIT_M",
            "--limit-m",
            tr("Stop at (m)"),
            tr("What is farther gets the status beyond_limit. Empty: no limit."),
            default=None,
            optional=True,
        ),
        *profile("walking", title=tr("Who walks"), default="rollator"),
        max_snap(),
        access_legs(),
        crs(),
    ]


def crs() -> Parameter:
    """Ask for the reference system to work in."""
    title = tr("Reference system to work in")
    # Optional, because QGIS refuses a script that leaves it out in spite of the default.
    definition = QgsProcessingParameterCrs("CRS", title, defaultValue="EPSG:28992", optional=True)
    help_ = tr("Metric; layers in another system are converted. Lengths are metres over the ground in any of them.")

    def check(call: Call) -> str | None:
        value = call.crs("CRS")
        if not value.isValid() or layers.is_degrees(value):
            return tr("{parameter}: {crs} counts in degrees or is unknown; choose a metric one, such as EPSG:28992.").format(
                parameter=title, crs=value.authid() or value.description() or "-"
            )
        return None

    return Parameter(described(definition, help_, advanced=True), lambda call: ["--crs", layers.crs_text(call.crs("CRS"))], check)
