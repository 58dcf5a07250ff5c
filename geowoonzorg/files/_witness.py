"""Content hashes: of which bytes a result was made, and whether these stayed what they were."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from geowoonzorg.errors import GeowoonzorgError, InputError, SourceError
from geowoonzorg.files._paths import reason_of, split_layer

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from typing import BinaryIO

_CHUNK_BYTES = 1 << 20
# What is read together with a file; it is not in the hash, but a change of it is one of the layer.
_BESIDE = {".shp": (".dbf", ".shx", ".prj", ".cpg"), ".gpkg": (".gpkg-wal",)}
#: Size, time of the last change in nanoseconds, and number on its disk; None of what is not there.
_Stamp = tuple[int, int, int] | None


@dataclass(frozen=True)
class Witness:
    """A file as it was when its content was hashed.

    Attributes
    ----------
    path
        The file, without the name of a layer.
    sha256
        The SHA-256 of the whole file as 64 hexadecimal digits, whichever layer of it is used.
    size_bytes
        How long it was.

    Examples
    --------
    >>> from geowoonzorg.prepare import demo_study
    >>> seen = witness(demo_study())
    >>> seen.name, len(seen.sha256)
    ('study.toml', 64)
    >>> seen.check()
    """

    path: Path
    sha256: str
    size_bytes: int
    _stamps: tuple[_Stamp, ...] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """The file's name, without its folder."""
        return self.path.name

    def check(self) -> None:
        """Check that the file is still what was hashed.

        Raises
        ------
        InputError
            When it was written, replaced or removed since, or what is read together with it was: the
            other files of a shapefile, what another program still has to lay down in a GeoPackage.

        Examples
        --------
        >>> witness(__file__).check()
        """
        with suppress(OSError, SourceError):
            now = _stamps(self.path)
            if now == self._stamps:
                return
            # Some network drives number a file anew each time that they are asked.
            numbered = [stamp and stamp[:2] for stamp in now]
            if numbered == [stamp and stamp[:2] for stamp in self._stamps] and (
                content_hash(self.path) == self.sha256
            ):
                return
        raise InputError(
            "{file} was changed while it was read; run again when no other program writes it",
            file=self.path,
        )


def witness(source: str | Path) -> Witness:
    """Hash a file before it is read; `Witness.check` tells afterwards whether it is still the same.

    Parameters
    ----------
    source
        A file, or ``FILE|layername=NAME``.

    Returns
    -------
    Witness
        Its hash and size.

    Raises
    ------
    SourceError
        When the file is not there or cannot be read.
    InputError
        When it was changed while it was hashed.
    StudyError
        When what follows a bar is not ``layername=NAME``.

    Examples
    --------
    >>> witness("missing.tif")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: missing.tif cannot be read (No such file or directory)
    """
    path, _ = split_layer(source)
    try:
        stamps = _stamps(path)
        with path.open("rb") as file:
            digest, size = _digest(file)
    except OSError as error:
        raise _unreadable(path, error) from error
    seen = Witness(path, digest, size, stamps)
    seen.check()
    return seen


@contextmanager
def witnessed(source: str | Path) -> Iterator[Witness]:
    """Read a file so that its hash is of the bytes that were used.

    Parameters
    ----------
    source
        A file, or ``FILE|layername=NAME``.

    Yields
    ------
    Witness
        The file's hash and size; the block reads the file.

    Raises
    ------
    SourceError, StudyError
        As `witness`.
    InputError
        When the file was changed before the block was at its end, also where that made it fail.

    Examples
    --------
    >>> from geowoonzorg.files import read_table
    >>> from geowoonzorg.prepare import demo_study
    >>> with witnessed(demo_study().parent / "voorzieningen.csv") as seen:
    ...     table = read_table(seen.path)
    >>> seen.name
    'voorzieningen.csv'
    """
    seen = witness(source)
    try:
        yield seen
    except GeowoonzorgError:
        seen.check()
        raise
    seen.check()


def content_hash(path: str | Path) -> str:
    """Hash a file's content, for caches and downloads; `witnessed` is for what is also read.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    str
        The SHA-256 as 64 hexadecimal digits.

    Raises
    ------
    SourceError
        When the file cannot be read.

    Examples
    --------
    >>> len(content_hash(__file__))
    64
    """
    try:
        with Path(path).open("rb") as file:
            return _digest(file)[0]
    except OSError as error:
        raise _unreadable(path, error) from error


def _digest(file: BinaryIO) -> tuple[str, int]:
    """Hash what is left of an open file; also give how many bytes that was."""
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def _stamps(path: Path) -> tuple[_Stamp, ...]:
    """Look at a file and at what is read together with it, without reading.

    Raises
    ------
    OSError
        When the file is not there or cannot be looked at.
    """
    beside = (path.with_suffix(suffix) for suffix in _BESIDE.get(path.suffix.lower(), ()))
    return _stamp(path.stat()), *map(_stamp_if_there, beside)


def _stamp_if_there(path: Path) -> _Stamp:
    with suppress(OSError):
        found = path.stat()
        return _stamp(found) if found.st_size else None  # an empty log holds nothing
    return None


def _stamp(found: os.stat_result) -> _Stamp:
    return found.st_size, found.st_mtime_ns, found.st_ino


def _unreadable(path: str | Path, error: OSError) -> SourceError:
    return SourceError("{file} cannot be read ({why})", file=path, why=reason_of(error))
