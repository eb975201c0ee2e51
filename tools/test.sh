#!/usr/bin/env bash
# Run the tests without touching the user's screen. With no arguments: all of them, beside each other on as many cores
# as there are, at most four (each worker has a screen of its own: tests/conftest.py).
#     tools/test.sh [pytest arguments]
#     tools/test.sh --coverage        the core's tests alone, with the lines of lattice/ that they reach
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case ${1:-} in
    "" | --coverage) command=(tools/test_all.sh "$@") ;;
    *) command=(.venv/bin/python -m pytest "$@") ;;
esac

export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
# Tests start the program again and again: to compile its files each time would be most of what a start costs.
unset PYTHONDONTWRITEBYTECODE
if command -v xvfb-run >/dev/null && command -v Xvfb >/dev/null && command -v xauth >/dev/null; then
    export QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1 CELLCUBE_REQUIRE_GL=1
    exec xvfb-run --auto-servernum --server-args="-screen 0 1920x1200x24 +extension GLX -nolisten tcp" "${command[@]}"
fi
echo "No virtual display (Xvfb) here: the tests use the screen if there is one, and skip OpenGL if there is none." >&2
exec "${command[@]}"
