"""``trixie.sh`` stops at the first step that fails, and then does not call its root ready. Its tools are stand-ins here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT

BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
# What runs in the root writes to /opt: here to the root's own. The step that runs the tests is only noted.
CHROOT = """
root=$1; script=$4
case "$script" in *"/source"*) echo "the tests" >> "$LOG"; exit 0;; esac
printf '%s\\n' "$script" | sed "s#/opt/#$root/opt/#g" > "$root/script"
exec sh "$root/script"
"""
APT = """
echo "apt-get $1" >> "$LOG"
[ "$FAILS" = "apt-get $1" ] && exit 100
if [ "$1" = install ]; then mkdir -p "$TRIXIE_ROOT/etc/ssl/certs"; echo of debian > "$TRIXIE_ROOT/etc/ssl/certs/ca-certificates.crt"; fi
exit 0
"""
PYTHON = """
for folder; do :; done
mkdir -p "$folder/bin"
cp "$TOOLS/pip" "$folder/bin/pip"
"""
PIP = """
echo "pip, with a bundle $(head -c 9 "$TRIXIE_ROOT/etc/ssl/certs/ca-certificates.crt")" >> "$LOG"
[ "$FAILS" = pip ] && exit 1
exit 0
"""
DEBOOTSTRAP = """
echo debootstrap >> "$LOG"
mkdir -p "$3/usr" "$3/etc" "$3/proc" "$3/dev"
[ "$FAILS" = debootstrap ] && exit 1
exit 0
"""


@pytest.fixture
def trixie(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    fakes = {"chroot": CHROOT, "apt-get": APT, "python3": PYTHON, "pip": PIP, "debootstrap": DEBOOTSTRAP, "id": "echo 0"}
    for name, body in {**fakes, "mount": "exit 0", "umount": "exit 0"}.items():
        (tools / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    root, log = tmp_path / "root", tmp_path / "log"

    def run(fails: str = ""):
        log.write_text("", encoding="utf-8")
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "KEEP": "1", "TRIXIE_ROOT": str(root)}
        environment |= {"LOG": str(log), "FAILS": fails, "TOOLS": str(tools)}
        line = ["sh", str(ROOT / "tests" / "qgis" / "trixie.sh")]
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
        return done, log.read_text(encoding="utf-8").splitlines(), (root / "ready").exists()

    return run


@pytest.mark.parametrize("step", ["debootstrap", "apt-get update", "apt-get install", "pip"])
def test_a_step_that_fails_ends_it_and_the_root_is_not_ready(trixie, step):
    done, log, ready = trixie(step)
    assert done.returncode != 0
    assert log[-1].startswith(step)
    assert not ready
    done, log, ready = trixie()  # begun anew, from the start
    assert done.returncode == 0, done.stderr
    assert log[0] == "debootstrap"
    assert ready


@pytest.mark.skipif(not BUNDLE.exists(), reason="this machine has no bundle of certificates")
def test_the_machines_certificates_are_there_when_pip_comes(trixie):
    _done, log, _ready = trixie()
    said = next(line for line in log if line.startswith("pip"))
    assert said == f"pip, with a bundle {BUNDLE.read_text(encoding='utf-8')[:9]}"


def test_a_root_that_is_ready_is_used_as_it_is(trixie):
    assert trixie()[1][-1] == "the tests"
    assert trixie()[1] == ["the tests"]
