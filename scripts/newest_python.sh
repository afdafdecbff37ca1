#!/bin/sh
# Prints the newest Python from 3.12 on, of those on PATH and those of pyenv.
# Prints nothing when the machine has none.
set -eu

runs() {
    "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

for version in 3.14 3.13 3.12; do
    for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python"$version"; do
        if runs "$candidate"; then
            echo "$candidate"
            exit 0
        fi
    done
done
