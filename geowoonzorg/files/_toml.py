"""TOML and JSON documents, as they stand in a file: read, and TOML written as text."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geowoonzorg.errors import FormatError, SourceError, StudyError
from geowoonzorg.files._paths import reason_of
from geowoonzorg.messages import tell


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    dict
        The document.

    Raises
    ------
    SourceError
        When the file is not there or cannot be read.
    StudyError
        When it is not TOML; the message says the line.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> read_toml(demo_study())["network"]["limits_m"]
    [400, 800]
    >>> read_toml("missing.toml")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: missing.toml does not exist; give the path of an existing file
    """
    try:
        with Path(path).open("rb") as file:
            return tomllib.load(file)
    except (FileNotFoundError, IsADirectoryError) as error:
        there = isinstance(error, IsADirectoryError)
        raise SourceError(
            "{file} {what}; give the path of an existing file",
            file=path,
            what=tell("is a folder") if there else tell("does not exist"),
        ) from error
    except OSError as error:
        raise SourceError(
            "{file} cannot be read ({why})", file=path, why=reason_of(error)
        ) from error
    except (ValueError, RecursionError) as error:  # numbers too long, lists too deep
        raise StudyError(
            "{file} is not valid TOML: {why}",
            file=path,
            why=str(error),
        ) from error


def read_json(path: str | Path) -> dict[str, Any]:
    """Read a JSON file that holds an object, such as a provenance that a run wrote.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    dict
        The document.

    Raises
    ------
    SourceError
        When the file is not there or cannot be read.
    FormatError
        When it is not a JSON object.

    Examples
    --------
    >>> read_json("missing.json")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: missing.json cannot be read (...)
    """
    try:
        found = json.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise SourceError(
            "{file} cannot be read ({why})", file=path, why=reason_of(error)
        ) from error
    except (ValueError, RecursionError) as error:
        raise FormatError("{file} is not valid JSON: {why}", file=path, why=str(error)) from error
    if not isinstance(found, dict):
        raise FormatError("{file} holds no JSON object; give the file as it was written", file=path)
    return found


def toml_text(document: Mapping[str, Any]) -> str:
    """Write a TOML document as text: its own keys first, then tables, a list of tables each with its header.

    Parameters
    ----------
    document
        Texts, numbers, booleans, lists and tables of them, as `read_toml` gives them; no dates.

    Returns
    -------
    str
        The document, which reads back as the same.

    Examples
    --------
    >>> print(toml_text({"criterion": [{"key": "x", "levels": {"ja": 1.0}}], "name": "a"}), end="")
    name = "a"
    <BLANKLINE>
    [[criterion]]
    key = "x"
    levels = {"ja" = 1.0}
    """
    parts = [
        "".join(f"{_key(k)} = {_value(v)}\n" for k, v in document.items() if not _holds_tables(v))
    ]
    for key, value in document.items():
        if _holds_tables(value):
            tables = [value] if isinstance(value, Mapping) else value
            header = f"[{_key(key)}]" if isinstance(value, Mapping) else f"[[{_key(key)}]]"
            parts += [
                f"{header}\n" + "".join(f"{_key(k)} = {_value(v)}\n" for k, v in table.items())
                for table in tables
            ]
    return "\n".join(part for part in parts if part)


def _holds_tables(value: object) -> bool:
    several = (
        isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)
    )
    return several or isinstance(value, Mapping)


def _key(key: str) -> str:
    return key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else _value(key)


def _value(value: object) -> str:
    """Write one value; texts, numbers and booleans are those of JSON, but for DEL and what is no number there."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_value(str(k))} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
