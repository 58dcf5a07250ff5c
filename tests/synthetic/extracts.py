"""A land as OSM: an extract a province, which overlap by a strip and hold their ways whole, as Geofabrik's do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj
from scipy.ndimage import binary_dilation

from tests.synthetic.land import _CLASSES, CLASSES, Land, to_rd
from tests.synthetic.pbf import Column, Nodes, Ways, write_pbf

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_OVERLAP_CELLS = 3
_PER_WAY = 6  # streets along which a way runs
#: What ways are: their share, and their tags. Of most their width, their surface and their kerbs are not known.
_WAYS = (
    (0.27, {"highway": "residential"}),
    (0.15, {"highway": "residential", "surface": "asphalt"}),
    (0.12, {"highway": "residential", "surface": "paving_stones", "sidewalk": "both"}),
    (0.04, {"highway": "residential", "sidewalk": "no", "maxspeed": "30"}),
    (0.05, {"highway": "living_street", "surface": "paving_stones"}),
    (0.10, {"highway": "footway"}),
    (0.06, {"highway": "footway", "surface": "paving_stones", "width": "1.5"}),
    (0.02, {"highway": "footway", "surface": "paving_stones", "width": "0.7"}),
    (0.03, {"highway": "path", "surface": "compacted"}),
    (0.02, {"highway": "path", "surface": "sand"}),
    (0.05, {"highway": "cycleway", "surface": "asphalt"}),
    (0.05, {"highway": "service"}),
    (0.02, {"highway": "service", "access": "private"}),
    (0.01, {"highway": "steps"}),
    (0.01, {"highway": "pedestrian", "surface": "paving_stones"}),
)
_LANE = {"highway": "unclassified", "surface": "asphalt"}
_SQUARE = {"highway": "pedestrian", "area": "yes", "surface": "paving_stones"}
_YARD = {"highway": "pedestrian", "area": "yes", "access": "private"}
_KINDS = (*(tags for _, tags in _WAYS), _LANE, _SQUARE, _YARD)
_TAGS_OF_CLASS = {
    "ov_halte": ("highway", "bus_stop"),
    "basisschool": ("amenity", "school"),
    "supermarkt": ("shop", "supermarket"),
    "huisarts": ("amenity", "doctors"),
    "fysiotherapeut": ("healthcare", "physiotherapist"),
    "apotheek": ("amenity", "pharmacy"),
    "inloopvoorziening": ("amenity", "community_centre"),
    "verpleeghuis": ("amenity", "nursing_home"),
}
_NAME_OF_CLASS = {
    "ov_halte": "Halte", "basisschool": "Basisschool", "supermarkt": "Supermarkt", "huisarts": "Huisartsenpraktijk",
    "fysiotherapeut": "Fysiotherapie", "apotheek": "Apotheek", "inloopvoorziening": "Buurthuis",
    "verpleeghuis": "Verpleeghuis",
}  # fmt: skip


def write_extracts(land: Land, folder: Path) -> list[Path]:
    """Write ``provincie-00.osm.pbf`` and on; give the files."""
    layers = [_ground(land), _homes(land), _facilities(land), _benches(land)]
    first, nodes, cells = 1, [], []
    for layer, row, column in layers:
        n = len(layer.id)
        nodes.append(Nodes(np.arange(first, first + n), layer.fixed, layer.tags))
        cells.append((row, column))
        first += n
    ways = _ways(land)
    files = []
    for province in range(land.size.provinces):
        within = land.province_of == province
        if land.size.provinces > 1:
            within = _widened(within)
        own = [within[row, column] for row, column in cells]
        among = own[0][ways.ref - 1]
        chosen = np.flatnonzero(np.add.reduceat(among, ways.start[:-1]) > 0)
        some = ways[chosen]
        own[0][some.ref - 1] = True
        file = folder / f"provincie-{province:02}.osm.pbf"
        write_pbf(
            file,
            [layer[np.flatnonzero(mask)] for layer, mask in zip(nodes, own, strict=True)],
            some,
        )
        files.append(file)
    return files


def _widened(within: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, columns = (np.flatnonzero(within.any(axis=k)) for k in (1, 0))
    a, b = max(rows[0] - _OVERLAP_CELLS, 0), max(columns[0] - _OVERLAP_CELLS, 0)
    part = np.s_[a : rows[-1] + _OVERLAP_CELLS + 1, b : columns[-1] + _OVERLAP_CELLS + 1]
    found = np.zeros_like(within)
    found[part] = binary_dilation(within[part], np.ones((3, 3)), iterations=_OVERLAP_CELLS)
    return found


def _fixed(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    to_degrees = pyproj.Transformer.from_crs("EPSG:28992", "EPSG:4326", always_xy=True)
    return np.round(np.column_stack(to_degrees.transform(*to_rd(xy).T)) * 1e7).astype(np.int64)


def _placed(land: Land, xy: NDArray[np.float64], tags: tuple[Column, ...] = ()) -> tuple:
    return Nodes(np.arange(len(xy)), _fixed(xy), tags), *land.cell_of(xy)


def _ground(land: Land) -> tuple:
    """Lay the nodes of ways: the crossings, and two within every street; some of those are kerbs and bollards."""
    y, x = np.nonzero(land.crossing)
    sx, sy, north, lane = land.streets
    at = np.column_stack([sx, sy])[~lane][:, None, :]
    up = north[~lane][:, None]
    share = np.array([[1 / 3, 2 / 3]])
    bend = np.random.default_rng([land.size.seed, 11]).normal(0, 0.02, (len(at), 2))
    within = np.stack([np.where(up, bend, share), np.where(up, share, bend)], axis=-1) + at
    xy = np.concatenate([np.column_stack([x, y]).astype(float), within.reshape(-1, 2)])
    drawn = np.random.default_rng([land.size.seed, 12]).random(len(xy))
    drawn[: len(x)] = 1.0
    barrier = np.where(drawn < 0.004, 0, np.where(drawn < 0.006, 1, -1))
    kerb = np.where(drawn < 0.001, 0, np.where(drawn < 0.002, 1, -1))
    tags = (
        Column("barrier", barrier, ("kerb", "bollard").__getitem__),
        Column("kerb", kerb, ("raised", "lowered").__getitem__),
    )
    return _placed(land, xy, tags)


def _homes(land: Land) -> tuple:
    xy, street = land.places(land.size.addresses, seed=21, away_m=9.0)
    name = _street_names(land)[street]
    row, column = land.cell_of(xy)
    area = land.area_of[row, column].astype(np.int64)
    first = np.flatnonzero(np.diff(street, prepend=-1))
    house = np.arange(len(street)) - np.repeat(first, np.diff([*first, len(street)])) + 1
    # A street that is one for many blocks has each number once.
    house += 40 * ((land.streets[0] + land.streets[1])[street] % _PER_WAY)
    gemeente = np.array([one[1] for one in land.areas])[area]
    lake = land.lake
    middle = [(lake.x0 + lake.x1) / 2, (lake.y0 + lake.y1) / 2]
    xy[:3] = np.add(middle, [[0.0, 0.0], [0.1, 0.0], [0.0, 0.1]])  # ships: no street is near
    tags = (
        Column("addr:street", name, "Straat {}".format),
        Column("addr:housenumber", house, str),
        Column(
            "addr:postcode",
            area,
            lambda k: f"{1000 + k // 20 % 9000} {'ABCDEFGHJK'[k % 10]}{'AB'[k // 10 % 2]}",
        ),
        Column("addr:city", gemeente, "Plaats {}".format),
    )
    return _placed(land, xy, tags)


def _street_names(land: Land) -> NDArray[np.int64]:
    x, y, north, _ = land.streets
    return np.where(
        north, (x * land.high + y // _PER_WAY) * 2, (y * land.wide + x // _PER_WAY) * 2 + 1
    )


def _facilities(land: Land) -> tuple:
    n = land.size.facilities
    rng = np.random.default_rng([land.size.seed, 31])
    xy, _ = land.places(n, seed=32, away_m=12.0)
    kind = rng.choice(len(CLASSES), n, p=list(_CLASSES.values()))
    kind[: len(CLASSES)] = np.arange(len(CLASSES))
    if land.size.provinces > 1:  # some stand on a border
        edge = np.argwhere(
            (land.province_of[:, 1:] != land.province_of[:, :-1]) & land.built[:, 1:]
        )[:5]
        xy[: len(edge)] = edge[:, ::-1] + [0.5, 0.0]
    columns = {}
    for key in sorted({key for key, _ in _TAGS_OF_CLASS.values()}):
        code = np.array([k if _TAGS_OF_CLASS[c][0] == key else -1 for k, c in enumerate(CLASSES)])
        columns[key] = Column(key, code[kind], lambda k: _TAGS_OF_CLASS[CLASSES[k]][1])
    name = Column(
        "name",
        kind * 10_000_000 + np.arange(n),
        lambda k: f"{_NAME_OF_CLASS[CLASSES[k // 10_000_000]]} {k % 10_000_000}",
    )
    return _placed(land, xy, (*columns.values(), name))


def _benches(land: Land) -> tuple:
    xy, _ = land.places(max(5, land.size.addresses // 400), seed=41, away_m=2.0)
    bench = Column("amenity", np.zeros(len(xy), np.int64), lambda _: "bench")
    return _placed(land, xy, (bench,))


def _ways(land: Land) -> Ways:
    """Run ways along streets that go on from each other, and lay squares and yards on some blocks."""
    x, y, north, lane = land.streets
    n = len(x)
    crossing, inside = land.crossing, land.crossing.max() + 1
    own = np.full(n, -1)
    own[~lane] = np.arange((~lane).sum())
    begin = crossing[y, x]
    end = crossing[y + north, x + ~north]
    block = np.where(north, y, x) // _PER_WAY
    line = np.where(north, x, y)
    same = (
        (end[:-1] == begin[1:])
        & (lane[:-1] == lane[1:])
        & (north[:-1] == north[1:])
        & (block[:-1] == block[1:])
    )
    new = np.concatenate([[True], ~same])
    first = np.flatnonzero(new)
    per_street = np.where(lane, 1, 3) + new
    at = np.concatenate([[0], per_street.cumsum()])
    ref = np.zeros(at[-1], np.int64)
    ref[at[:-1][new]] = begin[new]
    ref[at[1:] - 1] = end
    inner = at[1:][~lane]
    ref[inner - 3] = inside + 2 * own[~lane]
    ref[inner - 2] = inside + 2 * own[~lane] + 1
    start = np.concatenate([at[:-1][new], [at[-1]]])
    share = np.cumsum([one for one, _ in _WAYS])
    drawn = np.random.default_rng([land.size.seed, 51]).random(4099)[
        (line * 613 + block * 29 + north * 7) % 4099
    ]
    kind = np.where(lane, len(_WAYS), np.searchsorted(share / share[-1], drawn, side="right"))[
        first
    ]
    name = _street_names(land)[first]
    corners, square = _squares(land)
    start = np.concatenate([start, start[-1] + 5 * np.arange(1, len(square) + 1)])
    return Ways(
        np.arange(1, len(start)), start, np.concatenate([ref, corners.ravel()]),
        np.concatenate([kind, square]),
        Column("name", np.concatenate([name, np.full(len(square), -1)]), "Straat {}".format), _KINDS,
    )  # fmt: skip


def _squares(land: Land) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose blocks that are squares; one in ten is private."""
    c = land.crossing
    whole = land.built[:-1, :-1] & land.built[1:, :-1] & land.built[:-1, 1:] & land.built[1:, 1:]
    y, x = np.nonzero(whole)
    rng = np.random.default_rng([land.size.seed, 61])
    n = min(len(x), max(2, round(land.size.addresses * 4.6e-4)))
    some = np.sort(rng.choice(len(x), n, replace=False))
    y, x = y[some], x[some]
    corners = np.column_stack([c[y, x], c[y, x + 1], c[y + 1, x + 1], c[y + 1, x], c[y, x]])
    return corners, np.where(np.arange(n) % 10 == 9, len(_WAYS) + 2, len(_WAYS) + 1)
