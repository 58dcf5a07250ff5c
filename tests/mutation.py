"""``python tests/mutation.py [FILE …]``: small faults put into the code, one at a time; which do the tests find?

The work is mutmut's, in a copy of the project in ``.mutants``, so that nothing here is touched. What it found goes
to ``docs/mutants.md``: a row for each file that was asked for; the rows of others stay. ``--sample N`` tries as many
drawn at random of all, and tells what share of all that means, as an interval: a row for each room.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from scipy.stats import binomtest

ROOT = Path(__file__).resolve().parents[1]
COPY = ROOT / ".mutants"
PAGE = ROOT / "docs" / "mutants.md"
#: What decides on a number that somebody gets to see; compiled loops cannot be changed this way.
DECIDING = ("measure", "ranking", "people", "osm/profile", "osm/tag_values")
TESTS = ("tests/unit", "tests/property", "tests/parity")
#: These come past everything, and would be run again for every fault.
FAR = {
    "test_fetch.py",
    "test_readme.py",
    "test_glossary.py",
    "test_maps.py",
    "test_report.py",
    "test_town.py",
}
CONFIG = """
[tool.mutmut]
source_paths = ["geowoonzorg"]
only_mutate = {only}
also_copy = ["data", "docs", "qgis_plugin", "CONTRIBUTING.md", "README.md"]
pytest_add_cli_args = ["-o", "addopts=", "-m", "not internet", "-p", "no:cacheprovider", "-p", "no:xdist"]
pytest_add_cli_args_test_selection = {tests}
"""
HEAD = """# Mutants: which faults do the tests find?

`make mutants` puts small faults into the code, one at a time (mutmut: another number, another comparison, a word or
an argument less), and runs the tests that come past there. A fault that no test finds has survived. By hand, a file
at a time, as it takes minutes: `make mutants ONLY=geowoonzorg/ranking/scoring.py`; or so many drawn at random of all,
with an interval for the share that would be found: `make mutants SAMPLE=400`.

`of` is the version of the file that was tried, as `git hash-object` gives it.

| file | of | faults | found | survived | score |
|---|---|---|---|---|---|
"""
SAMPLE_HEAD = """## A sample of all

`make mutants SAMPLE=400` tries so many, drawn at random of all (seed {seed}). The interval is of the share of all
faults that would be found, at 95 % (Wilson).

| room | faults | tried | found | survived | score | of all |
|---|---|---|---|---|---|---|
"""
ROW = re.compile(r"^\| `(geowoonzorg/\S+\.py)` \|.*\|$", re.MULTILINE)
FATE = re.compile(r"^\s+(geowoonzorg\.[\w.]+)\.x\w*?__mutmut_\d+: (.+)$", re.MULTILINE)


def default_files() -> list[str]:
    """List what decides, as far as it is there."""
    places = [ROOT / "geowoonzorg" / name for name in DECIDING]
    found = [path for place in places for path in place.rglob("*.py")]
    found += [path for place in places if (path := place.with_suffix(".py")).is_file()]
    return sorted(p.relative_to(ROOT).as_posix() for p in found if p.name != "__init__.py")


def default_tests(files: list[str]) -> list[str]:
    """List the tests that speak of the rooms of these files."""
    rooms = {".".join(Path(name).with_suffix("").parts) for name in files}
    rooms |= {room.rpartition(".")[0] for room in rooms} - {"geowoonzorg.osm"}
    paths = [path for place in TESTS for path in (ROOT / place).glob("test_*.py")]
    speaks = [p for p in paths if any(room in p.read_text(encoding="utf-8") for room in rooms)]
    return sorted(p.relative_to(ROOT).as_posix() for p in speaks if p.name not in FAR)


def version_of(name: str) -> str:
    """Give a file's version as git names it."""
    told = subprocess.run(
        ["git", "hash-object", name], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return told.stdout[:8]


def copy_project(files: list[str], tests: list[str]) -> None:
    """Copy the project, with what is to be changed and what may find it."""
    shutil.rmtree(COPY, ignore_errors=True)
    kept = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, kept.stdout.split("\0")):
        if (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, COPY / name)
    with (COPY / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(CONFIG.format(only=files, tests=tests).replace("'", '"'))


def try_all() -> str:
    """Have mutmut at the copy, and give every mutant's fate."""
    mutmut = [sys.executable, "-m", "mutmut"]
    subprocess.run([*mutmut, "run", "--max-children", "2"], cwd=COPY, check=True)
    return fates_of_all()


def try_some(n: int, seed: int) -> str:
    """Have mutmut at as many as are asked for, drawn at random, and give every mutant's fate."""
    drawn = [sys.executable, str(Path(__file__).resolve()), "--draw", f"{n}", "--seed", f"{seed}"]
    subprocess.run(drawn, cwd=COPY, check=True)
    return fates_of_all()


def fates_of_all() -> str:
    """Read what mutmut has found."""
    command = [sys.executable, "-m", "mutmut", "results", "--all", "true"]
    return subprocess.run(command, cwd=COPY, capture_output=True, text=True, check=True).stdout


def run_drawn(n: int, seed: int) -> None:
    """Run mutmut in this process, in the copy, with all mutants but those drawn taken away."""
    import mutmut.__main__ as mutmut

    all_of = mutmut.collect_source_file_mutation_data

    def some_of(**which):
        mutants, by_path = all_of(**which)
        mutants.sort(key=lambda one: one[1])
        draw = random.Random(seed).sample  # noqa: S311
        return draw(mutants, min(n, len(mutants))), by_path

    mutmut.collect_source_file_mutation_data = some_of
    # That all tests pass without a fault was seen while it was written down which come past what.
    mutmut.tests_for_mutant_names = lambda _names: {min(mutmut.state().duration_by_test)}
    mutmut._run((), 2)


def rows(fates: str) -> dict[str, str]:
    """Count by file; what ran out of time was found, as a loop without end is."""
    counts: dict[str, Counter[str]] = {}
    for module, fate in FATE.findall(fates):
        counts.setdefault(module.replace(".", "/") + ".py", Counter())[fate] += 1
    found = {}
    for name, of in counts.items():
        survived = sum(of[fate] for fate in ("survived", "no tests", "suspicious", "not checked"))
        n = of.total()
        cells = f"`{version_of(name)}` | {n} | {n - survived} | {survived} | {(n - survived) / n:.0%}".replace(
            "%", " %"
        )
        found[name] = f"| `{name}` | {cells} |"
    return found


def sampled(fates: str, seed: int) -> str:
    """Tell what a sample found, by room and in all, with an interval for the share of all faults."""
    counts: dict[str, Counter[str]] = {}
    for module, fate in FATE.findall(fates):
        room = ".".join(module.split(".")[1:3]) if ".osm." in module else module.split(".")[1]
        for name in (room, "all"):
            counts.setdefault(name, Counter())[fate] += 1
    lines = []
    for name in sorted(counts, key=lambda room: (room == "all", room)):
        of = counts[name]
        tried = of.total() - of["not checked"]
        survived = sum(of[fate] for fate in ("survived", "no tests", "suspicious"))
        if tried:
            sure = binomtest(tried - survived, tried).proportion_ci(method="wilson")
            share = f"{(tried - survived) / tried:.0%} | {sure.low:.0%} to {sure.high:.0%}".replace(
                "%", " %"
            )
            lines.append(
                f"| `{name}` | {of.total():,} | {tried} | {tried - survived} | {survived} | {share} |"
            )
    return SAMPLE_HEAD.format(seed=seed) + "\n".join(lines) + "\n"


def page(old: str, new: dict[str, str]) -> str:
    """Put new rows among the old ones, and keep what is written below them."""
    kept = {match[1]: match[0] for match in ROW.finditer(old)} | new
    below = old[end:] if (end := old.rfind("|\n") + 2) > 1 else "\n"
    return HEAD + "\n".join(kept[name] for name in sorted(kept)) + "\n" + below


def put_sample(old: str, new: str) -> str:
    """Put what a sample found in the place of what an earlier one did, below the files."""
    if (begin := old.find("## A sample of all")) >= 0:
        end = old.find("\n## ", begin)
        return old[:begin] + new + ("" if end < 0 else old[end:])
    end = old.find("\n## ")
    return old + "\n" + new if end < 0 else old[: end + 1] + new + old[end:]


def main() -> int:
    """Mutate, count, write down."""
    asked = argparse.ArgumentParser(prog="python tests/mutation.py", description=__doc__)
    asked.add_argument("files", nargs="*", help="geowoonzorg/…/x.py; all that decide by default")
    asked.add_argument("--tests", nargs="+", help="which tests may find them")
    asked.add_argument("--sample", type=int, help="try so many, drawn at random")
    asked.add_argument("--seed", type=int, default=1, help="of the draw")
    asked.add_argument("--again", action="store_true", help="go on in the copy that is there")
    asked.add_argument("--draw", type=int, help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.draw:
        run_drawn(told.draw, told.seed)
        return 0
    files = told.files or default_files()
    if not told.again:
        copy_project(files, told.tests or default_tests(files))
    old = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    if told.sample:
        fates = try_some(told.sample, told.seed)
        PAGE.write_text(put_sample(old, sampled(fates, told.seed)), encoding="utf-8")
    else:
        fates = try_all()
        PAGE.write_text(page(old, rows(fates)), encoding="utf-8")
    survivors = [
        f"{module}: {fate}"
        for module, fate in FATE.findall(fates)
        if fate not in {"killed", "not checked"}
    ]
    sys.stdout.write(
        "\n".join([*survivors, f"see one: cd {COPY.name} && python -m mutmut show NAME\n"])
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
