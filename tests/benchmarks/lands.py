"""Town, province, country: whole `run`, `search` at 100 m and `coverage`, time and memory by stage, as they grow.

The lands are synthetic files in the published form of every source (`tests.synthetic`), written once into the
temporary folder. The country itself takes a quarter of an hour: ``python -m tests.benchmarks.lands country``.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.benchmarks.measure import Row, in_child, peak_mb, say, show
from tests.synthetic.published import make_land

if TYPE_CHECKING:
    from collections.abc import Callable

#: Addresses and provinces: towns, a province of one file, one of four.
RUN, SEARCH = (60_000, 120_000, 240_000), (60_000, 120_000, 240_000)
COVERAGE = ((60_000, 1), (180_000, 1), (540_000, 4), (1_000_000, 4))
COUNTRY = (10_000_000, 12)
AIM, AIM_S, AIM_MB = 1.05, 900.0, 20_000.0
TILES_KM = 20.0


def measure() -> None:
    """Print the section."""
    in_child("lands", "coverage", 20_000, 1)  # compiles
    for what, sizes in (
        ("run", [(n, 1) for n in RUN]),
        ("search", [(n, 1) for n in SEARCH]),
        ("coverage", COVERAGE),
    ):
        _show(what, {size: in_child("lands", what, *size) for size in sizes})


def _show(what: str, found: dict[tuple[int, int], dict]) -> None:
    rows = []
    for (n, provinces), one in found.items():
        of = f"{n:,} addresses" + (f" in {provinces} files" if provinces > 1 else "")
        for stage, (seconds, memory) in one["stages"].items():
            rows.append(Row(f"{of}: {stage}", seconds, n, "address", memory_mb=memory))
    rows += growth({n: one["stages"] for (n, _), one in found.items()})
    show(
        f"lands: {what}, seconds of processor; memory is what a stage added to the most before",
        rows,
    )


def growth(found: dict[int, dict[str, list[float]]]) -> list[Row]:
    """Fit how time grows with addresses, stage by stage, and how memory does over all of them."""
    sizes = np.log(list(found))
    stages = next(iter(found.values()))
    rows = []

    def fitted(name: str, amounts: list[float]) -> None:
        slope = np.polyfit(sizes, np.log(np.maximum(amounts, 1e-2)), 1)[0]
        rows.append(
            Row(f"{name}: exponent", error=f"{slope:.2f}", aim=f"≤ {AIM}", met=slope <= AIM)
        )

    for stage in stages:
        fitted(f"time, {stage}", [one[stage][0] for one in found.values()])
    fitted("time, all", [sum(s for s, _ in one.values()) for one in found.values()])
    fitted("memory, all", [sum(m for _, m in one.values()) for one in found.values()])
    return rows


def _cpu() -> float:
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


class _Stages:
    """Seconds of processor and memory on top (MB) of stages, each ended by the next."""

    def __init__(self) -> None:
        self.marks = [("", _cpu(), peak_mb())]

    def done(self, name: str) -> None:
        self.marks.append((name, _cpu(), peak_mb()))

    def told(self) -> dict[str, list[float]]:
        return {
            name: [after - before, more - held]
            for (_, before, held), (name, after, more) in pairwise(self.marks)
        }


def job(what: str, addresses: int, provinces: int) -> dict[str, object]:
    """Ask one land in this process."""
    from geowoonzorg.ask import ask_study
    from geowoonzorg.ask.coverage import coverage
    from geowoonzorg.ask.search import search
    from geowoonzorg.ask.sites import score_sites
    from geowoonzorg.study import read_study
    from geowoonzorg.town import Town
    from geowoonzorg.town.reading import read_sites

    file = make_land(addresses, provinces=provinces)
    with tempfile.TemporaryDirectory() as name:
        _warm(ask_study, make_land(2_000), Path(name) / "warm", what)
        stages = _Stages()
        town = Town.read(file)
        stages.done("reading")
        if what == "run":
            answer = score_sites(town, read_sites(read_study(file)))
        elif what == "search":
            answer = search(town, cell_m=100.0, homes=24, assume={"ontmoetingsruimte": "ja"})
        else:
            tiles = TILES_KM if provinces > 1 else None
            answer = coverage(town.in_tiles(tiles_km=tiles) if tiles else town)
        stages.done("asking")
        answer.write(Path(name) / "out")
        stages.done("writing")
        page = (Path(name) / "out" / "map.html").stat().st_size
    return {"stages": stages.told(), "page_mb": page / 1e6, "peak_mb": peak_mb()}


def _warm(ask: Callable[..., object], study: Path, out: Path, what: str) -> None:
    """Ask a hamlet first: that loads libraries and loops, which no land makes larger."""
    ask(what, study).write(out)  # type: ignore[attr-defined]


def measure_country() -> None:
    """Measure the whole country once: under a quarter of an hour and 20 GB on two cores."""
    one = in_child("lands", "coverage", *COUNTRY)
    rows = [Row(s, t, COUNTRY[0], "address", memory_mb=m) for s, (t, m) in one["stages"].items()]
    whole = sum(t for t, _ in one["stages"].values())
    rows.append(Row(
        "all of this", whole, memory_mb=one["peak_mb"], aim=f"< {AIM_S:g} s, < {AIM_MB:,.0f} MB",
        met=whole < AIM_S and one["peak_mb"] < AIM_MB,
    ))  # fmt: skip
    rows.append(
        Row("its page", error=f"{one['page_mb']:.2f} MB", aim="< 5 MB", met=one["page_mb"] < 5)
    )
    show("the country: 10 million addresses, 14,500 buurten, 15,000 facilities, 12 files", rows)


if __name__ == "__main__":
    if sys.argv[1] == "country":
        measure_country()
    else:
        say(json.dumps(job(sys.argv[1], *map(int, sys.argv[2:4]))))
