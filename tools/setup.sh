#!/usr/bin/env bash
# Make .venv and install Cellcube with what some purposes need; quick when nothing changed since the last time.
#     tools/setup.sh [run | test | lint | bench]...
# PYTHON=... picks the interpreter. Versions come from constraints.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -gt 0 ] || set -- run
extras=""
for purpose in "$@"; do
    case $purpose in
        run) ;;
        test) extras+=",test,offline-teacher,onnx,hdf5,trackers" ;;
        lint) extras+=",dev,test" ;;
        bench) extras+=",bench" ;;
        *) echo "tools/setup.sh: unknown purpose '$purpose': expected run, test, lint or bench" >&2; exit 2 ;;
    esac
done
[ -z "$extras" ] || extras="[${extras#,}]"

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    echo "Cellcube needs Python 3.11 or newer, and found none. Name one: make PYTHON=/path/to/python3" >&2
    return 1
}

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python=$(find_python)
    echo "Creating .venv with $python"
    "$python" -m venv --clear .venv
fi

wanted=$(cat pyproject.toml constraints.txt tools/setup.sh | cksum)
missing=()
for purpose in "$@"; do
    stamp=".venv/.installed-$purpose"
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] || missing+=("$purpose")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "Installing Cellcube for '${missing[*]}' into .venv (the first time takes minutes)"
quiet=()
[ -t 1 ] || quiet=(-qq --progress-bar off)
.venv/bin/python -m pip install --disable-pip-version-check ${quiet[@]+"${quiet[@]}"} -c constraints.txt -e ".$extras"
for purpose in "$@"; do
    printf '%s\n' "$wanted" >".venv/.installed-$purpose"
done
