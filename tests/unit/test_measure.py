"""What each criterion measures at each site, and the reason where it does not, against a table made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from geowoonzorg.ranking.measure import Surroundings, measure_sites

from geowoonzorg.errors import InputError
from geowoonzorg.ranking.scoring import parse_scoring_profile, score

IDS = pd.Index(["town", "field", "island"], name="id")


def table(**columns):
    return pd.DataFrame(columns, index=IDS)


def around(**more):
    """Three sites: in town, where one shop cannot be reached; in a field without people; on no street."""
    parts = {
        "sites": table(n_woningen=["24", None, "8"], ontmoetingsruimte=["ja", "nee", None]),
        "distances_m": table(huisarts=[150.0, 900.0, np.nan], supermarkt=[np.nan, 400.0, np.nan]),
        "distance_status": table(
            huisarts=["ok", "ok", "island"], supermarkt=["beyond_limit", "ok", "island"]
        ),
        "area_means": table(balans=[0.5, np.nan, np.nan]),
        "area_reasons": table(
            balans=["", "geen adressen op loopafstand", "geen adressen op loopafstand"]
        ),
        "rasters": table(geluid=[55.0, np.nan, np.nan]),
        "people": pd.Series([80.0, 0.0, np.nan], IDS),
        "joins": pd.Series(["ok", "ok", "island"], IDS),
        "coverage": table(balans=[0.8, np.nan, np.nan]),
        "origins": {
            "huisarts": ("OpenStreetMap", 2023),
            "site": ("sites.csv", None),
            "balans": ("cbs", 2022),
        },
    }
    return Surroundings(**(parts | more))


def criterion(key, metric, **more):
    shape = (
        {"levels": {"ja": 1, "nee": 0}} if "levels" in more else {"anchors": [[0, 1], [1000, 0]]}
    )
    return (
        {"key": key, "metric": metric, "label": key, "unit": "", "weight": 1, "source": "toets"}
        | shape
        | more
    )


PROFILE = parse_scoring_profile(
    {
        "name": "toets",
        "title": "Toets",
        "description": "Voor een toets",
        "criterion": [
            criterion("huisarts", "distance", facility_class="huisarts"),
            criterion("supermarkt", "distance", facility_class="supermarkt"),
            criterion("apotheek", "distance", facility_class="apotheek"),
            criterion("bank", "distance", facility_class="bank"),
            criterion("balans", "area_mean", column="balans"),
            criterion("ggz", "area_mean", column="ggz"),
            criterion("geluid", "raster", raster="geluid", kind="decibel"),
            criterion("groen", "raster", raster="groen", kind="share"),
            criterion("mensen", "people_within"),
            criterion("n_woningen", "site", column="n_woningen"),
            criterion("ruimte", "site", column="ontmoetingsruimte", levels={"ja": 1, "nee": 0}),
            criterion("prijs", "site", column="prijs"),
        ],
    }
)
NAN, INF = np.nan, np.inf
EXPECTED = {
    "huisarts": ([150, 900, NAN], ["", "", "island"]),
    "supermarkt": ([NAN, 400, NAN], ["beyond_limit", "", "island"]),
    "apotheek": ([INF] * 3, ["none"] * 3),  # known not to exist, also for who is on no street
    "bank": ([NAN] * 3, ["no_facilities"] * 3),
    "balans": ([0.5, NAN, NAN], ["", "geen adressen op loopafstand", "island"]),
    "ggz": ([NAN] * 3, ["no_figures"] * 3),
    "geluid": ([55, NAN, NAN], ["", "raster_hole", "island"]),
    "groen": ([NAN] * 3, ["no_raster"] * 3),
    "mensen": ([80, 0, NAN], ["", "", "island"]),
    "n_woningen": ([24, NAN, 8], ["", "not_given", ""]),
    "prijs": ([NAN] * 3, ["not_given"] * 3),
}


def test_every_metric_gives_its_measure_or_its_reason():
    found = measure_sites(around(absent=frozenset({"apotheek"})), PROFILE)
    for key, (raw, reasons) in EXPECTED.items():
        assert found.raw[key].tolist() == pytest.approx(raw, nan_ok=True), key
        assert found.reasons[key].tolist() == reasons, key
    assert found.raw["ruimte"].tolist()[:2] == ["ja", "nee"]
    assert found.reasons["ruimte"].tolist() == ["", "", "not_given"]
    rows = found.origins.set_index(["site_id", "criterion"])
    assert rows.loc[("town", "huisarts"), ["source", "year"]].tolist() == ["OpenStreetMap", 2023]
    assert rows.loc[("town", "balans"), ["source", "year", "coverage_share"]].tolist() == [
        "cbs",
        2022,
        0.8,
    ]
    assert rows.loc[("field", "n_woningen"), "source"] == "sites.csv"
    assert rows.loc[("field", "prijs"), "raw_min":"raw_max"].isna().all()


def test_what_is_measured_is_what_is_scored():
    measures = measure_sites(around(absent=frozenset({"apotheek"})), PROFILE)
    found = score(measures.raw, PROFILE, draws=0)
    # town: huisarts .85, apotheek 0, balans .9995, geluid .945, mensen .92, woningen .976, ruimte 1 of 12
    assert found.loc["town", "known_weight_share"] == pytest.approx(7 / 12)
    points = 0.85 + 0.9995 + 0.945 + 0.92 + 0.976 + 1
    assert found.loc["town", "score"] == pytest.approx(100 * points / 7)
    assert found.loc["town", "score_low"] == pytest.approx(100 * points / 12)
    assert found.loc["town", "score_high"] == pytest.approx(100 * (points + 5) / 12)
    assert np.isnan(found.loc["island", "score"])  # 2 of 12


def test_a_word_where_a_number_is_asked_names_the_site():
    with pytest.raises(
        InputError, match=r"1 values of n_woningen are not numbers \(field: 'veel'\)"
    ):
        measure_sites(around(sites=table(n_woningen=["24", "veel", "8"])), PROFILE)
