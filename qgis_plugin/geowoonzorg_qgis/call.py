"""One call of an algorithm: its values, the folder where layers are handed over, and what the user calls them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterLayer,
    QgsProcessingUtils,
    QgsProperty,
)

from . import given, layers

_INPUTS = (
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterFile,
)


class Call:
    """One call of an algorithm: its values, and the folder where layers are handed over.

    A destination is resolved once: at every question QGIS would make another temporary folder.
    """

    def __init__(
        self,
        algorithm: QgsProcessingAlgorithm,
        values: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback | None = None,
        folder: Path | None = None,
    ) -> None:
        self.algorithm = algorithm
        self.values = values
        self.context = context
        self.feedback = feedback or QgsProcessingFeedback()
        self._folder = folder
        self._named: dict[str, str] = {}
        self._destinations: dict[str, str] = {}

    @property
    def folder(self) -> Path:
        """The temporary folder of this run; it is removed at the end."""
        if self._folder is None:
            raise RuntimeError("only a run has a folder")
        return self._folder

    def is_given(self, name: str) -> bool:
        """Whether the user gave a value."""
        value = self.values.get(name)
        if isinstance(value, QgsProcessingOutputLayerDefinition):
            value = value.sink.staticValue()  # a destination that was skipped has an empty one
        return value not in {None, ""} if _is_hashable(value) else True

    def text(self, name: str) -> str:
        """Give a text, file, field, choice or destination, empty if none."""
        definition = self.algorithm.parameterDefinition(name)
        if definition.isDestination():
            if name not in self._destinations:
                self._destinations[name] = self.algorithm.parameterAsFileOutput(self.values, name, self.context)
            return self._destinations[name]
        if isinstance(definition, QgsProcessingParameterEnum):
            return self.algorithm.parameterAsEnumString(self.values, name, self.context)
        return self.algorithm.parameterAsString(self.values, name, self.context).strip()

    def texts(self, name: str) -> list[str]:
        """Give several choices."""
        return self.algorithm.parameterAsEnumStrings(self.values, name, self.context)

    def number(self, name: str) -> float | None:
        """Give a number, or None if it was left empty."""
        definition = self.algorithm.parameterDefinition(name)
        if self.values.get(name, definition.defaultValue()) is None:
            return None
        return self.algorithm.parameterAsDouble(self.values, name, self.context)

    def flag(self, name: str) -> bool:
        """Give a yes or no."""
        return self.algorithm.parameterAsBoolean(self.values, name, self.context)

    def paths(self, name: str) -> list[str]:
        """Give several files."""
        return self.algorithm.parameterAsFileList(self.values, name, self.context)

    def crs(self, name: str):
        """Give a reference system."""
        return self.algorithm.parameterAsCrs(self.values, name, self.context)

    def input_paths(self) -> list[str]:
        """Give the files that inputs are read from."""
        found = []
        for definition in self.algorithm.parameterDefinitions():
            name = definition.name()
            if not isinstance(definition, _INPUTS) or not self.is_given(name):
                continue
            if isinstance(definition, QgsProcessingParameterFile):
                found.append(self.text(name))
            elif isinstance(definition, QgsProcessingParameterMultipleLayers):
                found += [one.source() for one in self.algorithm.parameterAsLayerList(self.values, name, self.context)]
            elif (layer := self.layer(name)) is not None:
                found.append(layer.source())
        return [path for one in found if (path := one.partition("|")[0])]

    def unopened(self) -> list[str]:
        """Say which layers or files are not there, or are none; QGIS says only that a value is incorrect."""
        found = []
        for definition in self.algorithm.parameterDefinitions():
            if isinstance(definition, _INPUTS) and not isinstance(definition, QgsProcessingParameterFile):
                value = self.values.get(definition.name())
                several = value if isinstance(value, (list, tuple)) else [value]
                title = definition.description()
                found += [
                    given.not_opened(title, one) for one in several if isinstance(one, str) and one and not self.opened(one)
                ]
        return found

    def layer(self, name: str) -> QgsMapLayer | None:
        """Give the layer that is behind a parameter, whatever of it was asked for; None where it is no layer."""
        return self.opened(self.values.get(name))

    def opened(self, value: object) -> QgsMapLayer | None:
        """Give the layer that a value means."""
        if isinstance(value, QgsProcessingFeatureSourceDefinition):
            value = value.source
        if isinstance(value, QgsProperty):
            value = value.staticValue()
        if isinstance(value, QgsMapLayer):
            return value
        return QgsProcessingUtils.mapLayerFromString(value, self.context) if isinstance(value, str) and value else None

    def titled(self, name: str, title: str) -> str:
        """Name an input in a message: what the dialog calls it, and its layer."""
        layer = self.layer(name)
        return f"{title}: {layer.name()}" if layer is not None and layer.name() else title

    def crs_problem(self, name: str, title: str) -> str | None:
        """Say what is wrong with a layer, if anything is: not to be opened, or without a reference system."""
        if given.named_table(self.values.get(name)):
            return None
        source = self.algorithm.parameterAsSource(self.values, name, self.context)
        if source is None:
            return given.not_opened(title) if self.is_given(name) else None
        return layers.crs_problem(source, self.titled(name, title))

    def source_path(
        self,
        name: str,
        title: str,
        *,
        folder: Path | None = None,
        path: Path | None = None,
        shape: layers.Shape = layers.AS_PLACES,
    ) -> str:
        """Hand a layer over to the engine and give the path of what was written."""
        source = self.algorithm.parameterAsSource(self.values, name, self.context)
        if source is None:
            raise QgsProcessingException(self.algorithm.invalidSourceError(self.values, name))
        layer = self.layer(name)
        renamed = given.joined_names(layer)
        target = str(path or (folder or self.folder) / f"{name.lower()}.gpkg")
        titled = self.titled(name, title)
        layers.hand_over(source, target, title=titled, feedback=self.feedback, shape=replace(shape, renamed=renamed))
        self.call_it(target, titled)
        return target

    def call_it(self, path: str, titled: str) -> None:
        """Remember what the user calls what was handed over as a file."""
        self._named[path] = titled

    def in_words(self, message: str) -> str:
        """Name layers in a message of the engine's, which knows only the files that they were handed over as."""
        for path, titled in self._named.items():
            message = re.sub(re.escape(path) + r"(\|layername=\w+)?", lambda _match, titled=titled: titled, message)
        return message


def _is_hashable(value: object) -> bool:
    return isinstance(value, (str, int, float, bool, type(None)))
