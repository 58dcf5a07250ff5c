"""What the tests in a real browser share: where it is, the sizes of windows, and what axe finds on a page."""

from __future__ import annotations

from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
#: A phone, a tablet and a desk: at these nobody is shut out.
WIDTHS = (360, 1024, 1440)
BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not at /usr/bin/chromium"),
]


def in_a_browser(test):
    """Mark one test of a file as those of which all are in a browser."""
    for mark in BROWSER:
        test = mark(test)
    return test


def violations(page, within=None):
    """List what axe-core finds on a page, or in a part of it: rule and first nodes."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-core is not installed"
    )
    found = axe.Axe().run(page, context=within).response["violations"]
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
