"""The oldest versions that are promised to work, exactly: ``python tests/minimum.py`` writes them for pip.

Read from ``pyproject.toml``: what every run needs, and the extras that add a reader (not those of the tests).
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
READERS = ("parquet",)


def minimum_versions(text: str) -> list[str]:
    """Give each requirement at exactly its minimum.

    >>> minimum_versions('[project]\\ndependencies = ["click>=8.1"]\\n[project.optional-dependencies]')
    ['click==8.1']
    """
    project = tomllib.loads(text)["project"]
    extras = project.get("optional-dependencies", {})
    asked = project["dependencies"] + [one for name in READERS for one in extras.get(name, [])]
    pins = []
    for requirement in asked:
        found = re.fullmatch(r"([\w.-]+)>=([\w.]+)(,<.*)?", requirement)
        if found is None:
            raise SystemExit(
                f"{requirement}: write it as name>=version, so that there is a minimum"
            )
        pins.append(f"{found[1]}=={found[2]}")
    return pins


if __name__ == "__main__":
    sys.stdout.write("\n".join(minimum_versions(PROJECT.read_text(encoding="utf-8"))) + "\n")
