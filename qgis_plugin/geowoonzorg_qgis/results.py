"""What a run left in its folder, for the panel: sites, weights, labels, reasons, provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qgis.core import QgsFeature, QgsProcessingFeedback, QgsProject, QgsVectorLayer

from . import finish, ranking, settings
from .algorithm import Output
from .study import StudyAlgorithm
from .texts import tr

CLOSEST_SCALE = 5000.0  # zooming to a point would otherwise show a paving stone


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
    """A feedback that remembers the error, for a run without the toolbox's log."""

    def __init__(self) -> None:
        super().__init__(False)
        self.errors: list[str] = []

    def reportError(self, error: str, fatalError: bool = False) -> None:  # noqa: N803 - QGIS's names
        """Remember an error."""
        self.errors.append(error)
        super().reportError(error, fatalError)


def read_outcome(folder: Path) -> Outcome:
    """Read a run's provenance and the parts of its scores; what is not there is left empty."""
    try:
        text = (folder / "provenance.json").read_text(encoding="utf-8")
        said = json.loads(text)
    except (OSError, ValueError):
        return Outcome()
    profile = said.get("profiles", {}).get("scoring", {}) if isinstance(said, dict) else {}
    known = next((entry for entry in settings.catalogue()["scoring"] if entry["name"] == profile.get("name")), {})
    return Outcome(
        provenance={"provenance": text},
        profile=profile if profile.get("criterion") else {},
        least_known_share=float(profile.get("least_known_share", known.get("least_known_share", 0.5))),
        **_parts(folder / "result.gpkg"),
    )


def _parts(result: Path) -> dict[str, dict[str, Any]]:
    """Read the table of every site's every criterion."""
    found: dict[str, dict[str, Any]] = {"weights": {}, "labels": {}, "units": {}, "reasons": {}, "sources": {}}
    layer = QgsVectorLayer(f"{result}|layername=criteria", "criteria", "ogr")
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
            low=_known(row, criteria, ranking.LOW),
            high=_known(row, criteria, ranking.HIGH),
        )
        for number, row in rows
    ]
    return sites, weights


def _known(row: Mapping[str, Any], criteria: list[str], ending: str) -> dict[str, float]:
    """Give what a row has of the columns with an ending, by criterion; an older run did not write them."""
    return {key: float(row[key + ending]) for key in criteria if row.get(key + ending) is not None}


def _whole(value: object) -> int | None:
    return None if value is None else int(value)


def layers_to_load() -> list[Output]:
    """Give the layers the panel puts on the map, from below to above."""
    return [output for output in StudyAlgorithm().outputs() if output.layer != "addresses"]


def load(layer: QgsVectorLayer, output: Output, provenance: Mapping[str, str], *, shown: bool = True) -> None:
    """Add a layer to the project: named, styled, in the plugin's group, above what is there."""
    layer.setName(output.title)
    project = QgsProject.instance()
    project.addMapLayer(layer, False)
    root = project.layerTreeRoot()
    group = root.findGroup(finish.GROUP) or root.insertGroup(0, finish.GROUP)
    node = group.insertLayer(0, layer)
    node.setItemVisibilityChecked(shown)
    node.setExpanded(output.layer in {"sites", "areas"})
    finish.dress(layer, preset=output.preset, provenance=dict(provenance))


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
