"""The engine as a wheel, to travel beside the plugin's zip: made from the sources, without any other tool or download.

A wheel of Python alone is a zip of its files with a few texts beside them. The same sources give the same bytes, and
``tests/qgis/test_static.py`` holds it against what pip and the project's own build backend make.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path

import tomllib

ROOT = Path(__file__).resolve().parents[1]
_FIXED_TIME = (2020, 1, 1, 0, 0, 0)
_NOT_OURS = {"__pycache__", "out"}  # what running it leaves behind


def project() -> dict:
    """Read the project's table of ``pyproject.toml``."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def name() -> str:
    """Give the wheel's file name."""
    return f"geowoonzorg-{project()['version']}-py3-none-any.whl"


def content() -> bytes:
    """Make the wheel."""
    about = project()
    info = f"geowoonzorg-{about['version']}.dist-info"
    files = {**_tree(ROOT / "geowoonzorg", "geowoonzorg"), **_tree(ROOT / "data" / "demo", "geowoonzorg/demo")}
    scripts = "".join(f"{script} = {target}\n" for script, target in about["scripts"].items())
    files |= {
        f"{info}/METADATA": _metadata(about).encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: geowoonzorg\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{scripts}".encode(),
        f"{info}/licenses/LICENSE": (ROOT / "LICENSE").read_bytes(),
    }
    record = "".join(f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, _FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data)
    return made.getvalue()


def _tree(folder: Path, into: str) -> dict[str, bytes]:
    found = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") or part in _NOT_OURS for part in inside.parts)
        if path.is_file() and not hidden and not path.name.endswith(".aux.xml"):
            found[f"{into}/{inside.as_posix()}"] = path.read_bytes()
    return found


def _metadata(about: dict) -> str:
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {about['name']}",
        f"Version: {about['version']}",
        f"Summary: {about['description']}",
        f"Author: {', '.join(author['name'] for author in about['authors'])}",
        f"License-Expression: {about['license']}",
        *(f"License-File: {path}" for path in about["license-files"]),
        f"Keywords: {','.join(about['keywords'])}",
        *(f"Classifier: {classifier}" for classifier in about["classifiers"]),
        f"Requires-Python: {about['requires-python']}",
        *(f"Requires-Dist: {requirement}" for requirement in about["dependencies"]),
    ]
    for extra, requirements in about["optional-dependencies"].items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f"Requires-Dist: {requirement}; extra == '{extra}'" for requirement in requirements]
    readme = (ROOT / about["readme"]).read_text(encoding="utf-8")
    return "\n".join([*lines, "Description-Content-Type: text/markdown", "", readme])


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
