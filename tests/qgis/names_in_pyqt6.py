"""Tells which names of Qt the plugin asks that PyQt 6 has not; run with a Python that has PyQt6, QGIS is not needed.

python -m venv qt6 && qt6/bin/pip install PyQt6 && qt6/bin/python tests/qgis/names_in_pyqt6.py
"""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

PLUGIN = Path(__file__).resolve().parents[2] / "qgis_plugin" / "geowoonzorg_qgis"


def missing(code: str) -> tuple[list[str], int]:
    """List the names that are not there, and count those that were looked at; a line for Qt 5 says so."""
    tree, lines = ast.parse(code), code.splitlines()
    known, found, count = {}, [], 0
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("qgis.PyQt"):
            continue
        module = node.module.removeprefix("qgis.PyQt").removeprefix(".")
        for alias in node.names:
            owner = _there(module, alias.name)
            if owner is not None:
                known[alias.asname or alias.name] = owner
                count += 1
            elif "# Qt 5" not in lines[node.lineno - 1]:
                found.append(f"{module}.{alias.name}")
    for node in ast.walk(tree):
        parts, at = [], node
        while isinstance(at, ast.Attribute):
            parts.insert(0, at.attr)
            at = at.value
        owner = known.get(at.id) if isinstance(at, ast.Name) and parts else None
        for part in parts if owner is not None else ():
            count += 1
            if not hasattr(owner, part):
                found.append(f"{at.id}.{'.'.join(parts)}")
                break
            owner = getattr(owner, part)
    return found, count


def _there(module: str, name: str) -> object | None:
    try:
        owner = importlib.import_module(f"PyQt6.{module or name}")
    except ImportError:
        return None
    return getattr(owner, name, None) if module else owner


def main() -> int:
    """Look through the plugin."""
    wrong, count = 0, 0
    for path in sorted(PLUGIN.rglob("*.py")):
        found, looked_at = missing(path.read_text(encoding="utf-8"))
        count += looked_at
        wrong += len(found)
        sys.stdout.write("".join(f"{path.name}: {name}\n" for name in found))
    sys.stdout.write(f"{count} names looked at, {wrong} missing in PyQt 6\n")
    return int(wrong > 0 or count == 0)


if __name__ == "__main__":
    sys.exit(main())
