"""One download at a time: allow-listed hosts over https, with a deadline, a size cap, retries and a cache."""

from __future__ import annotations

import hashlib
import ssl
import time
import urllib.parse
from typing import TYPE_CHECKING, TypeVar

import httpx

from geowoonzorg.errors import FormatError, OutputError, SourceError
from geowoonzorg.fetch._answers import (
    MOVED,
    OFFLINE,
    BusyError,
    host_of,
    refuse_other,
    refuse_page,
    short,
)
from geowoonzorg.fetch._cache import Cache
from geowoonzorg.fetch._limits import Limits
from geowoonzorg.fetch._transfer import Transfer, receive
from geowoonzorg.fetch._waiting import wait_until, work_and_wait
from geowoonzorg.files import write_bytes
from geowoonzorg.messages import tell
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

_REDIRECTS = 5
T = TypeVar("T")


class Client:
    """Downloads from the hosts of the catalogue, and nowhere else.

    Parameters
    ----------
    cache
        The folder where answers are kept; None keeps none.
    limits
        Time, size and tries.
    refresh
        Whether to download again what the cache has.
    bases
        For tests: host → the base URL of a local server that stands in for it.
    progress
        Called ten times a second during a download; it may raise to cancel.

    Notes
    -----
    httpx has no deadline over a whole transfer, so that a server that trickles would hold it for
    ever: hence the thread that downloads and the one that waits. Redirects are followed here, because
    httpx reads the whole of a redirect's own answer and goes anywhere.

    Examples
    --------
    >>> Client(cache=None).get("https://example.com/data.json")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: https://example.com/data.json is not on a host of the catalogue...
    """

    def __init__(
        self,
        *,
        cache: str | Path | None,
        limits: Limits | None = None,
        refresh: bool = False,
        bases: Mapping[str, str] | None = None,
        progress: Progress = silent,
    ) -> None:
        self.limits = limits or Limits()
        self.refresh = refresh
        self.notes: list[str] = []
        self.taken: list[tuple[str, str]] = []  # (address, sha256) of every answer used
        self._kept = Cache(cache)
        self.cache = self._kept.folder  # None where nothing is kept
        self._bases = dict(bases or {})
        self._progress = progress
        self._hosts = read_catalogue().hosts
        self._tls: ssl.SSLContext | None = None

    def get(
        self,
        url: str,
        params: Mapping[str, object] | Sequence[tuple[str, object]] = (),
        *,
        check: Callable[[bytes], object] | None = None,
        sha256: str | None = None,
        max_bytes: int | None = None,
        deadline_s: float | None = None,
    ) -> bytes:
        """Download one address, or take it from the cache.

        Parameters
        ----------
        url
            An https address on a host of the catalogue.
        params
            The query, encoded here.
        check
            Called with the answer before it is kept; raises `SourceError` when it is not the data
            asked for.
        sha256
            What the answer's hash must be, where it is known beforehand.
        max_bytes
            The largest answer that is taken; default the client's limit.
        deadline_s
            How long it may take in all, in seconds; default the client's limit.

        Returns
        -------
        bytes
            The answer.

        Raises
        ------
        SourceError
            When the address is not allowed; the server cannot be reached, refuses, stays silent,
            is too slow or sends too much; a redirect leads elsewhere; a web page or another hash
            comes instead of the data. What is in the cache stays as it was.

        Examples
        --------
        >>> Client(cache=None).get("http://service.pdok.nl/")
        Traceback (most recent call last):
        geowoonzorg.errors.SourceError: http://service.pdok.nl/ is not on a host of the catalogue...
        """
        if params:
            url = f"{url}{'&' if '?' in url else '?'}{urllib.parse.urlencode(params)}"
        self._check_allowed(url)
        body = None if self.refresh else self._cached(url, max_bytes or self.limits.max_bytes)
        fresh = body is None or sha256 not in {None, hashlib.sha256(body).hexdigest()}
        if body is None or fresh:
            body = self._download(
                url, max_bytes or self.limits.max_bytes, deadline_s or self.limits.deadline_s
            )
            refuse_page(body, url)
            refuse_other(body, sha256, url)
        if check is not None:
            check(body)
        if fresh:
            self._keep(url, body)
        self.taken.append((url, hashlib.sha256(body).hexdigest()))
        return body

    def forget(self, urls: Iterable[str]) -> None:
        """Take answers out of the cache that turned out not to be whole.

        Parameters
        ----------
        urls
            Their addresses, query included.

        Examples
        --------
        >>> Client(cache=None).forget(["https://service.pdok.nl/"])
        """
        for url in urls:
            self._kept.forget(url)

    def get_file(
        self,
        url: str,
        folder: Path,
        *,
        check: Callable[[bytes], object],
        max_bytes: int,
        deadline_s: float,
    ) -> Path:
        """Download one address as a file, or take the one in the cache.

        Parameters
        ----------
        url
            An https address on a host of the catalogue.
        folder
            Where the file is put when the cache does not keep it.
        check, max_bytes, deadline_s
            As `get` takes them.

        Returns
        -------
        pathlib.Path
            The file; not to be changed.

        Raises
        ------
        SourceError
            As `get`.
        OutputError
            When there is no room for the file.

        Examples
        --------
        >>> from pathlib import Path
        >>> here = Path()
        >>> Client(cache=None).get_file("https://x.nl/", here, check=len, max_bytes=9, deadline_s=9)
        Traceback (most recent call last):
        geowoonzorg.errors.SourceError: https://x.nl/ is not on a host of the catalogue...
        """
        body = self.get(url, check=check, max_bytes=max_bytes, deadline_s=deadline_s)
        kept = self._kept.path(url)
        if kept is not None:
            return kept
        path = folder / hashlib.sha256(url.encode()).hexdigest()[:16]
        write_bytes(path, body)
        return path

    def address(self, url: str) -> str:
        """Give the address that is really asked, after looking whether it may be.

        Parameters
        ----------
        url
            An https address on a host of the catalogue.

        Returns
        -------
        str
            The same, or that of the local server that stands in for its host.

        Raises
        ------
        SourceError
            When the address is not allowed.

        Examples
        --------
        >>> Client(cache=None).address("https://overpass-api.de/api")
        'https://overpass-api.de/api'
        """
        self._check_allowed(url)
        return self._real(url)

    @property
    def is_local(self) -> bool:
        """Whether local servers stand in for the hosts, so that no proxy is asked."""
        return bool(self._bases)

    def watch(self, work: Callable[[threading.Event], T], url: str, *, deadline_s: float) -> T:
        """Do work that waits for a server in another thread, so that it can be left.

        Parameters
        ----------
        work
            Called with an event that is set when nobody waits for it any more.
        url
            What is waited for, as progress and errors name it.
        deadline_s
            How long it may take, in seconds.

        Returns
        -------
        object
            What ``work`` gives.

        Raises
        ------
        SourceError
            When it is not done in time; and whatever ``work`` raises.

        Examples
        --------
        >>> Client(cache=None).watch(lambda left: not left.is_set(), "https://x.nl/", deadline_s=60)
        True
        """

        def late() -> Exception:
            return SourceError(
                "{address}: not done within {deadline:.0f} s; {cure}",
                address=short(url),
                deadline=deadline_s,
                cure=OFFLINE,
            )

        return work_and_wait(
            work,
            told=lambda: tell("waiting for {host}", host=host_of(url)),
            progress=self._progress,
            stop_at=time.monotonic() + deadline_s,
            late=late,
        )

    def _cached(self, url: str, max_bytes: int) -> bytes | None:
        try:
            return self._kept.read(url, max_bytes)
        except FormatError:
            self.notes.append(
                tell(
                    "the cached copy of {address} was damaged; downloaded again",
                    address=short(url),
                )
            )
            return None

    def _keep(self, url: str, body: bytes) -> None:
        try:
            self._kept.keep(url, body)
        except (OutputError, OSError) as error:
            self.notes.append(
                tell(
                    "{address} could not be kept in the cache ({what})",
                    address=short(url),
                    what=error.args[0] if isinstance(error, OutputError) else error,
                )
            )

    def _check_allowed(self, url: str) -> None:
        """Refuse an address elsewhere; taken apart by what will open it, so that both read the same."""
        try:
            parts = httpx.URL(url)
        except httpx.InvalidURL:
            parts = httpx.URL()
        good = parts.scheme == "https" and parts.host in self._hosts and parts.port is None
        if not good and not any(url.startswith(base + "/") for base in self._bases.values()):
            raise SourceError(
                "{address} is not on a host of the catalogue over https; allowed are {hosts}",
                address=short(url),
                hosts=", ".join(sorted(self._hosts)),
            )

    def _real(self, url: str) -> str:
        parts = urllib.parse.urlsplit(url)
        base = self._bases.get(parts.hostname or "")
        if base is None or parts.scheme != "https":
            return url
        return base + urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))

    def _download(self, url: str, max_bytes: int, deadline_s: float) -> bytes:
        stop_at = time.monotonic() + deadline_s
        wait_s = self.limits.backoff_s
        for attempt in range(1, self.limits.tries + 1):
            try:
                return self._attempt(url, max_bytes, stop_at, deadline_s)
            except BusyError as error:
                wait = wait_s if error.wait_s is None else error.wait_s
                if attempt == self.limits.tries or time.monotonic() + wait > stop_at:
                    raise SourceError(
                        "{address}: {why}, after {n} tries; {cure}",
                        address=short(url),
                        why=error.why,
                        n=attempt,
                        cure=OFFLINE,
                    ) from error
                wait_until(
                    time.monotonic() + wait,
                    message=tell("waiting for {host}", host=host_of(url)),
                    progress=self._progress,
                )
                wait_s *= 2
        raise AssertionError  # the last try returns or raises

    def _attempt(self, url: str, max_bytes: int, stop_at: float, deadline_s: float) -> bytes:
        transfer = Transfer()

        def work(stop: threading.Event) -> None:
            transfer.stop = stop
            self._transfer(url, max_bytes, transfer)

        def late() -> Exception:
            return SourceError(
                "{address}: not done within {deadline:.0f} s ({mb:.1f} MB came); {cure}",
                address=short(url),
                deadline=deadline_s,
                mb=transfer.megabytes,
                cure=OFFLINE,
            )

        work_and_wait(
            work,
            told=lambda: tell("{host}: {mb:.1f} MB", host=host_of(url), mb=transfer.megabytes),
            progress=self._progress,
            stop_at=stop_at,
            late=late,
        )
        return bytes(transfer.body)

    def _transfer(self, url: str, max_bytes: int, transfer: Transfer) -> None:
        try:
            with self._open() as http:
                self._follow(http, url, max_bytes, transfer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:  # refused, reset, silent, not http
            what, n = str(error) or type(error).__name__, len(transfer.body)
            why = tell("cannot be reached ({what})", what=what)
            if n:
                why = tell("the connection broke off after {n:,d} bytes ({what})", n=n, what=what)
            raise BusyError(why) from error

    def _open(self) -> httpx.Client:
        if self._tls is None:
            # Those of the system, not httpx's own list: an organisation may have its own certificates.
            self._tls = ssl.create_default_context()
        try:
            return httpx.Client(
                # As it is: then the cap and the length are of what is kept.
                headers={"User-Agent": "geowoonzorg", "Accept-Encoding": "identity"},
                timeout=self.limits.timeout_s,
                trust_env=not self._bases,  # a proxy of the user's, but none before a local server
                verify=self._tls,
            )
        except (ImportError, ValueError) as error:
            raise SourceError(
                "the proxy that this computer names cannot be used ({what}); give an http proxy in "
                "HTTPS_PROXY",
                what=error,
            ) from error

    def _follow(self, http: httpx.Client, url: str, max_bytes: int, transfer: Transfer) -> None:
        """Follow redirects as long as they stay on the list, and take the answer."""
        at = url
        for _ in range(_REDIRECTS + 1):
            with http.stream("GET", self._real(at)) as response:
                if response.next_request is None:
                    return receive(response, url, max_bytes, transfer)
                at = str(response.next_request.url)
            self._check_allowed(at)
        raise SourceError(
            "{address}: it sends from one address to the next; {cure}",
            address=short(url),
            cure=MOVED,
        )
