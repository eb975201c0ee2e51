#!/usr/bin/env bash
# Run the tests without touching the user's screen. With no arguments: all of them, beside each other on as many cores
# as there are, at most four (each worker has a screen of its own: tests/conftest.py), with coverage of lattice/.
#     tools/test.sh [pytest arguments]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command=(tools/test_all.sh)
[ $# -eq 0 ] || command=(.venv/bin/python -m pytest "$@")

export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
if command -v xvfb-run >/dev/null && command -v Xvfb >/dev/null && command -v xauth >/dev/null; then
    export QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1 CELLCUBE_REQUIRE_GL=1
    exec xvfb-run --auto-servernum --server-args="-screen 0 1920x1200x24 +extension GLX -nolisten tcp" "${command[@]}"
fi
echo "No virtual display (Xvfb) here: the tests use the screen if there is one, and skip OpenGL if there is none." >&2
exec "${command[@]}"
