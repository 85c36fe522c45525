#!/bin/sh
# Installs the peers that benchmarks compare with into .venv, as far as this machine can; what is missing is "not measured".
set -u
cd "$(dirname "$0")/.."
for lock in bench bench-source; do
    .venv/bin/python -m pip --disable-pip-version-check install --no-input --quiet --require-hashes --requirement "requirements/$lock.txt" ||
        echo "==> Not installed: requirements/$lock.txt. Its rows will say \"not measured\"." >&2
done
