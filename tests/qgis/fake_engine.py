#!/usr/bin/env python3
"""Stands where the engine's Python should be, and behaves as badly as ``FAKE_ENGINE`` says."""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

VERSIONS = {"old": "0.0.9", "new": "7.2.1"}
mode = os.environ.get("FAKE_ENGINE", "good")
arguments = sys.argv[sys.argv.index("geowoonzorg") + 1 :] if "geowoonzorg" in sys.argv else sys.argv[1:]


def say(**content: object) -> None:
    """Write one JSON line."""
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


def write_log(**content: object) -> None:
    """Leave a line for the test."""
    if log := os.environ.get("FAKE_LOG"):
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(json.dumps({**content, "pid": os.getpid()}) + "\n")


write_log(argv=sys.argv[1:], environ=dict(os.environ))

if arguments == ["--version"]:
    if mode == "mute":
        time.sleep(600)
    if mode == "no_engine":
        sys.exit("No module named geowoonzorg")
    sys.stdout.write(f"geowoonzorg, version {VERSIONS.get(mode, '0.2.0')}\n")
    sys.exit()

if mode == "deaf":  # does not listen when it is asked to stop, from before anybody hears of it
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
say(type="progress", fraction=0.25, message="reading")
if mode == "crash":
    sys.stderr.write("Fatal Python error: Segmentation fault\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGSEGV)
elif mode == "error":
    say(type="error", message="facilities: id occurs more than once: 2 (a, b)", kind="DuplicateIdError", exit_code=3)
    sys.exit(3)
elif mode in {"hang", "deaf"}:
    for _ in range(6000):
        say(type="progress", fraction=0.5, message="busy")
        time.sleep(0.1)
    write_log(ended="by itself")
elif mode == "silent_hang":
    time.sleep(600)
    write_log(ended="by itself")
elif mode == "garbage":
    sys.stdout.buffer.write(b"\xff\xfe\x00 {not json}\n" + b"[" * 100_000 + b"\n" + os.urandom(100_000) + b"\n")
    sys.stdout.buffer.write(b'{"type": "progress", "fraction": "NaN", "message": null}\n')
    sys.stdout.buffer.write(b'{"type": "progress", "fraction": 17, "message": ["x"]}\n42\nnull\n')
    sys.stdout.flush()
elif mode == "no_output":
    say(type="result", message="done, or so it says")
else:
    if "-o" in arguments:
        shutil.copyfile(os.environ["FAKE_OUTPUT"], arguments[arguments.index("-o") + 1])
    if "--out" in arguments:
        folder = Path(arguments[arguments.index("--out") + 1])
        if study := os.environ.get("FAKE_STUDY"):
            shutil.copytree(study, folder, dirs_exist_ok=True)
            say(type="result", message="done")
            sys.exit()
        shutil.copyfile(os.environ["FAKE_OUTPUT"], folder / "result.gpkg")
        for name in ("map.html", "report.html", "scores.csv"):
            (folder / name).write_text(name, encoding="utf-8")
        (folder / "provenance.json").write_text("{}", encoding="utf-8")
    say(type="progress", fraction=1.0, message="done")
    say(type="result", message="done", notes=["a note"])
