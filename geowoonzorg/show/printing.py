"""The report on paper as a PDF, by a browser that is on this computer; none is fetched, and it gets no network."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from geowoonzorg.files import write_text

PATIENCE_S: Final = 90.0  # a long report takes seconds; a browser that hangs takes for ever
_NAMES: Final = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "microsoft-edge-stable", "msedge",
)  # fmt: skip
#: Where browsers are that are on no PATH: of macOS, and in Windows' folders for programs.
_PLACES: Final = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_PROGRAM_FOLDERS: Final = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
_IN_FOLDER: Final = (
    "Chromium/Application/chrome.exe",
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
_ALONE: Final = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions",
    "--disable-dev-shm-usage",  # a container has little shared memory
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-breakpad",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9",  # nobody listens there
    "--no-pdf-header-footer", "--print-to-pdf-no-header",  # the second of older ones
    "--generate-pdf-document-outline",
)  # fmt: skip
# What a PDF says of the moment it was made, and the number made of it: left as long as it is, so that
# the places in its table of contents stay right.
_WHEN: Final = re.compile(rb"(/(?:CreationDate|ModDate) ?\(D:)[^)]*\)")
_NUMBER: Final = re.compile(rb"(/ID ?\[ ?<)[0-9A-Fa-f]*(> ?<)[0-9A-Fa-f]*(> ?\])")
_DAY: Final = b"20000101000000+00'00'"


def find_browser(folders: str | None = None) -> Path | None:
    """Find a browser that can print: Chromium, Chrome or Edge.

    Parameters
    ----------
    folders
        Where to look, written as ``PATH`` is; by default that, and where such browsers usually are.

    Returns
    -------
    pathlib.Path or None
        None where there is none.

    Examples
    --------
    >>> find_browser("no/such/folder") is None
    True
    """
    found = (shutil.which(name, path=folders) for name in _NAMES)
    if browser := next(filter(None, found), None):
        return Path(browser).absolute()
    if folders is not None:
        return None
    programs = [Path(at) for name in _PROGRAM_FOLDERS if (at := os.environ.get(name))]
    places = [*map(Path, _PLACES), *(at / name for at in programs for name in _IN_FOLDER)]
    return next((place for place in places if os.access(place, os.X_OK)), None)


def print_page(html: str, browser: Path, *, patience_s: float = PATIENCE_S) -> bytes | None:
    """Print a page of ours as a PDF.

    Parameters
    ----------
    html
        The page; it needs nothing from elsewhere.
    browser
        As `find_browser` gives it.
    patience_s
        How long it may take (s).

    Returns
    -------
    bytes or None
        The PDF, without the moment it was made: the same browser gives the same page the same bytes. None where
        the browser did not print in time.

    Examples
    --------
    >>> print_page("<p>x</p>", Path("no/such/browser")) is None
    True
    """
    with tempfile.TemporaryDirectory(prefix="geowoonzorg-", ignore_cleanup_errors=True) as folder:
        page, paper = Path(folder, "report.html"), Path(folder, "report.pdf")
        write_text(page, html)
        command = [
            str(browser), *_ALONE, *_as_root(), f"--user-data-dir={Path(folder, 'profile')}",
            f"--print-to-pdf={paper}", page.as_uri(),
        ]  # fmt: skip
        if not _runs(command, patience_s) or not paper.is_file():
            return None
        content = paper.read_bytes()
    return _timeless(content) if _is_whole(content) else None


def _as_root() -> tuple[str, ...]:
    """Let root go without the sandbox, which Chromium has only for others; the page is ours and has no scripts."""
    return ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()


def _runs(command: list[str], patience_s: float) -> bool:
    """Run a command to its end without a shell, and end it with all it started when that takes too long."""
    try:
        running = subprocess.Popen(  # noqa: S603 - a browser that was found, and files of ours
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError:
        return False
    try:
        return running.wait(patience_s) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if running.poll() is None:
            _end(running)


def _end(running: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(running.pid, signal.SIGKILL)
        else:
            running.kill()
    running.wait()


def _is_whole(content: bytes) -> bool:
    return content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")


def _timeless(content: bytes) -> bytes:
    """Put one day for every moment, and zeros for the number that is made of it."""

    def day(found: re.Match[bytes]) -> bytes:
        room = len(found[0]) - len(found[1]) - 1
        return found[1] + _DAY[:room].ljust(room) + b")"

    def zeros(found: re.Match[bytes]) -> bytes:
        return re.sub(rb"[0-9A-Fa-f](?=[0-9A-Fa-f]*>)", b"0", found[0])

    return _NUMBER.sub(zeros, _WHEN.sub(day, content))
