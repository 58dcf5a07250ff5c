"""What the examples in docstrings may use: ``findings``, those of a small town that tests make."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

_TESTS = Path(__file__).parent / "tests"


@pytest.fixture(autouse=True)
def _findings(request: pytest.FixtureRequest) -> None:
    """Put findings in the namespace of the examples of `geowoonzorg.show`, and of no other."""
    if not isinstance(request.node, pytest.DoctestItem) or request.node.path.parent.name != "show":
        return
    if str(_TESTS) not in sys.path:
        sys.path.insert(0, str(_TESTS))
    from make_result import make_findings

    request.getfixturevalue("doctest_namespace")["findings"] = make_findings()
