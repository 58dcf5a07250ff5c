"""A dataclass survives its own file, and whatever is wrong in a file is told where it stands."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import geowoonzorg
from geowoonzorg.errors import StudyError
from geowoonzorg.files import read_toml, toml_text
from geowoonzorg.files._synonyms import Synonyms
from geowoonzorg.knowledge import NOT_NEGATIVE, SHARE, Bound, read_document, write_document
from geowoonzorg.messages import tell
from geowoonzorg.opendata.register._words import Rules
from geowoonzorg.opendata.sources import _Sources
from geowoonzorg.osm.classes import _Classes
from geowoonzorg.osm.profile import Rule, WalkProfile
from geowoonzorg.osm.tag_values import ATTRIBUTE_KEYS
from geowoonzorg.people.balance_profile import BalanceProfile
from geowoonzorg.people.uncertainty import Uncertainty
from geowoonzorg.ranking.lenses import LensChoices
from geowoonzorg.ranking.scoring_profile import Criterion, KnockOut, ScoringProfile
from geowoonzorg.show.map_styles import Styles
from geowoonzorg.study import Study
from geowoonzorg.town.completeness import Assumptions

KNOWLEDGE = Path(geowoonzorg.__file__).parent / "knowledge"
DEMO = Path(geowoonzorg.__file__).parents[1] / "data" / "demo" / "study.toml"
SHIPPED = {
    DEMO: Study,
    KNOWLEDGE / "completeness.toml": Assumptions,
    KNOWLEDGE / "sources.toml": _Sources,
    KNOWLEDGE / "facility_classes.toml": _Classes,
    KNOWLEDGE / "map_styles.toml": Styles,
    KNOWLEDGE / "register.toml": Rules,
    KNOWLEDGE / "synonyms.toml": Synonyms,
    KNOWLEDGE / "lenses.toml": LensChoices,
    KNOWLEDGE / "uncertainty.toml": Uncertainty,
    **dict.fromkeys((KNOWLEDGE / "balance").glob("*.toml"), BalanceProfile),
    KNOWLEDGE / "walking" / "wandelaar.toml": WalkProfile,
    # What builds upon another is only whole with it: test_shipped_profiles.
    **{
        path: ScoringProfile
        for path in sorted((KNOWLEDGE / "scoring").glob("*.toml"))
        if "inherits" not in read_toml(path)
    },
}
NO_VALUE = dt.date(2022, 1, 1)  # no dataclass of ours has a date


@dataclass(frozen=True)
class Part:
    name: str
    amounts: tuple[float, ...] = field(default=(), metadata={"each_must_be": NOT_NEGATIVE})
    pair: tuple[int, float] | None = None
    path: Path | Literal["none"] = "none"


@dataclass(frozen=True)
class Whole:
    """Something of every kind that the reader knows."""

    title: str = field(metadata={"key": "about.title"})
    open: bool
    parts: tuple[Part, ...] = field(metadata={"key": "part", "unique": "name"})
    named: Mapping[str, Part] = field(metadata={"key": "more"})
    share: float = field(default=0.5, metadata={"must_be": SHARE})
    note: str = field(default="x", metadata={"blank": True, "key": "about.note"})
    level: Literal["buurt", "wijk"] | None = None
    words: tuple[tuple[str, float], ...] = ()
    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)
    either: bool | tuple[str, ...] = False
    count: int = field(default=1, metadata={"must_be": Bound(tell("a text"), lambda n: n < 9)})
    inner: Part | None = None
    hash: str = field(default="", metadata={"key": None})


TEXTS = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=6).filter(str.strip)
KEYS = st.text("abc_-é :", min_size=1, max_size=4)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9).map(float)


def values_of(hint, about=types.MappingProxyType({})):
    """Give the values that a field can have."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    each = {"must_be": about.get("each_must_be")}
    if origin in {typing.Union, types.UnionType}:
        found = st.one_of(st.none() if a is types.NoneType else values_of(a) for a in inner)
    elif is_dataclass(hint):
        return things(hint)
    elif origin is Literal:
        found = st.sampled_from(inner)
    elif origin is Mapping:
        found = st.dictionaries(KEYS, values_of(inner[1], each), max_size=3)
    elif origin is tuple and inner[-1] is not ...:
        found = st.tuples(*map(values_of, inner))
    elif (
        origin is tuple
        and typing.get_origin(inner[0]) is tuple
        and typing.get_args(inner[0])[0] is str
    ):
        pairs = st.dictionaries(KEYS, values_of(typing.get_args(inner[0])[1], each), max_size=3)
        found = pairs.map(lambda table: tuple(table.items()))
    elif origin in {tuple, frozenset}:
        key = about.get("unique")
        several = st.lists(
            values_of(inner[0], each),
            max_size=3,
            unique_by=(lambda one: getattr(one, key)) if key else None,
        )
        found = several.map(origin)
    else:
        found = {
            str: TEXTS, float: NUMBERS, int: st.integers(-99, 99), bool: st.booleans(),
            Path: TEXTS.map(Path).filter(lambda path: str(path).strip()),
        }[hint]  # fmt: skip
    bound = about.get("must_be")
    return found.filter(lambda value: value is None or bound.holds(value)) if bound else found


def things(kind, /, **own):
    """Give dataclasses without contradictions; ``own`` fields are made as is said."""
    hints = typing.get_type_hints(kind)
    made = {
        item.name: own.get(item.name, values_of(hints[item.name], item.metadata))
        for item in fields(kind)
        if item.metadata.get("key", "") is not None
    }
    return st.builds(kind, **made).filter(
        lambda thing: not list(getattr(thing, "_contradictions", tuple)())
    )


def wholes():
    parts = st.lists(things(Part), min_size=1, max_size=3, unique_by=lambda part: part.name)
    named = st.dictionaries(KEYS, things(Part), min_size=1, max_size=2)
    return things(Whole, parts=parts.map(tuple), named=named)


def criteria():
    raws = st.lists(st.integers(-99, 99), min_size=2, max_size=4, unique=True).map(sorted)
    anchors = raws.map(lambda raws: tuple((float(raw), (raw % 11) / 10) for raw in raws))
    knock_out = st.none() | things(KnockOut, above=NUMBERS)
    names = ("facility_class", "raster", "kind", "over", "measured")
    nothing = dict.fromkeys(names, st.none()) | dict.fromkeys(
        ("facility_classes", "overlaps"), st.just(())
    )
    number = things(
        Criterion, key=st.sampled_from("abcdefghij"), metric=st.just("site"), column=TEXTS,
        anchors=anchors, levels=st.just(()), knock_out=knock_out, **nothing,
    )  # fmt: skip
    words = st.dictionaries(KEYS, st.floats(0, 1), min_size=1, max_size=3)
    return number | number.flatmap(
        lambda one: words.map(
            lambda levels: replace(one, anchors=(), levels=tuple(levels.items()), knock_out=None)
        )
    )


def profiles():
    several = st.lists(criteria(), min_size=1, max_size=3, unique_by=lambda one: one.key)
    return things(ScoringProfile, criteria=several.map(tuple))


def as_toml(value):
    """Write a value as TOML has it between two commas."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_toml(k)} = {as_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if isinstance(value, bool) else repr(value)


def through_a_file(thing):
    text = "\n".join(
        f"{as_toml(key)} = {as_toml(value)}" for key, value in write_document(thing).items()
    )
    return read_document(tomllib.loads(text), type(thing), where="x.toml")


@given(profiles())
def test_a_document_written_as_text_reads_back_as_the_same(profile):
    document = write_document(profile)
    assert tomllib.loads(toml_text(document)) == document


def places(document, path=""):
    """Give every place in a document: the container, the key in it, and its path."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        here = f"{path}.{key}".strip(".") if isinstance(document, dict) else f"{path}[{key + 1}]"
        yield document, key, here
        if isinstance(value, dict | list):
            yield from places(value, here)


def faults_of(document, kind):
    with pytest.raises(StudyError) as caught:
        read_document(document, kind, where="x.toml")
    head, *lines = str(caught.value).split("\n  ")
    assert head == f"x.toml has {len(lines)} fault{'s' * (len(lines) > 1)}:"
    assert caught.value.told("nl").startswith("x.toml heeft ")
    return [line.split(": ")[0] for line in lines]


@given(wholes())
def test_any_dataclass_survives_its_file(whole):
    assert through_a_file(whole) == whole


@given(profiles())
def test_any_scoring_profile_survives_its_file(profile):
    assert through_a_file(profile) == profile


def rules():
    tags = st.dictionaries(KEYS, st.frozensets(TEXTS, max_size=2), min_size=1, max_size=2)
    by_tags = things(
        Rule, when=tags, attribute=st.none(), above=st.just(math.inf), below=st.just(-math.inf)
    )
    limits = st.floats(0, 99)
    by_number = things(
        Rule,
        attribute=st.sampled_from(sorted(ATTRIBUTE_KEYS)),
        above=limits,
        below=limits | st.just(-math.inf),
    )
    return by_tags | by_number


@given(rules())
def test_any_walking_rule_survives_its_file(rule):
    assert through_a_file(rule) == rule


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_ships_survives_its_file(path):
    thing = read_document(read_toml(path), SHIPPED[path], where=path.name)
    assert through_a_file(thing) == thing


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@given(data=st.data())
def test_a_single_value_of_another_kind_is_told_where_it_stands(path, data):
    document = copy.deepcopy(read_toml(path))
    container, key, where = data.draw(st.sampled_from(list(places(document))))
    container[key] = NO_VALUE
    assert where in faults_of(document, SHIPPED[path])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@given(data=st.data())
def test_a_single_key_that_is_not_known_is_told_where_it_stands(path, data):
    document = copy.deepcopy(read_toml(path))
    tables = [(container[key], where) for container, key, where in places(document)]
    tables = [(table, where) for table, where in tables if isinstance(table, dict)]
    table, where = data.draw(st.sampled_from([(document, ""), *tables]))
    table["zzzz"] = NO_VALUE
    assert f"{where}.zzzz".strip(".") in faults_of(document, SHIPPED[path])


toml_values = st.recursive(
    st.booleans() | st.integers() | NUMBERS | st.sampled_from([math.nan, math.inf, NO_VALUE]) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
@given(data=st.data())
def test_any_damage_is_no_damage_or_a_study_error(path, data):
    document = copy.deepcopy(read_toml(path))
    container, key, where = data.draw(st.sampled_from(list(places(document))))
    if isinstance(container, dict) and data.draw(st.booleans()):
        del container[key]
    else:
        container[key] = data.draw(toml_values)
    try:
        read_document(document, SHIPPED[path], where="x.toml")
    except StudyError as error:
        # What is wrong is told at the place, within it, or at the table that contradicts itself by it.
        around = {where[: found.start()] for found in re.finditer(r"[.\[]", where)} | {where, ""}
        for line in str(error).split("\n  ")[1:]:
            told = line.split(": ")[0]
            assert any(told.startswith(one) for one in around)
        assert error.told("nl") != str(error)


def test_thousands_of_faults_are_told():
    paths = faults_of({f"k{i}": 1 for i in range(3000)}, Part)
    assert len(paths) == 3001


def test_a_number_of_more_digits_than_python_writes_is_told():
    document = tomllib.loads(f"name = 0x{'f' * 6000}")
    assert faults_of(document, Part) == ["name"]


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("breaks", [0.0], "indicator.balans.colours"),
        ("breaks", [], "indicator.balans"),
        ("categories", ["weinig", "veel"], "indicator.balans"),
        ("colours", ["#d7302"] * 7, "indicator.balans.colours[1]"),
    ],
)
def test_a_style_that_contradicts_itself_is_told_where_it_stands(key, value, where):
    document = copy.deepcopy(read_toml(KNOWLEDGE / "map_styles.toml"))
    document["indicator"]["balans"][key] = value
    assert where in faults_of(document, Styles)


def test_a_style_by_a_column_says_what_is_drawn_without_it():
    document = copy.deepcopy(read_toml(KNOWLEDGE / "map_styles.toml"))
    del document["indicator"]["lbm_afw"]["without_classes"]
    assert faults_of(document, Styles) == ["indicator.lbm_afw.classes"]


def test_two_faults_in_an_own_lists_rules_are_told_at_once():
    document = copy.deepcopy(read_toml(KNOWLEDGE / "register.toml"))
    document["closed"]["yes"][1] = 1
    document["matching"]["alike_ratio"] = 85
    assert faults_of(document, Rules) == ["closed.yes[2]", "matching.alike_ratio"]
