"""The base of every algorithm: declare inputs and outputs, and the engine does the work.

A new algorithm is one small file in ``algorithms/`` with a subclass of ``EngineAlgorithm``; the provider finds it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsFeatureSink,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
)
from qgis.PyQt.QtGui import QIcon

from . import engine, finish, layers
from .call import Call
from .guidance import help_text, help_url
from .parameters import Parameter, as_keyword
from .subjects import subjects
from .texts import FOLDER, tr

_ANY = QgsProcessing.SourceType.TypeVectorAnyGeometry


@dataclass(frozen=True)
class Output:
    """A layer of the engine's output that becomes a layer in QGIS.

    Attributes
    ----------
    name
        The output's name in QGIS, such as ``OUTPUT``.
    layer
        The layer in the engine's GeoPackage.
    title, text
        What the user reads.
    preset
        The style in ``styles/``, without ``.qml``; empty: QGIS's own.
    geometry
        What kind of layer it is, for the Model Designer.
    optional
        Whether a script or model may leave it out.
    offered
        Whether the dialog makes it unless told otherwise.
    file
        The file in the engine's folder that holds the layer; empty where the engine writes one GeoPackage.
    """

    name: str
    layer: str
    title: str
    text: str
    preset: str = ""
    geometry: QgsProcessing.SourceType = _ANY
    optional: bool = False
    offered: bool = True
    file: str = ""


class EngineAlgorithm(QgsProcessingAlgorithm):
    """An algorithm that is a command of the engine.

    Subclasses set ``ident``, ``command`` and ``subject`` (of ``subjects.py``) and say ``title``, ``summary``, ``inputs`` and ``outputs``; those whose
    engine output is not one GeoPackage override ``arguments`` and ``deliver`` too.
    """

    ident = ""
    command = ""
    subject = ""
    tags_: tuple[str, ...] = ()

    # --- what subclasses say

    def title(self) -> str:
        """Give the name in the toolbox."""
        raise NotImplementedError

    def summary(self) -> str:
        """Say in a few sentences what it does and gives."""
        raise NotImplementedError

    def inputs(self) -> list[Parameter]:
        """Declare the parameters, in the order of the dialog and of the engine's command line."""
        return []

    def outputs(self) -> list[Output]:
        """Declare the layers that come out."""
        return []

    def arguments(self, call: Call) -> list[str]:
        """Give the engine's command line; by default the parameters' own, and one GeoPackage as output."""
        own = [argument for parameter in self._inputs() for argument in parameter.arguments(call)]
        return [self.command, *own, "-o", str(call.folder / "out.gpkg")]

    def deliver(self, call: Call, outcome: dict) -> dict[str, Any]:
        """Turn what the engine wrote into QGIS's outputs."""
        return self.deliver_layers(call, call.folder / "out.gpkg", outcome)

    # --- what QGIS asks

    def createInstance(self):
        """Make another of the same."""
        return type(self)()

    def name(self) -> str:
        """Give the id, which never changes."""
        return self.ident

    def displayName(self) -> str:
        """Give the name in the toolbox."""
        return self.title()

    def groupId(self) -> str:
        """Give the id of the group, which never changes."""
        return self.subject

    def group(self) -> str:
        """Give the name of the group in the toolbox."""
        return subjects().get(self.subject, "")

    def helpUrl(self) -> str:
        """Give the section of the page in the plugin: the project has no address of its own, and QGIS would make one up."""
        return help_url(self.ident)

    def tags(self) -> list[str]:
        """Give words by which it is found: Dutch and English."""
        return ["geowoonzorg", "woonzorg", "wonen", "zorg", self.command, *self.tags_]

    def icon(self) -> QIcon:
        """Give the plugin's icon."""
        return QIcon(str(FOLDER / "icon.svg"))

    def svgIconPath(self) -> str:
        """Give the icon's file."""
        return str(FOLDER / "icon.svg")

    def shortDescription(self) -> str:
        """Give the tool tip."""
        return self.summary().split("\n")[0]

    def shortHelpString(self) -> str:
        """Put together the help from the summary and the parameters' own texts."""
        return help_text(self, self.summary())

    def initAlgorithm(self, _configuration=None) -> None:
        """Declare the parameters to QGIS."""
        for parameter in self._inputs():
            self.addParameter(parameter.definition.clone())
        for output in self.outputs():
            sink = QgsProcessingParameterFeatureSink(
                output.name, output.title, output.geometry, optional=output.optional, createByDefault=output.offered
            )
            sink.setHelp(output.text)
            self.addParameter(sink)

    def checkParameterValues(self, parameters, context):
        """Say what is wrong before the run."""
        parameters = self._with_keywords(parameters)
        fine, message = super().checkParameterValues(parameters, context)
        if not fine:
            return fine, "\n".join(Call(self, parameters, context).unopened()) or message
        problems = self._problems(Call(self, parameters, context))
        return not problems, "\n".join(problems)

    def processAlgorithm(self, parameters, context, feedback):
        """Hand the layers over, run the engine, and take over what it wrote."""
        feedback = feedback or QgsProcessingFeedback()
        parameters = self._with_keywords(parameters)
        # qgis_process and scripts come here without having asked checkParameterValues.
        if problems := self._problems(Call(self, parameters, context)):
            raise QgsProcessingException("\n".join(problems))
        folder = Path(tempfile.mkdtemp(prefix="geowoonzorg-"))
        try:
            call = Call(self, parameters, context, feedback, folder)
            arguments = self.arguments(call)
            outcome = self.run_engine(arguments, feedback, worded=call.in_words)
            return self._checked(call, self.deliver(call, outcome))
        except engine.EngineCancelledError:
            feedback.pushInfo(tr("Cancelled; nothing was written."))
            return {}
        except engine.EngineError as error:
            raise QgsProcessingException(self._in_words_of_qgis(call.in_words(str(error)))) from error
        except OSError as error:
            message = tr("The temporary folder or the output cannot be written: {reason}")
            raise QgsProcessingException(message.format(reason=error)) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    # --- what they share

    def run_engine(self, arguments: list[str], feedback: QgsProcessingFeedback, *, worded: Callable[[str], str] = str) -> dict:
        """Run the engine with its progress shown in QGIS, in words that name layers instead of temporary files."""
        feedback.pushCommandInfo("geowoonzorg " + " ".join(f'"{a}"' if " " in a else a for a in arguments))
        last = [""]

        def report(fraction: float | None, message: str) -> None:
            if fraction is not None:
                feedback.setProgress(100 * fraction)
            if message and message != last[0]:
                last[0] = message
                feedback.setProgressText(worded(message))

        return engine.run(arguments, report=report, cancelled=feedback.isCanceled)

    def deliver_layers(self, call: Call, path: Path, outcome: dict) -> dict[str, Any]:
        """Copy the engine's layers to where the user wants them, and have them styled and named."""
        results = {}
        for output in self.outputs():
            if output.optional and not call.is_given(output.name):
                continue
            source = path / output.file if output.file else path
            left_out = source.suffix == ".gpkg" and output.layer not in layers.layers_in(str(source))
            if output.optional and (left_out or not source.is_file()):
                call.feedback.pushInfo(tr("{output}: not part of this answer").format(output=output.title))
                continue
            destination = self._copy(call, source, output)
            results[output.name] = destination
            if call.context.willLoadLayerOnCompletion(destination):
                finish.attach(call.context, destination, output, self.provenance(call, outcome))
        for note in outcome.get("notes") or []:
            call.feedback.pushWarning(call.in_words(str(note)))
        return results

    def _copy(self, call: Call, path: Path, output: Output) -> str:
        """Copy one layer of the engine's into the sink the user chose, and give the sink's destination."""
        layer = layers.open_table(path) if path.suffix == ".csv" else layers.open_layer(str(path), output.layer)
        sink = None
        try:
            fields, skipped = layers.result_fields(layer)
            kind = layers.result_type(layer)
            sink, destination = self.parameterAsSink(call.values, output.name, call.context, fields, kind, layer.crs())
            if sink is None:
                raise QgsProcessingException(self.invalidSinkError(call.values, output.name))
            for feature in layers.copied(layer, fields, skipped, kind):
                if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
                    message = tr("{output}: a feature could not be written: {reason}")
                    raise QgsProcessingException(message.format(output=output.title, reason=sink.lastError()))
            count = layer.featureCount()
            call.feedback.pushInfo(tr("{output}: {count} features").format(output=output.title, count=count))
            return destination
        finally:
            # A sink that lives on may lose its layer, and a layer that an exception's frames keep may outlive QGIS.
            del sink, layer

    def provenance(self, call: Call, outcome: dict) -> dict[str, str]:
        """Say what made the result, for the layer's metadata."""
        found = engine.find()
        given = {name: _shown(value) for name, value in call.values.items() if value not in (None, "")}
        return {
            "algorithm": self.id(),
            "engine": f"geowoonzorg {found.version}",
            **{f"parameter {name}": value for name, value in given.items()},
            **{str(name): _shown(value) for name, value in outcome.items() if name not in {"type", "text"}},
        }

    def _in_words_of_qgis(self, message: str) -> str:
        """Add where a dialog has what the engine's message calls an option."""
        if "--force" not in message:
            return message
        force = self.parameterDefinition("FORCE")
        if force is None:
            return message + "\n" + tr("In QGIS: choose another place for the output.")
        return message + "\n" + tr("In QGIS: choose another folder, or tick: {option}.").format(option=force.description())

    def _checked(self, call: Call, results: dict[str, Any]) -> dict[str, Any]:
        """Refuse to name a file or folder as a result that is not there."""
        for definition in self.destinationParameterDefinitions():
            if isinstance(definition, (QgsProcessingParameterFileDestination, QgsProcessingParameterFolderDestination)):
                if not call.is_given(definition.name()):
                    continue  # one that may be left out
                path = call.text(definition.name())
                if not Path(path).exists():
                    raise QgsProcessingException(tr("The engine wrote no {file}.").format(file=path))
        return results

    def _with_keywords(self, values: dict[str, Any]) -> dict[str, Any]:
        """Turn choices given by their place in the list into keywords."""
        choices = [d for d in self.parameterDefinitions() if isinstance(d, QgsProcessingParameterEnum)]
        return {**values, **{d.name(): as_keyword(d, values[d.name()]) for d in choices if d.name() in values}}

    def _inputs(self) -> list[Parameter]:
        if not hasattr(self, "_declared"):
            self._declared = self.inputs()
        return self._declared

    def _problems(self, call: Call) -> list[str]:
        problems = [problem for parameter in self._inputs() if (problem := parameter.check(call))]
        return problems + [problem for output in self.outputs() if (problem := self._sink_problem(call, output))]

    def _sink_problem(self, call: Call, output: Output) -> str | None:
        """Say what would be lost by writing an output where the user wants it, if anything would."""
        value = call.values.get(output.name)
        value = value.sink.staticValue() if isinstance(value, QgsProcessingOutputLayerDefinition) else value
        if not isinstance(value, str) or not Path(value).is_file():
            return None
        return layers.destination_problem(value, call.input_paths(), output.title)


def _shown(value: object) -> str:
    return value.name() if hasattr(value, "name") and callable(value.name) else str(value)
