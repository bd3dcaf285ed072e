#!/bin/sh
# ensure_program.sh PROGRAM PACKAGE: prints the path of a program that the tests need, the one there is, else Debian's,
# installed now: oathtool, whose codes the portal must accept; pdftoppm, which judges what the portal draws.
set -eu
program=$1 package=$2

install_package() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then as_root=env; else as_root="sudo -n env"; fi
    $as_root true 2>/dev/null || return 1
    $as_root apt-get update -qq >&2
    $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >&2 </dev/null
}

command -v "$program" && exit 0
install_package || true
command -v "$program" && exit 0
echo "The tests need $program: apt-get install $package." >&2
exit 1
