#!/bin/sh
# Prints the certificates that pip is told to trust, as a file or a folder: behind a company's proxy, the other tools
# must trust them too. Prints nothing if pip is told of none.
set -eu

# The first `cert = ...` of pip's configuration files, those of the user first.
configured() {
    if [ "${PIP_CONFIG_FILE:-}" = /dev/null ]; then # pip's way to read none at all
        return
    fi
    for file in "${PIP_CONFIG_FILE:-}" "${XDG_CONFIG_HOME:-${HOME:-}/.config}/pip/pip.conf" "${HOME:-}/.pip/pip.conf" \
        "${HOME:-}/Library/Application Support/pip/pip.conf" /etc/pip.conf /etc/xdg/pip/pip.conf; do
        if [ -f "$file" ]; then
            sed -n 's/^[[:space:]]*cert[[:space:]]*[=:][[:space:]]*\(.*[^[:space:]]\)[[:space:]]*$/\1/p' "$file"
        fi
    done | head -n 1
}

for told in "${PIP_CERT:-}" "$(configured)" "${REQUESTS_CA_BUNDLE:-}" "${CURL_CA_BUNDLE:-}"; do
    if [ -n "$told" ]; then
        echo "$told"
        exit 0
    fi
done
