#!/bin/sh
# The plugin's tests: in pytest, in qgis_process and on a screen.
#
#   tests/qgis/run.sh [pytest's arguments]
#
# QGIS_VENV           the environment with pytest-qgis (default .qgis-venv, made here if it is not there)
# GEOWOONZORG_PYTHON  the engine's Python (default .venv/bin/python)
set -eu
project=$(cd "$(dirname "$0")/../.." && pwd)
cd "$project"
venv=${QGIS_VENV:-$project/.qgis-venv}

missing=""
for tool in qgis_process.bin qgis.bin xvfb-run; do
    command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
done
if [ -n "$missing" ]; then
    echo "tests/qgis: NOT RUN, these are missing:$missing" >&2
    echo "  as root: apt-get install qgis python3-qgis qgis-providers xvfb xauth python3-venv qttools5-dev-tools" >&2
    exit 0
fi

if [ ! -x "$venv/bin/python" ]; then
    /usr/bin/python3 -m venv --system-site-packages "$venv"   # QGIS's own Python, not another's environment
fi
# Debian 12's own libraries were built for the numpy of before; later ones were not, and have no wheel of it.
before=$("$venv/bin/python" -c 'import sys; print("numpy<2 affine<3" if sys.version_info < (3, 13) else "")')
# shellcheck disable=SC2086
"$venv/bin/python" -c "import pytest_qgis, bandit, detect_secrets" 2>/dev/null ||
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check $before pytest pytest-qgis pytest-qt bandit detect-secrets

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -m 700 "$scratch/runtime"
mkdir "$scratch/profile" "$scratch/data"
export QT_QPA_PLATFORM=offscreen XDG_RUNTIME_DIR="$scratch/runtime" XDG_DATA_HOME="$scratch/data"
export QGIS_CUSTOM_CONFIG_PATH="$scratch/profile" QGIS_PLUGINPATH="$project/qgis_plugin"
export GEOWOONZORG_PYTHON="${GEOWOONZORG_PYTHON:-$project/.venv/bin/python}"
export PYTHONDONTWRITEBYTECODE=1

"$venv/bin/python" qgis_plugin/build.py --dev
"$venv/bin/python" -m pytest -p no:cacheprovider -c tests/qgis/pytest.ini --rootdir tests/qgis "${@:-tests/qgis}"
