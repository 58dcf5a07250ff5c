"""A land as CBS, Leefbaarometer and RIVM publish it, and the study that reads all of it."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from affine import Affine

from tests.published import frame_of, write_table
from tests.synthetic import extracts as _extracts
from tests.synthetic import land as _land
from tests.synthetic import pbf as _pbf
from tests.synthetic.extracts import write_extracts
from tests.synthetic.land import CELL_M, CLASSES, CORNER, Box, Land, Size, to_rd

if TYPE_CHECKING:
    from numpy.typing import NDArray

YEAR = 2023
_SECRET = -99997
_PEOPLE_PER_HOME = 2.1
_ROWS_AT_ONCE = 512
_NOISE_CELLS = 30_000_000  # at 10 m at most; a country at cells that are larger

STUDY = """[study]
name = "{name}"
background = false

[network]
source = "{first}"
{adjoining}profile = "rollator"
limits_m = [400]

[facilities]
classes = [{classes}]

[areas]
source = "wijkenbuurten_{year}_v1.gpkg"
figures = ["kwb-{year}.csv"]
leefbaarometer = "Leefbaarometer-scores buurten 2002-2022.csv"
leefbaarometer_year = 2022
reference = "gemeente"

[[rasters]]
name = "geluid"
source = "geluid_lden_2022.tif"
kind = "decibel"

[sites]
source = "plekken.gpkg"

[search]
cell_m = 100
"""


def make_land(
    addresses: int, *, provinces: int = 1, seed: int = 1, folder: Path | None = None
) -> Path:
    """Write all files of a land once, and give the path of its study.

    By default into the temporary folder, under a name of this code and this land: what is there is used again.
    """
    size = Size(addresses, provinces, seed)
    code = (
        b"".join(Path(one.__file__).read_bytes() for one in (_extracts, _land, _pbf))
        + Path(__file__).read_bytes()
    )
    name = hashlib.sha256(code + repr(size).encode()).hexdigest()[:12]
    target = (
        folder
        or Path(tempfile.gettempdir()) / "geowoonzorg-synthetic" / f"{addresses}-{provinces}-{name}"
    )
    if not (target / "study.toml").exists():
        target.mkdir(parents=True, exist_ok=True)
        write_land(Land(size), target)
    return target / "study.toml"


def write_land(land: Land, folder: Path) -> None:
    """Write every file; the study last, so that where it is all are."""
    files = write_extracts(land, folder)
    homes = _homes_of_areas(land)
    _write_areas(land, homes, folder)
    _write_squares(land, folder)
    _write_noise(land, folder)
    _write_sites(land, folder)
    rest = ", ".join(f'"{file.name}"' for file in files[1:])
    text = STUDY.format(
        name=f"Nergensland, {land.size.addresses:,} adressen".replace(",", "."),
        first=files[0].name, adjoining=f"adjoining = [{rest}]\n" if rest else "",
        classes=", ".join(f'"{name}"' for name in CLASSES), year=YEAR,
    )  # fmt: skip
    (folder / "study.toml").write_text(text, encoding="utf-8")


def _home_cells(land: Land) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    xy, _ = land.places(land.size.addresses, seed=21, away_m=9.0)
    return *land.cell_of(xy), xy


def _homes_of_areas(land: Land) -> NDArray[np.int64]:
    row, column, _ = _home_cells(land)
    return np.bincount(land.area_of[row, column], minlength=len(land.areas))


def _outline(box: Box) -> NDArray[np.float64]:
    """Give the ring of a box with a vertex wherever that of a neighbour can have a corner."""
    x0, y0, x1, y1 = (one - 0.5 for one in (box.x0, box.y0, box.x1, box.y1))
    x, y = np.arange(x0, x1 + 1), np.arange(y0, y1 + 1)
    across, up = (
        np.column_stack([x, np.full(len(x), y0)]),
        np.column_stack([np.full(len(y), x1), y]),
    )
    back, down = (
        np.column_stack([x[::-1], np.full(len(x), y1)]),
        np.column_stack([np.full(len(y), x0), y[::-1]]),
    )
    return np.concatenate([across, up[1:], back[1:], down[1:]])


def _write_areas(land: Land, homes: NDArray[np.int64], folder: Path) -> None:
    rings = [_outline(box) for *_, box in land.areas]
    xy = to_rd(np.concatenate(rings))
    cut = np.cumsum([len(ring) for ring in rings])[:-1]
    shapes = np.array([shapely.Polygon(ring) for ring in np.split(xy, cut)])
    _, gemeente, wijk, _ = zip(*land.areas, strict=True)
    frame = pd.DataFrame({"gemeente": gemeente, "wijk": wijk})
    in_gemeente = frame["wijk"] - frame.groupby("gemeente")["wijk"].transform("min")
    in_wijk = frame.groupby("wijk").cumcount()
    gm = [f"{1000 + one:04d}" for one in gemeente]
    code = [f"BU{a}{b:02d}{c:02d}" for a, b, c in zip(gm, in_gemeente, in_wijk, strict=True)]
    rng = np.random.default_rng([land.size.seed, 71])
    figures = frame_of(code, seed=land.size.seed)
    people = (np.round(homes * _PEOPLE_PER_HOME / 5) * 5).astype(int)
    figures["aantal_inwoners"] = people
    figures["aantal_huishoudens"] = figures["woningvoorraad"] = homes
    elderly = np.round(rng.beta(4, 12, len(code)) * 100).astype(int)
    hidden = (rng.random(len(code)) < 0.03) | (people < 50)
    figures["percentage_personen_65_jaar_en_ouder"] = np.where(hidden, _SECRET, elderly)
    figures["netto_arbeidsparticipatie"] = np.where(
        hidden, _SECRET, figures["netto_arbeidsparticipatie"]
    )
    figures = figures.assign(
        buurtcode=code, buurtnaam=[f"Buurt {one[2:]}" for one in code], wijkcode=["WK" + one[2:8] for one in code],
        gemeentecode=["GM" + one for one in gm], gemeentenaam=[f"Plaats {one}" for one in gemeente],
        water="NEE", jaar=YEAR,
    )  # fmt: skip
    path = folder / f"wijkenbuurten_{YEAR}_v1.gpkg"
    buurten = gpd.GeoDataFrame(figures, geometry=shapes, crs=28992)
    for layer, key, name in (
        ("gemeenten", "gemeentecode", "gemeentenaam"),
        ("wijken", "wijkcode", "wijknaam"),
    ):
        groups = buurten.groupby(key, sort=True)
        sums = groups[["aantal_inwoners", "aantal_huishoudens", "woningvoorraad"]].sum()
        more = frame_of(list(sums.index), seed=2).drop(columns=sums.columns).set_index(sums.index)
        about = groups[["gemeentecode", "gemeentenaam"]].first().drop(columns=key, errors="ignore")
        about[name] = about.get(name, pd.Series("Wijk " + sums.index.str[2:], index=sums.index))
        rows = pd.concat([sums, more, about], axis=1).reset_index().assign(water="NEE", jaar=YEAR)
        whole = groups["geometry"].agg(lambda one: shapely.coverage_union_all(one.to_numpy()))
        gpd.GeoDataFrame(rows, geometry=whole.to_numpy(), crs=28992).to_file(
            path, layer=layer, engine="pyogrio"
        )
    buurten.to_file(path, layer="buurten", engine="pyogrio")
    kwb = pd.DataFrame(
        {
            "gwb_code_10": code,
            "recs": "Buurt",
            "a_inw": people,
            "p_wmo_t": rng.integers(5, 90, len(code)),
        }
    )
    write_table(folder / f"kwb-{YEAR}.csv", kwb)
    parts = rng.normal(0, 0.08, (5, len(code)))
    scores = pd.DataFrame(
        {
            "bu_code": code,
            "bu_naam": figures["buurtnaam"],
            "jaar": 2022,
            "lbm": 4.1 + parts.sum(axis=0),
            "afw": parts.sum(axis=0),
        }
    )
    scores = scores.assign(**dict(zip(("fys", "onv", "soc", "vrz", "won"), parts, strict=True)))
    scores[homes >= 20].to_csv(folder / "Leefbaarometer-scores buurten 2002-2022.csv", index=False)


def _write_squares(land: Land, folder: Path) -> None:
    """Write who lives in squares of 100 m: in fives, and secret where there are under five."""
    _, _, xy = _home_cells(land)
    at = np.floor(to_rd(xy) / 100).astype(np.int64)
    cell, n = np.unique(at[:, 0] << 32 | at[:, 1], return_counts=True)
    x, y = cell >> 32, cell & 0xFFFFFFFF
    people = n * _PEOPLE_PER_HOME
    old = people * np.random.default_rng([land.size.seed, 81]).beta(3, 9, len(n))
    told = {
        name: np.where(count < 5, _SECRET, np.round(count / 5) * 5).astype(int)
        for name, count in (
            ("aantal_inwoners", people),
            ("aantal_inwoners_65_jaar_en_ouder", old),
            ("aantal_woningen", n),
        )
    }
    ids = [f"E{a:04d}N{b:04d}" for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    squares = gpd.GeoDataFrame(
        {"crs28992res100m": ids, **told},
        geometry=shapely.box(x * 100, y * 100, x * 100 + 100, y * 100 + 100),
        crs=28992,
    )
    squares.to_file(
        folder / f"cbs_vk100_{YEAR}_v1.gpkg", layer=f"cbs_vk100_{YEAR}", engine="pyogrio"
    )


def _write_noise(land: Land, folder: Path) -> None:
    """Write decibels along lanes and in settlements, with a declared nodata of 0 and a fill that is another."""
    wide, high = land.wide * CELL_M + 1000, land.high * CELL_M + 1000
    cell = max(10.0, np.ceil((wide * high / _NOISE_CELLS) ** 0.5))
    columns, rows = int(wide / cell), int(high / cell)
    north = CORNER[1] - 500 + rows * cell
    busy = np.where(land.built, 48.0, 38.0) + 14.0 * (land.lane[0] | land.lane[1])
    busy[land.lake.cells] = -3.4e38
    profile = {
        "driver": "GTiff", "width": columns, "height": rows, "count": 1, "dtype": "float32", "nodata": 0,
        "crs": "EPSG:28992", "transform": Affine(cell, 0.0, CORNER[0] - 500, 0.0, -cell, north), "tiled": True,
        "compress": "deflate", "zlevel": 1,
    }  # fmt: skip
    x = ((np.arange(columns) * cell - 500) / CELL_M).astype(int).clip(0, land.wide - 1)
    with rasterio.open(folder / "geluid_lden_2022.tif", "w", **profile) as file:
        for row in range(0, rows, _ROWS_AT_ONCE):
            some = np.arange(row, min(row + _ROWS_AT_ONCE, rows))
            y = (((rows - some) * cell - 500) / CELL_M).astype(int).clip(0, land.high - 1)
            window = rasterio.windows.Window(0, row, columns, len(some))
            file.write(busy[np.ix_(y, x)].astype("float32"), 1, window=window)


def _write_sites(land: Land, folder: Path) -> None:
    """Write candidate sites."""
    xy, _ = land.places(40, seed=91, away_m=25.0)
    sites = gpd.GeoDataFrame(
        {"id": [f"p{k:02d}" for k in range(40)], "naam": [f"Plek {k}" for k in range(40)],
         "n_woningen": 24, "ontmoetingsruimte": "ja"},
        geometry=shapely.points(to_rd(xy)), crs=28992,
    )  # fmt: skip
    sites.to_file(folder / "plekken.gpkg", engine="pyogrio")
