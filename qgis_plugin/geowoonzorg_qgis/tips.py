"""What the map says of a feature under the pointer: its name and what counts, with what is unknown said."""

from __future__ import annotations

import html
from collections.abc import Mapping

from qgis.core import QgsVectorLayer

from . import figures, forms
from .forms import Shown
from .texts import tr

_ENTRIES = 8
# Per preset the columns that a tip tells, the first as its head.
_TOLD = {
    "facilities": ("name", "facility_class", "capaciteit", "last_edit"),
    "service_areas": ("facility_class", "facility_id", "limit_m", "area_m2", "unknown_share"),
    "service_rings": ("facility_class", "limit_m", "from_m", "area_m2"),
    "site_areas": ("site_id", "limit_m", "area_m2", "status"),
    "route": ("facility_class", "site_id", "distance_m", "bench_gap_m", "steps_count", "kerbs_high", "kerbs_unknown", "status"),
    "areas": ("name", "lbm_words", "lbm_afw", "balans", "vragers_index", "dragers_index", "inhabitants", "status"),
    "nearest": ("origin_id", "facility_class", "facility_id", "distance_m", "distance_high_m", "status"),
    "within": ("id", "facility_class", "count", "count_low", "status"),
    "changes": ("id", "facility_class", "change", "distance_before_m", "distance_after_m"),
    "locations": ("order", "reached_new", "reached_total"),
    "area_difference": ("change", "facility_class", "limit_m", "area_m2"),
    "region_maps": ("gemeente", "groep", "value", "class"),
    "dropped": ("reason",),
    "barriers": ("cut", "reason"),
    "streets": ("name", "length_m"),
}  # fmt: skip
_TOLD["areas_balance"] = _TOLD["areas"]


def set_tip(layer: QgsVectorLayer, preset: str, provenance: Mapping[str, str]) -> None:
    """Give a layer its map tip, and the expression that names a feature."""
    own = forms.kinds_in(layer)
    lines = _lines(preset, own, provenance)
    if not lines:
        return
    head, *rest = lines
    layer.setDisplayExpression(head.expression)
    rows = "".join(f"<tr><td>{_as_html(line.alias)}</td><td><b>{_in_html(line.expression)}</b></td></tr>" for line in rest)
    layer.setMapTipTemplate(f"<b>{_in_html(head.expression)}</b><table>{rows}</table>")


def _in_html(expression: str) -> str:
    return f"[% {figures.escaped(expression)} %]"


def _as_html(text: str) -> str:
    """Write a text into HTML in which ``[% %]`` stands for an expression."""
    return html.escape(text).replace("%", "&#37;")


def _lines(preset: str, own: Mapping[str, int], provenance: Mapping[str, str]) -> list[Shown]:
    if preset in {"sites", "spots", "programme"}:
        return _of_site(own, provenance)
    if preset == "addresses":
        return _of_address(own)
    return [forms.line(name, own) for name in _TOLD.get(preset, ()) if name in own]


def _of_site(own: Mapping[str, int], provenance: Mapping[str, str]) -> list[Shown]:
    name = "name" if "name" in own else "id" if "id" in own else "site_id"
    if name not in own:
        return []
    known = {table["key"]: table for table in figures.scoring_profile(provenance).get("criterion", ())}
    keys = [key for key in forms.criteria_in(own) if forms.unit_of(key, known.get(key, {})) == "m"]
    lines = [forms.line(name, own), *(one for one in forms.standing(own) if one.expression)]
    lines += [forms.number(column, own) for column in ("homes", "people_65plus", "balans_before") if column in own]
    return [*lines, *(forms.distance(key, own, known.get(key, {})) for key in keys)][: _ENTRIES + 4]


def _of_address(own: Mapping[str, int]) -> list[Shown]:
    missing = figures.literal(tr("address unknown"))
    said = "nullif(trim(concat(\"street\", ' ', \"housenumber\")), '')" if {"street", "housenumber"} <= set(own) else "NULL"
    head = Shown(
        "head", "", f"coalesce({said}, {figures.column('id')}, {missing})" if "id" in own else f"coalesce({said}, {missing})"
    )
    return [head, *forms.walks_of_address(own)][: _ENTRIES + 1]
