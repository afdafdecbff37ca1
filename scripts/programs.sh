#!/bin/sh
# Installs the programs of the system that tests need, where it may: as root, with apt-get.
# It never fails: a test says itself what it lacks, is skipped without it, and with CI=true fails.
set -eu

missing=
while read -r program package; do
    command -v "$program" >/dev/null || missing="$missing $package"
done <<EOF
chromium chromium
EOF

if [ -z "$missing" ]; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "programs: not installed, that takes root and apt-get:$missing" >&2
    exit 0
fi
echo "== installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # one word a package
install() {
    apt-get "$@" update && apt-get "$@" install --yes --no-install-recommends $missing
}
# apt looks at the system's certificates only.
if [ -f "${SSL_CERT_FILE:-}" ]; then
    set -- -o "Acquire::https::CAInfo=$SSL_CERT_FILE"
fi
if ! install "$@" >/dev/null 2>&1; then
    echo "programs: apt-get could not install:$missing" >&2
fi
