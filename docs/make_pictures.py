# ruff: noqa: INP001, T201
"""Make the documentation's pictures: the demo's map in both languages, with a site chosen, as a browser shows it.

Run from the project's folder: ``python docs/make_pictures.py``. Needs playwright and Chromium.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from geowoonzorg.cli import run_command

IMG = Path(__file__).parent / "img"
PICTURES = {"nl": IMG / "kaart.png", "en": IMG / "map.png"}
CHROMIUM = "/usr/bin/chromium"
SITE = "Naast winkelcentrum De Zon"


def draw(page_path: Path) -> bytes:
    """Open the map, choose a site, and look."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(
            viewport={"width": 1440, "height": 900}, reduced_motion="reduce", offline=True
        )
        page.goto(page_path.as_uri())
        page.click(f".site:has-text('{SITE}')")
        page.mouse.move(720, 890)
        page.wait_for_timeout(500)
        picture = page.screenshot()
        browser.close()
    return picture


def write_small(picture: bytes, path: Path) -> None:
    """Write the PNG as small as it goes without losing a colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(picture)).convert("RGB").save(path, optimize=True)


if __name__ == "__main__":
    for lang, picture in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            run_command(["demo", "--out", folder, "--lang", lang])
            write_small(draw(Path(folder) / "map.html"), picture)
        print(f"{picture}: {picture.stat().st_size / 1000:.0f} kB")
