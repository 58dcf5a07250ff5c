"""OpenStreetMap within an outline or of a place by its name, through osmnx, which knows how to ask Overpass."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from geowoonzorg.errors import CoverageError, OutputError, SourceError
from geowoonzorg.fetch._answers import OFFLINE, refuse_large, short
from geowoonzorg.files import read_head, remove_folder
from geowoonzorg.messages import tell
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.osm import asked_keys, write_elements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import requests
    import shapely

    from geowoonzorg.fetch._client import Client

#: Overpass says nothing before it is done, and may take minutes over a town.
_SILENCE_S = 300
_MEMORY_BYTES = 1 << 30
_DEADLINE_S = 3600.0
_MOST_BYTES, _CHUNK_BYTES = 1 << 30, 1 << 16
_OK, _WAIT_FOR = 200, frozenset({429, 504})
#: osmnx keeps its settings in a module: one at a time.
_BUSY = threading.Lock()


def find_outline(client: Client, place: str) -> shapely.Polygon | shapely.MultiPolygon:
    """Ask OpenStreetMap's own gazetteer for the outline of a place.

    Parameters
    ----------
    client
        How to download.
    place
        As people write it: ``"Kampen, Nederland"``.

    Returns
    -------
    shapely.Polygon or shapely.MultiPolygon
        In degrees (WGS 84).

    Raises
    ------
    CoverageError
        When there is no such place, or it has no outline.
    SourceError
        When the service cannot be reached, or does not answer as it should.
    Cancelled
        When the client's progress raises it.
    """
    import osmnx

    url = read_catalogue().sources["osm"].address("nominatim")

    def ask() -> shapely.Polygon | shapely.MultiPolygon:
        try:
            return osmnx.geocode_to_gdf(place).geometry.iloc[0]
        except (TypeError, ValueError) as error:
            if isinstance(error, SourceError):
                raise
            raise CoverageError(
                "OpenStreetMap knows no place with an outline named {place!r}; give a layer with its outline",
                place=place,
            ) from error

    folder = client.cache
    return _through_osmnx(client, url, ask, folder=folder, deadline_s=client.limits.deadline_s)


def fetch_overpass(
    client: Client, within: shapely.Polygon | shapely.MultiPolygon, target: Path
) -> dict[str, int]:
    """Fetch what OpenStreetMap has within an outline of streets, facilities, addresses and benches.

    Parameters
    ----------
    client
        How to download.
    within
        The outline, in degrees (WGS 84).
    target
        The ``.osm.pbf`` file to write, in a folder that exists.

    Returns
    -------
    dict of str to int
        How many nodes, ways and relations were written.

    Raises
    ------
    SourceError
        When the service cannot be reached, has no time or memory for it, or does not answer as it should.
    OutputError
        When the file cannot be written.
    Cancelled
        When the client's progress raises it.

    Notes
    -----
    osmnx cuts the outline in tiles, waits until the service has a place free, and keeps every whole answer.
    Its answers are taken as they are: which way may be walked, and what is a facility, is for
    `geowoonzorg.osm`.
    """
    import osmnx

    url = read_catalogue().sources["osm"].address("overpass")
    keys = asked_keys()
    named = hashlib.sha256(f"{within.wkt} {keys}".encode()).hexdigest()[:32]
    folder = (client.cache or target.parent) / f"overpass-{named}"
    if client.refresh and folder.exists():
        remove_folder(folder)

    def ask() -> None:
        with suppress(InterruptedError):  # how osmnx says that every answer is in its cache
            osmnx.features_from_polygon(within, dict.fromkeys(keys, True))

    _through_osmnx(client, url, ask, folder=folder, deadline_s=_DEADLINE_S)
    answers = [json.loads(read_head(path, _MOST_BYTES)) for path in sorted(folder.glob("*.json"))]
    elements = [one for answer in answers for one in answer.get("elements", [])]
    if not elements:
        remove_folder(folder)
        raise SourceError(
            "{address}: OpenStreetMap has nothing there; {cure}", address=short(url), cure=OFFLINE
        )
    dates = [answer.get("osm3s", {}).get("timestamp_osm_base", "") for answer in answers]
    client.taken.append((url, hashlib.sha256(repr(elements).encode()).hexdigest()))
    written = write_elements(elements, target, source=short(url), data_date=min(dates))
    if client.cache is None:
        remove_folder(folder)
    return written


def _knock(client: Client, url: str) -> None:
    """See whether anybody is there, before osmnx does: it would wait a minute, and ask all the same."""
    status = url.removesuffix("interpreter") + "status"
    client.get(status)
    client.forget([status])
    client.taken.pop()


def _through_osmnx(
    client: Client, url: str, ask: Callable[[], Any], *, folder: Path | None, deadline_s: float
) -> Any:  # noqa: ANN401 - what ``ask`` gives
    """Have osmnx ask, in a thread that can be left; its settings stay ours until it is done."""
    if not _BUSY.acquire(blocking=False):
        raise SourceError(
            "{address}: an earlier question is still being asked; try later", address=short(url)
        )
    try:
        if url.endswith("/interpreter") and folder is not None and not folder.exists():
            _knock(client, url)
    except BaseException:
        _BUSY.release()
        raise

    def work(left: threading.Event) -> Any:  # noqa: ANN401
        import requests

        try:
            with _settings(client, url, _Listener(url, left), folder):
                return ask()
        except SourceError:
            raise
        except requests.RequestException as error:
            raise SourceError(
                "{address}: {why}; {cure}",
                address=short(url),
                why=tell("cannot be reached ({what})", what=type(error).__name__),
                cure=OFFLINE,
            ) from error
        except OSError as error:
            raise OutputError(
                "{folder} could not be written ({reason})", folder=folder, reason=error.strerror
            ) from error
        finally:
            _BUSY.release()

    return client.watch(work, url, deadline_s=deadline_s)


class _Listener:
    """Hears every answer that osmnx gets, before osmnx does: what is no whole one is an error."""

    def __init__(self, url: str, left: threading.Event) -> None:
        self.url, self.left = url, left

    def __call__(self, response: requests.Response, **_: object) -> None:
        try:
            self._refuse(response)
        except SourceError:
            response.close()  # osmnx never sees it
            raise

    def _refuse(self, response: requests.Response) -> None:
        if self.left.is_set():
            raise SourceError("{address}: nobody waits for it any more", address=short(self.url))
        if response.url.endswith("/status") or response.status_code in _WAIT_FOR:
            return  # osmnx waits, and asks again
        if response.status_code != _OK:
            raise SourceError(
                "{address}: HTTP {status} ({reason}); {cure}",
                address=short(self.url), status=response.status_code, reason=response.reason,
                cure=OFFLINE,
            )  # fmt: skip
        self._take(response)
        try:
            answer = response.json()
        except ValueError as error:
            raise SourceError(
                "{address}: {what} came instead of data: {start!r}",
                address=short(self.url),
                what=tell("no JSON"),
                start=response.text[:200],
            ) from error
        if isinstance(answer, dict) and (said := answer.get("remark")):
            raise SourceError(
                "{address}: no whole answer came, Overpass says: {said}; try later, or give an extract",
                address=short(self.url),
                said=" ".join(str(said).split())[:200],
            )

    def _take(self, response: requests.Response) -> None:
        """Take an answer in until it is whole, too large or nobody waits for it."""
        length = response.headers.get("Content-Length", "")
        refuse_large(int(length) if length.isdigit() else 0, _MOST_BYTES, self.url)
        body = bytearray()
        for chunk in response.iter_content(_CHUNK_BYTES):
            body.extend(chunk)
            refuse_large(len(body), _MOST_BYTES, self.url)
            if self.left.is_set():
                raise SourceError(
                    "{address}: nobody waits for it any more", address=short(self.url)
                )
        response._content = bytes(body)  # noqa: SLF001 - where osmnx finds what has been taken in here


@contextmanager
def _settings(client: Client, url: str, listener: _Listener, folder: Path | None) -> Iterator[None]:
    """Set osmnx for one question, and put everything back that it changes."""
    from osmnx import settings

    asked = client.address(url).removesuffix("/interpreter")
    kwargs: dict[str, Any] = {"hooks": {"response": listener}, "allow_redirects": False}
    if client.is_local:  # no proxy before a local server
        kwargs["proxies"] = {"http": "", "https": ""}
    ours = {
        "overpass_url": asked,
        "nominatim_url": asked,
        "use_cache": folder is not None,
        "cache_folder": folder,
        "cache_only_mode": url.endswith("/interpreter"),
        "requests_timeout": _SILENCE_S,
        "requests_kwargs": kwargs,
        "overpass_memory": _MEMORY_BYTES,
        "doh_url_template": None,  # no other server is asked anything
        "http_user_agent": "geowoonzorg",
        "http_referer": "geowoonzorg",
    }
    before = {name: getattr(settings, name) for name in ours}
    resolve = socket.getaddrinfo  # osmnx puts its own in its place
    try:
        for name, value in ours.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        socket.getaddrinfo = resolve
