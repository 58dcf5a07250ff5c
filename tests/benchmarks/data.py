"""The country's open data, made here to the published schema: read, joined, laid over a raster."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.benchmarks.measure import Row, in_child, peak_mb, say, show

N_AREAS, N_COLUMNS = 14_500, 200
N_SQUARES = 400_000
SIDE_M = 100


def measure() -> None:
    """Print the section."""
    from tests.published import frame_of, write_wijkenbuurten

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        borders, figures = folder / "wijkenbuurten_2023_v3.gpkg", folder / "kwb-2023.csv"
        buurten = write_wijkenbuurten(borders, N_AREAS, columns=N_COLUMNS)["buurten"]
        codes = buurten.loc[buurten["water"] == "NEE", "buurtcode"].tolist()
        table = frame_of(codes, columns=N_COLUMNS, seed=3)
        table.insert(0, "buurtcode", codes)
        table.to_csv(figures, sep=";", index=False)
        areas = min(
            (in_child("data", "areas", borders, figures) for _ in range(3)),
            key=lambda r: r["cpu_s"],
        )
        squares, raster = _squares(folder), _raster(folder)
        cells = min(
            (in_child("data", "squares", squares, raster) for _ in range(2)),
            key=lambda r: r["total_s"],
        )
    rows = [
        Row(f"read_areas(): {N_AREAS:,} buurten × {N_COLUMNS} columns", areas["read_s"], N_AREAS, "area"),
        Row(f"join_figures(): a csv of {N_COLUMNS} columns", areas["join_s"], N_AREAS, "area"),
        Row(
            "both, of CPU", areas["cpu_s"], memory_mb=areas["peak_mb"], aim="< 4 s, < 1.5 GB",
            met=areas["cpu_s"] < 4 and areas["peak_mb"] < 1500,
        ),
        Row(f"read_squares(): {N_SQUARES:,} squares of {SIDE_M} m", cells["read_s"], N_SQUARES, "square"),
        Row("zonal(): a 10 m raster over them", cells["join_s"], N_SQUARES, "square"),
        Row(
            "both", cells["total_s"], memory_mb=cells["peak_mb"], aim="< 20 s", met=cells["total_s"] < 20,
            error=f"at most {cells['misfit_db']:.1e} dB from plain numpy",
        ),
    ]  # fmt: skip
    show(
        "data: files of the published schema, in processes of their own (imports not counted)", rows
    )


def _squares(folder: Path) -> Path:
    """Write the CBS squares as they are published."""
    import geopandas as gpd
    import pandas as pd
    import shapely

    rng = np.random.default_rng(4)
    across = 640
    x = 100_000 + SIDE_M * (np.arange(N_SQUARES) % across)
    y = 400_000 + SIDE_M * (np.arange(N_SQUARES) // across)
    people = rng.integers(0, 60, N_SQUARES) * 5
    table = pd.DataFrame({
        "crs28992res100m": [f"E{a // 100:04d}N{b // 100:04d}" for a, b in zip(x, y, strict=True)],
        "aantal_inwoners": np.where(people < 5, -99997, people),
        "aantal_inwoners_65_jaar_en_ouder": np.where(people < 25, -99997, people // 25 * 5),
        "aantal_woningen": np.where(people < 10, -99997, people // 10 * 5),
    })  # fmt: skip
    path = folder / "cbs_vk100_2023_v1.gpkg"
    gpd.GeoDataFrame(table, geometry=shapely.box(x, y, x + SIDE_M, y + SIDE_M), crs=28992).to_file(
        path
    )
    return path


def _raster(folder: Path) -> Path:
    """Write a noise raster of 10 m over the same ground, with a hole that is not declared."""
    import rasterio

    rng = np.random.default_rng(5)
    noise = rng.uniform(40, 70, (6250, 6400)).astype(np.float32)
    noise[:200, :200] = -3.4e38
    path = folder / "lden_2022.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=6400, height=6250, count=1, dtype="float32", crs="EPSG:28992",
        transform=rasterio.transform.from_origin(100_000, 462_500, 10, 10), tiled=True, compress="deflate",
    ) as dataset:  # fmt: skip
        dataset.write(noise, 1)
    return path


def job(kind: str, first: str, second: str) -> None:
    """Read and join in this process, and tell the seconds and the peak of memory."""
    from tests.benchmarks import engine

    began, worked = time.perf_counter(), time.process_time()
    found = engine.read_areas(first) if kind == "areas" else engine.read_squares(first)
    read = time.perf_counter()
    joined = (
        engine.join_figures(found, second)
        if kind == "areas"
        else engine.zonal(second, found.geometry, kind="decibel")
    )
    done, rested = time.perf_counter(), time.process_time()
    told = {
        "read_s": read - began,
        "join_s": done - read,
        "total_s": done - began,
        "cpu_s": rested - worked,
        "peak_mb": peak_mb(),
    }
    if kind == "squares":
        told["misfit_db"] = _misfit(joined["value"].to_numpy(), second)
    say(json.dumps(told))


def _misfit(value: np.ndarray, path: str) -> float:
    """Average the raster again in blocks of ten by ten cells, which the squares are, and compare."""
    import rasterio

    with rasterio.open(path) as dataset:
        noise = dataset.read(1)[::-1].astype(float)
    energy = np.where(noise > 0, 10 ** (noise / 10), np.nan)
    mean = 10 * np.log10(energy.reshape(625, 10, 640, 10).mean(axis=(1, 3))).ravel()
    if not (np.isnan(mean) == np.isnan(value)).all():
        return float("inf")
    return float(np.nanmax(np.abs(mean - value)))


if __name__ == "__main__":
    job(*sys.argv[1:])
