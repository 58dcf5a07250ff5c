"""The whole job on a real place: from its OSM file to the written map, room by room."""

from __future__ import annotations

import cProfile
import json
import pstats
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.measure import ROOT, Row, in_child, interleave, peak_mb, say, show

CLASSES = (
    "huisarts", "supermarkt", "inloopvoorziening", "apotheek", "ov_halte", "basisschool", "fysiotherapeut",
    "verpleeghuis",
)  # fmt: skip
N_SITES = 50
#: Rooms that take less than this share of the job are left out of the table.
LEAST_SHARE = 0.01


def measure() -> None:
    """Print the section."""
    import osmium

    from tests.benchmarks import engine
    from tests.benchmarks.towns import town

    place = town()
    path = str(place.path)

    def decode() -> None:
        for _ in osmium.FileProcessor(path).with_filter(osmium.filter.IdFilter([])):
            pass

    best = interleave(
        {"decode": decode, "network": lambda: engine.WalkNetwork.from_osm(path)}, repeats=9
    )
    ratio = best["network"].wall_s / best["decode"].wall_s
    cpu = best["network"].cpu_s / best["decode"].cpu_s
    rows = [
        Row("import geowoonzorg", _import_s(), aim="< 0.5 s", met=_import_s() < 0.5),
        Row("floor: libosmium decodes the file", best["decode"].wall_s),
        Row(
            "OSM file → network", best["network"].wall_s, ratio=ratio, of=f"floor (processor {cpu:.2g}×)",
            aim="≤ 2×", met=ratio <= 2,
        ),
        Row("OSM file → network", best["network"].wall_s, aim="< 0.5 s", met=best["network"].wall_s < 0.5),
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = _study(place, folder)
        in_child(
            "kampen", study, folder / "out", "plain"
        )  # the first run compiles and fills caches
        runs = [in_child("kampen", study, folder / "out", "plain") for _ in range(3)]
        profiled = in_child("kampen", study, folder / "out", "profile")
    best_run = min(runs, key=lambda r: r["process_s"])
    what = f"{len(place.addresses):,} addresses, {len(CLASSES)} classes, {N_SITES} sites"
    rows += [
        Row(
            f"the whole job: {what}", best_run["process_s"], memory_mb=best_run["peak_mb"], aim="< 10 s, < 1 GB",
            met=best_run["process_s"] < 10 and best_run["peak_mb"] < 1000,
        ),
        Row("  of which Python and imports", best_run["process_s"] - best_run["job_s"]),
    ]  # fmt: skip
    # a profiled run is a little slower: give each room its share of the plain one
    scale = best_run["job_s"] / profiled["job_s"]
    rows += [
        Row(f"  {room}", seconds * scale)
        for room, seconds in sorted(profiled["rooms"].items(), key=lambda r: -r[1])
        if seconds > LEAST_SHARE * profiled["job_s"]
    ]
    show(f"kampen: {place.name}, everything from the OSM file to the written map and layers", rows)


def _import_s() -> float:
    code = (
        "import time; t = time.perf_counter(); import geowoonzorg; print(time.perf_counter() - t)"
    )
    return min(
        float(
            subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            ).stdout
        )
        for _ in range(5)
    )


def _study(place, folder: Path) -> Path:
    """Write a study of 50 sites among the addresses, with areas where the real ones are here."""
    addresses = place.addresses.geometry
    chosen = addresses.iloc[:: max(1, len(addresses) // N_SITES)].iloc[:N_SITES]
    lines = [
        "id;naam;x;y",
        *(f"S{i:02d};Plek {i};{p.x:.1f};{p.y:.1f}" for i, p in enumerate(chosen)),
    ]
    (folder / "sites.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = place.path.parents[1]
    borders = place.path.parent / "buurten_2022_simplified.geojson"
    scores = data / "leefbaarometer" / "Leefbaarometer-scores wijken 2002-2022.csv"
    areas = (
        f'[areas]\nsource = "{borders}"\nlevel = "buurt"\nleefbaarometer = "{scores}"\n'
        'leefbaarometer_year = 2022\ngemeente = "GM0166"\n'
        if borders.is_file() and scores.is_file()
        else ""
    )
    study = folder / "study.toml"
    study.write_text(
        f'[study]\nname = "{place.name.split()[0]}"\n'
        f'[network]\nsource = "{place.path}"\nprofile = "rollator"\nlimits_m = [400]\n'
        f"[facilities]\nclasses = {json.dumps(CLASSES)}\n{areas}"
        '[sites]\nsource = "sites.csv"\n[scoring]\nprofile = "geclusterd"\n',
        encoding="utf-8",
    )
    return study


def job(study: str, out: str, how: str) -> None:
    """Do the job in this process, and tell its time, its peak of memory and what each room took."""
    from tests.benchmarks import engine

    profile = cProfile.Profile()
    began = time.perf_counter()
    if how == "profile":
        profile.enable()
    engine.run(engine.read_study(study)).write(out)
    profile.disable()
    job_s = time.perf_counter() - began
    rooms = _rooms(profile) if how == "profile" else {}
    say(json.dumps({"job_s": job_s, "peak_mb": peak_mb(), "rooms": rooms}))


def _rooms(profile: cProfile.Profile) -> dict[str, float]:
    """Add up the seconds of what the question and its writing call in other rooms."""
    library = str(ROOT / "geowoonzorg")
    callers = {f"{library}/ask/sites.py", f"{library}/ask/running.py", f"{library}/ask/writing.py"}
    rooms: dict[str, float] = {}
    for (file, _, function), (*_, called_by) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if file.startswith(library) and file not in callers:
            seconds = sum(
                edge[3] for (caller, _, _), edge in called_by.items() if caller in callers
            )
            if seconds:
                room = f"{Path(file).relative_to(library).with_suffix('').as_posix().removesuffix('/__init__')}"
                rooms[f"{room}: {function}"] = rooms.get(f"{room}: {function}", 0.0) + seconds
    return rooms


if __name__ == "__main__":
    job(*sys.argv[1:])
