"""The page about profiles and the template name every profile that ships, and the command lists them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from english import run_command

from geowoonzorg.prepare import write_template
from geowoonzorg.ranking.scoring_profile import parse_scoring_profile, read_shipped_profiles

PAGE = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")
SHIPPED = read_shipped_profiles()


def test_the_page_lists_every_profile_and_what_it_builds_upon():
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| (`\w+`|–) \|", PAGE, re.MULTILINE)
    assert {(name, other.strip("`–") or None) for name, other in rows} == {
        (profile.name, profile.inherits) for profile in SHIPPED
    }


def test_the_pages_example_is_a_profile():
    import tomllib

    example = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1]
    made = parse_scoring_profile(tomllib.loads(example))
    assert made.ancestors == ("ggz", "geclusterd")
    assert {c.key: c.weight for c in made.criteria}["geluid_plek"] == 14


def test_the_template_names_every_profile(tmp_path):
    text = write_template(tmp_path / "nieuw").read_text(encoding="utf-8")
    assert [p.name for p in SHIPPED if not re.search(rf"\b{p.name}\b", text)] == []


def test_the_command_lists_them_in_words_and_as_data(capsys):
    assert run_command(["profiles"]) == 0
    told = capsys.readouterr().out
    assert all(profile.name in told for profile in SHIPPED)
    assert "builds upon geclusterd" in told
    assert run_command(["profiles", "--progress", "json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert [row["name"] for row in result["profiles"]] == [profile.name for profile in SHIPPED]
    assert result["profiles"][-1].keys() == {"name", "title", "group", "description", "inherits"}
