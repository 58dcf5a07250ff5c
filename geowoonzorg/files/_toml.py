"""TOML documents, as they stand in a file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from geowoonzorg.errors import SourceError, StudyError
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
