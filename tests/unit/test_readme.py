"""What the README and CONTRIBUTING show works as it stands there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def snippets(name):
    return re.findall(r"```python\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)


def test_the_snippet_of_the_readme_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    (code,) = snippets("README.md")
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)  # noqa: S102 - our own file
    assert names["answer"].sites["rank"].tolist() == [1]
    assert len(names["near"]) == len(names["town"].addresses)


def test_the_recipes_are_python():
    for code in snippets("CONTRIBUTING.md"):
        ast.parse(code)
