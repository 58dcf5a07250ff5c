"""Of which classes a gemeente is known whole and another is not: what the whole town would hide."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd

from geowoonzorg.show.cells import is_known, plain
from geowoonzorg.town.known_whole import known_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

Apart = dict[str, list[tuple[str, bool, Any]]]


def judged_apart(provenance: Mapping[str, Any], coverage: pd.DataFrame) -> Apart:
    """List the classes that are not as complete in every gemeente as they are in all of them together.

    Parameters
    ----------
    provenance
        With ``complete_of_gemeenten``: a row per class and gemeente, empty where there is one gemeente.
    coverage
        How complete each class is in the whole.

    Returns
    -------
    dict
        Class -> per gemeente its name, whether the class is known whole there, and its row; a class that is
        judged the same everywhere is not in it.

    Notes
    -----
    A distance is judged by the gemeente that the site lies in, so what is told has to be, too.

    Examples
    --------
    >>> coverage = pd.DataFrame({"facility_class": ["huisarts"], "found": [20], "expected_high": [15.0]})
    >>> of_gemeente = {"gemeente_name": "Dalen", "facility_class": "huisarts", "found": 1, "expected_high": 4.0}
    >>> apart = judged_apart({"complete_of_gemeenten": [of_gemeente]}, coverage)
    >>> [(name, whole) for name, whole, _ in apart["huisarts"]]
    [('Dalen', False)]
    """
    rows = pd.DataFrame(provenance.get("complete_of_gemeenten", ()))
    if rows.empty:
        return {}
    everywhere = dict(zip(coverage["facility_class"], known_whole(coverage), strict=True))
    found: Apart = {}
    records: list[dict[str, Any]] = [
        {str(k): v for k, v in row.items()} for row in rows.to_dict("records")
    ]
    for row, whole in zip(records, known_whole(rows), strict=True):
        name = row.get("gemeente_name")
        told = plain(name if is_known(name) else row.get("gemeente_code"))
        found.setdefault(str(row["facility_class"]), []).append(
            (told, bool(whole), SimpleNamespace(**row))
        )
    return {
        name: sorted(each, key=lambda one: one[0])
        for name, each in found.items()
        if name in everywhere and any(whole != everywhere[name] for _, whole, _ in each)
    }
