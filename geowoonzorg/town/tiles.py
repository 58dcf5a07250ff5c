"""A town in tiles: squares that can be asked one by one, with streets and facilities that reach past them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from geowoonzorg.town._data import TownData

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T", bound=TownData)


def iter_tiles(town: T, *, km: float, margin_m: float) -> Iterator[T]:
    """Cut a town into tiles; see `Town.tiles`, which documents it."""
    raise NotImplementedError
