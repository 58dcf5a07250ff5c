"""One answer on its way in: what has come of it, and whether anybody still waits for it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geowoonzorg.fetch._answers import http_error, refuse_large

if TYPE_CHECKING:
    import httpx


@dataclass
class Transfer:
    """What the downloading thread and the waiting one share."""

    body: bytearray = field(default_factory=bytearray)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def megabytes(self) -> float:
        return len(self.body) / 1e6


def receive(response: httpx.Response, url: str, max_bytes: int, transfer: Transfer) -> None:
    """Take an answer in until it is whole, too large or nobody waits for it."""
    if not response.is_success:
        raise http_error(response, url)
    length = response.headers.get("Content-Length", "")
    refuse_large(int(length) if length.isdigit() else 0, max_bytes, url)
    for chunk in response.iter_raw():
        transfer.body.extend(chunk)
        refuse_large(len(transfer.body), max_bytes, url)
        if transfer.stop.is_set():
            return
