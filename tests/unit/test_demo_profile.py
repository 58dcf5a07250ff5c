"""The demo judged by another profile than its study's."""

from __future__ import annotations

from english import run_command


def test_the_demo_takes_a_profile_and_refuses_what_is_none(tmp_path, capsys):
    assert (
        run_command(["demo", "--profile", "no-such-profile", "--out", str(tmp_path / "out")]) == 2
    )
    said = capsys.readouterr().err
    assert "no-such-profile" in said
    assert "geclusterd" in said
    assert not (tmp_path / "out").exists()
