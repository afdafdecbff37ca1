#!/bin/sh
# Makes an environment with a Python that the project supports, and installs uv and all that uv.lock names into it.
# UV_VERSION is the uv to install. PYTHON is the interpreter to use; empty means the first one found that fits.
# VENV_DIR is where the environment goes, .venv when empty.
set -eu

venv=${VENV_DIR:-.venv}

fits() {
    "$1" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info[:2] < (3, 11))' >/dev/null 2>&1
}

version() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

# The versions that are tested come first, then whatever the machine calls Python.
python=
for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3 python}; do
    if fits "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "setup: needs Python 3.11 or later with its venv module; ${PYTHON:-what is on PATH} is not that." \
        "Install one, or name it: make PYTHON=/path/to/python" >&2
    exit 1
fi

# An environment that works stays, unless another Python was asked for by name.
if ! fits "$venv/bin/python" || { [ -n "$PYTHON" ] && [ "$(version "$venv/bin/python")" != "$(version "$python")" ]; }; then
    "$python" -m venv --clear "$venv"
fi
# A pip before 24.2 looks neither into the store of the system nor at SSL_CERT_FILE.
if [ -z "$(sh scripts/certificates.sh)" ]; then
    for bundle in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
        if [ -f "$bundle" ]; then
            export PIP_CERT="$bundle"
            break
        fi
    done
fi
echo "== setting up $venv (Python $(version "$venv/bin/python"))"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
UV_PROJECT_ENVIRONMENT=$venv "$venv/bin/uv" sync --quiet --frozen
