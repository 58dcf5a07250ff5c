"""What a run left in its folder, for the panel: sites, weights, labels, reasons, provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qgis.core import QgsFeature, QgsProcessingFeedback, QgsVectorLayer
from qgis.PyQt.QtCore import pyqtSignal

from . import finish, ranking, runs, settings
from .algorithm import Output
from .comparing import Written
from .study import StudyAlgorithm
from .texts import tr


@dataclass(frozen=True)
class Outcome:
    """What is known of a run besides its layers."""

    provenance: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    least_known_share: float = 0.0
    profile: Mapping[str, Any] = field(default_factory=dict)  # the whole scoring profile, where the run wrote it down

    def told(self) -> frozenset[str]:
        """Give the criteria of which the applicant could have told the measure."""
        return frozenset(table["key"] for table in self.profile.get("criterion", ()) if table.get("metric") == "site")

    def best_values(self) -> dict[str, float]:
        """Give per criterion the highest value that any measure brings."""
        scales = {table["key"]: table.get("anchors") or table.get("levels") for table in self.profile.get("criterion", ())}
        return {
            key: max(scale.values() if isinstance(scale, Mapping) else (value for _, value in scale))
            for key, scale in scales.items()
            if scale
        }


class Listener(QgsProcessingFeedback):
    """A feedback that remembers the error and passes on the steps, for a run without the toolbox's log."""

    said = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N803 - QGIS's names
        """Remember an error."""
        self.errors.append(error)
        super().reportError(error, fatalError)

    def setProgressText(self, text: str) -> None:
        """Pass a step on; it is said in the run's own thread, and heard in that of the panel."""
        super().setProgressText(text)
        self.said.emit(text)


def read_outcome(layer: QgsVectorLayer) -> Outcome:
    """Read what a run wrote down, from a layer of its sites: its metadata, its GeoPackage, else the file beside that."""
    path, _name = runs.place_of(layer)
    text = finish.story(layer) or (read_story(Path(path).parent) if path else "")
    try:
        said = json.loads(text)
    except ValueError:
        said = {}
    profile = said.get("profiles", {}).get("scoring", {}) if isinstance(said, dict) else {}
    profile = profile if isinstance(profile, dict) else {}
    known = next((entry for entry in settings.catalogue()["scoring"] if entry["name"] == profile.get("name")), {})
    found = _parts_of_profile(profile)
    for name, told in (_parts(path) if path else {}).items():
        found[name].update(told)
    return Outcome(
        provenance={"provenance": text} if text else {},
        profile=profile if profile.get("criterion") else {},
        least_known_share=float(profile.get("least_known_share", known.get("least_known_share", 0.5))),
        **found,
    )


def read_story(folder: Path) -> str:
    """Read a run's provenance as it was written; empty where there is none."""
    try:
        return (folder / "provenance.json").read_text(encoding="utf-8")
    except OSError:
        return ""


def study_name(story: str) -> str:
    """Give what the study of a run is called, from its provenance; empty where that does not tell."""
    try:
        return str(json.loads(story)["study"]["name"])
    except (ValueError, KeyError, TypeError):
        return ""


def _parts_of_profile(profile: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Take what a profile tells of its criteria: for layers without the run's own table of them."""
    found: dict[str, dict[str, Any]] = {"weights": {}, "labels": {}, "units": {}, "reasons": {}, "sources": {}}
    tables = profile.get("criterion") or ()
    total = sum(float(table["weight"]) for table in tables)
    for table in tables:
        key = table["key"]
        found["weights"][key] = float(table["weight"]) / total if total else 0.0
        found["labels"][key] = str(table.get("label") or key)
        found["units"][key] = str(table.get("unit") or "")
    return found


def _parts(path: str) -> dict[str, dict[str, Any]]:
    """Read the table of every site's every criterion, where there is one."""
    found: dict[str, dict[str, Any]] = {"weights": {}, "labels": {}, "units": {}, "reasons": {}, "sources": {}}
    layer = QgsVectorLayer(f"{path}|layername=criteria", "criteria", "ogr")
    for feature in layer.getFeatures() if layer.isValid() else ():
        row = as_row(feature)
        key = str(row["criterion"])
        found["weights"][key] = float(row["weight"] or 0)
        found["labels"][key] = str(row.get("label") or key)
        found["units"][key] = str(row.get("unit") or "")
        found["sources"][key] = " ".join(str(row[name]) for name in ("source", "year") if row.get(name))
        if row.get("reason"):
            found["reasons"].setdefault(str(row["site_id"]), {})[key] = str(row["reason"])
    return found


def as_row(feature: QgsFeature) -> dict[str, Any]:
    """Give a feature's attributes with None for NULL."""
    row = feature.attributeMap()
    return {name: None if hasattr(value, "isNull") and value.isNull() else value for name, value in row.items()}


def read_sites(layer: QgsVectorLayer, outcome: Outcome) -> tuple[list[ranking.Site], dict[str, float]]:
    """Read the sites and the weights of the profile (shares, 0-1) from a layer of sites."""
    criteria = ranking.criteria_in(f.name() for f in layer.fields())
    rows = [(feature.id(), as_row(feature)) for feature in layer.getFeatures()]
    derived = ranking.weights_behind([row for _, row in rows], criteria)
    weights = {key: outcome.weights.get(key, derived[key]) for key in criteria}
    sites = [
        ranking.Site(
            ident=str(row["id"]),
            name=str(row.get("name") or row["id"]),
            values={key: row[key + ranking.VALUE] for key in criteria if row[key + ranking.VALUE] is not None},
            raw={key: row[key + ranking.RAW] for key in criteria},
            knocked_out=bool(row.get("knocked_out")),
            reason=str(row.get("knock_out_reason") or ""),
            rank_low=_whole(row.get("rank_low")),
            rank_high=_whole(row.get("rank_high")),
            feature_id=number,
            layer_id=layer.id(),
            may_drop_out=str(row.get("knock_out_possible") or ""),
            low=_known(row, criteria, ranking.LOW),
            high=_known(row, criteria, ranking.HIGH),
        )
        for number, row in rows
    ]
    return sites, weights


def read_written(layer: QgsVectorLayer) -> dict[str, Written]:
    """Read what a run wrote of each site, under its own profile."""
    found = {}
    for row in map(as_row, layer.getFeatures()):
        real = {key: _real(row.get(key)) for key in ("score", "score_low", "score_high")}
        whole = {key: _whole(row.get(key)) for key in ("rank", "rank_low", "rank_high")}
        found[str(row["id"])] = Written(
            name=str(row.get("name") or row["id"]),
            known_share=_real(row.get("known_weight_share")),
            knocked_out=bool(row.get("knocked_out")),
            **real,
            **whole,
        )
    return found


def _real(value: object) -> float | None:
    return None if value is None else float(value)


def _known(row: Mapping[str, Any], criteria: list[str], ending: str) -> dict[str, float]:
    """Give what a row has of the columns with an ending, by criterion; an older run did not write them."""
    return {key: float(row[key + ending]) for key in criteria if row.get(key + ending) is not None}


def _whole(value: object) -> int | None:
    return None if value is None else int(value)


def along_problem(shown: Outcome, other: Outcome, layer: QgsVectorLayer) -> str:
    """Say why sites of another run cannot stand in this ranking: they were judged otherwise."""
    missing = sorted(set(shown.weights) - set(ranking.criteria_in(field.name() for field in layer.fields())))
    if missing:
        said = tr("{layer} lacks criteria of this ranking: {names}. Score it with the same profile.")
        return said.format(layer=layer.name(), names=", ".join(missing[:5]))
    ours, theirs = (_scales(one.profile) for one in (shown, other))
    if ours and theirs and ours != theirs:
        return tr("{layer} was scored on other scales. Score it with the same profile.").format(layer=layer.name())
    return ""


def _scales(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Give what makes a value of a measure, by criterion: all but words and weights."""
    names = ("metric", "anchors", "levels", "unit", "facility_class", "column")
    return {table["key"]: [table.get(name) for name in names] for table in profile.get("criterion", ())}


def put_along(sites: list[ranking.Site], others: list[ranking.Site]) -> list[ranking.Site]:
    """Put other sites beside those of a run, told apart where their ids are the same."""
    taken = {site.ident for site in sites}
    renamed = []
    for site in others:
        ident = f"+{site.ident}" if site.ident in taken else site.ident
        renamed.append(replace(site, ident=ident, name=f"+ {site.name}", rank_low=None, rank_high=None))
    return [*sites, *renamed]


def layers_to_load() -> list[Output]:
    """Give the layers the panel puts on the map, from below to above."""
    return list(StudyAlgorithm().outputs())


def headline(sites: list[ranking.Site], standings: Mapping[str, ranking.Standing], *, own_weights: bool = False) -> str:
    """Say in a few words what came out, and under whose weights."""
    first = [site.name for site in sites if standings[site.ident].rank == 1]
    dropped = sum(site.knocked_out for site in sites)
    unknown = sum(standings[site.ident].score is None and not site.knocked_out for site in sites)
    if not first:
        lead = tr("No site could be ranked: see the reasons in the table.")
    elif len(first) == 1:
        lead = tr("{name} is first of {count} sites.").format(name=first[0], count=len(sites))
    else:
        lead = tr("{names} share the first place of {count} sites.").format(names=", ".join(first), count=len(sites))
    said = [tr("With the weights moved:")] if own_weights else []
    said.append(lead)
    if dropped:
        said.append(tr("Dropped out: {count}.").format(count=dropped))
    if unknown:
        said.append(tr("Too little known for a score: {count}.").format(count=unknown))
    return " ".join(said)
