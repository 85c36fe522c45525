#!/bin/sh
# Makes .venv in this checkout, or brings it up to date: `setup.sh base` for running, `setup.sh dev` for tests and checks too.
# Installs only what the locks name, checked by hash; does nothing when the locks have not changed since the last time.
set -eu
cd "$(dirname "$0")/.."
want=${1:-base}

usable() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Every folder of PATH is looked through: an old python3 that comes first must not hide a newer one behind it.
find_python() {
    if [ -n "${PYTHON:-}" ]; then
        usable "$PYTHON" && echo "$PYTHON" && return
        echo "$PYTHON is not a Python 3.11 or newer with its venv module; looking for another." >&2
    fi
    remaining=$PATH:
    while [ -n "$remaining" ]; do
        folder=${remaining%%:*}
        remaining=${remaining#*:}
        for name in python3.13 python3.12 python3.11 python3; do
            if [ -x "$folder/$name" ] && usable "$folder/$name"; then
                echo "$folder/$name"
                return
            fi
        done
    done
    {
        echo "OpenInfusion needs Python 3.11 or newer with its venv module, and none was found. Nothing was changed."
        if command -v apt-get >/dev/null 2>&1; then
            echo "Install it with:   sudo apt-get update && sudo apt-get install -y python3 python3-venv"
        elif command -v dnf >/dev/null 2>&1; then
            echo "Install it with:   sudo dnf install -y python3.12"
        elif command -v brew >/dev/null 2>&1; then
            echo "Install it with:   brew install python@3.12"
        else
            echo "Install it from your system's packages, then run 'make setup' again."
        fi
        echo "Is it installed under another name? Then run:   make setup PYTHON=/path/to/python3"
    } >&2
    exit 3
}

say() { echo "==> $*"; }

# The stamp holds the digest of all that decides what is installed.
digest() {
    {
        sed -n '1,/^\[tool\.ruff/p' pyproject.toml # build and dependencies, not the rules of the checks
        cat requirements/bootstrap.txt requirements/base.txt
        [ "$1" = base ] || cat requirements/dev.txt
    } | cksum | tr ' ' '-'
}
# A .venv names its own path in its programs, so that one that was copied or moved along with the checkout is made anew.
belongs_here() {
    [ "$(cat .venv/checkout 2>/dev/null)" = "$(pwd -P)" ] &&
        .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}
current() { belongs_here && [ "$(cat ".venv/stamp-$1" 2>/dev/null)" = "$(digest "$1")" ]; }
if current "$want"; then
    exit 0
fi

if ! belongs_here; then
    python=$(find_python)
    say "Making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
    pwd -P >.venv/checkout
fi
install() { .venv/bin/python -m pip --disable-pip-version-check install --no-input "$@"; }

rm -f .venv/stamp-base .venv/stamp-dev
say "Installing the installer (requirements/bootstrap.txt)"
install --require-hashes --requirement requirements/bootstrap.txt
case "$want" in
    base) say "Installing what OpenInfusion needs (requirements/base.txt)" ;;
    dev) say "Installing what OpenInfusion, its tests and checks need (requirements/dev.txt)" ;;
esac
install --require-hashes --requirement "requirements/$want.txt"
say "Installing OpenInfusion from this checkout"
install --quiet --no-deps --no-build-isolation --editable .
digest base >.venv/stamp-base
[ "$want" = base ] || digest dev >.venv/stamp-dev
say "Ready: .venv/bin/openinfusion"
