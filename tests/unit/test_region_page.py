"""What the page about a region says is what comes out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from geowoonzorg.region.growing import social_rent_path
from geowoonzorg.region.key_figures import read_figures, read_key_knowledge
from geowoonzorg.region.keys import share_out

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "region-keys.md").read_text(encoding="utf-8")


def rows_of(header):
    """Give the rows of the table that starts with a header."""
    lines = PAGE[PAGE.index(f"| {header} |") :].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_example_is_what_its_own_table_gives():
    import pandas as pd

    head, _, *rows = rows_of("kengetal")
    figures = read_figures(pd.DataFrame(rows, columns=head, dtype="str"), where="page")
    _, _, *told = rows_of("sleutel")
    parts = [row[0].strip("`") for row in told]
    shared = share_out(figures, {part: {part: 1} for part in parts}, 200)
    for row, part in zip(told, parts, strict=True):
        one = shared[shared["key"] == part]
        percent = [
            f"{x * 100:.1f} %".replace(".", ",") for x in (*one["share"], *one["free_homes_share"])
        ]
        assert row[1:] == [*percent[:2], *map(str, one["homes"]), *percent[2:]]


def test_the_snippet_runs_and_gives_the_same():
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, "region-keys.md", "exec"), names)  # noqa: S102 - our own page
    homes = [int(cell) for row in rows_of("sleutel")[2:] for cell in row[3:5]]
    assert names["shared"]["homes"].tolist() == homes
    path = social_rent_path(names["figures"], start=2025, end=2030).iloc[-1]
    told = re.search(
        r"met ([\d.]+) woningen erbij die alle sociaal zijn, of door ([\d.]+) bestaande", PAGE
    )
    assert [int(cell.replace(".", "")) for cell in told.groups()] == [
        path["added_social"], path["converted_social"],
    ]  # fmt: skip


def test_every_part_that_is_known_stands_on_the_page():
    parts = {part for row in rows_of("onderdeel")[2:] for part in re.findall(r"`(\w+)`", row[0])}
    figures = {one.key for one in read_key_knowledge().figures}
    assert parts - {"not_vulnerable"} == figures - {"seekers", "added_dwellings", "added_social"}


def test_the_keys_of_the_page_are_keys():
    (document,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    known = {one.key for one in read_key_knowledge().figures}
    assert all(known.issuperset(parts) for parts in tomllib.loads(document)["keys"].values())
