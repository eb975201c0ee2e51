#!/usr/bin/env bash
# Run all tests, on as many cores as there are, four at most. Coverage counts lattice/ alone, so the window's tests are
# spared its cost, a quarter of their time.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

together=(.venv/bin/python -m pytest -n logical --maxprocesses=4 --dist loadfile --durations=25)
status=0
"${together[@]}" tests/app --no-cov || status=1
"${together[@]}" --ignore=tests/app --cov --cov-report=term --cov-fail-under=90 || status=1
exit "$status"
