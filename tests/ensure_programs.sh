#!/bin/sh
# What the tests need beyond Python: Chromium; libatomic, without which Playwright's own node does not start; oathtool,
# whose codes the portal must accept; pdftoppm, which judges what the portal draws, and may be missing.
# What is not there is installed from Debian's archive if we may; else it is unpacked into .venv-debian, which takes no
# rights. Prints the folder to be put before PATH, if there is one. Run it from the project's folder, after the install.
set -eu
folder=$PWD/.venv-debian
node=$(echo .venv/lib/python3*/site-packages/playwright/driver/node)

has_chromium() {
    for name in "${PORTAL_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        path=$(command -v "${name:-/nowhere}") || continue
        "$path" --version >/dev/null 2>&1 && return 0
    done
    return 1
}

has_node() { "${PLAYWRIGHT_NODEJS_PATH:-$node}" --version >/dev/null 2>&1; }

missing() {
    has_chromium || echo chromium fonts-dejavu-core
    has_node || echo libatomic1
    command -v oathtool >/dev/null || echo oathtool
    command -v pdftoppm >/dev/null || echo poppler-utils
}

install_all() {
    if [ "$(id -u)" = 0 ]; then as_root=env; else as_root="sudo -n env"; fi
    $as_root true 2>/dev/null || return 1
    $as_root apt-get update -qq
    # shellcheck disable=SC2046
    $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(missing) </dev/null
}

# apt with lists and packages of our own beside the system's knowledge of what is installed: so it needs no rights.
unpack_all() {
    mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/bin"
    set -- -qq -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder/cache" -o Debug::NoLocking=1
    echo "unpacking what the tests need into .venv-debian: $(missing | tr '\n' ' ')"
    apt-get "$@" update || true # one source of many may be out of reach
    # shellcheck disable=SC2046
    apt-get "$@" -y --no-install-recommends --download-only install $(missing)
    for package in "$folder"/cache/archives/*.deb; do dpkg-deb -x "$package" "$folder"; done
    rm -rf "$folder/lists" "$folder/cache"
    for program in lib/chromium/chromium bin/oathtool bin/pdfinfo bin/pdftoppm; do
        [ ! -x "$folder/usr/$program" ] || wrap "${program##*/}" "\$folder/usr/$program"
    done
    wrap node "\$folder/../$node"
    echo '<fontconfig><dir prefix="relative">usr/share/fonts</dir></fontconfig>' >"$folder/fonts.conf"
}

# wrap NAME PROGRAM: a command that finds the libraries and fonts which it came with.
wrap() {
    cat >"$folder/bin/$1" <<END
#!/bin/sh
folder=\$(cd "\$(dirname "\$0")/.." && pwd)
for each in "\$folder"/usr/lib/*-linux-gnu "\$folder"/lib/*-linux-gnu "\$folder"/usr/lib/*-linux-gnu/pulseaudio; do
    LD_LIBRARY_PATH="\$each\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
done
export LD_LIBRARY_PATH
[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE="\$folder/fonts.conf"
exec "$2" "\$@"
END
    chmod +x "$folder/bin/$1"
}

use_unpacked() {
    [ -d "$folder/bin" ] || return 0
    PATH=$folder/bin:$PATH
    PLAYWRIGHT_NODEJS_PATH=$folder/bin/node
}

use_unpacked
if [ -n "$(missing)" ] && command -v apt-get >/dev/null; then
    { install_all || unpack_all; } >&2 || true
    use_unpacked
fi
needed=$(missing | grep -v poppler-utils | tr '\n' ' ')
if [ -n "$needed" ]; then
    echo "The tests need what is missing here: apt-get install $needed(Chromium may be another one, named in PORTAL_CHROMIUM)." >&2
    exit 1
fi
[ ! -d "$folder/bin" ] || echo "$folder/bin"
