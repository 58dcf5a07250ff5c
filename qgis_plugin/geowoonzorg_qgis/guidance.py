"""What an algorithm or a model says of itself: its help in the dialog, and its section of the page in the plugin."""

from __future__ import annotations

from html import escape

from qgis.core import QgsProcessingAlgorithm

from . import settings
from .texts import FOLDER, tr


def help_text(algorithm: QgsProcessingAlgorithm, summary: str) -> str:
    """Put together the help from a summary and the parameters' own texts."""
    parts = [f"<p>{line}</p>" for line in summary.split("\n") if line]
    for title, destinations in ((tr("Input"), False), (tr("Output"), True)):
        shown = [d for d in algorithm.parameterDefinitions() if d.isDestination() == destinations and d.help()]
        if shown:
            parts.append(f"<h3>{title}</h3>")
        parts += [f"<p><b>{escape(d.description())}</b><br>{d.help()}</p>" for d in shown]
    return "".join(parts)


def help_url(ident: str) -> str:
    """Give where an algorithm's section is in the bundled page of the user's language."""
    page = FOLDER / "help" / f"{settings.language()}.html"
    return f"{page.as_uri()}#{ident}"
