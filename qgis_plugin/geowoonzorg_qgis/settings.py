"""The plugin's few settings, in QGIS's own store."""

from __future__ import annotations

import json
from configparser import ConfigParser
from functools import lru_cache
from pathlib import Path

from qgis.core import QgsApplication, QgsSettings

GROUP = "geowoonzorg"
LANGUAGES = {"nl": "Nederlands", "en": "English"}


def get(key: str, default: str = "") -> str:
    """Read a setting as text."""
    value = QgsSettings().value(f"{GROUP}/{key}", default)
    return default if value is None else str(value)


def put(key: str, value: str) -> None:
    """Write a setting; an empty text removes it."""
    if value:
        QgsSettings().setValue(f"{GROUP}/{key}", value)
    else:
        QgsSettings().remove(f"{GROUP}/{key}")


def forget() -> None:
    """Remove every setting of the plugin."""
    QgsSettings().remove(GROUP)


def language() -> str:
    """Give the language of names, help, messages and reports: the user's choice, else QGIS's own."""
    chosen = get("language")
    if chosen in LANGUAGES:
        return chosen
    return "nl" if QgsApplication.instance().locale().lower().startswith("nl") else "en"


@lru_cache(maxsize=1)
def plugin_version() -> str:
    """Give the plugin's version, from its metadata."""
    metadata = ConfigParser(interpolation=None)
    metadata.read(Path(__file__).parent / "metadata.txt", encoding="utf-8")
    return metadata["general"]["version"]


@lru_cache(maxsize=1)
def catalogue() -> dict:
    """Read the pick-lists (profiles, facility classes) that ``qgis_plugin/build.py`` takes from the engine's data."""
    return json.loads((Path(__file__).parent / "catalogue.json").read_text(encoding="utf-8"))
