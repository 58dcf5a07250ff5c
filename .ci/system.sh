#!/bin/sh
# Install the Debian packages that a part of the tests uses, where this may be done; else say so.
# Usage: system.sh venv|chromium|qgis
set -u
case "$1" in
  venv) probe='python3 -c "import ensurepip"'; packages='python3-venv' ;;
  chromium) probe='command -v chromium'; packages='chromium' ;;
  qgis)
    probe='command -v qgis_process.bin && command -v Xvfb && command -v ogr2ogr && /usr/bin/python3 -c "import ensurepip, qgis.core"'
    packages='qgis python3-qgis qgis-providers xvfb xauth python3-venv qttools5-dev-tools gdal-bin' ;;
  *) echo "system.sh: unknown part $1" >&2; exit 2 ;;
esac
if sh -c "$probe" >/dev/null 2>&1; then exit 0; fi
if ! command -v apt-get >/dev/null 2>&1; then
  echo "system.sh: $packages not found and there is no apt-get; the tests that need it are skipped" >&2
  exit 0
fi
if [ "$(id -u)" = 0 ]; then as_root=''; elif sudo -n true 2>/dev/null; then as_root='sudo'; else
  echo "system.sh: $packages not found; install with: sudo apt-get install $packages" >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $packages >/dev/null ||
  echo "system.sh: $packages could not be installed; the tests that need it are skipped" >&2
