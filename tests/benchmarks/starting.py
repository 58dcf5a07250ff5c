"""How long a command takes from nothing: the first time on a machine, with no loop compiled, and every time after."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measure import ROOT, Row, show
from tests.benchmarks.towns import town

#: Most seconds: of the first time on the clock, and of a later time of processor.
FIRST_S = {"demo": 25.0, "service-areas": 10.0}
WARM_S = {"network": 1.0, "facilities": 1.0, "nearest": 1.0, "service-areas": 1.0}


@dataclass(frozen=True)
class Spent:
    """What one command took, its helpers included (s)."""

    wall_s: float
    cpu_s: float


def spend(words: list[str], cache: Path) -> Spent:
    """Run a command in a process of its own."""
    before, began = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "geowoonzorg", *words], cwd=ROOT, check=True, capture_output=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
    )  # fmt: skip
    after = os.times()
    cpu = (
        after.children_user + after.children_system - before.children_user - before.children_system
    )
    return Spent(time.perf_counter() - began, cpu)


def measure() -> None:
    """Print the section."""
    place = town()
    osm, rows = str(place.path), []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        care, homes = str(folder / "care.gpkg"), str(folder / "homes.gpkg")
        place.addresses.to_file(homes)
        commands = {
            "facilities": ["facilities", osm, "-o", care, "--class", "huisarts"],
            "network": ["network", osm],
            "service-areas": ["service-areas", osm, care, "-o", str(folder / "lines.gpkg"), "--limit-m", "400"],
            "nearest": ["nearest", osm, homes, care, "-o", str(folder / "near.gpkg")],
            "demo": ["demo", "--out", str(folder / "demo")],
        }  # fmt: skip
        for command, words in commands.items():
            cache = folder / f"cache-{command}"
            first = spend(words, cache)
            later = min((spend(words, cache) for _ in range(3)), key=lambda spent: spent.cpu_s)
            most, aim = FIRST_S.get(command), WARM_S.get(command)
            rows += [
                Row(
                    f"{command}, the first time", first.wall_s,
                    aim=f"< {most:g} s" if most else "", met=first.wall_s < most if most else None,
                ),
                Row(f"{command}, the first time: processor", first.cpu_s),
                Row(
                    f"{command}, later: processor", later.cpu_s, aim=f"< {aim:g} s" if aim else "",
                    met=later.cpu_s < aim if aim else None,
                ),
            ]  # fmt: skip
        whole = folder / "cache-compile"
        rows.append(Row("compile: all loops", spend(["compile"], whole).wall_s))
    show(f"starting: commands on {place.name}, each from an empty folder of compiled loops", rows)
