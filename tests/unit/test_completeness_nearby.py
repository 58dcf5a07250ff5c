"""How complete a class is by CBS nabijheid: our numbers near homes against theirs, by brute force."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, box
from told import dutch

from geowoonzorg.errors import Cancelled, CoverageError, InputError
from geowoonzorg.opendata.areas import join_figures, read_areas
from geowoonzorg.opendata.figures import parse_figures
from geowoonzorg.opendata.plausibility import compare_counts, compare_with_cbs, count_column
from geowoonzorg.prepare import demo_study
from geowoonzorg.town import Town
from geowoonzorg.town.completeness import class_completeness
from geowoonzorg.walk.network import WalkNetwork

# Blocks a little under 500 m, so that no walk is as long as a limit to the metre.
CRS, X0, Y0, STEP, SIDE = 28992, 190_000.0, 500_000.0, 499.0, 21
MIDDLE, EDGE, FAR = "BU01660001", "BU01660002", "BU01660003"
NIVEL = 4874 / 17_590_672


def at(column, row):
    return Point(X0 + column * STEP, Y0 + row * STEP)


def streets():
    """Give ten kilometres square of streets."""
    edges = [((c, r), (c + 1, r)) for r in range(SIDE) for c in range(SIDE - 1)]
    edges += [((c, r), (c, r + 1)) for r in range(SIDE - 1) for c in range(SIDE)]
    lines = [LineString([at(*a), at(*b)]) for a, b in edges]
    graph = nx.Graph()
    graph.add_edges_from(edges, weight=STEP)
    return WalkNetwork.from_lines(gpd.GeoDataFrame(geometry=lines, crs=CRS)), graph


NETWORK, GRAPH = streets()


def layer(cells, **columns):
    return gpd.GeoDataFrame(columns, geometry=[at(*cell) for cell in cells], crs=CRS)


def areas(**columns):
    shapes = [
        box(X0 + 3_900, Y0 + 3_900, X0 + 6_100, Y0 + 6_100),
        box(X0 + 1_400, Y0 + 1_400, X0 + 3_900, Y0 + 8_600),
        box(X0 - 100, Y0 - 100, X0 + 1_400, Y0 + 10_100),
    ]
    return gpd.GeoDataFrame(columns, geometry=shapes, index=[MIDDLE, EDGE, FAR], crs=CRS)


def town(doctors, homes, **figures):
    kinds = ["huisarts"] * len(doctors)
    return Town.from_frames(
        NETWORK,
        facilities=layer(doctors, facility_class=kinds, id=[f"h{i}" for i in range(len(doctors))]),
        addresses=layer(homes, id=[f"a{i}" for i in range(len(homes))]),
        areas=areas(**figures),
    )


def osm(made):
    return made.replace(facility_origins={"huisarts": ("OpenStreetMap", 2023)})


def brute(doctors, homes, km):
    """Count what lies within, for each home, by networkx."""
    near = [
        nx.single_source_dijkstra_path_length(GRAPH, home, cutoff=km * 1_000, weight="weight")
        for home in homes
    ]
    return np.array([sum(d in found for d in doctors) for found in near])


@pytest.mark.parametrize("seed", range(3))
def test_expected_makes_our_number_that_of_cbs(seed):
    rng = np.random.default_rng(seed)
    doctors = [tuple(map(int, cell)) for cell in rng.integers(0, SIDE, (30, 2))]
    homes = [(c, r) for c in range(8, 13) for r in range(8, 13)]
    made = osm(
        town(doctors, homes, near_huisarts_3km=[20.0, 1.0, 1.0], inhabitants=[9e4, 1e4, 1e4])
    )
    ours = brute(doctors, homes, 3).mean()
    found = class_completeness(made).loc["huisarts"]
    inside = areas().geometry.union_all()
    assert found["found"] == sum(inside.intersects(at(*cell)) for cell in doctors)
    assert found["complete_share"] == pytest.approx(min(1.0, ours / 20.0))
    assert found["expected"] == pytest.approx(found["found"] * 20.0 / ours)
    assert found["expected_low"] == pytest.approx(found["found"] * 19.95 / ours)
    assert found["expected_high"] == pytest.approx(found["found"] * 20.05 / ours)
    told = dutch([found["complete_source"]])[0]
    assert told.startswith("CBS nabijheid: 20,0 binnen 3 km, hier ")


def test_homes_near_the_edge_of_the_data_are_asked_as_far_as_it_goes():
    """In the middle 3 km is inside the data, at the side 1 km, and beyond that nothing."""
    doctors, side, far = [(5, 10), (5, 11), (12, 12)], [(4, 10), (6, 11)], [(1, 10)]
    both = {"near_huisarts_3km": [np.nan, 4.0, 4.0], "near_huisarts_1km": [4.0, 3.0, 4.0]}
    found = class_completeness(osm(town(doctors, side + far, **both))).loc["huisarts"]
    assert found["complete_share"] == pytest.approx(brute(doctors, side, 1).mean() / 3.0)
    assert "binnen 1 km" in dutch([found["complete_source"]])[0]
    assert "over 67" in dutch([found["complete_source"]])[0]  # two of the three addresses
    only = class_completeness(osm(town(doctors, far, inhabitants=[1e4] * 3, **both)))
    assert only.loc["huisarts", "expected"] == pytest.approx(1e4 * NIVEL)


def test_an_own_list_ends_at_its_border():
    homes, doctors = [(10, 10)], [(10, 10), (10, 11)]
    numbers = {"near_huisarts_3km": [4.0] * 3, "near_huisarts_1km": [4.0] * 3}
    listed = town(doctors, homes, inhabitants=[1e4] * 3, **numbers)  # given in memory: no OSM
    assert (
        "binnen 1 km" in dutch([class_completeness(listed).loc["huisarts", "complete_source"]])[0]
    )


@pytest.mark.parametrize(
    ("doctors", "number"),
    [([(10, 10)], 0.0), ([(0, 0)], 5.0), ([(20, 20), (20, 19)], 5.0), ([(10, 10)], np.nan)],
)
def test_where_the_numbers_tell_nothing_the_country_does(doctors, number):
    """CBS counts none, or there is none near, or none in the areas, or no figure."""
    made = osm(town(doctors, [(10, 10)], near_huisarts_3km=[number] * 3, inhabitants=[1e4] * 3))
    found = class_completeness(made).loc["huisarts"]
    assert found["expected"] == pytest.approx(1e4 * NIVEL)
    assert "Nivel" in found["complete_source"]


def test_many_homes_of_an_area_are_sampled_evenly_and_the_same_every_time():
    homes = [
        (c, r) for c in range(8, 13) for r in range(8, 13)
    ] * 8  # 200, in the order of the file
    doctors = [(10, 10), (3, 3), (12, 9)]
    made = osm(town(doctors, homes, near_huisarts_3km=[9.0] * 3))
    asked = brute(doctors, homes, 3)[[i for i in range(200) if (i + 1) % 8 == 0]]
    one, other = (class_completeness(made.replace()).loc["huisarts"] for _ in range(2))
    assert one["complete_share"] == other["complete_share"] == pytest.approx(asked.mean() / 9.0)


def test_areas_weigh_as_their_addresses():
    homes = pd.Series([MIDDLE] * 3 + [EDGE, np.nan], index=list("abcde"))
    counts = pd.Series([2, 4, 1, 7], index=list("abde"), dtype="Int64")  # c is not in the sample
    figures = type("A", (), {"frame": pd.DataFrame({"near_huisarts_3km": [5.0, 1.0]}, [MIDDLE, EDGE])})  # fmt: skip
    ours, theirs, n = compare_counts(figures, counts, homes, facility_class="huisarts", km=3)
    assert (ours, theirs, n) == ((3 * 3.0 + 1) / 4, (3 * 5.0 + 1) / 4, 4)
    assert count_column("apotheek", 3) is None
    nothing = compare_counts(figures, counts, homes, facility_class="apotheek", km=3)
    assert np.isnan(nothing[:2]).all()


def test_distances_are_compared_as_before():
    frame = areas(road_huisarts_km=[1.0] * 3, near_huisarts_3km=[9.0] * 3)
    made = Town.from_frames(NETWORK, areas=frame, addresses=layer([(10, 10)], id=["a"]))
    walks = pd.DataFrame({"origin_id": ["a"], "facility_class": "huisarts", "distance_m": 900.0})
    table = compare_with_cbs(made.figures.areas, walks, made.home)
    assert table.set_index("code").loc[MIDDLE, "cbs_road_m"] == 1_000.0


# ── the columns as published ──────────────────────────────────────────────────────────────────


def test_numbers_are_read_from_every_published_form(shared_data):
    english = pd.read_csv(
        shared_data / "recorded" / "cbs_statline" / "nabijheid_delft_en_odata.csv",
        dtype="str",
        encoding="utf-8-sig",
    )
    values, _, taken = parse_figures(english, where="delft")
    assert taken["near_huisarts_3km"] == "Within3Km_7"
    assert taken["near_supermarkt_1km"] == "Within1Km_25"
    assert taken["near_basisschool_3km"] == "Within3Km_62"
    assert values[["near_huisarts_1km", "near_huisarts_3km"]].iloc[0].tolist() == [2.0, 13.0]
    dutch_names = ["AfstandTotHuisartsenpraktijk_5", "Binnen1Km_6", "Binnen3Km_7", "Binnen5Km_8",
                   "AfstandTotApotheek_10", "AfstandTotZiekenhuis_11", "Binnen5Km_12", "Binnen3Km_99"]  # fmt: skip
    _, _, taken = parse_figures(pd.DataFrame([["1"] * 8], columns=dutch_names), where="x")
    assert taken["near_huisarts_3km"] == "Binnen3Km_7"
    _, _, taken = parse_figures(
        pd.DataFrame({"huisartsenpraktijk_gemiddeld_aantal_binnen_3_km": ["7.7"], "g_3km_sc": ["3"]}), where="x"
    )  # fmt: skip
    assert set(taken) == {"near_huisarts_3km", "near_basisschool_3km"}
    utrecht = pd.read_csv(
        shared_data / "cbs" / "nabijheid-2023-utrecht.csv",
        sep=";",
        dtype="str",
        encoding="utf-8-sig",
    )
    values, _, taken = parse_figures(utrecht, where="utrecht")
    assert values["near_supermarkt_3km"].notna().sum() == 121
    assert values["near_huisarts_3km"].notna().sum() == 0


def test_a_nearer_number_over_most_homes_is_better_than_a_further_one_over_few():
    doctors, middle, side = [(10, 10), (4, 10)], [(10, 10)], [(4, 10), (4, 11), (5, 10)]
    both = {"near_huisarts_3km": [4.0] * 3, "near_huisarts_1km": [4.0] * 3}
    few = class_completeness(osm(town(doctors, middle + side, **both))).loc["huisarts"]
    assert "binnen 1 km" in dutch([few["complete_source"]])[0]
    assert few["complete_share"] == pytest.approx(brute(doctors, middle + side, 1).mean() / 4)
    half = class_completeness(osm(town(doctors, middle + side[:1], **both))).loc["huisarts"]
    assert "binnen 3 km" in dutch([half["complete_source"]])[0]


def test_counting_says_how_far_it_is_and_can_be_stopped():
    made = osm(town([(10, 10)], [(10, 10)], near_huisarts_3km=[4.0] * 3))
    heard = []
    class_completeness(made, progress=lambda fraction, message: heard.append(fraction))
    assert heard
    assert heard == sorted(heard)
    assert 0 <= heard[0] <= heard[-1] <= 1

    def stop(fraction, message):
        raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        class_completeness(made.replace(), progress=stop)


def nabijheid(folder, codes, *, year):
    path = folder / f"nabijheid-{year}.csv"
    head = ["Regioaanduiding/Codering (code)",
            "Gezondheid en welzijn/Huisartsenpraktijk/Aantal huisartsenpraktijken/Binnen 3 km (aantal)"]  # fmt: skip
    rows = [f'"{code}";"7.7"' for code in codes]
    path.write_text("\n".join([";".join(f'"{one}"' for one in head), *rows]), encoding="utf-8")
    return path


def test_numbers_join_the_areas_of_their_own_year_and_place(tmp_path):
    areas = read_areas(demo_study().parent / "wijkenbuurten_2023_v3.gpkg")
    codes = list(areas.frame.index)
    joined = join_figures(areas, nabijheid(tmp_path, codes, year=2023))
    assert joined.frame["near_huisarts_3km"].tolist() == [7.7] * len(codes)
    told = joined.provenance.set_index("column").loc["near_huisarts_3km", ["source", "year"]]
    assert told.tolist() == ["cbs_nabijheid", 2023]
    with pytest.raises(InputError, match="2021"):
        join_figures(areas, nabijheid(tmp_path, codes, year=2021))
    older = join_figures(areas, nabijheid(tmp_path, codes, year=2021), older_years=True)
    assert (
        older.frame["near_huisarts_3km"].isna().all()
    )  # a number of another year stands in for nothing
    with pytest.raises(CoverageError, match="rows for only 0%"):
        join_figures(areas, nabijheid(tmp_path, ["BU03440111", "BU03440112"], year=2023))


def test_the_year_of_the_numbers_is_told():
    made = osm(town([(10, 10)], [(10, 10)], near_huisarts_3km=[4.0] * 3))
    known = made.figures.areas
    dated = replace(known, provenance=known.provenance.assign(source="cbs_nabijheid", year=2023))
    found = class_completeness(made.replace(figures=replace(made.figures, areas=dated)))
    assert found.loc["huisarts", "complete_source"].startswith(
        "CBS nabijheid 2023: 4.0 within 3 km"
    )
