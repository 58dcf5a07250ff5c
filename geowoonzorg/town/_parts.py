"""What tiles gave, kept: per step a folder of GeoParquet, a file for each tile, and on from there after a stop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from geowoonzorg.errors import FormatError, InputError, OutputError, StudyError
from geowoonzorg.files import (
    check_parquet,
    make_folder,
    read_json,
    read_parquet,
    write_parquet,
    write_text,
)

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_ABOUT: Final = "tiles.json"


class Parts:
    """The parts of one step; those of other data are refused, not mixed.

    Parameters
    ----------
    folder
        Where they are kept, or None for nowhere.
    key
        Of which data.
    step
        What is asked, as a name for its folder.
    digest
        Of all that the step is asked about: the same digest, the same parts.

    Raises
    ------
    StudyError
        When the folder holds parts of other data, or Parquet cannot be written.
    OutputError
        When the folder cannot be made or written in.
    """

    def __init__(self, folder: Path | None, *, key: str, step: str, digest: str) -> None:
        self.folder = folder
        self._step: Path | None = None
        if folder is None:
            return
        check_parquet()
        make_folder(folder)
        steps = self._steps(folder, key)
        if digest not in steps.values():
            taken = {step, *(f"{step}-{n}" for n in range(2, len(steps) + 2))} & set(steps)
            free = step if step not in taken else f"{step}-{len(taken) + 1}"
            steps[free] = digest
            write_text(
                folder / _ABOUT, json.dumps({"key": key, "steps": steps}, indent=1, sort_keys=True)
            )
        name = next(name for name, own in steps.items() if own == digest)
        self._step = folder / name
        make_folder(self._step)

    @staticmethod
    def _steps(folder: Path, key: str) -> dict[str, str]:
        """Give the steps that were begun, by the name of their folder."""
        about = folder / _ABOUT
        if not about.exists():
            if any(folder.iterdir()):
                raise StudyError(
                    "{folder} holds other files than parts; give a folder that is empty or not there yet",
                    folder=folder,
                )
            return {}
        told = read_json(about)
        if told.get("key") != key or not isinstance(told.get("steps"), dict):
            raise StudyError(
                "{folder} holds tiles of another question, or of other data; give another folder or remove it",
                folder=folder,
            )
        return dict(told["steps"])

    def _file(self, number: int) -> Path:
        assert self._step is not None  # noqa: S101 - asked only with one
        return self._step / f"part.{number:05}.parquet"

    def read(self, number: int) -> pd.DataFrame | None:
        """Give what a tile gave earlier, or nothing."""
        if self._step is None or not self._file(number).exists():
            return None
        try:
            return read_parquet(self._file(number))
        except (FormatError, InputError) as reason:
            raise InputError(
                "{file} is not what a tile gave; remove it, and the tile is asked again",
                file=self._file(number),
            ) from reason

    def write(self, number: int, answer: pd.DataFrame) -> None:
        """Keep what a tile gave; a file is there whole or not at all, and the others stay when the disk is full."""
        if self._step is None:
            return
        try:
            write_parquet(self._file(number), answer)
        except OutputError as reason:
            done = sum(1 for _ in self._step.glob("part.*.parquet"))
            raise OutputError(
                "{why}; {n} {n:tile is|tiles are} kept in {folder}: the same command goes on from there",
                why=reason.message, n=done, folder=self._step,
            ) from reason  # fmt: skip
