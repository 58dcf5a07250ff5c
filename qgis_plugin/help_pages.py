"""Make the pages that the dialogs' Help button opens, of what the algorithms say of themselves, in both languages.

With QGIS's Python, of the oldest QGIS that is supported:

QT_QPA_PLATFORM=offscreen /usr/bin/python3 qgis_plugin/help_pages.py           write them
QT_QPA_PLATFORM=offscreen /usr/bin/python3 qgis_plugin/help_pages.py --check   fail if one is not what would be written
"""

from __future__ import annotations

import sys
from html import escape

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from geowoonzorg_qgis import settings
from geowoonzorg_qgis.provider import GeowoonzorgProvider
from geowoonzorg_qgis.subjects import subjects
from geowoonzorg_qgis.texts import FOLDER

PAGES = FOLDER / "help"
STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "h3{border-top:1px solid #888;padding-top:1rem}code{background:#eee;padding:0 .2em}"
)


def page(language: str, provider: GeowoonzorgProvider) -> str:
    """Write a page: a section for each algorithm, by subject, with an anchor that is its id."""
    names = subjects()
    parts = []
    for subject, name in names.items():
        parts.append(f"<h2>{escape(name)}</h2>")
        own = [one for one in provider.algorithms() if one.groupId() == subject]
        for algorithm in sorted(own, key=lambda one: one.displayName()):
            parts.append(f'<section id="{algorithm.name()}">')
            parts.append(f"<h3>{escape(algorithm.displayName())}</h3><p><code>{algorithm.id()}</code></p>")
            text = algorithm.shortHelpString().replace("<h3>", "<h4>").replace("</h3>", "</h4>")
            parts.append(f"{text}</section>")
    head = f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>Geowoonzorg</title>'
    start = f"{head}<style>{STYLE}</style></head><body>\n<h1>{escape(provider.longName())}</h1>\n"
    return start + "\n".join(parts) + "\n</body></html>\n"


def main() -> None:
    """Write or check."""
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    wrong = []
    for language in settings.LANGUAGES:
        translator = QTranslator()
        if language == "nl":
            translator.load(str(FOLDER / "i18n" / "nl.qm"))
            QCoreApplication.installTranslator(translator)
        provider = GeowoonzorgProvider()
        registry = QgsApplication.processingRegistry()
        registry.addProvider(provider)
        provider.add_models()
        path, text = PAGES / f"{language}.html", page(language, provider)
        registry.removeProvider(provider)
        QCoreApplication.removeTranslator(translator)
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            wrong.append(path.name)
    application.exitQgis()
    if wrong:
        sys.exit(f"not what the algorithms say: {', '.join(wrong)}: run qgis_plugin/help_pages.py")


if __name__ == "__main__":
    main()
