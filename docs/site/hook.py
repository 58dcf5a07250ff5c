"""The hook of mkdocs: makes the pages that hold data, in both languages, as files that git does not keep."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))
from pages import PAGES

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Write the pages; as files, since the plugin for languages takes no others."""
    for name, make in PAGES.items():
        for lang, suffix in (("nl", ".md"), ("en", ".en.md")):
            path = Path(config.docs_dir) / f"{name}{suffix}"
            text = make(lang)
            if not path.exists() or path.read_text("utf-8") != text:
                path.write_text(text, "utf-8")
    return config
