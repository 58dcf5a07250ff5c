"""The journal of a placing: what goes where, so that a killed run is brought to its end by the next."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from geowoonzorg.files._disk import sync, sync_folder
from geowoonzorg.files._stages import JOURNAL, NEW, OLD, TEMPORARY


def keep(path: Path, copy: Path) -> None:
    """Keep an old file under a second name, or as a copy on a disk that has no second names."""
    try:
        os.link(path, copy, follow_symlinks=False)
    except (OSError, AttributeError, NotImplementedError):
        shutil.copy2(path, copy, follow_symlinks=False)


def write_journal(stage: Path, plan: dict[str, Any]) -> None:
    draft = stage / f"{JOURNAL}.draft"
    draft.write_text(json.dumps(plan), encoding="utf-8")
    sync(draft)
    draft.replace(stage / JOURNAL)
    sync_folder(stage)


def settle(stage: Path, target: Path) -> None:
    """Bring a placing that has begun to its end: all the new files, or else all the old ones.

    It may be killed at any moment and begun again: what is done is not there to be done twice.
    """
    plan = json.loads((stage / JOURNAL).read_text(encoding="utf-8"))
    plan = {k: v if k == "back" else [n for n in v if Path(n).name == n] for k, v in plan.items()}
    if plan["back"]:
        _put_back(stage, target, plan)
    else:
        try:
            for name in plan["new"]:
                if (stage / NEW / name).exists():
                    (stage / NEW / name).replace(target / name)
            sync_folder(target)
        except BaseException:
            write_journal(stage, {**plan, "back": True})
            _put_back(stage, target, plan)
            (stage / JOURNAL).unlink()
            raise
    (stage / JOURNAL).unlink()


def _put_back(stage: Path, target: Path, plan: dict[str, Any]) -> None:
    for name in plan["new"]:
        if name not in plan["old"]:
            (target / name).unlink(missing_ok=True)
    for name in plan["old"]:
        if os.path.lexists(stage / OLD / name):
            (stage / OLD / name).replace(target / name)
    sync_folder(target)


def finish_killed(target: Path) -> None:
    """Finish what a killed run was putting in place; who holds the folder's lock may do so."""
    for stage in target.glob(f"{TEMPORARY}*"):
        if (stage / JOURNAL).is_file() and not stage.is_symlink():
            settle(stage, target)
            shutil.rmtree(stage, ignore_errors=True)
