"""A notebook's cells, one after the other in this process: no kernel to start, no network where pytest has none."""

from __future__ import annotations

import ast
import contextlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import nbformat
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Ran:
    """What a notebook came to: what it shows, as text, and what it holds."""

    shown: str
    held: dict[str, Any]


def run_cells(path: Path, folder: Path) -> Ran:
    """Execute a notebook in a folder; of every cell what it prints, and its last value as a notebook shows it."""
    mpl.use("template")  # draws nothing by itself: a figure is drawn once, when its cell is done
    held: dict[str, Any] = {"__name__": "__main__"}
    told, cells = io.StringIO(), nbformat.read(path, as_version=4).cells
    with contextlib.chdir(folder), contextlib.redirect_stdout(told):
        for number, cell in enumerate(cells):
            if cell["cell_type"] != "code":
                continue
            body = ast.parse(cell["source"]).body
            last = body.pop() if isinstance(body[-1], ast.Expr) else None
            where = f"{path.name}, cell {number}"
            exec(compile(ast.Module(body, []), where, "exec"), held)  # noqa: S102 - ours
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), where, "eval"), held)  # noqa: S307
                print(as_shown(value))  # noqa: T201
            for figure in map(plt.figure, plt.get_fignums()):
                figure.savefig(io.BytesIO(), dpi=40)
            plt.close("all")
    return Ran(told.getvalue(), held)


def as_shown(value: object) -> str:
    """Give a value as a notebook draws it, and in words."""
    drawn = value._repr_html_() if hasattr(value, "_repr_html_") else None
    return f"{value!r}\n{drawn or ''}"
