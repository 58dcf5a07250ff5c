"""Walking profiles as files: what they extend, and every fault in them at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geowoonzorg._faults import Faults, is_number
from geowoonzorg._tag_values import ATTRIBUTE_KEYS
from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml

if TYPE_CHECKING:
    from collections.abc import Collection

PROFILES_DIR: Final = Path(__file__).parent / "knowledge" / "walking"
#: Attributes that a profile may say matter; all but ``kerb`` are columns of the ways.
MATTERS: Final = frozenset(
    {"surface", "smoothness", "width_m", "incline_pct", "kerb", "wheelchair", "lit", "crossing"}
)
_TEXTS: Final = ("name", "title", "description", "source")
_OTHER: Final = ("title_en", "description_en")
_TABLES: Final = {
    "highway": ("open", "with_foot", "motorroad"),
    "access": ("keys", "allowed", "blocked", "last_leg", "last_leg_highway"),
}
_RULES: Final = ("close", "cut")
_RULE_KEYS: Final = frozenset(
    {"when", "unless", "attribute", "above", "below", "junctions", "reason", "source"}
)
_LONGEST_CHAIN: Final = 8


def profile_names() -> list[str]:
    """Name the walking profiles that come with the package.

    Returns
    -------
    list of str
        Their names, in alphabetical order.

    Examples
    --------
    >>> profile_names()
    ['rollator', 'rolstoel', 'wandelaar']
    """
    return sorted(p.stem for p in PROFILES_DIR.glob("*.toml"))


def load_profile(name_or_path: str | Path) -> dict[str, Any]:
    """Read a profile's file and all it extends into one checked document.

    Parameters
    ----------
    name_or_path
        The name of one of ours, or the path of a TOML file.

    Returns
    -------
    dict
        The tables merged key by key, the rules of the extended profile first.

    Raises
    ------
    StudyError
        When no such profile exists or anything in it is wrong.
    SourceError
        When the file cannot be read.

    Examples
    --------
    >>> load_profile("rollator")["highway"]["motorroad"]
    ['yes']
    """
    path = _locate(str(name_or_path), Path())
    if path is None:
        known = ", ".join(profile_names())
        msg = f"no walking profile {str(name_or_path)!r}; choose {known} or give a TOML file"
        raise StudyError(msg)
    return _resolve(path, chain=())


def _locate(name: str, folder: Path) -> Path | None:
    if name in profile_names():
        return PROFILES_DIR / f"{name}.toml"
    return folder / name if name.endswith(".toml") else None


def _resolve(path: Path, *, chain: tuple[Path, ...]) -> dict[str, Any]:
    document = read_toml(path)
    faults = Faults(f"walking profile {path}")
    _check(document, faults)
    base: dict[str, Any] = {kind: [] for kind in _RULES}
    if "extends" in document:
        parent = _locate(faults.text(document, "extends"), path.parent)
        if parent is None:
            faults.add("extends", f"no walking profile {document['extends']!r}")
        elif len(chain) == _LONGEST_CHAIN or parent.resolve() in {
            p.resolve() for p in chain + (path,)
        }:
            faults.add("extends", f"{document['extends']!r} comes back to itself")
        else:
            faults.raise_any()
            base = _resolve(parent, chain=(*chain, path))
    faults.raise_any()
    single = {k: v for k, v in document.items() if k not in {*_TABLES, *_RULES}}
    tables = {table: base.get(table, {}) | document.get(table, {}) for table in _TABLES}
    rules = {kind: [*base[kind], *document.get(kind, [])] for kind in _RULES}
    merged = base | single | tables | rules
    if not chain:
        for key in _TEXTS:
            faults.text(merged, key)
        for table, keys in {"": ("matters",), **_TABLES}.items():
            content = merged[table] if table else merged
            for key in keys:
                if key not in content:
                    faults.add(f"{table}.{key}".strip("."), "is missing")
        faults.raise_any()
    return merged


def _check(document: dict[str, Any], faults: Faults) -> None:
    """Add every key that is unknown and every value of the wrong kind."""
    faults.check_keys(document, {*_TEXTS, *_OTHER, "extends", "matters", *_TABLES, *_RULES})
    for key in (*_TEXTS, *_OTHER):
        if key in document:
            faults.text(document, key)
    _check_words("matters", document.get("matters", []), faults, allowed=MATTERS)
    for table, keys in _TABLES.items():
        content = document.get(table, {})
        if not isinstance(content, dict):
            faults.add(table, "must be a table")
            continue
        faults.check_keys(content, {*keys, "source"}, table)
        for key in keys:
            _check_words(f"{table}.{key}", content.get(key, []), faults)
    for kind in _RULES:
        if kind in document:
            for where, rule in faults.tables(document, kind):
                _check_rule(where, rule, faults)


def _check_words(
    where: str, words: object, faults: Faults, *, allowed: Collection[str] | None = None
) -> None:
    if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
        faults.add(where, f"must be a list of texts, not {words!r}")
        return
    unknown = [w for w in words if allowed is not None and w not in allowed]
    if unknown and allowed is not None:
        faults.add(where, f"{', '.join(unknown)} is none of {', '.join(sorted(allowed))}")


def _check_rule(where: str, rule: dict[str, Any], faults: Faults) -> None:
    faults.check_keys(rule, _RULE_KEYS, where)
    for key in ("reason", "source"):
        faults.text(rule, key, where)
    for part in ("when", "unless"):
        conditions = rule.get(part, {})
        if not isinstance(conditions, dict):
            faults.add(f"{where}.{part}", "must be a table of key = [values]")
            continue
        for key, values in conditions.items():
            _check_words(f"{where}.{part}.{key}", values, faults)
    if not isinstance(rule.get("junctions", True), bool):
        faults.add(f"{where}.junctions", "must be true or false")
    if not rule.get("when") and "attribute" not in rule:
        faults.add(where, "would hold everywhere; give it when, or an attribute")
    _check_limits(where, rule, faults)


def _check_limits(where: str, rule: dict[str, Any], faults: Faults) -> None:
    limits = [key for key in ("above", "below") if key in rule]
    for key in limits:
        if not (is_number(rule[key]) and rule[key] >= 0):
            faults.add(f"{where}.{key}", f"must be a number of 0 or more, not {rule[key]!r}")
    if "attribute" not in rule:
        if limits:
            faults.add(f"{where}.{limits[0]}", "needs an attribute")
        return
    if rule["attribute"] not in ATTRIBUTE_KEYS:
        faults.add(f"{where}.attribute", f"must be one of {', '.join(ATTRIBUTE_KEYS)}")
    if not limits:
        faults.add(where, "an attribute needs above or below")
