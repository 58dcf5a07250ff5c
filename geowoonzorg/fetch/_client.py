"""One download at a time: allow-listed hosts over https, with a deadline, a size cap, retries and a cache."""

from __future__ import annotations

import email.utils
import hashlib
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geowoonzorg.errors import OutputError, SourceError
from geowoonzorg.files import content_hash, read_head, write_bytes
from geowoonzorg.opendata.sources import read_catalogue
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from email.message import Message
    from http.client import HTTPMessage

_AGAIN = frozenset({429, 500, 502, 503, 504})
_POLL_S = 0.1
_CHUNK_BYTES = 1 << 16
_HTTP_MISSING = 404
_OFFLINE = (
    "to work offline, download it elsewhere and name the file in study.toml "
    "(`geowoonzorg sources list` gives the addresses)"
)


@dataclass(frozen=True)
class Limits:
    """What a download may cost.

    Attributes
    ----------
    timeout_s
        How long the server may stay silent, in seconds.
    deadline_s
        How long one download may take in all, retries and waiting included, in seconds.
    max_bytes
        The largest answer that is taken.
    tries
        How often it is tried when the server is busy or fails.
    backoff_s
        The first wait between tries, in seconds; it doubles each time.
    """

    timeout_s: float = 30.0
    deadline_s: float = 600.0
    max_bytes: int = 512 << 20
    tries: int = 4
    backoff_s: float = 1.0


@dataclass
class _Transfer:
    """What the downloading thread and the waiting one share."""

    body: bytearray = field(default_factory=bytearray)
    error: BaseException | None = None
    stop: threading.Event = field(default_factory=threading.Event)


class _BusyError(Exception):
    """The server asks to come back later, or failed in a way that may pass."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


def default_cache() -> Path:
    """Give the folder where downloads are kept between runs.

    Returns
    -------
    pathlib.Path
        The user's cache folder for this package; it need not exist.

    Examples
    --------
    >>> default_cache().name
    'geowoonzorg'
    """
    import pooch  # knows where each system keeps caches

    return Path(pooch.os_cache("geowoonzorg"))


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
    pooch's downloader has no deadline over a whole transfer, so that a server that trickles holds
    it for ever, and follows redirects anywhere: hence this one, on the standard library. The cache
    is pooch's folder, and a file's name holds its hash.

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
        self.cache = None if cache is None else Path(cache)
        self.limits = limits or Limits()
        self.refresh = refresh
        self.notes: list[str] = []
        self.taken: list[tuple[str, str]] = []  # (address, sha256) of every answer used
        self._bases = dict(bases or {})
        self._progress = progress
        self._hosts = read_catalogue().hosts
        self._opener = self._build_opener()

    def get(
        self,
        url: str,
        params: Mapping[str, object] | Sequence[tuple[str, object]] = (),
        *,
        check: Callable[[bytes], object] | None = None,
        sha256: str | None = None,
        max_bytes: int | None = None,
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
        body = None if self.refresh else self._cached(url)
        if body is None or (sha256 is not None and hashlib.sha256(body).hexdigest() != sha256):
            body = self._download(url, max_bytes or self.limits.max_bytes)
            _refuse_page(body, url)
            found = hashlib.sha256(body).hexdigest()
            if sha256 is not None and found != sha256:
                msg = (
                    f"{_short(url)}: the content's hash is {found[:12]}…, expected {sha256[:12]}…; "
                    "the publication has changed or the download is damaged, and nothing was kept"
                )
                raise SourceError(msg)
            if check is not None:
                check(body)
            self._keep(url, body)
        elif check is not None:
            check(body)
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
            for path in self._kept(url):
                path.unlink(missing_ok=True)

    # ------------------------------------------------------------------------------ addresses

    def _check_allowed(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        good = (
            parts.scheme == "https" and parts.hostname in self._hosts and parts.port in {None, 443}
        )
        if not good and not any(url.startswith(base + "/") for base in self._bases.values()):
            msg = (
                f"{_short(url)} is not on a host of the catalogue over https; allowed are "
                f"{', '.join(sorted(self._hosts))}"
            )
            raise SourceError(msg)

    def _real(self, url: str) -> str:
        parts = urllib.parse.urlsplit(url)
        base = self._bases.get(parts.hostname or "")
        if base is None or parts.scheme != "https":
            return url
        return base + urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))

    def _build_opener(self) -> urllib.request.OpenerDirector:
        """Build an opener that knows http(s) and nothing else, and checks every redirect."""
        client = self

        class Redirects(urllib.request.HTTPRedirectHandler):
            max_redirections = 5

            def redirect_request(
                self,
                req: urllib.request.Request,
                fp: Any,  # noqa: ANN401
                code: int,
                msg: str,
                headers: HTTPMessage,
                newurl: str,
            ) -> urllib.request.Request | None:
                try:
                    client._check_allowed(newurl)
                except SourceError:
                    fp.close()
                    raise
                return super().redirect_request(req, fp, code, msg, headers, client._real(newurl))

        opener = urllib.request.OpenerDirector()
        proxies: dict[str, str] | None = {} if self._bases else None
        for handler in (
            urllib.request.ProxyHandler(proxies),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.UnknownHandler(),
            Redirects(),
        ):
            opener.add_handler(handler)
        return opener

    # ------------------------------------------------------------------------------- transfer

    def _download(self, url: str, max_bytes: int) -> bytes:
        stop_at = time.monotonic() + self.limits.deadline_s
        wait_s = self.limits.backoff_s
        for attempt in range(1, self.limits.tries + 1):
            try:
                return self._attempt(url, max_bytes, stop_at)
            except _BusyError as error:
                wait = wait_s if error.wait_s is None else error.wait_s
                if attempt == self.limits.tries or time.monotonic() + wait > stop_at:
                    asked = f", asks to wait {wait:.0f} s" if error.wait_s is not None else ""
                    msg = f"{_short(url)}: {error}{asked}, after {attempt} tries; {_OFFLINE}"
                    raise SourceError(msg) from error
                self._wait(time.monotonic() + wait, f"waiting for {_host(url)}")
                wait_s *= 2
        raise AssertionError  # the last try returns or raises

    def _wait(self, until: float, message: str) -> None:
        while (left := until - time.monotonic()) > 0:
            self._progress(0.0, message)
            time.sleep(min(_POLL_S, left))

    def _attempt(self, url: str, max_bytes: int, stop_at: float) -> bytes:
        """Transfer in a thread, so that neither a silent nor a trickling server can hold this one."""
        transfer = _Transfer()
        thread = threading.Thread(
            target=self._transfer, args=(url, max_bytes, transfer), daemon=True
        )
        thread.start()
        try:
            while thread.is_alive():
                thread.join(_POLL_S)
                self._progress(0.0, f"{_host(url)}: {len(transfer.body) / 1e6:.1f} MB")
                if thread.is_alive() and time.monotonic() > stop_at:
                    msg = (
                        f"{_short(url)}: not done within {self.limits.deadline_s:.0f} s "
                        f"({len(transfer.body) / 1e6:.1f} MB came); {_OFFLINE}"
                    )
                    raise SourceError(msg)
        finally:
            transfer.stop.set()
        if transfer.error is not None:
            raise transfer.error
        return bytes(transfer.body)

    def _transfer(self, url: str, max_bytes: int, transfer: _Transfer) -> None:
        request = urllib.request.Request(  # noqa: S310 - the scheme and host are checked before
            self._real(url), headers={"User-Agent": "geowoonzorg", "Accept": "*/*"}
        )
        try:
            with self._opener.open(request, timeout=self.limits.timeout_s) as response:
                length = response.headers.get("Content-Length")
                _refuse_large(int(length) if (length or "").isdigit() else 0, max_bytes, url)
                while not transfer.stop.is_set() and (chunk := response.read1(_CHUNK_BYTES)):
                    transfer.body.extend(chunk)
                    _refuse_large(len(transfer.body), max_bytes, url)
                if (length or "").isdigit() and len(transfer.body) < int(length or 0):
                    why = f"the connection broke off after {len(transfer.body)} of {length} bytes"
                    transfer.error = _BusyError(why)
        except urllib.error.HTTPError as error:
            with error:
                transfer.error = _http_error(error, url)
        except SourceError as error:
            transfer.error = error
        except (OSError, HTTPException) as error:  # refused, reset, silent, not http
            reason = getattr(error, "reason", None) or error
            transfer.error = _BusyError(f"cannot be reached ({reason or type(error).__name__})")
        except Exception as error:  # noqa: BLE001 - raised again by the waiting thread
            transfer.error = error

    # ---------------------------------------------------------------------------------- cache

    def _cached(self, url: str) -> bytes | None:
        for path in self._kept(url):
            if content_hash(path) == path.stem.partition("-")[2]:
                return read_head(path, self.limits.max_bytes)
            self.notes.append(f"the cached copy of {_short(url)} was damaged; downloaded again")
        return None

    def _kept(self, url: str) -> list[Path]:
        if self.cache is None:
            return []
        return sorted(self.cache.glob(f"{_key(url)}-*.body"))

    def _keep(self, url: str, body: bytes) -> None:
        if self.cache is None:
            return
        old = self._kept(url)
        new = self.cache / f"{_key(url)}-{hashlib.sha256(body).hexdigest()}.body"
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
            write_bytes(new, body)
            for path in old:
                if path != new:
                    path.unlink(missing_ok=True)
        except (OutputError, OSError) as error:
            self.notes.append(f"{_short(url)} could not be kept in the cache ({error})")


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:32]


def _host(url: str) -> str:
    return str(urllib.parse.urlsplit(url).hostname)


def _short(url: str) -> str:
    """Show an address without its query, which may be long."""
    return url.partition("?")[0]


def _refuse_large(n_bytes: int, max_bytes: int, url: str) -> None:
    if n_bytes > max_bytes:
        msg = f"{_short(url)}: the answer is larger than {max_bytes / 1e6:.0f} MB; nothing was kept"
        raise SourceError(msg)


def _refuse_page(body: bytes, url: str) -> None:
    start = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        msg = (
            f"{_short(url)}: a web page came instead of data (a login, a proxy or a maintenance "
            f"notice?); {_OFFLINE}"
        )
        raise SourceError(msg)
    if not body:
        msg = f"{_short(url)}: an empty answer came; {_OFFLINE}"
        raise SourceError(msg)


def _http_error(error: urllib.error.HTTPError, url: str) -> Exception:
    if error.code in _AGAIN:
        return _BusyError(f"HTTP {error.code} ({error.reason})", _retry_after_s(error.headers))
    cure = (
        "the publication may have moved or not exist for this year"
        if error.code == _HTTP_MISSING
        else _OFFLINE
    )
    return SourceError(f"{_short(url)}: HTTP {error.code} ({error.reason}); {cure}")


def _retry_after_s(headers: Message) -> float | None:
    """Read ``Retry-After``: seconds, or a date."""
    text = (headers.get("Retry-After") or "").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())
