"""Answers kept between runs: one file an address, whose name holds the hash of what is in it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from geowoonzorg.errors import FormatError
from geowoonzorg.files import content_hash, read_head, write_bytes


def default_cache() -> Path:
    """Give the folder where downloads are kept between runs.

    Returns
    -------
    pathlib.Path
        The user's cache folder for this package; it need not exist.

    Examples
    --------
    >>> "geowoonzorg" in default_cache().parts
    True
    """
    import platformdirs  # knows where each system keeps caches

    return Path(platformdirs.user_cache_dir("geowoonzorg"))


class Cache:
    """A folder of answers; without a folder nothing is kept."""

    def __init__(self, folder: str | Path | None) -> None:
        self.folder = None if folder is None else Path(folder)

    def read(self, url: str, max_bytes: int) -> bytes | None:
        """Take the answer of an address, None where none was kept; FormatError when it is damaged."""
        for path in self._kept(url):
            if content_hash(path) != path.stem.partition("-")[2]:
                raise FormatError("{file} is damaged", file=path)
            return read_head(path, max_bytes)
        return None

    def keep(self, url: str, body: bytes) -> None:
        """Put an answer in the place of the one before, which stays where that cannot be done."""
        if self.folder is None:
            return
        old = self._kept(url)
        new = self.folder / f"{_key(url)}-{hashlib.sha256(body).hexdigest()}.body"
        self.folder.mkdir(parents=True, exist_ok=True)
        write_bytes(new, body)  # beside it first, and moved when it is whole
        for path in old:
            if path != new:
                path.unlink(missing_ok=True)

    def path(self, url: str) -> Path | None:
        """Give the file that an answer is kept in, None where none is."""
        kept = self._kept(url)
        return kept[-1] if kept else None

    def forget(self, url: str) -> None:
        """Take an answer away."""
        for path in self._kept(url):
            path.unlink(missing_ok=True)

    def _kept(self, url: str) -> list[Path]:
        return [] if self.folder is None else sorted(self.folder.glob(f"{_key(url)}-*.body"))


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:32]
