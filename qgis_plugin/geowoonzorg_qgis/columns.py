"""What a column is called for the person who reads the table."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.core import QgsVectorLayer

from . import settings
from .texts import tr


def names() -> dict[str, str]:
    """Give the readable names of the engine's columns."""
    return {
        "id": tr("Id"),
        "name": tr("Name"),
        "facility_class": tr("Class"),
        "facility_id": tr("Facility"),
        "origin_id": tr("Place of departure"),
        "site_id": tr("Site"),
        "osm_id": tr("OpenStreetMap object"),
        "last_edit": tr("Last edited"),
        "entrances": tr("Where one walks to (text, degrees)"),
        "limit_m": tr("Walking distance, limit (m)"),
        "length_m": tr("Metres along streets"),
        "length_low_m": tr("Metres along streets, cautiously"),
        "unknown_share": tr("Share of the metres of which something is not known"),
        "area_m2": tr("Area within reach (m²)"),
        "distance_m": tr("Walking distance (m)"),
        "distance_high_m": tr("Walking distance, cautiously (m)"),
        "access_leg_m": tr("From door to street (m)"),
        "access_leg_origin_m": tr("From door to street, departure (m)"),
        "bench_gap_m": tr("Longest stretch without a bench (m)"),
        "steps_count": tr("Flights of steps"),
        "steps_m": tr("Metres of steps"),
        "kerbs_high": tr("High kerbs"),
        "kerbs_unknown": tr("Kerbs of unknown height"),
        "crossings": tr("Crossings"),
        "steepest_pct": tr("Steepest slope (%)"),
        "surface_unknown_share": tr("Surface unknown, share of the walk"),
        "smoothness_unknown_share": tr("Smoothness unknown, share of the walk"),
        "width_m_unknown_share": tr("Width unknown, share of the walk"),
        "incline_pct_unknown_share": tr("Slope unknown, share of the walk"),
        "people_65plus": tr("People of 65 and over within reach"),
        "people_65plus_min": tr("People of 65 and over, at least"),
        "people_65plus_max": tr("People of 65 and over, at most"),
        "balans_before": tr("Balance before building"),
        "balans_after": tr("Balance after building"),
        "access_leg_facility_m": tr("From street to door, facility (m)"),
        "status": tr("Status"),
        "score": tr("Score (0-100)"),
        "score_low": tr("Score, at least"),
        "score_high": tr("Score, at most"),
        "first_share": tr("Share of the draws in which it is first"),
        "top3_share": tr("Share of the draws in which it is among the first three"),
        "rank": tr("Rank"),
        "rank_low": tr("Rank, best"),
        "rank_high": tr("Rank, worst"),
        "rank_low_weights": tr("Rank, best, other weights only"),
        "rank_high_weights": tr("Rank, worst, other weights only"),
        "rank_low_unknown": tr("Rank, best, the unknown only"),
        "rank_high_unknown": tr("Rank, worst, the unknown only"),
        "knock_out_possible": tr("Why it may still drop out"),
        "known_weight_share": tr("Share of the weight that is known"),
        "knocked_out": tr("Dropped out"),
        "knock_out_reason": tr("Reason for dropping out"),
        "code": tr("Code"),
        "level": tr("Level"),
        "year": tr("Year"),
        "lbm_afw": tr("Liveability, deviation from the Netherlands"),
        "lbm_fys": tr("Liveability: physical surroundings"),
        "lbm_onv": tr("Liveability: nuisance and unsafety (higher is better)"),
        "lbm_soc": tr("Liveability: social cohesion"),
        "lbm_vrz": tr("Liveability: services"),
        "lbm_won": tr("Liveability: housing stock"),
        "lbm_class": tr("Liveability class (1-9)"),
        "vragers_index": tr("Vragers index (reference = 1)"),
        "dragers_index": tr("Dragers index (reference = 1)"),
        "vragers_low": tr("Vragers index, at least"),
        "vragers_high": tr("Vragers index, at most"),
        "dragers_low": tr("Dragers index, at least"),
        "dragers_high": tr("Dragers index, at most"),
        "balans_low": tr("Balance, at least"),
        "balans_high": tr("Balance, at most"),
        "balans_gemeente": tr("Balance (0 = as its gemeente)"),
        "balans_region": tr("Balance (0 = as the region)"),
        "lbm_words": tr("Liveability in words"),
        "carried_share": tr("Share of figures carried over from other borders"),
        "complex_vragers_share": tr("Share of vragers in the building itself"),
        "complex_balans": tr("Balance in the building itself"),
        "capaciteit": tr("Capacity"),
        "balans": tr("Balance of vragers and dragers (0 = as the reference)"),
        "quadrant": tr("Quadrant of vragers and dragers"),
        "inhabitants": tr("Inhabitants"),
        "share_65plus": tr("Share of 65 and over"),
        "criterion": tr("Criterion"),
        "raw": tr("Measured"),
        "unit": tr("Unit"),
        "value": tr("Value (0-1)"),
        "weight": tr("Weight"),
        "contribution": tr("Contribution to the score"),
        "reason": tr("Why unknown"),
        "source": tr("Source"),
        "order": tr("Order"),
        "reached_new": tr("Newly reached"),
        "reached_total": tr("Reached from here"),
        "homes": tr("Homes"),
        "wijk_code": tr("Code of the wijk"),
        "phase_year": tr("Year of the phase"),
        "change": tr("What changes"),
        "distance_before_m": tr("Walking distance before (m)"),
        "distance_after_m": tr("Walking distance after (m)"),
        "score_before": tr("Score before"),
        "score_after": tr("Score after"),
        "rank_before": tr("Rank before"),
        "rank_after": tr("Rank after"),
        "count": tr("Number within reach"),
        "count_low": tr("Number within reach, cautiously"),
        "point": tr("Which point"),
        "from_m": tr("From (m)"),
        "cut": tr("Why ways are cut here"),
        "n_facilities": tr("Number of facilities"),
        "kind": tr("Kind of ground"),
        "n_woningen": tr("Number of homes"),
        "woonvorm": tr("Form of living"),
        "ontmoetingsruimte": tr("Room to meet"),
        "eigenaar": tr("Owner"),
        "planfase": tr("Phase of the plan"),
        "min_woningen": tr("Least number of homes"),
        "toegankelijk": tr("Accessible"),
        "doelgroep": tr("For whom"),
        "bron": tr("Source"),
        "peildatum": tr("As of"),
        "area_code": tr("Code of the area"),
        "street": tr("Street"),
        "housenumber": tr("House number"),
        "city": tr("Town"),
        "label": tr("Criterion"),
        "known": tr("Known"),
        "certainty": tr("Why not certain"),
        "known_share": tr("Share that is known"),
        "through_data": tr("Through data"),
        "through_profile": tr("Through the profile"),
        "through_network": tr("Through the network"),
        "before": tr("Before"),
        "after": tr("After"),
    }


def parts() -> dict[str, str]:
    """Give the readable names of the endings of a criterion's columns."""
    return {
        "_raw": tr("measured"),
        "_raw_low": tr("measured, at least"),
        "_raw_high": tr("measured, at most"),
        "_value": tr("value (0-1)"),
        "_value_low": tr("value, at least"),
        "_value_high": tr("value, at most"),
        "_contribution": tr("points"),
    }


def words(column: str) -> dict[str, str]:
    """Give what the engine's keywords in a column mean."""
    return {
        "status": {
            "ok": tr("known"),
            "unknown": tr("unknown"),
            "island": tr("only a loose piece of street nearby"),
            "off_network": tr("no street near enough"),
            "beyond_limit": tr("too far"),
            "none": tr("is not there"),
        },
        "change": {
            "gained": tr("comes within reach"),
            "lost": tr("is no longer within reach"),
            "nearer": tr("walks less far"),
            "further": tr("walks farther"),
            "both": tr("in both"),
        },
        "quadrant": {
            "meer vragers, minder dragers": tr("more vragers, fewer dragers"),
            "meer vragers, meer dragers": tr("more vragers, more dragers"),
            "minder vragers, minder dragers": tr("fewer vragers, fewer dragers"),
            "minder vragers, meer dragers": tr("fewer vragers, more dragers"),
        },
    }.get(column, {})


def alias(column: str) -> str:
    """Give a column's readable name, empty if it has none."""
    if known := names().get(column):
        return known
    if distances_in([column]):
        return tr("Walking distance (m): {name}").format(name=class_name(column.removesuffix("_m")))
    labels = settings.catalogue()["criteria"]
    for ending, meaning in parts().items():
        key = column.removesuffix(ending)
        if key != column:
            return f"{labels[key]['label'] if key in labels else key}: {meaning}"
    return ""


def distances_in(columns: Iterable[str]) -> dict[str, str]:
    """Find the columns of a layer of addresses that hold the walk to a facility class, by class."""
    known = {entry["name"] for entry in settings.catalogue()["facility_classes"]}
    return {name.removesuffix("_m"): name for name in columns if name.endswith("_m") and name.removesuffix("_m") in known}


def class_name(key: str) -> str:
    """Give a facility class's name."""
    titles = {entry["name"]: entry["title"] for entry in settings.catalogue()["facility_classes"]}
    return titles.get(key, key)


def set_aliases(layer: QgsVectorLayer) -> None:
    """Give every known column of a layer its readable name."""
    for index, field in enumerate(layer.fields()):
        if readable := alias(field.name()):
            layer.setFieldAlias(index, readable)
