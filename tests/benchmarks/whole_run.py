"""The whole job of a study of a province: from its files to the written result, by number of addresses.

The town is the lattice of `large`, put down as files: a cached network, GeoParquet of addresses, GeoPackages. What
a process takes before it has a study, imports and compiled loops among it, is measured on a hamlet and left out.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from geowoonzorg.ask import run, score_sites
from geowoonzorg.errors import Cancelled
from geowoonzorg.files import write_layers
from tests.benchmarks.large import CLASSES, lattice, sites_of
from tests.benchmarks.measure import Row, in_child, peak_mb, say, show

#: Addresses; a facility of one class or another for every 67, an area for every 80.
ADDRESSES = (100_000, 300_000, 1_000_000)
N_SITES, A_FACILITY_FOR, BLOCKS = 500, 67, 4
#: From which share of the work on, and what, by what the question tells of how far it is.
STAGES = ((0.0, "reading"), (0.25, "areas"), (0.4975, "nearest"), (0.6025, "sites"), (1.0, ""))
WRITTEN = {"writing layers": "tables", "drawing map": "map", "writing report": "report"}
ORDER = ("reading", "areas", "nearest", "sites", "tables", "map", "report")
TABLES = ORDER[:5]
#: Map and report are drawn up to so many addresses, for they take most of the time.
PAGES_UP_TO = 300_000
MOST_BYTES, MOST_EXPONENT = 1_000, 1.05


def measure() -> None:
    """Print the section."""
    found = {n: in_child("whole_run", n) for n in ADDRESSES}
    rows = []
    for n, one in found.items():
        what = f"{n:,} addresses, {one['facilities']:,} facilities, {one['areas']:,} areas"
        rows += [
            Row(f"{what}: {stage}", one["cpu_s"][stage], memory_mb=one["peak_mb"][stage])
            for stage in ORDER
            if one["cpu_s"][stage]
        ]
    for whole, stages in (("tables and layers", TABLES), ("with map and report", ORDER)):
        sizes = [n for n in ADDRESSES if found[n]["cpu_s"][stages[-1]]]
        seconds = [sum(found[n]["cpu_s"][stage] for stage in stages) for n in sizes]
        above = [max(found[n]["peak_mb"][s] for s in stages) - found[n]["base_mb"] for n in sizes]
        for n, cpu_s, mb in zip(sizes, seconds, above, strict=True):
            each, last = mb * 1e6 / n, n == ADDRESSES[-1]
            rows.append(Row(
                f"{n:,} addresses: {whole}", cpu_s, n, "address", memory_mb=mb + found[n]["base_mb"],
                error=f"{mb:,.0f} MB above {found[n]['base_mb']:,.0f}, {each:,.0f} bytes an address",
                aim=f"≤ {MOST_BYTES:,} bytes" if last else "", met=each <= MOST_BYTES if last else None,
            ))  # fmt: skip
        for unit, amounts in (("time", seconds), ("memory above the base", above)):
            slope = np.polyfit(np.log(sizes), np.log(amounts), 1)[0]
            rows.append(Row(
                f"{whole}: exponent of {unit}, to {sizes[-1]:,}", error=f"{slope:.2f}",
                aim=f"≤ {MOST_EXPONENT}", met=slope <= MOST_EXPONENT,
            ))  # fmt: skip
    show(
        f"whole run: a study of files, {N_SITES} sites, {len(CLASSES)} classes; seconds of processor",
        rows,
        "Memory is the peak within each stage.",
    )


def _put_down(n: int, folder: Path) -> dict[str, int]:
    """Write the town and its study as files."""
    town = lattice(n // A_FACILITY_FOR, n, blocks=BLOCKS)
    town.network.save(folder / "streets.npz")
    write_layers(folder / "addresses.parquet", {"addresses": town.addresses})
    places = town.facilities[["id", "facility_class", "name", "geometry"]]
    write_layers(folder / "facilities.gpkg", {"facilities": places})
    figures = ["code", "name", "lbm_afw", "share_65plus", "inhabitants", "geometry"]
    write_layers(folder / "areas.gpkg", {"areas": town.areas[figures]})
    write_layers(folder / "sites.gpkg", {"sites": sites_of(town, N_SITES)})
    (folder / "study.toml").write_text(
        '[study]\nname = "Lattice"\n[network]\nsource = "streets.npz"\nlimits_m = [400]\n'
        f'[facilities]\nosm = false\nregister = "facilities.gpkg"\nclasses = {json.dumps(CLASSES)}\n'
        '[addresses]\nsource = "addresses.parquet"\n[areas]\nsource = "areas.gpkg"\n'
        '[sites]\nsource = "sites.gpkg"\n[scoring]\nprofile = "geclusterd"\n',
        encoding="utf-8",
    )
    return {"facilities": len(places), "areas": len(town.areas)}


class _Stages:
    """Seconds of processor and peak of memory by stage, heard from the work itself."""

    def __init__(self, last: str) -> None:
        self.last = last
        self.cpu_s = dict.fromkeys(ORDER, 0.0)
        self.peak_mb = dict.fromkeys(ORDER, 0.0)
        self.now, self.since = "", _cpu()

    def begin(self, stage: str) -> None:
        """End one stage and begin the next."""
        if stage == self.now:
            return
        if self.now:
            self.cpu_s[self.now] += _cpu() - self.since
            self.peak_mb[self.now] = max(self.peak_mb[self.now], peak_mb())
        self.now, self.since = stage, _cpu()
        _forget_peak()

    def asking(self, share: float, _doing: object) -> None:
        """Hear how far the question is."""
        self.begin([stage for least, stage in STAGES if share >= least and stage][-1])

    def writing(self, _share: float, doing: object) -> None:
        """Hear how far the writing is."""
        stage = WRITTEN.get(str(doing), self.now)
        if ORDER.index(stage) > ORDER.index(self.last):
            raise Cancelled("enough")
        self.begin(stage)


def _cpu() -> float:
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


def _forget_peak() -> None:
    """Begin anew with the peak of memory, where the system can."""
    if Path("/proc/self/clear_refs").exists():
        Path("/proc/self/clear_refs").write_text("5")


def _job(n: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = in_child("whole_run", n, folder)
        hamlet = lattice(30, 2_000, blocks=BLOCKS)
        score_sites(hamlet, sites_of(hamlet, 20), draws=20).write(folder / "hamlet")  # compiles
        del hamlet
        gc.collect()
        _forget_peak()
        base = peak_mb()
        stages = _Stages(ORDER[-1] if n <= PAGES_UP_TO else TABLES[-1])
        stages.begin("reading")
        answer = run(folder / "study.toml", progress=stages.asking)
        with suppress(Cancelled):
            answer.write(folder / "out", progress=stages.writing)
        stages.begin("done")
    return {
        "facilities": sizes["facilities"], "areas": sizes["areas"], "base_mb": base,
        "cpu_s": stages.cpu_s, "peak_mb": stages.peak_mb,
    }  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) > 2:  # in a process of its own, so that it leaves no memory behind
        say(json.dumps(_put_down(int(sys.argv[1]), Path(sys.argv[2]))))
    else:
        say(json.dumps(_job(int(sys.argv[1]))))
