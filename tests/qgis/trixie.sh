#!/bin/sh
# The plugin's tests in QGIS 3.40: Debian trixie in a root of its own, made here and removed at the end.
#
#   tests/qgis/trixie.sh [pytest's arguments]     make the root if it is not there, run, remove it
#   KEEP=1 tests/qgis/trixie.sh                   leave the root for a next time
#
# Needs root and debootstrap, about 4 GB and five minutes. TRIXIE_ROOT says where (default /var/tmp/geowoonzorg-trixie).
set -eu
project=$(cd "$(dirname "$0")/../.." && pwd)
root=${TRIXIE_ROOT:-/var/tmp/geowoonzorg-trixie}

[ "$(id -u)" = 0 ] || { echo "trixie.sh: needs root (debootstrap and chroot); not run" >&2; exit 77; }
command -v debootstrap >/dev/null || apt-get install -y --no-install-recommends debootstrap

release() {  # bind-mounts first: what is mounted in the root is not ours to remove
    umount "$root/project" 2>/dev/null || true
    umount "$root/proc" 2>/dev/null || true
    umount "$root/dev" 2>/dev/null || true
}
finish() {
    release
    if [ -z "${KEEP:-}" ] && ! grep -q " $root/" /proc/mounts; then rm -rf --one-file-system "$root"; fi
}
trap finish EXIT

inside() {  # a step that fails ends it all
    step=$1; shift
    chroot "$root" sh -c "set -eu; $step" inside "$@"
}

if [ ! -e "$root/ready" ]; then
    release   # of a run that was killed; what it half made is no use
    if grep -q " $root/" /proc/mounts; then echo "trixie.sh: something is still mounted in $root" >&2; exit 1; fi
    rm -rf --one-file-system "$root"
    debootstrap --variant=minbase trixie "$root"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    mkdir -p "$root/project"
    mount -t proc proc "$root/proc"
    mount --bind /dev "$root/dev"
    export DEBIAN_FRONTEND=noninteractive
    inside 'apt-get update
        apt-get install -y --no-install-recommends qgis python3-qgis qgis-providers python3-venv xvfb xauth qttools5-dev-tools gdal-bin'
    # After the packages, which bring a bundle of their own: pip may have to trust an authority of this machine.
    if [ -e /etc/ssl/certs/ca-certificates.crt ]; then mkdir -p "$root/etc/ssl/certs"; cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"; fi
    inside 'python3 -m venv --system-site-packages /opt/qgis-venv
        /opt/qgis-venv/bin/pip install --quiet pytest pytest-qgis pytest-qt bandit detect-secrets
        python3 -m venv /opt/engine'
    touch "$root/ready"
    release
fi

mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mkdir -p "$root/project"
mount --bind "$project" "$root/project"
mount -o remount,bind,ro "$root/project"   # the tests in there cannot change the project
inside '
    # A copy, because building a wheel writes beside its sources.
    rm -rf /source && mkdir /source
    cp -r /project/pyproject.toml /project/README.md /project/LICENSE /project/geowoonzorg /project/data /project/tests /project/qgis_plugin /source/
    /opt/engine/bin/pip install --quiet /source
    /opt/engine/bin/pip install --quiet --force-reinstall --no-deps /source   # the root may be from an earlier run
    cd /source
    QGIS_VENV=/opt/qgis-venv GEOWOONZORG_PYTHON=/opt/engine/bin/python sh tests/qgis/run.sh "$@"' "$@"
