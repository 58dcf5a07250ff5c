"""Answers that are not the data asked for: what is wrong with them, whether it may pass, and what to do."""

from __future__ import annotations

import email.utils
import hashlib
import time
import urllib.parse
from typing import TYPE_CHECKING

from geowoonzorg.errors import SourceError
from geowoonzorg.messages import Message, tell

if TYPE_CHECKING:
    import httpx

_AGAIN = frozenset({429, 500, 502, 503, 504})
MISSING = 404
OFFLINE = tell(
    "to work offline, download it elsewhere and name the file in study.toml "
    "(`geowoonzorg sources list` gives the addresses)"
)
MOVED = tell("the publication may have moved or not exist for this year")


class BusyError(Exception):
    """The server asks to come back later, or failed in a way that may pass."""

    def __init__(self, why: Message, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.why, self.wait_s = why, wait_s


def http_error(response: httpx.Response, url: str) -> Exception:
    """Make the error of an answer that says that it is none."""
    status = {"status": response.status_code, "reason": response.reason_phrase}
    if response.status_code in _AGAIN:
        wait_s = _retry_after_s(response.headers.get("Retry-After", ""))
        if wait_s is None:
            return BusyError(tell("HTTP {status} ({reason})", **status))
        asks = tell("HTTP {status} ({reason}), asks to wait {wait:.0f} s", **status, wait=wait_s)
        return BusyError(asks, wait_s)
    return SourceError(
        "{address}: HTTP {status} ({reason}); {cure}",
        address=short(url),
        cure=MOVED if response.status_code == MISSING else OFFLINE,
        **status,
    )


def status_of(error: SourceError) -> int | None:
    """Give the HTTP status that an error tells of, None where it tells of none."""
    status = getattr(error.message, "values", {}).get("status")
    return status if isinstance(status, int) else None


def _retry_after_s(text: str) -> float | None:
    """Read ``Retry-After``: seconds, or a date."""
    if text.strip().isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())


def host_of(url: str) -> str:
    """Name the host, as progress does."""
    return str(urllib.parse.urlsplit(url).hostname)


def short(url: str) -> str:
    """Show an address without its query, which may be long."""
    return url.partition("?")[0]


def refuse_large(n_bytes: int, max_bytes: int, url: str) -> None:
    """Refuse what is larger than it may be, by what was said or by what came."""
    if n_bytes > max_bytes:
        raise SourceError(
            "{address}: the answer is larger than {mb:.0f} MB; nothing was kept",
            address=short(url),
            mb=max_bytes / 1e6,
        )


def refuse_page(body: bytes, url: str) -> None:
    """Refuse a web page, and nothing at all."""
    start = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise SourceError(
            "{address}: a web page came instead of data (a login, a proxy or a maintenance notice?); "
            "{cure}",
            address=short(url),
            cure=OFFLINE,
        )
    if not body:
        raise SourceError(
            "{address}: an empty answer came; {cure}", address=short(url), cure=OFFLINE
        )


def refuse_other(body: bytes, sha256: str | None, url: str) -> None:
    """Refuse another content than is known beforehand, where it is."""
    found = hashlib.sha256(body).hexdigest()
    if sha256 is not None and found != sha256:
        raise SourceError(
            "{address}: the content's hash is {found}…, expected {expected}…; the publication has "
            "changed or the download is damaged, and nothing was kept",
            address=short(url),
            found=found[:12],
            expected=sha256[:12],
        )
