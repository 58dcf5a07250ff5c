"""The colour of each facility class, the same on every map of the house."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from geowoonzorg.files import read_toml
from geowoonzorg.messages import inert

_STYLES: Final = Path(__file__).parents[1] / "knowledge" / "map_styles.toml"


def class_colour(name: str) -> str:
    """Give the colour in which a class is drawn, which is also the page's.

    Parameters
    ----------
    name
        A facility class such as ``huisarts``.

    Returns
    -------
    str
        As ``#005ea8``; of a class without one of its own the colour of all others.

    Examples
    --------
    >>> class_colour("huisarts"), class_colour("of my own") == class_colour("other")
    ('#005ea8', True)
    """
    styles = _styles()
    return str(styles.get(name, styles["other"])["colour"])


def class_sign(name: str) -> str:
    """Write the sign of a class, by colour and letters: never by colour alone.

    Parameters
    ----------
    name
        A facility class.

    Returns
    -------
    str
        HTML in which nothing of the name can run.

    Examples
    --------
    >>> ">HU<" in class_sign("huisarts")
    True
    """
    look = f"background:{class_colour(name)};color:#fff;border:1px solid #fff;border-radius:4px;display:inline-block"
    look += ";font:700 10px/16px sans-serif;width:18px;text-align:center"
    return f"<span style='{look}'>{inert(name[:2].upper())}</span>"


@cache
def _styles() -> dict[str, Any]:
    return dict(read_toml(_STYLES)["facility_class"])
