#!/usr/bin/env bash
# See that the shared libraries of Qt's xcb plugin and of OpenGL are there; for tests, a virtual display too.
#     tools/system_packages.sh run | test | lint      (lint needs Python alone)
# What is missing is installed on Debian and Ubuntu when that needs no password, else it is named.
set -euo pipefail

purpose=${1:-run}
[ "$(uname -s)" = Linux ] || exit 0

# What is looked for, and the Debian package that brings it.
libraries="
libGL.so.1 libgl1
libEGL.so.1 libegl1
libX11-xcb.so.1 libx11-xcb1
libxkbcommon.so.0 libxkbcommon0
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-shape.so.0 libxcb-shape0
libxcb-shm.so.0 libxcb-shm0
libxcb-sync.so.1 libxcb-sync1
libxcb-xfixes.so.0 libxcb-xfixes0
libxcb-xkb.so.1 libxcb-xkb1
libfontconfig.so.1 libfontconfig1
libdbus-1.so.3 libdbus-1-3
libglib-2.0.so.0 libglib2.0-0
"

missing=()
if [ ! -x .venv/bin/python ] && command -v python3 >/dev/null && ! python3 -c 'import ensurepip' 2>/dev/null; then
    missing+=(python3-venv)
fi
[ "$purpose" != lint ] || libraries=""
known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p)
while read -r library package; do
    [ -z "$library" ] || [[ $known == *"$library "* ]] || missing+=("$package")
done <<<"$libraries"
if [ "$purpose" != lint ] && [ -z "$(find /usr/share/fonts -name '*.[to]tf' -print -quit 2>/dev/null)" ]; then
    missing+=(fonts-dejavu-core)
fi
if [ "$purpose" = test ]; then
    command -v Xvfb >/dev/null || missing+=(xvfb)
    command -v xauth >/dev/null || missing+=(xauth)
fi
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
fi
if command -v apt-get >/dev/null && { [ ${#as_root[@]} -eq 0 ] || sudo -n true 2>/dev/null; }; then
    echo "Installing system packages: ${missing[*]}"
    if "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; then
        exit 0
    fi
fi
echo "These system packages are missing (Debian's names); install them if the window does not open:" >&2
echo "    sudo apt-get install ${missing[*]}" >&2
