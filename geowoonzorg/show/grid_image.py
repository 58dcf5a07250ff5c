"""A grid of scores as a picture that lies right on a web map."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geowoonzorg.findings import Grid

#: Calm, and told apart by lightness alone: from the lowest fifth of the scores to the highest.
COLOURS: Final = ("#e8eef0", "#bcdbe0", "#7fbcc4", "#3a93a0", "#0b5563")
UNKNOWN: Final = "#8b8b86"  # every other pixel: too little is known
_WEB: Final = "EPSG:3857"
_STEPS: Final = 20.0  # points of 100 per colour
_MOST_PIXELS: Final = 4_000_000
_NOT_SCORED: Final = (1,)  # of the band "why": looked at, but too little is known


def grid_image(grid: Grid) -> dict[str, Any]:
    """Draw the band ``score`` of a grid as a PNG in web Mercator.

    Parameters
    ----------
    grid
        With the bands ``score`` (0-100, NaN where there is none) and ``why`` (1 where too little is known).

    Returns
    -------
    dict
        ``url`` (of the picture itself) and ``bounds`` (``[[south, west], [north, east]]``, degrees).

    Examples
    --------
    >>> from geowoonzorg.findings import Grid
    >>> bands = {"score": np.full((2, 2), 90.0, np.float32), "why": np.zeros((2, 2), np.float32)}
    >>> made = grid_image(Grid(bands=bands, west=190_000, north=500_050, cell_m=25, crs="EPSG:28992"))
    >>> made["url"][:22], [round(x, 3) for x in made["bounds"][0]]
    ('data:image/png;base64,', [52.487, 5.902])
    """
    from affine import Affine
    from rasterio.warp import Resampling, reproject, transform_bounds

    score, why = grid.bands["score"], grid.bands["why"]
    side = grid.cell_m
    # Only what there is to see: a gemeente may be far larger than the part of it that was looked at.
    seen = np.isfinite(score) | np.isin(why, _NOT_SCORED)
    top, left = 0, 0
    if seen.any():
        in_row, in_column = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        top, left = int(in_row[0]), int(in_column[0])
        part = slice(top, in_row[-1] + 1), slice(left, in_column[-1] + 1)
        score, why = score[part], why[part]
    rows, columns = score.shape
    west, north = grid.west + left * side, grid.north - top * side
    here = Affine(side, 0, west, 0, -side, north)
    box = (west, north - rows * side, west + columns * side, north)
    web = transform_bounds(grid.crs, _WEB, *box, densify_pts=21)
    # Twice as fine as the cells where that is not too much, so that a turned cell keeps its corners.
    finer = 2 if 4 * rows * columns <= _MOST_PIXELS else 1
    width, height = finer * columns, finer * rows
    across, down = (web[2] - web[0]) / width, (web[3] - web[1]) / height
    there = Affine(across, 0, web[0], 0, -down, web[3])

    def turned(band: NDArray[np.float32]) -> NDArray[np.float32]:
        made = np.full((height, width), np.nan, dtype=np.float32)
        reproject(
            np.asarray(band, dtype=np.float32), made, src_transform=here, src_crs=grid.crs, src_nodata=np.nan,
            dst_transform=there, dst_crs=_WEB, dst_nodata=np.nan, resampling=Resampling.nearest,
        )  # fmt: skip
        return made

    drawn = _coloured(turned(score), turned(why))
    west, south, east, north = transform_bounds(_WEB, "EPSG:4326", *web, densify_pts=2)
    picture = base64.b64encode(_png(drawn)).decode("ascii")
    return {
        "url": f"data:image/png;base64,{picture}",
        "bounds": [[round(south, 6), round(west, 6)], [round(north, 6), round(east, 6)]],
    }


def _coloured(score: NDArray[np.float32], why: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Give every pixel the number of its colour: 0 is nothing, then the colours, then unknown."""
    known = np.isfinite(score)
    step = np.clip(np.where(known, score, 0.0) // _STEPS, 0, len(COLOURS) - 1).astype(np.uint8)
    row, column = np.indices(score.shape)
    unknown = ~known & np.isin(why, _NOT_SCORED) & ((row + column) % 2 == 0)
    return np.where(known, step + 1, np.where(unknown, len(COLOURS) + 1, 0)).astype(np.uint8)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Write numbers of colours as a PNG with a palette; number 0 is clear."""
    rgb = [bytes(3), *(bytes.fromhex(c[1:]) for c in (*COLOURS, UNKNOWN))]
    height, width = pixels.shape
    raw = np.zeros((height, width + 1), dtype=np.uint8)  # no filter in front of every row
    raw[:, 1:] = pixels
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(rgb)),
        (b"tRNS", b"\x00"),
        (b"IDAT", zlib.compress(raw.tobytes(), 9)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
