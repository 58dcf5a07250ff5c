"""Each service asked for one record: does it still answer as expected, has it changed, or is it away."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from geowoonzorg.errors import GeowoonzorgError, SourceError
from geowoonzorg.fetch._answers import MISSING, status_of
from geowoonzorg.fetch._client import Client
from geowoonzorg.fetch._coverages import coverage_ids
from geowoonzorg.fetch._documents import parse_json
from geowoonzorg.fetch._features import RD, as_frame, asked_of_wfs
from geowoonzorg.fetch._limits import Limits
from geowoonzorg.messages import tell
from geowoonzorg.opendata.sources import Source, read_catalogue
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Ask = Callable[[str, Mapping[str, object]], bytes]

Status = Literal["as_expected", "changed", "away"]
#: The middle of Kampen, south first.
_DEGREES = "52.5545,5.9080,52.5600,5.9160"
_LIMITS = Limits(timeout_s=30.0, deadline_s=60.0, max_bytes=32 << 20, tries=2)
#: What says that an address has changed, not that nobody is there.
_MOVED = frozenset({400, 404, 410})
_NUMBER = re.compile(r"_\d+$")


@dataclass(frozen=True)
class Probed:
    """What came of asking one service.

    Attributes
    ----------
    source, title, kind
        The publication, and which of its addresses was asked.
    status
        ``as_expected``, ``changed`` or ``away``.
    said
        That in words, with how it changed or why it is away.
    """

    source: str
    title: str
    kind: str
    status: Status
    said: str


def probe_sources(*, client: Client | None = None, progress: Progress = silent) -> list[Probed]:
    """Ask each service that anything is fetched from for one record.

    Parameters
    ----------
    client
        How to download; default one that keeps nothing.
    progress
        Told what is being asked; may raise to cancel.

    Returns
    -------
    list of Probed
        In the catalogue's order.

    Raises
    ------
    Cancelled
        When ``progress`` cancels.

    Notes
    -----
    What an answer must hold stands in the catalogue, under ``expects``.

    Examples
    --------
    >>> nobody = {host: "http://127.0.0.1:9" for host in read_catalogue().hosts}  # where nobody listens
    >>> client = Client(cache=None, bases=nobody, limits=Limits(tries=1))
    >>> {probed.status for probed in probe_sources(client=client)}
    {'away'}
    """
    client = client or Client(cache=None, limits=_LIMITS, progress=progress)
    asked = [
        (source, kind, expected)
        for source in read_catalogue().sources.values()
        for kind, expected in source.expects.items()
    ]
    found = []
    for i, (source, kind, expected) in enumerate(asked):
        progress(i / len(asked), tell("asking {name}", name=source.title))
        found.append(_probe(client, source, kind, expected))
    progress(1.0, tell("every service was asked"))
    return found


def _probe(client: Client, source: Source, kind: str, expected: tuple[str, ...]) -> Probed:
    came: list[bytes] = []

    def ask(url: str, params: Mapping[str, object]) -> bytes:
        return client.get(url, dict(params), check=came.append)

    def probed(status: Status, said: str) -> Probed:
        return Probed(source.key, source.title, kind, status, said)

    try:
        names = _PROBES[kind](ask, source)
    except _BusyError as error:
        return probed("away", tell("away: {why}", why=error.said))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        why = (
            error.message
            if isinstance(error, GeowoonzorgError)
            else tell("another form than before")
        )
        return probed("changed", tell("changed: {why}", why=why))
    except SourceError as error:
        if came or status_of(error) in _MOVED:
            return probed("changed", tell("changed: {why}", why=error.message))
        return probed("away", tell("away: {why}", why=error.message))
    if lacking := [name for name in expected if name not in names]:
        return probed("changed", tell("changed: it lacks {names}", names=", ".join(lacking)))
    return probed("as_expected", tell("as expected"))


class _BusyError(Exception):
    """A service says that it has no time."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def _items(ask: Ask, source: Source) -> Iterable[str]:
    query = {"f": "json", "limit": 1, "crs": RD}
    return _of_features(ask, source, "items", query, collection="buurten")


def _wfs(ask: Ask, source: Source) -> Iterable[str]:
    year = max(source.years, default=0)
    layer = next(iter(source.layers.values())).format(yy=f"{year % 100:02d}")
    return _of_features(ask, source, "wfs", {**asked_of_wfs(layer), "count": 1})


def _of_features(
    ask: Ask, source: Source, kind: str, query: Mapping[str, object], **parts: object
) -> Iterable[str]:
    """Name the properties of one feature, of the newest year that is published."""
    for year in sorted(source.years, reverse=True) or [0]:
        url = source.address(kind, year=year, **parts)
        try:
            document = parse_json(ask(url, query), url)
        except SourceError as error:
            if status_of(error) == MISSING and year > min(source.years, default=0):
                continue
            raise
        return list(as_frame(document["features"][:1], url).columns)
    raise AssertionError  # the last year returns or raises


def _odata(ask: Ask, source: Source) -> Iterable[str]:
    url = source.address("odata", table=source.tables[max(source.tables)])
    row = parse_json(ask(url, {"$top": 1, "$format": "json"}), url)["value"][0]
    return [_NUMBER.sub("", name) for name in row]


def _wcs(ask: Ask, source: Source) -> Iterable[str]:
    url = source.address("wcs")
    query = {"service": "WCS", "version": "2.0.1", "request": "GetCapabilities"}
    return [one.rpartition("__")[2] for one in coverage_ids(ask(url, query))]


def _index(ask: Ask, source: Source) -> Iterable[str]:
    url = source.address("index")
    features = parse_json(ask(url, {}), url)["features"]
    return [one["properties"]["id"] for one in features if "pbf" in one["properties"]["urls"]]


def _overpass(ask: Ask, source: Source) -> Iterable[str]:
    url = source.address("overpass")
    query = f'[out:json][timeout:25];node["highway"]({_DEGREES});out 1;'
    answer = parse_json(ask(url, {"data": query}), url)
    if answer.get("remark"):
        raise _BusyError(str(answer["remark"]))
    return list(answer["elements"][0])


def _nominatim(ask: Ask, source: Source) -> Iterable[str]:
    query = {"q": "Kampen, Nederland", "format": "json", "limit": 1}
    return list(json.loads(ask(f"{source.address('nominatim')}/search", query))[0])


_PROBES: dict[str, Callable[[Ask, Source], Iterable[str]]] = {
    "items": _items,
    "wfs": _wfs,
    "odata": _odata,
    "wcs": _wcs,
    "index": _index,
    "overpass": _overpass,
    "nominatim": _nominatim,
}
