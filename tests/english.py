"""The command in English, on which most tests match; that it speaks Dutch has tests of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geowoonzorg import cli

if TYPE_CHECKING:
    from collections.abc import Sequence


def in_english(words: Sequence[object]) -> list[str]:
    """Ask for English where nothing else is asked for."""
    told = [str(word) for word in words]
    if "--lang" in told or told[0].startswith("-"):
        return told
    return [*told, "--lang", "en"]


def run_command(words: Sequence[object]) -> int:
    """Run a command in this process, in English."""
    return cli.run_command(in_english(words))
