"""QGIS expressions that write a figure as a reader says it: rounded, with its range, and unknown as a word."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from qgis.core import QgsExpression

from . import settings
from .texts import tr

# What comes before and after the name of a figure's lowest and highest value, as the engine names its columns.
RANGES = (("_low", "_high"), ("_min", "_max"))
_OWN_RANGES = {
    "people_65plus": ("people_65plus_min", "people_65plus_max"),
    "vragers_index": ("vragers_low", "vragers_high"),
    "dragers_index": ("dragers_low", "dragers_high"),
}
_UNITS = {"m": (0, " m"), "dB": (0, " dB"), "log2": (2, ""), "aandeel": (0, " %"), "share": (0, " %")}
_PLACES_BY_ENDING = (
    ("_share", (0, " %")),
    ("_m2", (0, " m²")),
    ("_pct", (1, " %")),
    ("_m", (0, " m")),
    ("_index", (2, "")),
    ("_contribution", (1, "")),
    ("_value", (2, "")),
)
_KNOWN = {
    "score": (0, ""),
    "score_before": (0, ""),
    "score_after": (0, ""),
    "share_65plus": (0, " %"),
    "balans": (2, ""),
    "balans_before": (2, ""),
    "balans_after": (2, ""),
    "balans_gemeente": (2, ""),
    "balans_region": (2, ""),
    "complex_balans": (2, ""),
    **dict.fromkeys(("lbm_afw", "lbm_fys", "lbm_onv", "lbm_soc", "lbm_vrz", "lbm_won"), (2, "")),
}


def literal(text: str) -> str:
    """Write a text as a literal of an expression."""
    return QgsExpression.quotedString(text)


def column(name: str) -> str:
    """Write a column's name as an expression."""
    return QgsExpression.quotedColumnRef(name)


def places_and_unit(name: str) -> tuple[int, str]:
    """Give how many decimals a column is read with, and the unit behind it."""
    if name in _KNOWN:
        return _KNOWN[name]
    return next((how for ending, how in _PLACES_BY_ENDING if name.endswith(ending)), (0, ""))


def of_unit(unit: str) -> tuple[int, str]:
    """Give the same for what is measured in a criterion's unit."""
    if unit in _UNITS:
        return _UNITS[unit]
    return (2, "") if unit.startswith(("afwijking", "deviation")) else (0, "")


def range_of(name: str, columns: Iterable[str]) -> tuple[str, str] | None:
    """Find the columns of a figure's lowest and highest value, if a layer has both."""
    there = set(columns)
    pairs = [_OWN_RANGES[name]] if name in _OWN_RANGES else [(name + low, name + high) for low, high in RANGES]
    return next((pair for pair in pairs if there.issuperset(pair)), None)


def number(expression: str, places: int, unit: str = "") -> str:
    """Write a number that is known; a share becomes per cent."""
    value = f"100 * ({expression})" if unit == " %" else f"({expression})"
    # Rounded first, and + 0: a number just under zero is not minus zero.
    return f"format_number(round(to_real({value}), {places}) + 0, {places}, {literal(settings.language())})"


def said(name: str, ends: tuple[str, str] | None = None, how: tuple[int, str] = (0, ""), missing: str = "") -> str:
    """Write a column of numbers as text: ``61 (48–74)``; a range alone where only that is known; else that it is unknown.

    Parameters
    ----------
    name
        The column.
    ends
        The columns of its lowest and highest value.
    how
        Decimals and the unit behind it.
    missing
        What is said where nothing is known, if not "unknown".
    """
    places, unit = how
    in_per_cent = " %" if unit == " %" and not name.endswith("_pct") else ""
    unknown = literal(missing or tr("unknown"))
    value = f"{number(column(name), places, in_per_cent)} || {literal(unit)}"
    if ends is None:
        return f"coalesce({value}, {unknown})"
    low, high = (number(column(end), places, in_per_cent) for end in ends)
    both = f"{column(ends[0])} IS NOT NULL AND {column(ends[1])} IS NOT NULL"
    whole = f"' (' || {span(ends[0], low, high)} || ')'"
    return (
        f"CASE WHEN {column(name)} IS NULL THEN {unknown} || if({both}, {whole}, '') "
        f"ELSE {value} || if({both} AND {low} <> {high}, {whole}, '') END"
    )


def span(lowest: str, low: str, high: str) -> str:
    """Write a range of two written numbers; beside a minus sign a dash could not be read."""
    between = f"if({column(lowest)} < 0, {literal(' ' + tr('to') + ' ')}, '–')"
    return f"{low} || {between} || {high}"


def words(name: str) -> str:
    """Write a column of texts, and of an empty one that it is unknown."""
    return f"coalesce(nullif(to_string({column(name)}), ''), {literal(tr('unknown'))})"


def day(name: str) -> str:
    """Write a column of dates or moments as its day."""
    return f"coalesce(format_date({column(name)}, 'yyyy-MM-dd'), {literal(tr('unknown'))})"


def escaped(expression: str) -> str:
    """Write an expression's text so that it is text in HTML too."""
    # A map goes by its keys in order, so the ampersand of what it put in itself is not taken again.
    return f"replace(to_string({expression}), map('&', '&amp;', '<', '&lt;', '>', '&gt;'))"


def facility_class(expression: str) -> str:
    """Write a facility class as its name."""
    names = {entry["name"]: entry["title"] for entry in settings.catalogue()["facility_classes"]}
    return f"coalesce({lookup(names, expression)}, {expression})"


def lookup(table: Mapping[str, str], expression: str) -> str:
    """Look a key up in a table; nothing where it is not in it."""
    if not table:
        return "NULL"
    pairs = ", ".join(f"{literal(key)}, {literal(value)}" for key, value in table.items())
    return f"map_get(map({pairs}), {expression})"


def scoring_profile(provenance: Mapping[str, str]) -> dict[str, Any]:
    """Give the scoring profile that a run wrote down, empty if it wrote none."""
    return run_of(provenance).get("profiles", {}).get("scoring", {})


def run_of(provenance: Mapping[str, str]) -> dict[str, Any]:
    """Give what a run wrote down of itself, empty if nothing."""
    try:
        known = json.loads(provenance.get("provenance", "{}"))
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def in_language(table: Mapping[str, Any], key: str) -> str:
    """Give a text of the engine in the plugin's language, in Dutch where it has no other."""
    return str((table.get(f"{key}_en") if settings.language() == "en" else None) or table.get(key) or "")


def kept_of_run(provenance: Mapping[str, str]) -> str:
    """Write down, as JSON, what a printed page says of a run: profile, engine, names of criteria and sources."""
    run, profile = run_of(provenance), scoring_profile(provenance)
    if not run:
        return ""
    kept = {
        "profile": in_language(profile, "title") or str(profile.get("name", "")),
        "hash": str(profile.get("hash", "")),
        "engine": f"geowoonzorg {run.get('versions', {}).get('geowoonzorg', '')}".strip(),
        "labels": {str(one["key"]): in_language(one, "label") for one in profile.get("criterion", ())},
        "sources": list(dict.fromkeys(_source(one) for one in run.get("inputs", ()))),
    }
    return json.dumps(kept, ensure_ascii=False)


def _source(given: Mapping[str, Any]) -> str:
    """Name a source as its owner wants, or by its file, with its date or year and licence."""
    named = str(given.get("citation") or given.get("file") or "")
    when = str(given.get("date") or given.get("year") or "")
    more = [part for part in (when if when not in named else "", str(given.get("licence") or "")) if part]
    return f"{named} ({', '.join(more)})" if more else named


def run_kept(text: object) -> dict[str, Any]:
    """Read what ``kept_of_run`` wrote."""
    try:
        known = json.loads(str(text or "{}"))
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}
