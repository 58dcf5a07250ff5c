"""The hook of mkdocs: makes the pages that hold data, in both languages, as files that git does not keep."""

from __future__ import annotations

import re
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


def on_post_page(output: str, **_: object) -> str:
    """Take out the script that the theme would get elsewhere, for searching from the disk."""
    return re.sub(r'<script src="https://[^"]*"></script>', "", output)


def on_post_template(output_content: str, **_: object) -> str:
    """As for a page: of what was not found."""
    return on_post_page(output_content)
