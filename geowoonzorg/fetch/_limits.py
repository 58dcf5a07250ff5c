"""What a download may cost: time, bytes, tries."""

from __future__ import annotations

from dataclasses import dataclass


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
