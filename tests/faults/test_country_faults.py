"""A land in four files, asked in tiles: killed, on a full disk, with tiles without streets and things on borders."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

import geowoonzorg as gw
from tests.synthetic.land import Land, Size
from tests.synthetic.published import write_land

OUT = ("coverage_per_area.csv", "map.html")


@pytest.fixture(scope="module")
def land():
    return Land(Size(4_000, provinces=4))


@pytest.fixture(scope="module")
def folder(land, tmp_path_factory):
    made = tmp_path_factory.mktemp("land")
    write_land(land, made)
    return made


@pytest.fixture(scope="module")
def whole(folder):
    return gw.coverage(gw.Town.read(folder / "study.toml"))


def command(folder, parts, out):
    return [
        sys.executable, "-m", "geowoonzorg", "coverage", str(folder / "study.toml"), "--tiles-km", "1",
        "--parts", str(parts), "--out", str(out),
    ]  # fmt: skip


def files(folder):
    """List what lies in a folder, but for what is still being written in a hidden one."""
    there = folder.rglob("*") if folder.exists() else []
    return [file for file in there if file.is_file() and "/." not in file.as_posix()]


@pytest.mark.parametrize("km", [0.7, 1.5, 50.0])
def test_tiles_of_any_size_count_every_home_once(folder, whole, km):
    """Addresses lie in the halos of several tiles, facilities on their borders, ships where no tile has a street."""
    town = gw.Town.read(folder / "study.toml")
    cut = gw.coverage(town.in_tiles(tiles_km=km))
    pd.testing.assert_frame_equal(cut.coverage, whole.coverage)
    once = whole.coverage.drop_duplicates("area_code")
    assert (once["addresses"] + once["addresses_off"]).sum() == town.home.notna().sum() == 4_000
    assert once["addresses_off"].sum() >= 3  # the ships


def test_ships_and_facilities_on_a_border_are_where_they_should_be(folder, land):
    """The land has what the test above is about."""
    town = gw.Town.read(folder / "study.toml")
    off = town.nearest(limit_m=400.0).query("status == 'off_network'")["origin_id"].nunique()
    assert off >= 3
    x = town.facilities.geometry.x
    assert (
        len(x) == town.facilities["id"].nunique() == land.size.facilities
    )  # those in two extracts counted once


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 is of POSIX")
def test_killed_it_goes_on_and_gives_the_same_bytes(folder, tmp_path):
    straight, parts, out = tmp_path / "straight", tmp_path / "parts", tmp_path / "out"
    subprocess.run(command(folder, tmp_path / "other", straight), check=True, capture_output=True)
    running = subprocess.Popen(
        command(folder, parts, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while len(files(parts)) < 4:
        assert running.poll() is None, "it was ready before it could be killed"
        time.sleep(0.005)
    running.send_signal(signal.SIGKILL)
    running.wait()
    kept = {file: file.stat().st_mtime_ns for file in files(parts)}
    assert kept
    assert not any((out / name).exists() for name in OUT)
    subprocess.run(command(folder, parts, out), check=True, capture_output=True)
    assert len(files(parts)) > len(kept)
    again = [
        file
        for file, written in kept.items()
        if file.exists() and file.stat().st_mtime_ns == written
    ]
    assert len(again) >= len(kept) - 1  # what says of which question they are may be written again
    for name in OUT:
        assert (out / name).read_bytes() == (straight / name).read_bytes()


def _may_mount():
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    )
    return tried.returncode == 0


def test_a_disk_that_fills_up_is_told_and_what_was_done_stays(folder, tmp_path):
    if not _may_mount():
        pytest.skip("no file system may be mounted here")
    parts, out, straight = tmp_path / "parts", tmp_path / "out", tmp_path / "straight"
    parts.mkdir()
    script = """
        mount -t tmpfs -o size=48k none "$1" || exit 90
        shift
        "$@" 2> "$TOLD" && exit 91
        echo $? > "$TOLD.code"
        ls -R "$PARTS" > "$TOLD.left"
        mount -o remount,size=8m "$PARTS" || exit 92
        "$@" > /dev/null 2>&1
    """
    told = tmp_path / "told"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", str(parts), *command(folder, parts, out)],
        env={**os.environ, "TOLD": str(told), "PARTS": str(parts)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = told.read_text()
    assert "Traceback" not in said
    assert str(parts) in said
    assert int((tmp_path / "told.code").read_text()) == 5
    assert len((tmp_path / "told.left").read_text().split()) > 2
    subprocess.run(command(folder, tmp_path / "other", straight), check=True, capture_output=True)
    for name in OUT:
        assert (out / name).read_bytes() == (straight / name).read_bytes()
