"""Profiles that build upon another: the other's tables taken over key by key, before anything is checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from geowoonzorg.files import read_toml
from geowoonzorg.messages import tell

if TYPE_CHECKING:
    from geowoonzorg.messages import Message

PROFILES_DIR: Final = Path(__file__).parents[1] / "knowledge" / "scoring"
INHERITS: Final = "inherits"
WITHOUT: Final = "without"
_CRITERIA: Final = "criterion"
_EITHER: Final = {
    "anchors": "levels",
    "levels": "anchors",
}  # one of them says what a measure is worth
# What is measured is one thing: who names another metric says anew what it is measured of.
_OF_METRIC: Final = (
    "facility_class",
    "facility_classes",
    "column",
    "raster",
    "kind",
    "over",
    "measured",
)
_HEAD: Final = ("least_known_share",)  # besides criteria; who a profile is for is its own


class Inherited(NamedTuple):
    """A document with what it builds upon, the order of its criteria, its ancestors, and what is wrong in that.

    ``content`` has the document's own criteria first, at their own places, so that a fault is told where
    it stands; ``order`` puts the others' before them again.
    """

    content: dict[str, Any]
    order: list[str]
    ancestors: tuple[str, ...]
    faults: list[tuple[str, Message]]
    parent: Path | None = None
    """The file it builds upon, where that is a user's, who may have made mistakes in it."""


def scoring_profile_names() -> list[str]:
    """Name the scoring profiles that come with the package.

    Returns
    -------
    list of str
        In alphabetical order.

    Examples
    --------
    >>> "geclusterd" in scoring_profile_names()
    True
    """
    return sorted(path.stem for path in PROFILES_DIR.glob("*.toml"))


def locate_profile(name: str, folder: Path) -> Path | None:
    """Find the file of a profile: ours by its name, a user's by its path from where it is named.

    Parameters
    ----------
    name
        A name or a path that ends in ``.toml``.
    folder
        What a relative path starts from.

    Returns
    -------
    pathlib.Path or None
        None where no profile has that name.

    Examples
    --------
    >>> locate_profile("geclusterd", Path()).name, locate_profile("step", Path())
    ('geclusterd.toml', None)
    """
    if name.lower().endswith(".toml"):
        return folder / name
    return PROFILES_DIR / f"{name}.toml" if name in scoring_profile_names() else None


def inherit(
    content: Mapping[str, Any], *, folder: Path = Path(), seen: tuple[str, ...] = ()
) -> Inherited:
    """Take over what a document does not say itself from the profile it builds upon, and from that one's.

    Parameters
    ----------
    content
        The document, with ``inherits`` (a name, or a path from ``folder``) and ``without`` (keys of
        criteria that are left out), or neither.
    folder
        Where the document lies.
    seen
        The documents that build upon this one, to find a circle.

    Returns
    -------
    Inherited
        A criterion with the key of an inherited one changes of it what it names; others are added.

    Raises
    ------
    SourceError
        When a file that is built upon is not there or cannot be read.

    Examples
    --------
    >>> inherit({"inherits": "geclusterd", "without": ["huisarts"]}).ancestors
    ('geclusterd',)
    """
    own, keys = dict(content), _keys(content)
    name, without = content.get(INHERITS), content.get(WITHOUT, [])
    if not isinstance(name, str) or not isinstance(without, list):
        return Inherited(
            own, keys, (), []
        )  # there is none, or the reader says what is wrong with it
    path = locate_profile(name, folder)
    if path is None:
        known = ", ".join(scoring_profile_names())
        what = tell(
            "no scoring profile is called {name!r}; choose from {known}", name=name, known=known
        )
        return Inherited(own, keys, (), [(INHERITS, what)])
    whose = str(path.resolve())
    if whose in seen:
        chain = " → ".join(Path(one).stem for one in (*seen[seen.index(whose) :], whose))
        return Inherited(
            own, keys, (), [(INHERITS, tell("goes round in a circle: {chain}", chain=chain))]
        )
    above = inherit(read_toml(path), folder=path.parent, seen=(*seen, whose))
    if above.faults:
        told = [
            (INHERITS, tell("{name}: {path}: {what}", name=name, path=where, what=what))
            for where, what in above.faults
        ]
        return Inherited(own, keys, (), told)
    faults = [
        (WITHOUT, tell("{key} is no criterion of {name}", key=str(key), name=name))
        for key in without
        if key not in above.order
    ]
    kept = [key for key in above.order if key not in without]
    merged = _merged(above.content, own, kept)
    added = [key for key in keys if key not in kept]
    theirs = None if path.parent == PROFILES_DIR else path
    return Inherited(merged, [*kept, *added], (name, *above.ancestors), faults, theirs)


def _criteria(content: Mapping[str, Any]) -> list[Any]:
    found = content.get(_CRITERIA, [])
    return found if isinstance(found, list) else []


def _keys(content: Mapping[str, Any]) -> list[str]:
    """List the keys of criteria, each once, as far as they have one."""
    named = [one.get("key") for one in _criteria(content) if isinstance(one, Mapping)]
    return list(dict.fromkeys(key for key in named if isinstance(key, str)))


def _merged(above: Mapping[str, Any], own: Mapping[str, Any], kept: list[str]) -> dict[str, Any]:
    """Lay a document over the one it builds upon: own criteria first, then what is taken over whole."""
    there = [one for one in _criteria(above) if isinstance(one, Mapping) and "key" in one]
    theirs = {str(one["key"]): _without_gone(one, {*kept, *_keys(own)}) for one in there}
    mine: list[Any] = []
    for one in _criteria(own):
        key = one.get("key") if isinstance(one, Mapping) else None
        mine.append(_changed(theirs[key], one) if key in kept else one)
    mine += [theirs[key] for key in kept if key not in _keys(own)]
    head = {key: above[key] for key in _HEAD if key in above} | dict(own)
    wrong_form = _CRITERIA in own and not isinstance(own[_CRITERIA], list)
    return head | ({} if wrong_form else {_CRITERIA: mine})


def _changed(theirs: Mapping[str, Any], mine: Mapping[str, Any]) -> dict[str, Any]:
    """Change an inherited criterion: words of another language, and what another word excludes, go with it."""
    gone = {f"{key}_en" for key in mine} | {_EITHER[key] for key in mine if key in _EITHER}
    if mine.get("metric", theirs.get("metric")) != theirs.get("metric"):
        gone.update(_OF_METRIC)
    if "levels" in mine:
        gone.add("knock_out")
    return {key: value for key, value in theirs.items() if key not in gone} | dict(mine)


def _without_gone(criterion: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    """Leave out that a criterion overlaps with one that is left out."""
    overlaps = criterion.get("overlaps")
    if not isinstance(overlaps, Mapping):
        return dict(criterion)
    still = {key: why for key, why in overlaps.items() if key in keys}
    rest = {key: value for key, value in criterion.items() if key != "overlaps"}
    return rest | ({"overlaps": still} if still else {})
