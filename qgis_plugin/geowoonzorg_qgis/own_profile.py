"""Weights of one's own kept: as a scoring profile for a next study, and as ranks in the layer of sites."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from qgis.core import QgsVectorLayer

from .layers import number_field
from .ranking import Standing
from .study import toml_value
from .texts import tr

RANK, SCORE = "rank_own", "score_own"
_DIGITS = 12


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
