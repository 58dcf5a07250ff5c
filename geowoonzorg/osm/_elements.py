"""Elements as Overpass gives them → an OSM file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geowoonzorg.errors import FormatError
from geowoonzorg.messages import tell
from geowoonzorg.osm._packing import DATA_DATE, pbf_writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_KINDS = ("node", "way", "relation")
_LETTERS = {"node": "n", "way": "w", "relation": "r"}


def write_elements(
    elements: Iterable[Mapping[str, Any]], target: Path, *, source: str, data_date: str = ""
) -> dict[str, int]:
    """Write elements of Overpass's JSON as one PBF file, in the usual order, each once.

    Parameters
    ----------
    elements
        Nodes with ``lat`` and ``lon``, ways with ``nodes``, relations with ``members``; of one that comes
        twice, as at the seams of tiles, the last with tags counts.
    target
        The file to write, in a folder that exists.
    source
        Where they are from, as errors name it.
    data_date
        When they are from, as Overpass says it: ``2026-02-15T12:00:00Z``; it goes in the file's head.

    Returns
    -------
    dict of str to int
        How many nodes, ways and relations were written.

    Raises
    ------
    FormatError
        When an element is none.
    OutputError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> street = [{"type": "node", "id": i, "lat": 52.5, "lon": 5.9 + i / 1000} for i in (1, 2)]
    >>> street.append({"type": "way", "id": 7, "nodes": [1, 2], "tags": {"highway": "footway"}})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_elements(street * 2, Path(folder) / "street.osm.pbf", source="Overpass")
    {'node': 2, 'way': 1, 'relation': 0}
    """
    import osmium

    kept: dict[str, dict[int, Mapping[str, Any]]] = {kind: {} for kind in _KINDS}
    header = osmium.io.Header()
    if data_date:
        header.set(DATA_DATE, data_date)
    try:
        for element in elements:
            own = kept.get(element["type"])
            if own is not None and (element.get("tags") or element["id"] not in own):
                own[element["id"]] = element
        with pbf_writer(target, source=source, header=header) as writer:
            for kind in _KINDS:
                for _, element in sorted(kept[kind].items()):
                    _add(writer, kind, element)
    except (KeyError, TypeError, AttributeError) as error:
        raise FormatError(
            "{file} cannot be read as OSM data ({why}); fetch or export it again",
            file=source,
            why=tell("an element without {what}", what=str(error)),
        ) from error
    return {kind: len(own) for kind, own in kept.items()}


def _add(writer: Any, kind: str, element: Mapping[str, Any]) -> None:  # noqa: ANN401 - osmium's
    from osmium.osm import mutable

    about = {"id": element["id"], "tags": dict(element.get("tags") or {})}
    about["version"] = element.get("version", 0)
    if "timestamp" in element:
        about["timestamp"] = element["timestamp"]
    if kind == "node":
        writer.add_node(mutable.Node(location=(element["lon"], element["lat"]), **about))
    elif kind == "way":
        writer.add_way(mutable.Way(nodes=element.get("nodes", []), **about))
    else:
        members = [
            (_LETTERS[one["type"]], one["ref"], one.get("role", ""))
            for one in element.get("members", [])
        ]
        writer.add_relation(mutable.Relation(members=members, **about))
