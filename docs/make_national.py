# ruff: noqa: INP001
"""Make a national product: which share of the homes of every buurt lies within walking distance of what, and its map.

Run from the project's folder: ``python docs/make_national.py study.toml national``, with a study that names the
extracts of all provinces. It writes ``national.parquet`` (GeoParquet) and ``national.html``, and keeps in
``national-tiles`` what each tile gave: after a stop the same command goes on from there.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd

import geowoonzorg as gw
from geowoonzorg.measure.residents import people_by_zone
from geowoonzorg.show.coverage_page import coverage_page
from geowoonzorg.study import read_study

if TYPE_CHECKING:
    from geowoonzorg.ask import Answer

CLASSES = ("huisarts", "supermarkt", "inloopvoorziening")
#: Column of the product → column of `coverage`: in the hopeful answer, in the cautious one, at most; and 65 and over.
COLUMNS = {
    "share": "share_within",
    "share_low": "share_low",
    "share_high": "share_high",
    "people_65plus_min": "people_65plus_min",
    "people_65plus_max": "people_65plus_max",
}


def product(answer: Answer, town: gw.Town) -> gpd.GeoDataFrame:
    """Lay the first limit's numbers of every class on the areas, and who of 65 and over lives in each."""
    table, areas = answer.tables["coverage"], answer.tables["areas"]
    first = table[table["limit_m"] == town.walking.limits_m[0]].set_index("area_code")
    found = areas[["code", "name", "limit_m", "addresses", areas.geometry.name]].copy()
    _, elderly = people_by_zone(town, "65plus")
    found["people_65plus_least"] = elderly["least"].reindex(found["code"]).to_numpy()
    found["people_65plus_most"] = elderly["most"].reindex(found["code"]).to_numpy()
    for name, own in first.groupby("facility_class"):
        for column, of in COLUMNS.items():
            found[f"{name}_{column}"] = own[of].reindex(found["code"]).to_numpy()
    return gpd.GeoDataFrame(found, geometry=areas.geometry.name, crs=areas.crs)


def main() -> int:
    """Read, walk and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", type=Path)
    parser.add_argument("out", help="the start of the names of what is written")
    parser.add_argument("--tiles-km", type=float, default=20.0)
    chosen = parser.parse_args()
    began, said = time.monotonic(), ""

    def told(share: float, doing: object) -> None:
        nonlocal said
        line = f"{share:5.0%} {doing}"
        if line != said:
            sys.stderr.write(f"{time.monotonic() - began:6.0f} s {line}\n")
            said = line

    study = read_study(chosen.study)
    study = replace(study, facilities=replace(study.facilities, classes=CLASSES))
    town = gw.Town.read(study, progress=told)
    cut = town.in_tiles(tiles_km=chosen.tiles_km, parts=f"{chosen.out}-tiles")
    answer = gw.coverage(cut, progress=told)
    product(answer, town).to_parquet(f"{chosen.out}.parquet")
    Path(f"{chosen.out}.html").write_bytes(coverage_page(answer, "nl"))
    sys.stdout.write("\n".join(str(line) for line in answer.summary) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
