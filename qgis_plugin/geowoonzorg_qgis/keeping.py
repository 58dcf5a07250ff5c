"""Weights of one's own kept: in the project, as a scoring profile for a next run, and as ranks in the layer of sites."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qgis.core import Qgis, QgsProject, QgsVectorLayer

from .layers import number_field
from .ranking import Standing
from .study import toml_value
from .texts import tr

RANK, SCORE = "rank_own", "score_own"
WEIGHTS = "geowoonzorg/weights"  # a custom property of the layer of sites
_DIGITS = 12


def keep_weights(layer: QgsVectorLayer, weights: Mapping[str, float]) -> None:
    """Keep moved weights in the project, with the layer that they are about; empty forgets them."""
    if weights:
        layer.setCustomProperty(WEIGHTS, json.dumps(dict(weights)))
    else:
        layer.removeCustomProperty(WEIGHTS)
    QgsProject.instance().setDirty(True)


def kept_weights(layer: QgsVectorLayer) -> dict[str, float]:
    """Give the weights that the project keeps for a layer; empty where it keeps none."""
    try:
        read = json.loads(str(layer.customProperty(WEIGHTS) or "{}"))
        return {str(key): float(value) for key, value in read.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def problem(profile: Mapping[str, Any], weights: Mapping[str, float]) -> str:
    """Say why weights cannot be kept as a profile; empty where they can."""
    if not profile:
        return tr("This run did not write down its whole profile; run it again first.")
    return "" if sum(weights.values()) else tr("All weights are 0, so there is nothing to keep.")


def write_profile(profile: Mapping[str, Any], weights: Mapping[str, float], target: Path) -> tuple[Path, str]:
    """Write weights as a scoring profile, and give where it is and what the disk said against it."""
    path = target if target.name.lower().endswith(".toml") else target.with_name(f"{target.name}.toml")
    document = with_weights(profile, weights, name=path.stem)
    try:
        path.write_text(as_toml(document), encoding="utf-8")
    except OSError as error:
        return path, tr("The disk says: {reason}").format(reason=error)
    return path, ""


def with_weights(document: Mapping[str, Any], weights: Mapping[str, float], *, name: str) -> dict[str, Any]:
    """Give a profile with other weights, which says at every criterion that was moved that it was.

    Parameters
    ----------
    document
        The profile, as the run's provenance has it.
    weights
        Per criterion a weight, not negative; only its share in the sum matters.
    name
        The name of the new profile.
    """
    own = {table["key"]: float(table["weight"]) for table in document["criterion"]}
    scale = math.fsum(own.values()) / math.fsum(weights.values())
    made = {key: document[key] for key in ("title", "description", "least_known_share") if key in document}
    made["title"] = tr("{profile}, own weights").format(profile=document["title"])
    made["description"] = tr("{description} Weights moved in QGIS, starting from {profile}.").format(
        description=document["description"], profile=document["name"]
    )
    tables = []
    for table in document["criterion"]:
        weight = float(f"{weights.get(table['key'], 0.0) * scale:.{_DIGITS}g}")
        row = {**table, "weight": weight}
        if not math.isclose(weight, own[table["key"]], rel_tol=1e-9, abs_tol=1e-9):
            moved = tr("weight moved in QGIS from {old} to {new}")
            row["source"] += "; " + moved.format(old=f"{own[table['key']]:g}", new=f"{weight:g}")
            row.pop("source_en", None)  # it does not say so
        tables.append(row)
    return {"name": name, **made, "criterion": tables}


def as_toml(document: Mapping[str, Any]) -> str:
    """Write a profile as the engine reads it.

    Examples
    --------
    >>> print(as_toml({"name": "a", "criterion": [{"key": "x", "levels": {"ja": 1.0}}]}))
    name = "a"
    <BLANKLINE>
    [[criterion]]
    key = "x"
    levels = {"ja" = 1.0}
    <BLANKLINE>
    """
    lines = [f"{key} = {toml_value(value)}" for key, value in document.items() if key != "criterion"]
    for table in document["criterion"]:
        lines += ["", "[[criterion]]", *(f"{key} = {toml_value(value)}" for key, value in table.items())]
    return "\n".join([*lines, ""])


def write_ranks(layer: QgsVectorLayer, standings: Mapping[str, Standing]) -> str:
    """Write ranks and scores under one's own weights into a layer of sites, in columns of their own.

    Returns
    -------
    str
        What is wrong, in the user's words; empty when it was done.
    """
    provider = layer.dataProvider()
    wanted = provider.Capability.AddAttributes | provider.Capability.ChangeAttributeValues
    if layer.isEditable() or provider.capabilities() & wanted != wanted:
        return tr("{layer} cannot be written to now: it is being edited, or is read only.").format(layer=layer.name())
    titles = {RANK: tr("Rank under own weights"), SCORE: tr("Score under own weights")}
    new = [number_field(name, whole=name == RANK) for name in titles if layer.fields().lookupField(name) < 0]
    if new and not provider.addAttributes(new):
        return provider.lastError() or tr("The columns could not be added.")
    layer.updateFields()
    at = {name: layer.fields().lookupField(name) for name in titles}
    changes = {}
    for feature in layer.getFeatures():
        standing = standings.get(str(feature["id"]))
        if standing is not None:
            changes[feature.id()] = {at[RANK]: standing.rank, at[SCORE]: standing.score}
    if not provider.changeAttributeValues(changes):
        return provider.lastError() or tr("The columns could not be filled.")
    for name, title in titles.items():
        layer.setFieldAlias(at[name], title)
    layer.triggerRepaint()
    return ""


def ranks_written(layer: QgsVectorLayer, standings: Mapping[str, Standing]) -> tuple[str, Qgis.MessageLevel]:
    """Write ranks into a layer, and give what is to be said of it."""
    wrong = write_ranks(layer, standings)
    if wrong:
        return wrong, Qgis.MessageLevel.Critical
    said = tr("Written into {layer}: {rank} and {score}.")
    return said.format(layer=layer.name(), rank=RANK, score=SCORE), Qgis.MessageLevel.Success
