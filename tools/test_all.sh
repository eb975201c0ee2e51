#!/usr/bin/env bash
# Run all tests, on as many cores as there are, four at most: the window's, then the others. A worker that has nothing
# left takes tests over from the busiest one. With --coverage: the others alone, and count the lines of lattice/ that
# they reach; that slows them down by about a third.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

together=(.venv/bin/python -m pytest -n logical --maxprocesses=4 --dist worksteal --durations=25)
if [ "${1:-}" = --coverage ]; then
    exec "${together[@]}" --ignore=tests/app --cov --cov-report=term --cov-fail-under=90
fi
status=0
"${together[@]}" tests/app || status=1
"${together[@]}" --ignore=tests/app || status=1
exit "$status"
