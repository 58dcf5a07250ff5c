"""A land that does not exist: where its streets, homes, facilities and areas are, by a seed.

All is laid on a lattice of 60 m: settlements of power-law size on it, lanes between them, a lake without any. Areas
are boxes of the lattice, split by their homes: provinces, gemeenten, wijken, buurten, each within the one before. In
the end all of it is bent by the same smooth shift of the ground, so that no street and no border is straight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL_M = 60.0
CORNER = (78_000.0, 378_000.0)  # in RD New (m)
_KM2_PER_ADDRESS = 33_600 / 10e6  # the land of the Netherlands over its addresses
_PER_NODE = 4.3  # addresses at a crossing of a settlement
_LANE = 25  # cells between lanes
_KEPT = 0.88  # of the streets of a settlement
_CLASSES = {
    "ov_halte": 0.35, "basisschool": 0.17, "supermarkt": 0.15, "huisarts": 0.12, "fysiotherapeut": 0.08,
    "apotheek": 0.05, "inloopvoorziening": 0.05, "verpleeghuis": 0.03,
}  # fmt: skip
CLASSES = tuple(_CLASSES)


@dataclass(frozen=True)
class Size:
    """How large a land is."""

    addresses: int
    provinces: int = 1
    seed: int = 1

    @property
    def buurten(self) -> int:
        """14,500 for ten million addresses, as in the Netherlands."""
        return max(12, round(self.addresses * 1.45e-3))

    @property
    def gemeenten(self) -> int:
        """342 for ten million addresses."""
        return max(self.provinces, round(self.addresses * 3.42e-5))

    @property
    def facilities(self) -> int:
        """15,000 for ten million addresses."""
        return max(40, round(self.addresses * 1.5e-3))

    @property
    def cells(self) -> tuple[int, int]:
        """Cells of the lattice to the east and to the north."""
        area = self.addresses * _KM2_PER_ADDRESS * 1e6 / CELL_M**2
        wide = int(np.ceil((area / 1.25) ** 0.5)) + 2
        return wide, int(np.ceil(wide * 1.25))


@dataclass(frozen=True)
class Box:
    """Cells from ``x0`` to before ``x1``, ``y0`` to before ``y1``."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def cells(self) -> tuple[slice, slice]:
        """Rows and columns of a raster of the lattice."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)


class Land:
    """Where everything is, on the lattice: x to the east and y to the north, in cells."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.wide, self.high = size.cells

    def _rng(self, what: int) -> np.random.Generator:
        return np.random.default_rng([self.size.seed, what])

    @cached_property
    def lake(self) -> Box:
        """Where there is nothing but water."""
        w, h = self.wide, self.high
        return Box(int(w * 0.42), int(h * 0.55), int(w * 0.55), int(h * 0.66))

    @cached_property
    def built(self) -> NDArray[np.bool_]:
        """Which crossings are of settlements, shape (high, wide)."""
        rng = self._rng(1)
        n = max(3, round(self.size.addresses * 2.5e-4))
        share = np.arange(1, n + 1) ** -0.85
        crossings = self.size.addresses / _PER_NODE * share / share.sum()
        found = np.zeros((self.high, self.wide), bool)
        for radius in np.sqrt(crossings / np.pi):
            r = min(radius, 0.45 * self.wide)
            x, y = rng.uniform(r, self.wide - r), rng.uniform(r, self.high - r)
            a, b, c, d = (int(v) for v in (x - r - 1, x + r + 2, y - r - 1, y + r + 2))
            a, c = max(a, 0), max(c, 0)
            gap = np.hypot(
                *np.meshgrid(
                    np.arange(a, min(b, self.wide)) - x, np.arange(c, min(d, self.high)) - y
                )
            )
            found[c:d, a:b] |= gap + rng.uniform(-0.15, 0.15, gap.shape) * r < r
        found[self.lake.cells] = False
        return found

    @cached_property
    def lane(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Through which crossings a lane runs to the east, and to the north."""
        to_east, to_north = np.zeros((2, self.high, self.wide), bool)
        to_east[_LANE // 2 :: _LANE] = True
        to_north[:, _LANE // 2 :: _LANE] = True
        for one in (to_east, to_north):
            one[self.lake.cells] = False
        return to_east, to_north

    @cached_property
    def crossing(self) -> NDArray[np.int64]:
        """The number of each crossing from 1, 0 where there is none."""
        there = self.built | self.lane[0] | self.lane[1]
        number = np.zeros(there.shape, np.int64)
        number[there] = np.arange(1, there.sum() + 1)
        return number

    @cached_property
    def streets(
        self,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        """Between which crossings streets run: x and y of where each starts, whether to the north, whether a lane."""
        rng, parts = self._rng(2), []
        for north in (False, True):
            a, b = (np.s_[:-1, :], np.s_[1:, :]) if north else (np.s_[:, :-1], np.s_[:, 1:])
            street = self.built[a] & self.built[b]
            street &= rng.random(street.shape) < _KEPT
            lane = self.lane[int(north)][a] & self.lane[int(north)][b]
            y, x = np.nonzero(street | lane)
            if north:  # a way goes on from one to the next
                order = np.lexsort((y, x))
                y, x = y[order], x[order]
            parts.append((x, y, np.full(len(x), north), ~street[y, x]))
        x, y, north, lane = (np.concatenate(column) for column in zip(*parts, strict=True))
        return x, y, north, lane

    @cached_property
    def areas(self) -> list[tuple[int, int, int, Box]]:
        """Give every buurt as the numbers of its province, gemeente and wijk, and its box."""
        rng, size = self._rng(3), self.size
        found, gemeenten, wijken = [], 0, 0
        whole = Box(0, 0, self.wide, self.high)
        for province, land in enumerate(self._split(whole, size.provinces, rng)):
            share = round(size.gemeenten / size.provinces)
            for gemeente in self._split(land, max(1, share), rng):
                n = max(1, round(size.buurten / (max(1, share) * size.provinces)))
                n = max(1, round(n * rng.uniform(0.5, 1.5)))
                for wijk in self._split(gemeente, max(1, round(n / 4.5)), rng):
                    m = max(1, min(90, round(rng.uniform(2, 7))))
                    found += [(province, gemeenten, wijken, b) for b in self._split(wijk, m, rng)]
                    wijken += 1
                gemeenten += 1
        return found

    def _split(self, box: Box, n: int, rng: np.random.Generator) -> list[Box]:
        """Split a box into n with about as many homes, but for chance."""
        wide, high = box.x1 - box.x0, box.y1 - box.y0
        if n == 1 or max(wide, high) < 4:
            return [box]
        first = max(1, min(n - 1, round(n * rng.uniform(0.4, 0.6))))
        across = wide >= high
        there = self.built[box.cells].sum(axis=0 if across else 1) * 1.0 + 0.02 * min(wide, high)
        at = int(np.searchsorted(there.cumsum(), there.sum() * first / n)) + 1
        at = min(max(at, 2), (wide if across else high) - 2)
        if across:
            parts = (
                Box(box.x0, box.y0, box.x0 + at, box.y1),
                Box(box.x0 + at, box.y0, box.x1, box.y1),
            )
        else:
            parts = (
                Box(box.x0, box.y0, box.x1, box.y0 + at),
                Box(box.x0, box.y0 + at, box.x1, box.y1),
            )
        return [*self._split(parts[0], first, rng), *self._split(parts[1], n - first, rng)]

    @cached_property
    def area_of(self) -> NDArray[np.int32]:
        """In which buurt every cell lies, shape (high, wide)."""
        found = np.zeros((self.high, self.wide), np.int32)
        for k, (*_, box) in enumerate(self.areas):
            found[box.cells] = k
        return found

    @cached_property
    def province_of(self) -> NDArray[np.int8]:
        """In which province every cell lies."""
        return np.array([area[0] for area in self.areas], np.int8)[self.area_of]

    def places(
        self, n: int, *, seed: int, away_m: float
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Choose places beside streets, in cells, in the order of the streets, and along which street each lies."""
        rng = self._rng(seed)
        x, y, north, lane = self.streets
        # Blocks differ: flats here, a park there.
        weight = np.where(
            lane, 0.15, self._rng(4).gamma(1.5, size=997)[(x // 5 * 131 + y // 5 * 17) % 997]
        )
        street = np.sort(rng.choice(len(x), n, p=weight / weight.sum()))
        along = rng.uniform(0.05, 0.95, n)
        aside = np.where(rng.random(n) < 0.5, 1, -1) * rng.uniform(0.7, 1.3, n) * away_m / CELL_M
        up = north[street]
        xy = np.column_stack(
            [x[street] + np.where(up, aside, along), y[street] + np.where(up, along, aside)]
        )
        return xy, street

    def cell_of(self, xy: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the row and column of the cell that each place lies in; a crossing is the middle of its cell."""
        column, row = np.floor(xy + 0.5).astype(np.int64).T
        return row.clip(0, self.high - 1), column.clip(0, self.wide - 1)


def to_rd(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay places of the lattice on the ground of RD New (m), where nothing is straight."""
    x, y = xy[:, 0] * CELL_M, xy[:, 1] * CELL_M
    x = x + 170 * np.sin(y / 1100 + 1.3) + 25 * np.sin(y / 190)
    y = y + 150 * np.sin(x / 900 + 0.4) + 25 * np.sin(x / 210)
    return np.column_stack([x + CORNER[0], y + CORNER[1]])
