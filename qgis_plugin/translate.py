"""The plugin's texts: collect them into ``i18n/nl.ts``, and compile that to ``nl.qm``.

python qgis_plugin/translate.py           add new texts, drop those no longer used
python qgis_plugin/translate.py --check   fail if a text is new, unused or not translated
"""

from __future__ import annotations

import ast
import hashlib
import re
import shutil
import string
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

PLUGIN = Path(__file__).parent / "geowoonzorg_qgis"
SOURCE = PLUGIN / "i18n" / "nl.ts"
COMPILED = SOURCE.with_suffix(".qm")
COMPILED_FROM = SOURCE.with_name("nl.qm.sha256")  # of the nl.ts that nl.qm was made from
CONTEXT = "geowoonzorg"


def texts_in_code() -> list[str]:
    """Find the literal given to every ``tr()``, in the order of files and lines."""
    found: dict[str, None] = {}
    for path in sorted(PLUGIN.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                argument = node.args[0]
                if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                    raise SystemExit(f"{path}:{node.lineno}: tr() needs a literal text")
                found[argument.value] = None
    return list(found)


def read_translations() -> dict[str, str]:
    """Read the Dutch of each English text."""
    if not SOURCE.is_file():
        return {}
    messages = ET.parse(SOURCE).getroot().iter("message")  # noqa: S314 - our own file
    return {message.findtext("source", ""): message.findtext("translation", "") or "" for message in messages}


def write_translations(translations: dict[str, str]) -> None:
    """Write ``nl.ts``."""
    root = ET.Element("TS", version="2.1", language="nl", sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for source, dutch in translations.items():
        message = ET.SubElement(context, "message")
        ET.SubElement(message, "source").text = source
        translation = ET.SubElement(message, "translation")
        translation.text = dutch
        if not dutch:
            translation.set("type", "unfinished")
    ET.indent(root, " ")
    body = ET.tostring(root, encoding="unicode")
    SOURCE.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")


def problems() -> list[str]:
    """List what is missing, left over, or would fail when its values are filled in."""
    wanted, known = texts_in_code(), read_translations()
    found = [f"new: {text!r}" for text in wanted if text not in known]
    found += [f"unused: {text!r}" for text in known if text not in wanted]
    for text in wanted:
        dutch = known.get(text, "")
        if text in known and not dutch:
            found.append(f"not translated: {text!r}")
        elif dutch and _placeholders(text) != _placeholders(dutch):
            found.append(f"other placeholders: {text!r}")
        elif dutch and re.findall(r"\n", text) != re.findall(r"\n", dutch):
            found.append(f"other lines: {text!r}")
    return found


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def compile_translations() -> None:
    """Compile ``nl.ts`` with Qt's own lrelease; without it the ``nl.qm`` that is here serves, if it is of this ``nl.ts``."""
    tool = next((path for name in ("lrelease", "lrelease-qt5", "lrelease6") if (path := shutil.which(name))), None)
    if tool is not None:
        subprocess.run([tool, "-silent", str(SOURCE), "-qm", str(COMPILED)], check=True)  # noqa: S603 - our own file
        COMPILED_FROM.write_text(source_hash() + "\n", encoding="utf-8")
    elif not is_compiled():
        raise SystemExit(
            f"{COMPILED.name} is not of this {SOURCE.name}, and lrelease is not here to make it anew. "
            "Debian and Ubuntu: apt-get install qttools5-dev-tools; elsewhere: Qt Linguist."
        )


def source_hash() -> str:
    """Give the SHA-256 of ``nl.ts``, whatever line ends it was checked out with."""
    return hashlib.sha256(SOURCE.read_text(encoding="utf-8").encode()).hexdigest()


def is_compiled() -> bool:
    """Whether ``nl.qm`` was made from this ``nl.ts``."""
    if not (COMPILED.is_file() and COMPILED_FROM.is_file()):
        return False
    return COMPILED_FROM.read_text(encoding="utf-8").strip() == source_hash()


def main() -> None:
    """Update or check."""
    if "--check" not in sys.argv:
        known = read_translations()
        write_translations({text: known.get(text, "") for text in texts_in_code()})
    if found := problems():
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
