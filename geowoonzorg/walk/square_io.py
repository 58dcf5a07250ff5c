"""The squares of a cached network, checked before the loops believe them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geowoonzorg.walk.assembly import SIGHT, STREET, WAY_IN, WAY_OUT
from geowoonzorg.walk.square_pieces import Pieces
from geowoonzorg.walk.squares import BENDS, FREE, Squares, select_squares

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KINDS = {
    "start": "int64", "ring_start": "int64", "xy": "float64", "corner_start": "int64",
    "corner_node": "int32", "corner_kind": "int8", "way": "int32", "layer": "int8",
}  # fmt: skip
#: An outline may lie this far off the square (m).
_NEAR_M = 0.1
#: The least points of a ring, which is closed.
_LEAST = 4


def as_stored(squares: Squares, pieces: Pieces) -> dict[str, NDArray[Any]]:
    """Give the squares of a network as the arrays of a cache.

    Parameters
    ----------
    squares, pieces
        The squares, and as they were drawn.

    Returns
    -------
    dict
        The arrays by name.

    Examples
    --------
    >>> from geowoonzorg.walk.square_pieces import no_pieces
    >>> from geowoonzorg.walk.squares import no_squares
    >>> sorted(as_stored(no_squares(), no_pieces()))[0]
    'pieces.corner_kind'
    """
    arrays = {f"squares.{name}": array for name, array in squares._asdict().items()}
    arrays |= {f"pieces.{name}": array for name, array in pieces.drawn._asdict().items()}
    return arrays | {"pieces.square": pieces.square}


def read_squares(
    arrays: dict[str, NDArray[Any]], core: dict[str, NDArray[Any]], n_ways: int
) -> tuple[Squares, Pieces]:
    """Take the squares out of the arrays of a cache.

    Parameters
    ----------
    arrays
        What is left of the cache; the squares' own are taken out.
    core
        The stored fields of the network, checked.
    n_ways
        Rows of ``way_attributes``.

    Returns
    -------
    squares : Squares
        The squares.
    pieces : Pieces
        The same as they were drawn.

    Raises
    ------
    ValueError
        When an array is not as `Squares` says.
    KeyError
        When one is missing.
    """
    squares, drawn = (_read(arrays, group, core, n_ways) for group in ("squares", "pieces"))
    n = len(squares.way)
    pieces = Pieces(drawn, arrays.pop("pieces.square"))
    _require(pieces.square.dtype == np.int32 and len(pieces.square) == len(drawn.way), "pieces")
    _require(np.array_equal(np.unique(pieces.square), np.arange(n)), "pieces")
    layer, square = core["edge_layer"], core["edge_square"]
    _require(_between(square, -1, n), "edge_square")
    own = np.append(squares.layer, -1)[square]
    _require(((own == -1) | (own == layer) | (layer == SIGHT)).all(), "edge_square")
    _require((squares.layer[pieces.square] == drawn.layer).all(), "pieces")
    _check_private(core, squares)
    _check_private(core, drawn)
    _check_sights(core, squares)
    _check_outlines(core, squares)
    return squares, pieces


def _read(
    arrays: dict[str, NDArray[Any]], group: str, core: dict[str, NDArray[Any]], n_ways: int
) -> Squares:
    """Take squares out of the arrays of a cache, and check that they fit."""
    squares = Squares(**{name: arrays.pop(f"{group}.{name}") for name in _KINDS})
    for name, kind in _KINDS.items():
        array: NDArray[Any] = getattr(squares, name)
        _require(array.dtype == kind and array.shape[1:] == ((2,) if name == "xy" else ()), name)
    n, n_corners = len(squares.way), len(squares.corner_node)
    _check_starts(squares.start, n, len(squares.ring_start) - 1, 1, "start")
    n_rings = len(squares.ring_start) - 1
    _check_starts(squares.ring_start, n_rings, len(squares.xy), _LEAST, "ring_start")
    _check_starts(squares.corner_start, n, n_corners, 0, "corner_start")
    first, last = squares.ring_start[:-1], squares.ring_start[1:] - 1
    _require(np.array_equal(squares.xy[first], squares.xy[last]), "xy: rings that do not close")
    extent = np.abs(core["vertex_xy"]).max() + 1e5
    _require(not len(squares.xy) or np.abs(squares.xy).max() <= extent, "xy")
    _require(_between(squares.corner_node, 0, len(core["node_xy"])), "corner_node")
    _require(len(squares.corner_kind) == n_corners, "corner_kind")
    _require(len(squares.layer) == n, "layer")
    _require(_between(squares.corner_kind, 1, (FREE | BENDS) + 1), "corner_kind")
    _require(_between(squares.way, 0, n_ways), "way")
    return squares


def _require(fact: object, otherwise: str) -> None:
    if not fact:
        raise ValueError(f"squares: {otherwise}")


def _between(numbers: NDArray[Any], low: int, high: int) -> bool:
    return bool(((numbers >= low) & (numbers < high)).all())


def _check_starts(start: NDArray[Any], n: int, size: int, least: int, name: str) -> None:
    """Check that groups follow each other, of so many items at least."""
    _require(len(start) == n + 1 and n >= 0 and start[0] == 0 and start[-1] == size, name)
    _require(_between(start, 0, size + 1) and (np.diff(start) >= least).all(), name)


def _check_private(core: dict[str, NDArray[Any]], squares: Squares) -> None:
    """Check that private squares follow the others, and are there twice."""
    layer = squares.layer
    _require(_between(layer, STREET, WAY_IN + 1) and (layer[1:] >= layer[:-1]).all(), "layer")
    out, back = (select_squares(squares, np.flatnonzero(layer == k)) for k in (WAY_OUT, WAY_IN))
    for name in set(_KINDS) - {"corner_node", "layer"}:
        _require(np.array_equal(getattr(out, name), getattr(back, name)), "private squares")
    here, there = (core["node_xy"][one.corner_node] for one in (out, back))
    _require(np.array_equal(here, there), "private squares")


def _check_outlines(core: dict[str, NDArray[Any]], squares: Squares) -> None:
    """Check that the streets along squares lie where those are."""
    sizes = np.diff(core["vertex_start"])
    square = np.repeat(core["edge_square"], sizes)
    on = np.flatnonzero(square >= 0)
    if len(on):
        first = squares.ring_start[squares.start[:-1]]
        low, high = (f.reduceat(squares.xy, first) for f in (np.minimum, np.maximum))
        xy, of = core["vertex_xy"][on], square[on]
        _require(((xy >= low[of] - _NEAR_M) & (xy <= high[of] + _NEAR_M)).all(), "edge_square")


def _check_sights(core: dict[str, NDArray[Any]], squares: Squares) -> None:
    """Check that sight lines are straight, both ways, and join corners of their square."""
    sight = np.flatnonzero(core["edge_layer"] == SIGHT)
    square = core["edge_square"][sight]
    _require((square >= 0).all(), "sight lines without a square")
    ends = core["node_xy"][core["edge_node"][sight]]
    straight = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    first = core["vertex_start"][:-1]
    step = np.append(np.hypot(*np.diff(core["vertex_xy"], axis=0).T), 0.0)
    step[core["vertex_start"][1:] - 1] = 0.0
    _require(
        (np.add.reduceat(step, first)[sight] <= straight + _NEAR_M).all(), "sight lines that bend"
    )
    _require(
        (core["edge_forward"] & core["edge_backward"])[sight].all(), "sight lines that go one way"
    )
    n_nodes = len(core["node_xy"])
    of = np.repeat(np.arange(len(squares.way)), np.diff(squares.corner_start))
    known = of * n_nodes + squares.corner_node
    for ends in core["edge_node"][sight].T:
        _require(np.isin(square.astype(np.int64) * n_nodes + ends, known).all(), "sight lines")
