"""Which metrics a scoring profile may name, and which keys of a criterion each of them needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "distance": frozenset({"facility_class"}),
    "area_mean": frozenset({"column"}),
    "raster": frozenset({"raster", "kind"}),
    "people_within": frozenset(),
    "site": frozenset({"column"}),
}


def known_metrics() -> Mapping[str, frozenset[str]]:
    """Give the metrics that can be measured.

    Returns
    -------
    mapping
        Name → the keys of a criterion that it needs, and that no other may have.

    Examples
    --------
    >>> sorted(known_metrics()["raster"])
    ['kind', 'raster']
    """
    return _KNOWN
