# ruff: noqa: INP001
"""Measure both answers in a real place, and write them into ``docs/wheels.md``.

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

PAGE = Path(__file__).parent / "wheels.md"
CLASSES = ("supermarkt", "huisarts", "apotheek", "inloopvoorziening", "ov_halte")
PROFILES = ("wandelaar", "rollator", "rolstoel")
LIMIT_M = 400.0


def measure(osm: str) -> str:
    """Count, per class and profile, the addresses within the limit in both answers; and the streets."""
    cells: dict[str, list[str]] = {name: [] for name in (*CLASSES, "km", "share")}
    for profile in PROFILES:
        streets = read_streets(
            osm, profile=profile, crs="EPSG:28992", classes=CLASSES, addresses=True
        )
        net = streets.network
        walks = nearest(net, streets.addresses, streets.facilities, limit_m=LIMIT_M)
        by_class = walks.groupby("facility_class")
        for name, rows in by_class[["distance_m", "distance_high_m"]]:
            near, surely = (rows <= LIMIT_M).sum()
            cells[str(name)].append(_both(near, surely))
        about = net.describe()
        cells["km"].append(
            _both(round(about["length_m"] / 1000), round(about["cautious_length_m"] / 1000))
        )
        share = about["unknown_m"] / about["length_m"]
        cells["share"].append(f"{share:.1%}".replace(".", ",").replace("%", " %"))
    words = {name: said(read_facility_classes()[name], "title", "nl") for name in CLASSES}
    words |= {"km": "straat (km)", "share": "deel van de straat waarvan iets onbekend is"}
    titles = [said(read_profile(name), "title", "nl") for name in PROFILES]
    head = [f"| | {' | '.join(titles)} |", "|---" * (len(titles) + 1) + "|"]
    return "\n".join(
        [*head, *(f"| {words[name]} | {' | '.join(row)} |" for name, row in cells.items())]
    )


def _both(most: int, least: int) -> str:
    """Write both answers as a reader of Dutch does."""
    one, other = (f"{n:,}".replace(",", ".") for n in (most, least))
    return one if most == least else f"{one}, voorzichtig {other}"


def main() -> None:
    """Put the table between its marks."""
    page = PAGE.read_text(encoding="utf-8")
    table = f"<!-- table -->\n{measure(sys.argv[1])}\n<!-- end -->"
    page = re.sub(r"<!-- table -->.*<!-- end -->", lambda _: table, page, flags=re.DOTALL)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
