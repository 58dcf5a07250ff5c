"""Work that waits for a server, in another thread, so that neither a silent nor a trickling one can hold this one."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from geowoonzorg.messages import Message
    from geowoonzorg.progress import Progress

_POLL_S = 0.1
T = TypeVar("T")


def work_and_wait(
    work: Callable[[threading.Event], T],
    *,
    told: Callable[[], Message],
    progress: Progress,
    stop_at: float,
    late: Callable[[], Exception],
) -> T:
    """Do work in another thread and wait for it, until it is done, too late or cancelled.

    Parameters
    ----------
    work
        Called with an event that is set when nobody waits for it any more.
    told
        What progress is told, ten times a second.
    progress
        May raise to cancel.
    stop_at
        When it is too late, as `time.monotonic` counts.
    late
        Makes the error of being too late.

    Returns
    -------
    object
        What ``work`` gives; what it raises is raised here.
    """
    stop = threading.Event()
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work(stop))
        except BaseException as error:  # noqa: BLE001 - raised again by the waiting thread
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_POLL_S)
            progress(0.0, told())
            if thread.is_alive() and time.monotonic() > stop_at:
                raise late()
    finally:
        stop.set()
    if failed:
        raise failed[0]
    return done[0]


def wait_until(until: float, *, message: Message, progress: Progress) -> None:
    """Wait, and be heard to."""
    while (left := until - time.monotonic()) > 0:
        progress(0.0, message)
        time.sleep(min(_POLL_S, left))
