"""Start of the command: signals and exit codes, before anything heavy is imported."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING

from geowoonzorg._argv import option_value, spoken_language
from geowoonzorg.errors import Cancelled, GeowoonzorgError, InputError

if TYPE_CHECKING:
    from types import FrameType

# A cancelled run unwinds at the next line of Python. Where that takes longer than this, because a
# library is deep in its own code, the process ends; temporary files then go at the next run.
_UNWIND_S = 0.8
_POLL_S = 0.1


def _cancel(_signal: int, _frame: FrameType | None) -> None:
    raise Cancelled("cancelled; nothing was written")


def _watch(cancelled: threading.Event, stdout: int | None) -> None:
    """End the process when it does not stop by itself, and cancel when nobody reads its output."""
    poll = getattr(select, "poll", None)
    reader = poll() if poll and stdout is not None else None
    if reader:
        reader.register(stdout, 0)  # errors and hang-ups are always reported
    while not cancelled.wait(_POLL_S):
        if reader and any(event & (select.POLLERR | select.POLLHUP) for _, event in reader.poll(0)):
            signal.raise_signal(signal.SIGTERM) if os.name == "nt" else os.kill(
                os.getpid(), signal.SIGTERM
            )
            break
    time.sleep(_UNWIND_S)
    os._exit(Cancelled.exit_code)


def _listen_for_cancel() -> None:
    cancelled = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        if not cancelled.is_set():
            cancelled.set()
            _cancel(number, frame)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    is_pipe = not sys.stdout.isatty() and option_value(sys.argv[1:], "--progress") == "json"
    descriptor = sys.stdout.fileno() if is_pipe else None
    threading.Thread(target=_watch, args=(cancelled, descriptor), daemon=True).start()


def main() -> None:
    """Run the command line and end the process with the exit code that belongs to the outcome.

    Examples
    --------
    >>> main.__module__
    'geowoonzorg.__main__'
    """
    _listen_for_cancel()
    # libraries make many objects and hardly any garbage: looking for it is a tenth of a short run
    gc.set_threshold(100_000, 50, 50)
    os.environ["PROJ_NETWORK"] = "OFF"  # a grid from the internet would change metres, unasked
    try:
        from geowoonzorg.cli import run_command

        code = run_command(sys.argv[1:])
    except (
        GeowoonzorgError
    ) as error:  # cancelled, or raised while importing: an optional part is missing
        code = _fail(error)
    except ImportError as error:
        code = _fail(
            InputError(
                "a library is missing or broken ({what}); install geowoonzorg anew from the wheel or "
                "folder it came from, with pip install --force-reinstall",
                what=str(error),
            )
        )
        if "--debug" in sys.argv:
            traceback.print_exc()
    sys.stdout = sys.stdout if _flushed() else open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.exit(code)


def _fail(error: GeowoonzorgError) -> int:
    with contextlib.suppress(OSError):  # nobody listens any more
        print(f"geowoonzorg: {error.told(spoken_language(sys.argv[1:]))}", file=sys.stderr)  # noqa: T201
    return error.exit_code


def _flushed() -> bool:
    try:
        sys.stdout.flush()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
