#!/usr/bin/env bash
# Run the tests without touching the user's screen. With no arguments: all of them, beside each other on as many cores
# as there are, at most four (each worker has a screen of its own: tests/conftest.py).
#     tools/test.sh [pytest arguments]
#     tools/test.sh --coverage        the core's tests; counts the lines of lattice/ that they reach, at least 90 %
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# A worker that has nothing left takes tests over from the busiest one.
together=(-n logical --maxprocesses=4 --dist worksteal)
case ${1:-all} in
    all) arguments=("${together[@]}" --durations=25) ;;
    # Counting slows Python down by about a third; the window's tests are spared it.
    --coverage) arguments=("${together[@]}" --ignore=tests/app --cov --cov-report=term --cov-fail-under=90) ;;
    *) arguments=("$@") ;;
esac
command=(.venv/bin/python -m pytest "${arguments[@]}")

export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
# Tests start the program again and again: compiling all its files each time is most of what such a start would cost.
unset PYTHONDONTWRITEBYTECODE
if command -v xvfb-run >/dev/null && command -v Xvfb >/dev/null && command -v xauth >/dev/null; then
    export QT_QPA_PLATFORM=xcb LIBGL_ALWAYS_SOFTWARE=1 CELLCUBE_REQUIRE_GL=1
    exec xvfb-run --auto-servernum --server-args="-screen 0 1920x1200x24 +extension GLX -nolisten tcp" "${command[@]}"
fi
echo "No virtual display (Xvfb) here: the tests use the screen if there is one, and skip OpenGL if there is none." >&2
exec "${command[@]}"
