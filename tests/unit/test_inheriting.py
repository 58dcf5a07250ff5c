"""A profile that builds upon another: merged by key, whole on its own, and every fault told where it stands."""

from __future__ import annotations

import pytest

from geowoonzorg.errors import SourceError, StudyError
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile, read_scoring_profile

HEAD = {"name": "eigen", "title": "Eigen", "description": "Voor een toets"}
PARENT = read_scoring_profile("geclusterd")


def child(*criteria, **more):
    own = {"criterion": list(criteria)} if criteria else {}
    return HEAD | {"inherits": "geclusterd"} | own | more


def by_key(profile):
    return {c.key: c for c in profile.criteria}


def faults_of(content, where="eigen.toml"):
    with pytest.raises(StudyError) as caught:
        parse_scoring_profile(content, where=where)
    head, *faults = str(caught.value).split("\n  ")
    assert head.startswith(where)
    assert str(len(faults)) in head
    assert caught.value.told("nl") != str(caught.value)
    return faults


def paths_of(content):
    return [fault.split(": ")[0] for fault in faults_of(content)]


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_not_said_is_the_others_and_what_is_said_changes():
    found = parse_scoring_profile(child({"key": "huisarts", "weight": 40, "source": "toets"}))
    assert found.inherits == "geclusterd"
    assert found.ancestors == ("geclusterd",)
    assert found.title == "Eigen"
    assert [c.key for c in found.criteria] == [c.key for c in PARENT.criteria]  # in its order
    mine, theirs = by_key(found), by_key(PARENT)
    assert mine["huisarts"].weight == 40
    assert mine["huisarts"].anchors == theirs["huisarts"].anchors
    assert mine["huisarts"].source == "toets"
    assert mine["huisarts"].source_en is None  # the English of another source would be a lie
    assert mine["huisarts"].label_en == theirs["huisarts"].label_en
    assert all(mine[key] == theirs[key] for key in theirs if key != "huisarts")


def test_nothing_but_a_head_is_the_other_under_another_name():
    found = parse_scoring_profile(child())
    assert found.criteria == PARENT.criteria
    assert found.hash != PARENT.hash


def test_new_criteria_come_after_and_without_leaves_out():
    new = {
        "key": "basisschool", "metric": "distance", "facility_class": "basisschool", "label": "School",
        "unit": "m", "anchors": [[0, 1], [800, 0]], "weight": 3, "source": "toets",
    }  # fmt: skip
    found = parse_scoring_profile(child(new, without=["lbm_onv", "supermarkt"]))
    kept = [c.key for c in PARENT.criteria if c.key not in {"lbm_onv", "supermarkt"}]
    assert [c.key for c in found.criteria] == [*kept, "basisschool"]
    assert by_key(found)["balans"].overlaps == ()  # what it overlapped with is gone


def test_levels_take_the_place_of_anchors_and_a_criterion_can_be_left_out_and_made_anew():
    levels = {"levels": {"klein": 0, "groot": 1}, "source": "toets"}
    found = by_key(parse_scoring_profile(child({"key": "n_woningen", **levels})))["n_woningen"]
    assert (found.anchors, found.knock_out) == ((), None)
    anew = {
        "key": "geluid", "metric": "people_within", "label": "x", "unit": "", "weight": 1, "source": "t",
        "anchors": [[0, 0], [9, 1]],
    }  # fmt: skip
    made = by_key(parse_scoring_profile(child(anew)))["geluid"]
    assert (made.metric, made.raster, made.kind, made.over) == ("people_within", None, None, None)


def test_the_document_is_whole_and_the_hash_is_of_what_is_asked():
    profile = read_scoring_profile("verslaving")
    assert profile.ancestors == ("ggz", "geclusterd")
    document = profile.document()
    assert "inherits" not in document
    again = parse_scoring_profile(document)
    assert again == profile
    assert again.hash == profile.hash


def test_a_users_profile_builds_upon_a_users_from_where_it_lies(tmp_path):
    (tmp_path / "basis").mkdir()
    write(
        tmp_path / "basis" / "a.toml",
        'inherits = "zorggeschikt"\nname = "a"\ntitle = "A"\ndescription = "a"\nleast_known_share = 0.7\n'
        '[[criterion]]\nkey = "huisarts"\nweight = 30\nsource = "a"\n',
    )
    path = write(
        tmp_path / "b.toml",
        'inherits = "basis/a.toml"\nname = "b"\ntitle = "B"\ndescription = "b"\n'
        '[[criterion]]\nkey = "apotheek"\nweight = 20\nsource = "b"\n',
    )
    found = read_scoring_profile(path)
    weights = {key: c.weight for key, c in by_key(found).items()}
    assert (weights["huisarts"], weights["apotheek"]) == (30, 20)
    assert found.least_known_share == 0.7
    assert found.ancestors == ("basis/a.toml", "zorggeschikt")


def test_faults_are_told_at_once_where_they_stand_in_the_own_file():
    wrong = child(
        {"key": "huisarts", "weight": -1},
        {"key": "apotheek", "anchors": [[400, 1], [100, 0]]},
        {"key": "huisarts", "weight": 3},
        {"key": "nieuw", "metric": "geur"},
        "geen tabel",
        without=["foo", "balans", "bar"],
        titel="x",
    )
    found = faults_of(wrong)
    assert [f.split(": ")[0] for f in found if "nieuw" not in f and "criterion[4]" not in f] == [
        "without", "without", "titel", "criterion[3].key", "criterion[1].weight", "criterion[2].anchors",
        "criterion[5]",
    ]  # fmt: skip
    assert "without: foo is no criterion of geclusterd" in found
    assert {f.split(": ")[0] for f in found if f.startswith("criterion[4]")} == {
        f"criterion[4].{key}" for key in ("metric", "label", "unit", "weight", "source")
    }


def test_weights_that_sum_to_nothing_after_all():
    nothing = [{"key": c.key, "weight": 0} for c in PARENT.criteria]
    assert paths_of(child(*nothing)) == ["criterion"]


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (
            {"inherits": "geclustered"},
            "inherits: no scoring profile is called 'geclustered'; choose",
        ),
        ({"inherits": 3}, "inherits: must be a text, not 3"),
        ({"inherits": ""}, "inherits: no scoring profile is called ''"),
        ({"without": "huisarts"}, "without: must be a list of texts, not 'huisarts'"),
        ({"without": [3]}, "without[1]: must be a text, not 3"),
        ({"criterion": 7}, "criterion: must be"),
        ({"inherits": "nergens", "least_known_share": 7}, "least_known_share: must be a number"),
    ],
)
def test_what_cannot_be_inherited_is_told(more, fault):
    assert any(line.startswith(fault) for line in faults_of(child(**more)))


def test_a_circle_is_told_with_its_way_round(tmp_path):
    for name, other in (("a", "b"), ("b", "c"), ("c", "a")):
        write(
            tmp_path / f"{name}.toml",
            f'inherits = "{other}.toml"\nname = "{name}"\ntitle = "{name}"\ndescription = "{name}"\nmin = 3\n',
        )
    with pytest.raises(StudyError, match=r"goes round in a circle: a → b → c → a") as caught:
        read_scoring_profile(tmp_path / "a.toml")
    assert "min: unknown key" in str(caught.value)  # with everything else that is wrong
    assert "kring" in caught.value.told("nl")
    own = write(
        tmp_path / "zelf.toml", 'inherits = "zelf.toml"\nname = "z"\ntitle = "z"\ndescription = "z"'
    )
    with pytest.raises(StudyError, match="zelf → zelf"):
        read_scoring_profile(own)


def test_a_parent_that_is_not_there_or_wrong_is_told_as_itself(tmp_path):
    path = write(
        tmp_path / "kind.toml", 'inherits = "weg.toml"\nname = "k"\ntitle = "k"\ndescription = "k"'
    )
    with pytest.raises(SourceError, match=r"weg\.toml does not exist"):
        read_scoring_profile(path)
    write(
        tmp_path / "weg.toml",
        'inherits = "geclusterd"\nname = "o"\ntitle = "o"\ndescription = "o"\n'
        '[[criterion]]\nkey = "huisarts"\nweight = -3\n',
    )
    with pytest.raises(StudyError, match=r"weg\.toml has 1 fault:\n  criterion\[1\]\.weight"):
        read_scoring_profile(path)
    write(
        tmp_path / "weg.toml",
        'name = "o"\ntitle = "o"\ndescription = "o"\ncriterion = [3, { weight = 1 }, { key = 4 }]',
    )
    with pytest.raises(StudyError, match=r"weg\.toml has"):
        read_scoring_profile(path)
