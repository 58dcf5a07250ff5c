"""Make the demo municipality: ``python data/make_demo.py [DIR]`` writes every file of ``data/demo``.

Wierhaven does not exist. It is drawn from ``data/demo_town`` alone; nothing is copied from a real
place. The same program and the same libraries write the same content every time.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import geopandas as gpd
import pyogrio
from shapely.affinity import translate

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from demo_town import areas as area_room  # noqa: E402 - found beside this file
from demo_town.centre import draw_centre  # noqa: E402
from demo_town.country import draw_country  # noqa: E402
from demo_town.houses import Ground, build_houses, number_homes  # noqa: E402
from demo_town.noise import write_noise  # noqa: E402
from demo_town.osm_file import ORIGIN_RD_M, OsmFile  # noqa: E402
from demo_town.places import (  # noqa: E402
    Places,
    add_stops,
    put_buildings,
    put_points,
    read_places,
)
from demo_town.plan import Plan  # noqa: E402
from demo_town.quarters import draw_quarters  # noqa: E402
from demo_town.streets import SQUARE, Network, join_ways  # noqa: E402

OSM, AREAS, SITES = "wierhaven.osm.pbf", "wijkenbuurten_2023_v3.gpkg", "kandidaten.gpkg"
LEEFBAAROMETER = "Leefbaarometer-scores buurten 2002-2022.csv"
NOISE, REGISTER = "geluid_lden_2022.tif", "voorzieningen.csv"
ROAD_DISTANCES = {
    "huisartsenpraktijk_gemiddelde_afstand_in_km": ("amenity", "doctors"),
    "apotheek_gemiddelde_afstand_in_km": ("amenity", "pharmacy"),
    "grote_supermarkt_gemiddelde_afstand_in_km": ("shop", "supermarket"),
    "basisonderwijs_gemiddelde_afstand_in_km": ("amenity", "school"),
}


def make_demo(folder: Path) -> None:
    """Write the demo municipality's files into a folder; ``study.toml`` is kept by hand."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = read_places(HERE / "demo_town" / "places.toml")
    story = area_room.read_story(HERE / "demo_town" / "buurten.csv")
    plan = Plan()
    for draw in (draw_centre, draw_quarters, draw_country):
        draw(plan)
    add_stops(plan, entries["stop"])
    network = join_ways(plan)
    ground = Ground(plan, network.streets)
    places = put_buildings(entries, network.streets, ground)
    buildings, homes = build_houses(plan, network.streets, ground)
    areas = area_room.draw_areas(plan)
    pc4 = story[["pc4", "woonplaats"]].apply(tuple, axis=1)
    addresses = number_homes(homes, lambda place: pc4[area_room.buurt_at(areas, place)])
    put_points(places, entries, addresses)

    osm = OsmFile()
    _add_network(osm, plan, network)
    _add_surroundings(osm, plan, places)
    for outline, tags in buildings:
        osm.add_area(outline, tags)
    for address in addresses:
        osm.add_node(address.place.x, address.place.y, {
            "addr:street": address.street, "addr:housenumber": address.number,
            "addr:postcode": address.postcode, "addr:city": address.city})  # fmt: skip
    osm.write(folder / OSM)

    doors = {column: places.with_tag(*tag) for column, tag in ROAD_DISTANCES.items()}
    around = area_room.look_around(addresses, areas, doors)
    _write_layers(folder / AREAS, area_room.make_figures(areas, story, around))
    area_room.write_leefbaarometer(folder / LEEFBAAROMETER, story)
    write_noise(folder / NOISE, network.streets)
    _write_layers(folder / SITES, {"kandidaten": gpd.GeoDataFrame(places.sites, crs=28992)})
    _write_register(folder / REGISTER, places)
    print(f"{len(addresses)} addresses, {len(network.ways)} ways, {len(places.sites)} sites")


def _add_network(osm: OsmFile, plan: Plan, network: Network) -> None:
    numbers = [osm.add_node(x, y, network.node_tags.get(i)) for i, (x, y) in enumerate(network.xy)]
    for nodes, tags in network.ways:
        osm.ways.append(([numbers[node] for node in nodes], tags))
        square = tags.pop(SQUARE, None)
        if square is not None and plan.squares[int(square)][0].interiors:
            outline, square_tags = plan.squares[int(square)]
            osm.ways[-1] = (osm.ways[-1][0], {})
            members = [("w", len(osm.ways) - 1, "outer")]
            members += [("w", osm.add_line(ring, {}), "inner") for ring in outline.interiors]
            relation_tags = {k: v for k, v in square_tags.items() if k != "area"}
            osm.relations.append((members, {"type": "multipolygon", **relation_tags}))


def _add_surroundings(osm: OsmFile, plan: Plan, places: Places) -> None:
    for shape, tags in plan.water:
        osm.add_area(shape, {"natural": "water", **tags})
    for line, tags in plan.waterlines:
        osm.add_line(line, tags)
    for shape, tags in plan.ground:
        osm.add_area(shape, tags)
    for building in places.buildings:
        osm.add_area(building.outline, building.tags, [(p.x, p.y) for p in building.doors])
    for point, tags in [*plan.points, *places.points]:
        osm.add_node(point.x, point.y, tags)
    station = {"railway": "station", "public_transport": "station", "name": "Wierhaven"}
    osm.add_node(1062.0, 176.0, station)


def _write_layers(path: Path, layers: dict[str, gpd.GeoDataFrame]) -> None:
    """Write layers of local metres as a GeoPackage in RD New, with a fixed time of change."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2024-12-01T12:00:00.000Z"})
    for name, layer in layers.items():
        placed = layer.set_geometry([translate(shape, *ORIGIN_RD_M) for shape in layer.geometry])
        pyogrio.write_dataframe(placed.set_crs(28992), path, layer=name, driver="GPKG")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_register(path: Path, places: Places) -> None:
    columns = ["id", "naam", "klasse", "x", "y", "bron", "peildatum", "capaciteit", "toegankelijk",
               "doelgroep"]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        out.writeheader()
        for row in places.register:
            x, y = ORIGIN_RD_M[0] + row["place"].x, ORIGIN_RD_M[1] + row["place"].y
            out.writerow(row | {"x": f"{x:.1f}", "y": f"{y:.1f}"})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=HERE / "demo")
    make_demo(parser.parse_args().folder)
