"""The hook of mkdocs: adds the pages that are made, in both languages."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File

sys.path.insert(0, str(Path(__file__).parent))
from pages import PAGES

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

_made: dict[tuple[str, str], str] = {}  # the site is built once a language, the pages only once


@event_priority(100)  # before the plugin that sorts the files by language
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for name, make in PAGES.items():
        for lang, suffix in (("nl", ".md"), ("en", ".en.md")):
            if (name, lang) not in _made:
                _made[name, lang] = make(lang)
            files.append(File.generated(config, f"{name}{suffix}", content=_made[name, lang]))
    return files
