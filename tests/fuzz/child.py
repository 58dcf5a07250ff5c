"""The process in which both readers read: a path per line in, what is wrong out.

Before each reader it says which one begins, so that who waits for it knows whom a crash belongs to.
"""

from __future__ import annotations

import json
import resource
import sys

from .readers import read_libosmium, read_ours, read_whole, verdict

_MOST_MEMORY = 4 << 30


def main() -> None:
    """Read until there are no more paths."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        path = line.rstrip("\n")
        answers = []
        for name, read in (("we", read_ours), ("libosmium", read_libosmium)):
            _say(name)
            try:
                answers.append(read(path))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                answers.append({"broken": f"{name}: {type(error).__name__}: {error}"})
        wrong = next((one["broken"] for one in answers if "broken" in one), None)
        if "found" in answers[0]:
            _say("read_osm")
            wrong = wrong or read_whole(path)
        kind = "".join("r" if "refused" in one else "f" for one in answers)
        _say(json.dumps([wrong or verdict(*answers), kind]))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
