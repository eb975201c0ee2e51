#!/usr/bin/env bash
# Run all tests, with coverage of lattice/: the window's beside all others, since both leave one core idle.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

report=$(mktemp)
COVERAGE_FILE=.coverage-core .venv/bin/python -m pytest --ignore=tests/app --durations=10 --cov --cov-report= \
    >"$report" 2>&1 &
core=$!
trap 'kill "$core" 2>/dev/null; rm -f "$report"' EXIT

status=0
echo "The window's tests; those of everything else run beside them and are listed after them."
COVERAGE_FILE=.coverage-app .venv/bin/python -m pytest tests/app --durations=10 --cov --cov-report= || status=1
wait "$core" || status=1
cat "$report"
.venv/bin/coverage combine --quiet .coverage-core .coverage-app || status=1
.venv/bin/coverage report --fail-under=90 || status=1
exit "$status"
