#!/bin/sh
# Prints the path of a Chromium that starts: the one there is, else Debian's, installed now if we may.
set -eu

find_chromium() {
    for name in "${PORTAL_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        path=$(command -v "${name:-/nowhere}") || continue
        "$path" --version >/dev/null 2>&1 && echo "$path" && return 0
    done
    return 1
}

install_chromium() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then as_root=env; else as_root="sudo -n env"; fi
    $as_root true 2>/dev/null || return 1
    $as_root apt-get update -qq >&2
    $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fonts-dejavu-core >&2 </dev/null
}

find_chromium && exit 0
install_chromium || true
find_chromium && exit 0
echo "The browser tests need Chromium: apt-get install chromium, or name another one in PORTAL_CHROMIUM." >&2
exit 1
