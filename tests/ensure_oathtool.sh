#!/bin/sh
# Prints the path of oathtool, whose codes the portal must accept: the one there is, else Debian's, installed now.
set -eu

install_oathtool() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then as_root=env; else as_root="sudo -n env"; fi
    $as_root true 2>/dev/null || return 1
    $as_root apt-get update -qq >&2
    $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends oathtool >&2 </dev/null
}

command -v oathtool && exit 0
install_oathtool || true
command -v oathtool && exit 0
echo "The tests of codes need oathtool: apt-get install oathtool." >&2
exit 1
