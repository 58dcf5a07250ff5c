"""A message in Dutch writes its numbers as Dutch does, and one thing as one."""

from __future__ import annotations

import ast
import errno
import pickle
from pathlib import Path

import numpy as np
import pytest

from geowoonzorg import messages, osm
from geowoonzorg.errors import SourceError, StudyError
from geowoonzorg.files import as_message, reason_of
from geowoonzorg.messages import renamed, tell, translate
from geowoonzorg.show.texts import read_texts
from geowoonzorg.study import read_study
from geowoonzorg.walk.reach import check_limits


@pytest.mark.parametrize(
    ("template", "n", "english", "dutch"),
    [
        ("{n:.2f}", -0.853, "-0.85", "\u22120,85"),
        ("{n:.2f}", np.float32(0.5), "0.50", "0,50"),
        ("{n:+.1f}", 0.25, "+0.2", "+0,2"),
        ("{n:g}", 2.5, "2.5", "2,5"),
        ("{n:g}", 400.0, "400", "400"),
        ("{n:.2g}", 0.0123, "0.012", "0,012"),
        ("{n:g}", 1e-05, "1e-05", "0,00001"),
        ("{n:.0f}", 12_345.6, "12346", "12.346"),
        ("{n:,.0f}", 12_345.6, "12,346", "12.346"),
        ("{n:,}", 1_234_567, "1,234,567", "1.234.567"),
        ("{n:,d}", np.int64(-1_234), "-1,234", "\u22121.234"),
        ("{n:.0%}", 0.254, "25%", "25\u00a0%"),
        ("{n:4.0%}", 0.05, "  5%", " 5\u00a0%"),
        ("{n:4.0%}", 1.0, "100%", "100\u00a0%"),
        ("{n}", 0.25, "0.25", "0,25"),
        ("{n}", 400.0, "400.0", "400"),
        ("{n}", 2023, "2023", "2023"),
        ("{n:6d}", 2023, "  2023", "  2023"),
        ("{n}", "0.25", "0.25", "0.25"),
        ("{n!r}", 0.25, "0.25", "0.25"),
        ("{n:.1f}", float("nan"), "nan", "nan"),
        ("{n}", True, "True", "True"),
    ],
)
def test_a_number_follows_the_language(template, n, english, dutch):
    message = tell(template, n=n)
    assert message == translate(message, "en") == template.format(n=n) == english
    assert translate(message, "nl") == dutch


@pytest.mark.parametrize("value", [-1234.5, -0.25, 0.0, 98765.4])
def test_a_message_writes_a_number_as_the_page_does(value):
    assert translate(tell("{n:.1f}", n=value), "nl") == read_texts("nl").number(value, 1)


def test_one_is_told_as_one_in_both_languages(monkeypatch):
    template = "{n} {n:row is|rows are} empty"
    monkeypatch.setattr(
        messages, "read_messages", lambda _: {template: "{n} {n:rij is|rijen zijn} leeg"}
    )
    told = {n: tell(template, n=n) for n in (0, 1, 2)}
    assert list(told.values()) == ["0 rows are empty", "1 row is empty", "2 rows are empty"]
    assert translate(told[1], "nl") == "1 rij is leeg"
    assert translate(renamed(told[2], "a/", ""), "nl") == "2 rijen zijn leeg"
    assert pickle.loads(pickle.dumps(told[1])) == told[1]  # noqa: S301 - our own


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ((0.0,), "limit_m is 0 m: geef meters boven 0 en hoogstens 100.000"),
        ([400.0, 200_000.0], "limit_m is 200.000 m: geef meters boven 0 en hoogstens 100.000"),
        ([], "limit_m is leeg: geef meters boven 0 en hoogstens 100.000"),
    ],
)
def test_a_wrong_limit_is_told_in_metres(limits, told):
    with pytest.raises(StudyError) as caught:
        check_limits(limits)
    assert caught.value.told("nl") == told


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "a"), "bestand of map bestaat niet"),
        (PermissionError(errno.EACCES, "Permission denied", "a"), "geen toestemming"),
        (OSError(errno.ENOSPC, "No space left on device"), "de schijf is vol"),
        (FileExistsError(errno.EEXIST, "File exists"), "het bestand bestaat al"),
        (IsADirectoryError(errno.EISDIR, "Is a directory"), "het is een map"),
        (ValueError("it ends within a block"), "het houdt midden in een blok op"),
        (ValueError(tell("a block of {n} bytes", n=7)), "een blok van 7 bytes"),
        (ValueError("of {others}"), "of {others}"),
        (OSError("Invalid data stream"), "Invalid data stream"),
    ],
)  # fmt: skip
def test_what_a_system_or_a_reader_says_is_told_in_dutch(error, told):
    assert translate(reason_of(error), "nl") == told


def test_a_missing_study_is_told_as_any_missing_file(tmp_path):
    for path, what in ((tmp_path / "none.toml", "bestaat niet"), (tmp_path, "is een map")):
        with pytest.raises(SourceError) as caught:
            read_study(path)
        assert caught.value.told("nl") == f"{path} {what}; geef het pad van een bestaand bestand"


def test_every_reason_that_a_pbf_file_is_not_read_has_its_dutch():
    folder = Path(osm.__file__).parent
    reasons = {
        call.args[0].value
        for path in folder.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", "") == "ValueError"
        and isinstance(call.args[0], ast.Constant)
    }
    assert reasons
    assert reasons <= messages.read_messages("nl").keys()


def test_a_class_is_a_key_in_python_and_a_name_for_its_reader():
    note = tell("{name}: {n} of {total} areas", name=as_message("ov_halte"), n=1.5, total=2)
    assert note == "ov_halte: 1.5 of 2 areas"
    assert translate(note, "en") == "transit stop: 1.5 of 2 areas"
    assert translate(note, "nl") == "halte: 1,5 of 2 areas"
