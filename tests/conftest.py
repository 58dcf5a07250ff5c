"""Fixtures that every test folder shares."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from geowoonzorg.ask import Answer

# The same examples every time: a failure in CI is one that anyone can repeat.
settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
# Other examples every time, with what to say to see them again: `make fuzz-properties`.
settings.register_profile(
    "fuzz",
    settings.get_profile("project"),
    derandomize=False,
    max_examples=300,
    print_blob=True,
    database=None,
)
settings.load_profile("project")

ROOT = Path(__file__).resolve().parents[1]
_crashed: set[str] = set()


@pytest.hookimpl(optionalhook=True)  # a hook of xdist's, which not every run has
def pytest_handlecrashitem(crashitem: str, report: pytest.TestReport, sched: Any) -> None:
    """Try a test again whose process ended under it, once, and say so: twice is a failure.

    What crashes a process in a library's own code is often what another test left running there.
    """
    if crashitem in _crashed:
        return
    _crashed.add(crashitem)
    sched.mark_test_pending(crashitem)
    report.outcome = "skipped"
    report.longrepr = (str(report.fspath), 0, "Skipped: its process ended; tried again in another")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real data, which only exists where the project is developed."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data folder ../shared/data is not here")
    return folder


@dataclass(frozen=True)
class DemoRun:
    """The demo as the command gives it: its folder, what was told in each language, and the answer itself."""

    folder: Path
    told: dict[str, str]
    answer: Answer


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> DemoRun:
    """Run the demo once for all tests, asked once and written and told in both languages."""
    import geowoonzorg.ask
    from geowoonzorg import cli

    ask, answers, told = geowoonzorg.ask.ask_study, [], {}

    def asked(*words: Any, **more: Any) -> Answer:
        if not answers:
            answers.append(ask(*words, **more))
        return answers[0]

    folder = tmp_path_factory.mktemp("demo_run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geowoonzorg.ask, "ask_study", asked)
        for lang in ("en", "nl"):
            with redirect_stdout(io.StringIO()) as out:
                code = cli.run_command(["demo", "--out", str(folder / lang), "--lang", lang])
            assert code == 0
            told[lang] = out.getvalue()
    return DemoRun(folder / "nl", told, answers[0])
