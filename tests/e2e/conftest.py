"""One browser for the tests of a file."""

from __future__ import annotations

import pytest
from in_browser import ARGUMENTS, CHROMIUM


@pytest.fixture(scope="module")
def browser():
    """Chromium, without a window; one a file, as a loop of asyncio cannot run beside it in other tests."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield running
        running.close()
