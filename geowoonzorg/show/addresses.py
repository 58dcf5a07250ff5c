"""The study's own addresses by street, with the walk to each class, to look up without the internet."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from geowoonzorg.show.cells import plain
from geowoonzorg.show.drawing import to_degrees

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from geowoonzorg.findings import Findings

MOST_ADDRESSES: Final = 60_000  # one by one, which is some two megabytes; above it only per street
_DEGREES: Final = 1e5  # whole numbers of this are a metre
_TOO_FAR: Final = -1
_UNKNOWN: Final = -2  # it joins no street, or a loose piece of one


def street_data(findings: Findings, classes: Sequence[str]) -> dict[str, Any] | None:
    """Lay the addresses out by street for the page's script.

    Parameters
    ----------
    findings
        What was found; its ``addresses`` with ``street``, ``housenumber`` and a column ``<class>_m``.
    classes
        The facility classes, in the order of the page.

    Returns
    -------
    dict or None
        ``streets``: per street ``[name, house numbers, places, metres]``, with the numbers in one text with ``|``
        between them, the places as whole steps from the one before (of ``1e-5`` degree), and the metres by
        address and class, -1 for what is beyond the farthest limit and -2 for what is not known; ``classes``: which
        of the classes; ``whole``: whether every address is there, or of each street the least and the most only.
        None without addresses that have a street.

    Examples
    --------
    >>> from dataclasses import replace
    >>> without = {name: table.drop(columns="street", errors="ignore") for name, table in findings.tables.items()}
    >>> street_data(replace(findings, tables=without), ["huisarts"]) is None
    True
    """
    layer = findings.tables["addresses"]
    if "street" not in layer:
        return None
    layer = layer[layer["street"].notna() & (layer["street"].astype("str").str.strip() != "")]
    if layer.empty:
        return None
    there = [i for i, name in enumerate(classes) if f"{name}_m" in layer]
    limits = sorted(findings.asked.limits_m)
    metres = np.column_stack(
        [_whole_metres(layer[f"{classes[i]}_m"], limits) for i in there]
        or [np.zeros((len(layer), 0), dtype=np.int64)]
    )
    # Latitude first, as the page's script has places.
    if "status" in layer:
        metres[~layer["status"].isin(["ok"]).to_numpy()] = _UNKNOWN
    points = np.round(shapely.get_coordinates(to_degrees(layer.geometry)) * _DEGREES).astype(int)
    names = _street_names(layer)
    numbers = layer["housenumber"].map(plain) if "housenumber" in layer else names.map(lambda _: "")
    whole = len(layer) <= MOST_ADDRESSES
    name_of, number_of = names.tolist(), numbers.tolist()
    order = sorted(range(len(layer)), key=lambda i: (name_of[i], _by_number(number_of[i])))
    streets = []
    for name, rows in itertools.groupby(order, key=lambda i: name_of[i]):
        at = list(rows)
        if whole:
            steps = np.diff(points[at], axis=0, prepend=0)
            told = "|".join(number_of[i].replace("|", " ") for i in at)
            streets.append([name, told, steps.ravel().tolist(), metres[at].ravel().tolist()])
        else:
            streets.append([name, str(len(at)), points[at[0]].tolist(), _ends(metres[at])])
    return {"streets": streets, "classes": there, "whole": whole, "far": limits[-1]}


def _street_names(layer: pd.DataFrame) -> pd.Series[str]:
    """Name streets, with their place where two places have a street of that name."""
    street = layer["street"].map(plain)
    if "city" not in layer:
        return street
    city = layer["city"].map(plain)
    places = city[city != ""].groupby(street[city != ""]).nunique()
    twice = street.map(places).fillna(0) > 1
    return street.where(~twice | (city == ""), street + " (" + city + ")")


def _by_number(number: str) -> tuple[int, str]:
    digits = "".join(c for c in number.partition(" ")[0] if c.isdigit())[:9]
    return int(digits or 0), number


def _whole_metres(walk: pd.Series[float], limits: Sequence[float]) -> NDArray[np.int64]:
    """Round to metres, but never over a limit."""
    exact = walk.to_numpy(dtype=np.float64)
    rounded = np.round(exact)
    for limit in limits:
        rounded = np.where((exact > limit) & (rounded <= limit), np.floor(limit) + 1, rounded)
    return np.where(np.isfinite(exact), rounded, _TOO_FAR).astype(np.int64)


def _ends(metres: NDArray[np.int64]) -> list[int]:
    """Give the least and the most per class; beyond the limit is the most there can be."""
    far = np.iinfo(np.int64).max
    placed = np.where(metres < 0, far, metres)
    ends = np.column_stack([placed.min(axis=0), placed.max(axis=0)])
    return np.where(ends == far, _TOO_FAR, ends).ravel().tolist()
