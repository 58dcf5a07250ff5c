"""What the user reads: English in the code, Dutch through ``i18n/nl.qm``, Dutch unless chosen otherwise."""

from __future__ import annotations

from pathlib import Path

from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from . import settings

CONTEXT = "geowoonzorg"
FOLDER = Path(__file__).parent


def tr(text: str) -> str:
    """Translate a literal; ``qgis_plugin/translate.py`` collects the literals given to this function."""
    return QCoreApplication.translate(CONTEXT, text)


def install_translator() -> QTranslator | None:
    """Load the Dutch texts, and return the translator, which the caller must keep and remove."""
    if settings.language() != "nl":
        return None
    translator = QTranslator()
    if not translator.load(str(FOLDER / "i18n" / "nl.qm")):
        return None
    QCoreApplication.installTranslator(translator)
    return translator
