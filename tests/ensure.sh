#!/bin/sh
# ensure.sh PYTHON: sees to what the suite needs beyond Python, before anything runs, and prints the path of Chromium.
# What is missing is installed from Debian's packages where we may, and else named in one sentence:
# a Chromium that starts; oathtool, whose codes the portal must accept; libatomic, which Playwright's own program is
# linked to. pdftoppm, which judges what the portal draws, is installed with them; the suite does without it, too.
set -eu
python=$1

find_chromium() {
    for name in "${PORTAL_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        path=$(command -v "${name:-/nowhere}") || continue
        "$path" --version >/dev/null 2>&1 && echo "$path" && return 0
    done
    return 1
}

list_missing() {
    find_chromium >/dev/null || printf 'chromium fonts-dejavu-core '
    command -v oathtool >/dev/null || printf 'oathtool '
    "$python" -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' 2>/dev/null || printf 'libatomic1 '
}

install_packages() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then as_root=env; else as_root="sudo -n env"; fi
    $as_root true 2>/dev/null || return 1
    $as_root apt-get update -qq >&2
    $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2 </dev/null
}

wanted=$(list_missing)
command -v pdftoppm >/dev/null || wanted="$wanted poppler-utils"
# shellcheck disable=SC2086 # the words are packages
[ -z "$wanted" ] || install_packages $wanted || true
still=$(list_missing)
if [ -n "$still" ]; then
    echo "The tests need some programs of the system; as root: apt-get install ${still% }" >&2
    exit 1
fi
find_chromium
