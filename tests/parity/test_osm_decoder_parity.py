"""Small PBF files changed at random: our decoder and libosmium find the same in them, or both refuse them."""

from __future__ import annotations

import pytest
from fuzz.run import Child, look_at

#: Always the same ones; `make fuzz` makes others. Bounded by number, not by the clock.
N_MUTANTS = 800


@pytest.mark.parametrize("first", [0, 10_000])
def test_changed_files_are_read_as_libosmium_reads_them_or_refused(tmp_path, first):
    wrong, kinds = look_at(iter(range(first, first + N_MUTANTS)), tmp_path)
    assert wrong == {}
    # Most changes are no harm to the one or the other: there is something to compare.
    assert kinds["ff"] > N_MUTANTS // 3
    assert kinds["rr"] > N_MUTANTS // 3


def test_a_reader_that_dies_is_a_finding_and_the_next_file_is_read(tmp_path, monkeypatch):
    child = Child()
    try:
        assert child.ask(tmp_path / "absent")[0].startswith("we: ")
        child._process.kill()
        wrong, kind = child.ask(tmp_path / "absent")
        assert "ended with -9" in wrong
        assert kind == "x"
        assert child.ask(tmp_path / "absent")[0].startswith("we: ")
    finally:
        child.close()
