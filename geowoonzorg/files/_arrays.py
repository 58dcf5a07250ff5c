"""Named arrays in one file, with their hash: numbers and texts only, so that nothing in it is ever run."""

from __future__ import annotations

import hashlib
import math
import re
import struct
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from geowoonzorg.errors import FormatError
from geowoonzorg.files._one_file import write_file
from geowoonzorg.files._paths import check_input

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_MOST_ENTRIES = 10_000
_CHUNK_BYTES = 1 << 20
# An array as numpy writes it. Its own reader would evaluate the header, and make room for what that says.
_ARRAY_MAGIC, _ARRAY_START = b"\x93NUMPY\x01\x00", struct.Struct("<8sH")
_ARRAY_HEADER = re.compile(
    rb"\{'descr': '(\|b1|\|[iu]1|<[iu][248]|<f[48]|<U[1-9]\d{0,8})', 'fortran_order': False, "
    rb"'shape': \(((?:\d{1,15}, ){0,2}\d{1,15}|),?\), \} *\n"
)
# Under this name a file of arrays keeps the hash of all others.
_HASH_NAME = "sha256"


def read_arrays(path: str | Path) -> dict[str, NDArray[Any]]:
    """Read named arrays from a file that `write_arrays` wrote.

    Parameters
    ----------
    path
        A ``.npz`` file of arrays of numbers or texts, unpacked, with a hash of all of them.

    Returns
    -------
    dict of str to numpy.ndarray
        The arrays by name.

    Raises
    ------
    FormatError
        When the file is not such a file, is damaged, or was changed after it was written. Nothing is
        made room for before the file itself proves to be that long.
    SourceError
        When it is not there or cannot be read.

    Examples
    --------
    >>> read_arrays("missing.npz")
    Traceback (most recent call last):
    geowoonzorg.errors.SourceError: arrays: missing.npz does not exist; give the path of an existing file
    """
    checked = check_input(path, suffixes={".npz"}, role="arrays")
    try:
        with checked.open("rb") as file, zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_entries(entries, checked.stat().st_size)
            arrays = {e.filename.removesuffix(".npy"): _read_array(archive, e) for e in entries}
    except Exception as error:  # zipfile, struct and numpy each raise their own kinds for damage
        raise FormatError(
            "{file} is damaged or not written by this package ({why}): make it anew",
            file=checked,
            why=str(error),
        ) from error
    said = arrays.pop(_HASH_NAME, np.empty(0))
    if not np.array_equal(said, _hash_arrays(arrays)):
        raise FormatError(
            "{file} was changed after it was written, or is of an earlier version: make it anew",
            file=checked,
        )
    return arrays


def write_arrays(path: str | Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays into one uncompressed ``.npz``, at once, with their hash and without pickle.

    Parameters
    ----------
    path
        The file; its folder must exist.
    arrays
        The arrays, of numbers or texts, by name.

    Raises
    ------
    OutputError
        When it cannot be written; an old file is still there, whole.
    ValueError
        When an array holds something else than numbers or texts.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_arrays(Path(folder) / "a.npz", {"x": np.arange(3)})
    ...     read_arrays(Path(folder) / "a.npz")["x"].tolist()
    [0, 1, 2]
    """
    plain = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    wrong = [name for name, array in plain.items() if array.dtype.kind not in "biufU"]
    if wrong:
        msg = f"{path}: arrays of objects instead of numbers or texts: {', '.join(wrong)}"
        raise ValueError(msg)
    plain[_HASH_NAME] = _hash_arrays(plain)

    def fill(temporary: Path) -> None:
        with temporary.open("wb") as file:
            named: dict[str, Any] = dict(plain)
            np.savez(file, **named)  # nothing here could be pickled: of objects there are none

    write_file(path, fill)


def _hash_arrays(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.uint8]:
    """Hash arrays with their names, so that any change is noticed.

    Parameters
    ----------
    arrays
        The arrays by name.

    Returns
    -------
    numpy.ndarray
        The SHA-256, shape (32,). It has no key: it is no proof of who wrote them.

    Examples
    --------
    >>> _hash_arrays({"x": np.arange(3)})[:3].tolist()
    [182, 138, 61]
    """
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.ravel().view(np.uint8).data)
    return np.frombuffer(digest.digest(), np.uint8)


def _check_entries(entries: list[zipfile.ZipInfo], file_bytes: int) -> None:
    """Check that a file holds what its directory says, each once and unpacked."""
    names = [e.filename for e in entries]
    if len(set(names)) != len(names) or not all(n.endswith(".npy") for n in names):
        raise ValueError("names that are no arrays, or occur twice")
    if len(entries) > _MOST_ENTRIES or sum(e.file_size for e in entries) > file_bytes:
        raise ValueError("it says to be longer than it is")
    if any(
        e.compress_type != zipfile.ZIP_STORED or e.file_size != e.compress_size for e in entries
    ):
        raise ValueError("packed arrays")


def _read_array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> NDArray[Any]:
    """Read one array, if its header is as numpy writes it and its size is that of the entry."""
    with archive.open(entry) as member:
        start = member.read(_ARRAY_START.size)
        magic, length = _ARRAY_START.unpack(start)
        header = _ARRAY_HEADER.fullmatch(member.read(length))
        if magic != _ARRAY_MAGIC or header is None:
            raise ValueError(f"{entry.filename!r} is no array of numbers or texts")
        kind, size = np.dtype(header[1].decode()), entry.file_size - len(start) - length
        shape = tuple(int(n) for n in header[2].split(b",") if n.strip())
        if math.prod(shape) * kind.itemsize != size:
            raise ValueError(f"{entry.filename!r} has another size than it says")
        array = np.empty(shape, kind)
        room = array.reshape(-1).view(np.uint8)
        at = 0
        while chunk := member.read(_CHUNK_BYTES):  # to the end, where the checksum is compared
            room[at : at + len(chunk)] = np.frombuffer(chunk, np.uint8)
            at += len(chunk)
    if at != size or (kind == np.bool_ and (room > 1).any()):
        raise ValueError(f"{entry.filename!r} is damaged")
    return array
