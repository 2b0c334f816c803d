#!/bin/sh
# Make the virtual environment with the locked packages. Debian packages: by apt when root, else the line to run.
set -eu
venv=${1:-.venv}

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ]; then
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends python3 python3-venv
    else
        echo "Python 3.11 with venv is needed. Run: sudo apt-get install python3 python3-venv" >&2
        exit 1
    fi
fi

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
