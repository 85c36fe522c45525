#!/bin/sh
# Writes every lock from its list: exact versions with hashes, no address of any package index.
# Settings of this machine (mirrors, extra indexes, constraints) are kept out, so that two people get the same lock.
# Keeps the versions that are already locked unless UPGRADE=1 (all) or UPGRADE=name (one package) is given.
set -eu
cd "$(dirname "$0")/.."

case "${UPGRADE:-}" in
    "") upgrade="" ;;
    1) upgrade="--upgrade" ;;
    *) upgrade="--upgrade-package=$UPGRADE" ;;
esac

compile() {
    lock=$1
    shift
    echo "  locking requirements/$lock"
    # shellcheck disable=SC2086  # $upgrade is empty or one word
    env -i HOME="$HOME" PATH="$PATH" ${SSL_CERT_FILE:+SSL_CERT_FILE="$SSL_CERT_FILE"} \
        .venv/bin/uv --no-config pip compile --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-annotate --no-header $upgrade \
        --output-file "requirements/$lock" "$@"
}

compile bootstrap.txt requirements/bootstrap.in
# Together first, so that a test tool's bounds are met by the versions that people run; then the part that the program needs.
compile dev.txt pyproject.toml requirements/dev.in
compile base.txt pyproject.toml --constraint requirements/dev.txt
compile postgres.txt requirements/postgres.in --constraint requirements/dev.txt
compile bench.txt requirements/bench.in --constraint requirements/dev.txt
compile bench-source.txt requirements/bench-source.in --constraint requirements/bench.txt --constraint requirements/dev.txt
