"""What the reader of PBF files stumbles over → the error that a person can act on."""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geowoonzorg.errors import FormatError, GeowoonzorgError
from geowoonzorg.files import reason_of
from geowoonzorg.messages import tell
from geowoonzorg.osm._coordinates import OffTheGlobeError, off_the_globe
from geowoonzorg.osm._kernels import MANY_GROUPS, MANY_OBJECTS
from geowoonzorg.osm._pbf import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def refusing(source: Path) -> Iterator[None]:
    """Name the file in what goes wrong while its blocks are read.

    Raises
    ------
    FormatError
        When the file is truncated or broken, holds a NUL, history or far more than its size, is packed
        otherwise than by zlib, or a node that is needed lies off the globe.
    """
    try:
        yield
    except RefusedError as error:
        raise FormatError("{file} {why}", file=source, why=error.why) from error
    except OffTheGlobeError as error:
        raise off_the_globe(source) from error
    except GeowoonzorgError:
        raise
    except (IndexError, OverflowError, ValueError, zlib.error) as error:
        if str(error) in {MANY_GROUPS, MANY_OBJECTS}:
            raise FormatError(
                "{file} is refused: it holds {what}; fetch it again from where you trust it",
                file=source,
                what=_too_many(str(error)),
            ) from error
        raise FormatError(
            "{file} is truncated or not a PBF file ({why}); fetch or export it again",
            file=source,
            why=reason_of(error),
        ) from error


def _too_many(what: str) -> str:
    if what == MANY_GROUPS:
        return tell("more groups than a file of its size can hold")
    return tell("more objects than a file of its size can hold")
