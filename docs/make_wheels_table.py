# ruff: noqa: INP001
"""Measure both answers in a real place, and write them into ``docs/wheels.md`` and ``docs/wheels.en.md``.

Run from the project's folder: ``python docs/make_wheels_table.py kampen.osm.pbf``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from geowoonzorg.knowledge import said
from geowoonzorg.osm import read_facility_classes
from geowoonzorg.osm.profile import read_profile
from geowoonzorg.town.streets import read_streets
from geowoonzorg.walk.service_area import nearest

PAGES = {"nl": Path(__file__).parent / "wheels.md", "en": Path(__file__).parent / "wheels.en.md"}
CLASSES = ("supermarkt", "huisarts", "apotheek", "inloopvoorziening", "ov_halte")
PROFILES = ("wandelaar", "rollator", "rolstoel")
LIMIT_M = 400.0
WORDS = {
    "nl": ("voorzichtig", "straat (km)", "deel van de straat waarvan iets onbekend is"),
    "en": ("cautious", "street (km)", "share of the street of which something is unknown"),
}


def measure(osm: str) -> dict[str, list[tuple[float, float]]]:
    """Count, per class and profile, the addresses within the limit in both answers; and the streets."""
    cells: dict[str, list[tuple[float, float]]] = {name: [] for name in (*CLASSES, "km", "share")}
    for profile in PROFILES:
        streets = read_streets(
            osm, profile=profile, crs="EPSG:28992", classes=CLASSES, addresses=True
        )
        net = streets.network
        walks = nearest(net, streets.addresses, streets.facilities, limit_m=LIMIT_M)
        by_class = walks.groupby("facility_class")
        for name, rows in by_class[["distance_m", "distance_high_m"]]:
            near, surely = (rows <= LIMIT_M).sum()
            cells[str(name)].append((near, surely))
        about = net.describe()
        cells["km"].append(
            (round(about["length_m"] / 1000), round(about["cautious_length_m"] / 1000))
        )
        share = about["unknown_m"] / about["length_m"]
        cells["share"].append((share, share))
    return cells


def table(cells: dict[str, list[tuple[float, float]]], lang: str) -> str:
    """Write what was measured as a table in a language."""
    careful, km, share = WORDS[lang]

    def both(name: str, most: float, least: float) -> str:
        one, other = (_number(n, lang, share=name == "share") for n in (most, least))
        return one if most == least else f"{one}, {careful} {other}"

    words = {name: said(read_facility_classes()[name], "title", lang) for name in CLASSES}
    words |= {"km": km, "share": share}
    titles = [said(read_profile(name), "title", lang) for name in PROFILES]
    head = [f"| | {' | '.join(titles)} |", "|---" * (len(titles) + 1) + "|"]
    rows = (
        f"| {words[name]} | {' | '.join(both(name, *pair) for pair in row)} |"
        for name, row in cells.items()
    )
    return "\n".join([*head, *rows])


def _number(number: float, lang: str, *, share: bool) -> str:
    """Write a number as a reader of the language does."""
    text = f"{number:.1%}".replace("%", " %") if share else f"{number:,}"
    return text.translate(str.maketrans(",.", ".,")) if lang == "nl" else text


def main() -> None:
    """Put the tables between their marks."""
    cells = measure(sys.argv[1])
    for lang, path in PAGES.items():
        page = path.read_text(encoding="utf-8")
        new = f"<!-- table -->\n{table(cells, lang)}\n<!-- end -->"
        page = re.sub(
            r"<!-- table -->.*<!-- end -->", lambda _, new=new: new, page, flags=re.DOTALL
        )
        path.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
