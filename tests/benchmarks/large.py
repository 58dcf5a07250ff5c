"""Large studies: 250 to 20,000 sites, many facilities and addresses: the run, its files, the page in a browser."""

from __future__ import annotations

import itertools
import json
import resource
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
from shapely import box

from geowoonzorg.ask import score_sites
from tests.benchmarks.engine import Town, WalkNetwork
from tests.benchmarks.measure import Row, in_child, peak_mb, say, show
from tests.benchmarks.towns import CRS

#: Sites, facilities, addresses.
SIZES = ((250, 300, 5_000), (1_000, 300, 5_000), (5_000, 300, 5_000), (20_000, 300, 5_000))
WIDE = ((15, 20_000, 5_000), (15, 300, 50_000))
STREET_M, HOUSES = 70.0, 5
CORNER = (190_000.0, 500_000.0)
CLASSES = ("huisarts", "supermarkt", "inloopvoorziening", "apotheek", "ov_halte")
PARTS = ("asking", "tables", "map", "report")
FILES = ("map.html", "report.html", "result.gpkg", "scores.csv")
LOAD_S, PAGE_MB, EXPONENT = 2.0, 5.0, 1.15
CHROMIUM = Path("/usr/bin/chromium")


def measure() -> None:
    """Print the section."""
    found = [in_child("large", *size) for size in (*SIZES, *WIDE)]
    rows = []
    for size, one in zip((*SIZES, *WIDE), found, strict=True):
        what = "{:,} sites, {:,} facilities, {:,} addresses".format(*size)
        rows += [Row(f"{what}: {part}", one[part], memory_mb=one["peak_mb"]) for part in PARTS]
        for name in FILES:
            mb = one["bytes"][name] / 1e6
            aim = (f"< {PAGE_MB:.0f} MB", mb < PAGE_MB) if name.endswith("html") else ("", None)
            rows.append(Row(f"{what}: {name}", error=f"{mb:.2f} MB", aim=aim[0], met=aim[1]))
        if "load" in one:
            rows.append(
                Row(
                    f"{what}: opening the map, {one['nodes']:,.0f} nodes",
                    one["load"],
                    aim=f"< {LOAD_S:.0f} s",
                    met=one["load"] < LOAD_S,
                )
            )
    sites = [size[0] for size in SIZES]
    for part in PARTS:
        slope = np.polyfit(
            np.log(sites), np.log([max(one[part], 1e-3) for one in found[: len(sites)]]), 1
        )[0]
        rows.append(
            Row(
                f"{part}: exponent",
                error=f"{slope:.2f}",
                aim=f"≤ {EXPONENT}",
                met=slope <= EXPONENT,
            )
        )
    show("Large studies, seconds of processor", rows)


def lattice(n_facilities: int, n_addresses: int, *, blocks: int = 10, seed: int = 0) -> Town:
    """Make a town of streets every 70 m, as large as its addresses need, with areas of ten by ten blocks or fewer.

    The streets run east with five houses a block, each street under a name of its own.
    """
    rng = np.random.default_rng(seed)
    side = max(12, int((n_addresses / HOUSES) ** 0.5) + 1)
    at = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2)
    xy = at * STREET_M + CORNER + rng.normal(0, 4, at.shape)
    node = np.arange(side**2).reshape(side, side)
    links = np.concatenate([
        np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()]),
        np.column_stack([node[:-1].ravel(), node[1:].ravel()]),
    ])  # fmt: skip
    wide = side * STREET_M
    house = np.arange(n_addresses)
    per_street = (side - 1) * HOUSES
    row, along = house // per_street, house % per_street
    addresses = gpd.GeoDataFrame(
        {
            "id": [f"a{i:06d}" for i in house],
            "street": [f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[i % 26]}{'aeiou'[i % 5]}nderweg {i}" for i in row],
            "housenumber": (along + 1).astype(str),
        },
        geometry=gpd.points_from_xy(
            CORNER[0] + along * STREET_M / HOUSES, CORNER[1] + row * STREET_M + 9.0
        ),
        crs=CRS,
    )  # fmt: skip
    places = rng.uniform(0, wide, (n_facilities, 2)) + CORNER
    facilities = gpd.GeoDataFrame(
        {
            "id": [f"f{i:05d}" for i in range(n_facilities)],
            "facility_class": [CLASSES[i % len(CLASSES)] for i in range(n_facilities)],
            "name": [f"Voorziening {i}" for i in range(n_facilities)],
        },
        geometry=gpd.points_from_xy(*places.T),
        crs=CRS,
    )
    step = blocks * STREET_M
    cells = [(x, y) for x in np.arange(0, wide, step) for y in np.arange(0, wide, step)]
    areas = gpd.GeoDataFrame(
        {
            "lbm_afw": rng.normal(0, 0.1, len(cells)),
            "share_65plus": rng.uniform(0.1, 0.4, len(cells)),
            "inhabitants": rng.integers(200, 3_000, len(cells)).astype(float),
        },
        geometry=[box(CORNER[0] + x, CORNER[1] + y, CORNER[0] + x + step, CORNER[1] + y + step) for x, y in cells],
        index=[f"BU{166 + i // 10_000:04d}{i % 10_000:04d}" for i in range(len(cells))],
        crs=CRS,
    )  # fmt: skip
    net = WalkNetwork.from_arrays(xy, links[rng.random(len(links)) < 0.85])
    return Town.from_frames(net, facilities=facilities, addresses=addresses, areas=areas)


def sites_of(town: Town, n: int, *, seed: int = 1) -> gpd.GeoDataFrame:
    """Scatter sites over a lattice."""
    west, south, east, north = town.addresses.total_bounds
    rng = np.random.default_rng(seed)
    xy = rng.uniform([west, south], [east, north], (n, 2))
    return gpd.GeoDataFrame(
        {
            "id": [f"s{i:05d}" for i in range(n)],
            "name": [f"Plek {i}" for i in range(n)],
            "n_woningen": rng.integers(3, 60, n).astype(float),
            "ontmoetingsruimte": rng.choice(["ja", "nee"], n),
        },
        geometry=gpd.points_from_xy(*xy.T),
        crs=CRS,
    )


def opened(file: Path) -> dict[str, float]:
    """Open a page without network: what it takes the browser's main thread (s), and how many nodes there are."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.route("http**", lambda route: route.abort())
        client = page.context.new_cdp_session(page)
        client.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(file.as_uri())
        page.evaluate("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")
        told = client.send("Performance.getMetrics")["metrics"]
        browser.close()
    metrics = {one["name"]: one["value"] for one in told}
    return {"load": metrics["TaskDuration"], "nodes": metrics["Nodes"]}


def _cpu() -> float:
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


def _run(n_sites: int, n_facilities: int, n_addresses: int) -> dict[str, object]:
    town = lattice(n_facilities, n_addresses)
    score_sites(town, sites_of(town, 20), draws=20)  # compiles
    sites = sites_of(town, n_sites)
    marks: list[tuple[str, float]] = [("asking", _cpu())]
    answer = score_sites(town, sites)
    marks.append(("tables", _cpu()))

    def heard(_share: float, doing: object) -> None:
        for told, part in (("drawing map", "map"), ("writing report", "report")):
            if str(doing) == told:
                marks.append((part, _cpu()))

    with tempfile.TemporaryDirectory() as folder:
        answer.write(Path(folder) / "out", progress=heard)
        marks.append(("", _cpu()))
        found: dict[str, object] = {
            part: after - before for (part, before), (_, after) in itertools.pairwise(marks)
        }  # fmt: skip
        found["bytes"] = {name: (Path(folder) / "out" / name).stat().st_size for name in FILES}
        if CHROMIUM.exists():
            found |= opened(Path(folder) / "out" / "map.html")
    return found | {"peak_mb": peak_mb()}


if __name__ == "__main__":
    say(json.dumps(_run(*map(int, sys.argv[1:4]))))
