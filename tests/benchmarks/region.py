"""A region: 30 gemeenten, 14 groups and 5 years, and how all tables grow with the gemeenten."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from geowoonzorg.region.form_layout import read_form_layout
from geowoonzorg.region.gemeenten import read_gemeenten
from geowoonzorg.region.outcome import work_out
from geowoonzorg.region.study import read_region
from tests.benchmarks.measure import Row, interleave, show

SIZES = (30, 60, 120, 240)
YEARS = range(2019, 2024)


def measure() -> None:
    """Work out regions of more and more gemeenten."""
    with tempfile.TemporaryDirectory() as folder:
        regions = {n: read_region(make(Path(folder) / str(n), n)) for n in SIZES}
        best = interleave(
            {str(n): (lambda region=region: work_out(region)) for n, region in regions.items()}, repeats=3
        )  # fmt: skip
    seconds = [best[str(n)].cpu_s for n in SIZES]
    slope = np.polyfit(np.log(SIZES), np.log(seconds), 1)[0]
    rows = [
        Row(f"{SIZES[0]} gemeenten", best[str(SIZES[0])].wall_s, aim="< 2 s", met=seconds[0] < 2)
    ]
    rows += [Row(f"{n} gemeenten", best[str(n)].wall_s) for n in SIZES[1:]]
    rows.append(Row("exponent", error=f"{slope:.2f}", aim="≤ 1.05", met=slope <= 1.05))
    show("A region: 14 groups, 5 years, forecast, supply, plans, keys and the form", rows)


def make(folder: Path, n: int) -> Path:
    """Write a region of n gemeenten in the published forms, some counts suppressed."""
    folder.mkdir()
    rng = np.random.default_rng(n)
    names = dict(sorted(read_gemeenten().names.items())[:n])
    layout = read_form_layout()
    groups = [group.name for group in layout.groups if not group.outside]
    kinds = [kind.name for kind in layout.woningtypes]

    def write(name: str, head: list[str], rows: list[list[object]]) -> None:
        lines = [";".join(map(str, row)) for row in (head, *rows)]
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    people = rng.integers(9_000, 200_000, n)
    write(
        "k.csv",
        ["gemeente", "code", "inwoners", "huishoudens", "kwetsbaar", "sociale huur", "vrijkomend", "woningen"],
        [
            [m, c, p, p // 2, p // 10, p // 8, p // 100, p // 2 + 100]
            for (c, m), p in zip(names.items(), people, strict=True)
        ],
    )  # fmt: skip
    for year in YEARS:
        counts = 5 * rng.integers(0, 200, (n, len(groups)))
        write(
            f"personen_{year}.csv", ["gemeente", *groups],
            [[m, *("?" if v < 30 else v for v in row)] for m, row in zip(names.values(), counts, strict=True)],
        )  # fmt: skip
    bands = ["code", "jaar", *(f"forecast_75plus_{v}" for v in ("low", "mid", "high"))]
    write(
        "p.csv", bands,
        [
            [c, y, p // 10, p // 9, p // 8]
            for c, p in zip(names, people, strict=True)
            for y in (2023, 2028, 2033, 2038)
        ],
    )  # fmt: skip
    write(
        "a.csv", ["naam", "gemeente", "eenheden", "type", "geschikt"],
        [[f"Hof {i}", m, 20 + i, "hofje", "ja"] for i in range(10) for m in names.values()],
    )  # fmt: skip
    write(
        "pl.csv", ["plan", "gemeente", "woningen", "status", "jaar"],
        [[f"Plan {i}", m, 20 + i, "hard", 2027] for i in range(6) for m in names.values()],
    )  # fmt: skip
    persons = rng.integers(10, 400, (len(groups), n))
    write(
        "t1.csv",
        ["groep", *names.values()],
        [[g, *row] for g, row in zip(groups, persons, strict=True)],
    )
    shares = rng.dirichlet(np.ones(len(kinds)), len(groups))
    homes = np.floor(shares * persons.sum(axis=1, keepdims=True) / 1.2).astype(int)
    write(
        "t2.csv", ["groep", "rij", *kinds],
        [[g, "toe te voegen", *row] for g, row in zip(groups, homes, strict=True)],
    )  # fmt: skip
    tables = ", ".join(f'"personen_{year}.csv"' for year in YEARS)
    toml = folder / "region.toml"
    toml.write_text(f"""[region]
name = "Regio"
homes = {50 * n}
figures = "k.csv"
tables = [{tables}]
forecast = "p.csv"
supply = "a.csv"
plans = "pl.csv"
[keys]
inwoners = {{ inhabitants = 1 }}
helft = {{ inhabitants = 0.5, free_homes = 0.5 }}
[[per_group]]
group = "Statushouders"
homes = {10 * n}
key = "helft"
[form]
table1 = "t1.csv"
table2 = "t2.csv"
persons_per_home = 1.2
""", encoding="utf-8")  # fmt: skip
    return toml
