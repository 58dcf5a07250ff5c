"""What must be known of the command line before it is parsed: how, and in which language, to say what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_LANG: Final = "nl"


def option_value(arguments: Sequence[str], name: str) -> str:
    """Find an option's value.

    Parameters
    ----------
    arguments
        The words of the command line.
    name
        The option, with its dashes.

    Returns
    -------
    str
        Its last value, which is the one that counts; empty where it is not given.

    Examples
    --------
    >>> option_value(["run", "json", "--progress=json"], "--progress")
    'json'
    >>> option_value(["run", "json"], "--progress")
    ''
    >>> option_value([], "--progress")
    ''
    """
    found = ""
    for argument, following in zip(arguments, [*arguments, ""][1:], strict=True):
        if argument == "--":
            break
        if argument == name:
            found = following
        elif argument.startswith(f"{name}="):
            found = argument.partition("=")[2]
    return found


def spoken_language(arguments: Sequence[str]) -> str:
    """Find the language to answer in.

    Parameters
    ----------
    arguments
        The words of the command line.

    Returns
    -------
    str
        ``"en"`` where ``--lang`` asks for it, else ``"nl"``.

    Examples
    --------
    >>> spoken_language(["doctor", "--lang", "en"]), spoken_language(["doctor"])
    ('en', 'nl')
    """
    return "en" if option_value(arguments, "--lang") == "en" else DEFAULT_LANG
