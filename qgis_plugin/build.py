"""Build the plugin's zip and, beside it, the engine that goes with it; needs nothing but Python 3.11 or newer.

python qgis_plugin/build.py              dist/: the plugin's zip, the engine's wheel, and what the engine needs (pins.txt)
python qgis_plugin/build.py --gate       the same, but not without the checks that plugins.qgis.org does
python qgis_plugin/build.py --catalogue  take the pick-lists from the engine's data files
python qgis_plugin/build.py --pins       pin the engine's libraries at the versions of this environment, with hashes (uv)
python qgis_plugin/build.py --dev        only the translations, for running from the source tree

Without Qt's lrelease the compiled translation that is here serves, if it is of the present texts. Without Bandit and
detect-secrets the zip is made all the same, and it is said that they did not look at it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from configparser import ConfigParser
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
import tomllib

sys.path.insert(0, str(Path(__file__).parent))
import engine_wheel
import translate

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ROOT / "qgis_plugin" / "geowoonzorg_qgis"
KNOWLEDGE = ROOT / "geowoonzorg" / "knowledge"
MAX_BYTES = 1_000_000
SUFFIXES = {".py", ".txt", ".svg", ".qml", ".model3", ".html", ".json", ".ts", ".qm", ".sha256", ".md", ""}
ENGINE = "engine.txt"  # in the zip: which wheel goes with it, and its hash
# In the zip: the engine's own rule of a ranking, which needs numpy alone; in the sources there is only the engine's.
RULE, ENGINES_RULE = "engine_rule.py", ROOT / "geowoonzorg" / "ranking" / "rule.py"
PINS = PLUGIN / "pins.txt"
NEEDED = ("name", "qgisMinimumVersion", "description", "version", "author", "about")
# plugins.qgis.org asks these too; the project has no such addresses yet, and none are made up.
NEEDED_BY_SITE = ("email", "tracker", "repository", "homepage")
NOBODYS = re.compile(r"\bexample\.(?:org|com|net|nl)\b|\blocalhost\b|\.(?:invalid|test)\b")
# The site refuses these findings; it runs Bandit at medium severity and up as critical, and detect-secrets.
BANDIT = ["-r", "-q", "--severity-level", "medium", "-f", "json"]
GROUP = "group"  # a profile with it is of a group of people, one without of a way of living
LEAST_KNOWN_SHARE = 0.5  # the engine's, where a profile does not say
_FIXED_TIME = (2020, 1, 1, 0, 0, 0)


def catalogue() -> dict:
    """Take names, titles and descriptions of profiles and classes from the engine's data files."""

    def profiles(folder: str) -> list[dict]:
        read = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((KNOWLEDGE / folder).glob("*.toml"))]
        return [{key: one[key] for key in ("name", "title", "description")} for one in read]

    labels: dict[str, dict] = {}
    scoring = profiles("scoring")
    for profile in sorted(scoring, key=lambda one: (GROUP in scoring_profile(one["name"]), one["name"])):
        for one in criteria(profile["name"]):  # a group's own words for a criterion stand with the group
            labels.setdefault(one["key"], {"label": one["label"], "unit": one["unit"]})
    return {
        "walking": profiles("walking"),
        "scoring": [{**profile, **weights(profile["name"])} for profile in scoring],
        "facility_classes": facility_classes(),
        "criteria": labels,
    }


def scoring_profile(name: str) -> dict:
    """Read the file of a scoring profile."""
    return tomllib.loads((KNOWLEDGE / "scoring" / f"{name}.toml").read_text(encoding="utf-8"))


def criteria(name: str) -> list[dict]:
    """List what a pick-list shows of a profile's criteria, those it inherits first; a test holds it to the engine."""
    read = scoring_profile(name)
    above = criteria(read["inherits"]) if "inherits" in read else []
    found = {one["key"]: one for one in above if one["key"] not in read.get("without", [])}
    for one in read["criterion"]:
        shown = {key: one[key] for key in ("key", "label", "unit", "weight") if key in one}
        found[one["key"]] = found.get(one["key"], {}) | shown
    return list(found.values())


def weights(profile: str) -> dict:
    """Take the criteria's weights of a scoring profile, and what must be known for a rank."""
    known = scoring_profile(profile).get("least_known_share", LEAST_KNOWN_SHARE)
    return {"criteria": criteria(profile), "least_known_share": known}


def facility_classes() -> list[dict]:
    """Take the facility classes from the engine's file, the study's defaults ticked."""
    template = tomllib.loads((KNOWLEDGE / "study_template.toml").read_text(encoding="utf-8"))
    default = template["facilities"]["classes"]
    found = tomllib.loads((KNOWLEDGE / "facility_classes.toml").read_text(encoding="utf-8"))["class"]
    entries = {name: one["title"] for name, one in found.items()}
    order = [*default, *(name for name in entries if name not in default)]
    return [{"name": name, "title": entries[name], "default": name in default} for name in order]


def as_text(content: dict) -> str:
    """Write the catalogue the same way every time."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def pins() -> str:
    """List what the engine needs, directly or not, at the versions installed beside this script."""
    found: dict[str, str] = {}
    waiting = ["geowoonzorg"]
    while waiting:
        for requirement in importlib.metadata.requires(waiting.pop()) or []:
            marker = requirement.partition(";")[2]
            name = re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")
            if "extra" in marker or name in found:
                continue
            try:
                found[name] = importlib.metadata.version(name)
            except importlib.metadata.PackageNotFoundError:
                continue  # for another system or Python
            waiting.append(name)
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()))


def locked() -> str:
    """Add to the pins what other systems need, and the hashes of all their files; asks the package index, through uv."""
    uv = shutil.which("uv")
    if uv is None:
        sys.exit("uv is not here (pip install uv): it asks the package index for the hashes of the pinned versions")
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "pins.txt"
        wanted.write_text(pins(), encoding="utf-8")
        line = [uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--only-binary=:all:", "--no-header"]
        line += ["--no-annotate", "--python-version=3.11", f"--constraint={wanted}", str(ROOT / "pyproject.toml")]
        answer = subprocess.run(line, capture_output=True, text=True, check=True)  # noqa: S603 - our own files
    head = "# What the engine was tested with, for every system; python qgis_plugin/build.py --pins\n"
    return head + re.sub(r" \\\n +", " ", answer.stdout)


def files() -> list[Path]:
    """List what belongs in the zip."""
    kept = [path for path in sorted(PLUGIN.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    return [path for path in kept if not path.name.startswith(".")]


def described() -> dict[str, str]:
    """Read what the plugin says of itself, by keys in small letters."""
    metadata = ConfigParser(interpolation=None)
    metadata.read(PLUGIN / "metadata.txt", encoding="utf-8")
    return dict(metadata["general"])


def lacking_for_site() -> list[str]:
    """List what plugins.qgis.org asks besides; installing from the zip needs none of it."""
    general = described()
    return [key for key in NEEDED_BY_SITE if not general.get(key)]


def problems() -> list[str]:
    """List what the site, or a careful reader, would refuse."""
    general = described()
    found = [f"metadata.txt has no {key}" for key in NEEDED if not general.get(key.lower())]
    found += [f"metadata.txt has an address of nobody's: {key}" for key, value in general.items() if NOBODYS.search(value)]
    engine = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    if general.get("version") != engine:
        found.append(f"metadata.txt has version {general.get('version')}, the engine {engine}: they go together")
    if not (PLUGIN / "LICENSE").is_file():
        found.append("LICENSE is missing")
    if (PLUGIN / RULE).exists():
        found.append(f"{RULE}: the zip takes it from {ENGINES_RULE.relative_to(ROOT).as_posix()}, remove this second one")
    for path in files():
        name = path.relative_to(PLUGIN).as_posix()
        if path.suffix not in SUFFIXES:
            found.append(f"{name}: a kind of file that does not belong in a plugin")
        if path.suffix != ".qm" and b"\x00" in path.read_bytes():
            found.append(f"{name}: is binary")
        if path.name == "requirements.txt":
            found.append(f"{name}: dependency managers would install it into QGIS")
    found += [f"translation, {problem}" for problem in translate.problems()]
    if json.loads((PLUGIN / "catalogue.json").read_text(encoding="utf-8")) != catalogue():
        found.append("catalogue.json is not what the engine's data say: python qgis_plugin/build.py --catalogue")
    unhashed = [line for line in PINS.read_text(encoding="utf-8").splitlines() if "==" in line and "--hash=sha256:" not in line]
    found += [f"pins.txt has no hash for {line}: python qgis_plugin/build.py --pins" for line in unhashed]
    return found


def gate_problems(*, needed: bool) -> list[str]:
    """List what the site's own checks find; that they are not here is a problem only where they are needed."""
    found = []
    for module, check in {"bandit": bandit_problems, "detect_secrets": secret_problems}.items():
        if (python := _python_with(module)) is not None:
            found += check(python)
        elif needed:
            found.append(f"{module} is not installed here: pip install bandit detect-secrets")
        else:
            sys.stderr.write(f"NOT CHECKED by {module}, which is not installed here (pip install bandit detect-secrets)\n")
    return found


def bandit_problems(python: str) -> list[str]:
    """Run Bandit as the site does."""
    results = json.loads(_answer([python, "-m", "bandit", *BANDIT, str(PLUGIN), str(ENGINES_RULE)]))["results"]
    return [f"bandit {r['test_id']} {Path(r['filename']).name}:{r['line_number']}: {r['issue_text']}" for r in results]


def secret_problems(python: str) -> list[str]:
    """Run detect-secrets as the site does."""
    results = json.loads(_answer([python, "-m", "detect_secrets", "scan", "--all-files", str(PLUGIN), str(ENGINES_RULE)]))[
        "results"
    ]
    return [f"detect-secrets {name}:{one['line_number']}: {one['type']}" for name, ones in results.items() for one in ones]


def _python_with(module: str) -> str | None:
    # The tools live in the environment of the plugin's tests, or wherever this script runs.
    environment = ROOT / ".qgis-venv"
    for python in (sys.executable, str(environment / "bin" / "python"), str(environment / "Scripts" / "python.exe")):
        if Path(python).exists():
            line = [python, "-c", f"import {module}"]
            if subprocess.run(line, capture_output=True, check=False).returncode == 0:  # noqa: S603
                return python
    return None


def _answer(line: list[str]) -> str:
    return subprocess.run(line, capture_output=True, text=True, check=False, cwd=ROOT).stdout  # noqa: S603


def pack(target: Path, wheel: bytes) -> Path:
    """Write the zip, which names the wheel that goes with it; the same files give the same bytes."""
    target.parent.mkdir(exist_ok=True)
    temporary = target.with_suffix(".tmp")
    content = {path.relative_to(PLUGIN).as_posix(): path.read_bytes() for path in files()}
    content[RULE] = ENGINES_RULE.read_bytes()
    content[ENGINE] = f"{engine_wheel.name()} --hash=sha256:{hashlib.sha256(wheel).hexdigest()}\n".encode()
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(content.items()):
            entry = zipfile.ZipInfo(f"{PLUGIN.name}/{name}", _FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    if temporary.stat().st_size > MAX_BYTES:
        raise SystemExit(f"the zip is {temporary.stat().st_size} bytes, over {MAX_BYTES}")
    temporary.replace(target)
    return target


def main() -> None:
    """Build."""
    if "--catalogue" in sys.argv:
        (PLUGIN / "catalogue.json").write_text(as_text(catalogue()), encoding="utf-8")
        return
    if "--pins" in sys.argv:
        PINS.write_text(locked(), encoding="utf-8")
        return
    translate.compile_translations()
    if "--dev" in sys.argv:
        return
    if found := problems() + gate_problems(needed="--gate" in sys.argv):
        sys.exit("\n".join(found))
    if lacking := lacking_for_site():
        sys.stderr.write(f"to install from the zip; plugins.qgis.org would also ask in metadata.txt: {', '.join(lacking)}\n")
    dist = ROOT / "dist"
    wheel = engine_wheel.content()
    version = re.search(r"^version=(.+)$", (PLUGIN / "metadata.txt").read_text(encoding="utf-8"), re.MULTILINE)
    made = [pack(dist / f"{PLUGIN.name}-{version[1]}.zip", wheel), dist / engine_wheel.name(), dist / PINS.name]
    made[1].write_bytes(wheel)
    made[2].write_bytes(PINS.read_bytes())
    for path in made:
        print(f"{path} ({path.stat().st_size // 1000} kB)")  # noqa: T201 - what a build says


if __name__ == "__main__":
    main()
