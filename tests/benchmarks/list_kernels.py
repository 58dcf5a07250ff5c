"""Run the commands on the bundled town, and write which loops they use for which types.

Run ``python -m tests.benchmarks.list_kernels FOLDER``; what a run left in the folder is not done again.
``geowoonzorg/knowledge/kernels.toml`` is made by this; a test holds that it is what the commands use.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOWN = ROOT / "data" / "demo"
OSM = str(TOWN / "wierhaven.osm.pbf")
LISTED = ROOT / "geowoonzorg" / "knowledge" / "kernels.toml"
Key = tuple[str, tuple[str, ...]]
HEAD = """# Every compiled loop that the commands use, and the types of arguments for which they do: what is compiled
# ahead of need, callees before callers, with the seconds it took when this was made. It is made by
# `python -m tests.benchmarks.list_kernels FOLDER`, not by hand.
"""


def commands(folder: Path) -> dict[str, list[str]]:
    """Give what to run, by the name under which its loops are listed."""
    care, homes, study = (
        str(folder / "care.gpkg"),
        str(TOWN / "kandidaten.gpkg"),
        str(TOWN / "study.toml"),
    )
    out = lambda name: ["-o", str(folder / name)]  # noqa: E731
    return {
        "facilities": ["facilities", OSM, *out("care.gpkg")],
        "network": ["network", OSM],
        "service-areas": ["service-areas", OSM, care, *out("lines.gpkg"), "--limit-m", "400"],
        "service-areas polygons": [
            "service-areas", OSM, care, *out("areas.gpkg"), "--limit-m", "400", "--shape", "polygons",
        ],
        "nearest": ["nearest", OSM, homes, care, *out("near.gpkg")],
        "matrix": ["matrix", OSM, homes, care, *out("matrix.csv"), "--limit-m", "400"],
        "route": ["route", OSM, homes, care, *out("route.gpkg")],
        "snap": ["snap", OSM, homes, *out("snap.gpkg")],
        "within": ["within", OSM, homes, care, *out("within.gpkg"), "--limit-m", "400"],
        "demo": ["demo", "--out", str(folder / "town")],
        "run": ["run", study, "--out", str(folder / "out")],
        "search": ["search", study, "--out", str(folder / "search"), "--homes", "20", "--cell-m", "200"],
        "locate": ["locate", study, "--class", "huisarts", "--k", "1", *out("locate.gpkg")],
        "what-if": ["what-if", study, str(TOWN / "wat-als.toml"), "--out", str(folder / "what-if")],
    }  # fmt: skip


def watch(words: list[str]) -> list[tuple[str, list[str], float, list[str], bool]]:
    """Run a command and give the loops it used: name, types, own seconds of compiling, what each calls,
    and whether Python calls it."""
    from numba.core import types
    from numba.core.dispatcher import Dispatcher

    from geowoonzorg import _jit
    from geowoonzorg._argument_kinds import words_of_type
    from geowoonzorg.cli import _console, run_command

    _jit.ready_loop = lambda *_: None  # all is given to numba, which says what it compiles

    _console.call_on_miss, _console.is_first = (
        lambda _: None,
        lambda _: False,
    )  # no helpers: all is compiled here

    compile_it, used, stack = Dispatcher.compile, {}, []

    def compile_and_note(self, sig):
        module = self.py_func.__module__
        if not module.startswith("geowoonzorg."):
            return compile_it(self, sig)
        name = f"{module.removeprefix('geowoonzorg.')}:{self.py_func.__qualname__}"
        key = name, tuple(words_of_type(kind) for kind in sig)
        assert types.void not in sig
        if stack:
            stack[-1]["calls"].append(name)
        began, note = time.process_time(), {"calls": [], "inside": 0.0}
        stack.append(note)
        compiled = compile_it(self, sig)
        stack.pop()
        whole = time.process_time() - began
        if stack:
            stack[-1]["inside"] += whole
        before = used.get(key, (0.0, [], False))
        used[key] = (
            before[0] + whole - note["inside"],
            before[1] + note["calls"],
            before[2] or not stack,
        )
        return compiled

    Dispatcher.compile = compile_and_note
    code = run_command(words)
    if code:
        raise SystemExit(code)
    return [
        (*key, seconds, sorted({*calls} - {key[0]}), way_in)
        for key, (seconds, calls, way_in) in used.items()
    ]


def child(words: list[str], cache: Path) -> list:
    """Watch a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.list_kernels", *words],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def gather(folder: Path) -> dict[Key, dict]:
    """Run all, or take what an earlier run left in the folder, and put together what they use."""
    loops: dict[Key, dict] = {}
    for command, words in commands(folder).items():
        kept = folder / f"{command}.json"
        if not kept.is_file():
            sys.stderr.write(f"{command}\n")
            kept.write_text(json.dumps(child(words, folder / "cache")), encoding="utf-8")
        for name, kinds, seconds, calls, way_in in json.loads(kept.read_text(encoding="utf-8")):
            new = {"seconds": 0.0, "calls": [], "commands": [], "way_in": False}
            loop = loops.setdefault((name, tuple(kinds)), new)
            loop["seconds"] = max(loop["seconds"], seconds)
            loop["calls"] = sorted({*loop["calls"], *calls})
            loop["commands"].append(command)
            loop["way_in"] |= way_in
    return loops


def order(loops: dict[Key, dict]) -> list[dict]:
    """Put callees first, and name to them the commands of their callers: who is kept does not ask for its callees."""
    by_name: dict[str, list[Key]] = {}
    for key in sorted(loops):
        by_name.setdefault(key[0], []).append(key)
    placed: dict[str, list[Key]] = {}

    def place(name: str) -> None:
        if name not in placed:
            for key in by_name[name]:
                for callee in loops[key]["calls"]:
                    place(callee)
            placed[name] = by_name[name]

    for name in by_name:
        place(name)
    for key in reversed([key for keys in placed.values() for key in keys]):
        for name in loops[key]["calls"]:
            for callee in by_name[name]:
                more = {*loops[callee]["commands"], *loops[key]["commands"]}
                loops[callee]["commands"] = sorted(more)
    return [
        {"name": name, "types": list(key[1]), **loops[key]}
        for name, keys in placed.items()
        for key in keys
    ]


def write(loops: list[dict]) -> None:
    """Write the list."""
    quote = lambda texts: "[" + ", ".join(json.dumps(text) for text in texts) + "]"  # noqa: E731
    parts = [
        f"[[loop]]\nname = {json.dumps(loop['name'])}\ntypes = {quote(loop['types'])}\n"
        f"seconds = {max(loop['seconds'], 0.01):.2f}\ncalls = {quote(loop['calls'])}\n"
        f"commands = {quote(loop['commands'])}\n" + "way_in = false\n" * (not loop["way_in"])
        for loop in loops
    ]
    LISTED.write_text("\n".join([HEAD, *parts]), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[2:]:
        sys.stdout.write("\n" + json.dumps(watch(sys.argv[1:])) + "\n")
    else:
        place = Path(sys.argv[1])
        place.mkdir(exist_ok=True)
        write(order(gather(place)))
