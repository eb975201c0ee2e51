"""Waiting threads: the program's choice, and the user's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lattice import threads
from lattice.threads import SPIN_COUNT, share_cores

ROOT = Path(__file__).parent.parent.parent


def test_waiting_threads_sleep_soon_unless_the_user_says_otherwise() -> None:
    environment: dict[str, str] = {}
    share_cores(environment)
    assert environment["GOMP_SPINCOUNT"] == str(SPIN_COUNT)
    for chosen in ({"GOMP_SPINCOUNT": "7"}, {"OMP_WAIT_POLICY": "ACTIVE"}):
        kept = dict(chosen)
        share_cores(kept)
        assert kept | chosen == kept
        assert ("GOMP_SPINCOUNT" in kept) == ("GOMP_SPINCOUNT" in chosen)


@pytest.mark.parametrize(("machine", "given", "expected"), [
    ("x86_64", {}, "1"),
    ("AMD64", {}, "1"),
    ("aarch64", {}, None),
    ("x86_64", {"OPENBLAS_NUM_THREADS": "3"}, "3"),
    ("x86_64", {"OMP_NUM_THREADS": "2"}, None),
])  # fmt: skip
def test_numpy_has_no_threads_of_its_own_unless_torch_shares_them_or_the_user_says_so(
    monkeypatch: pytest.MonkeyPatch, machine: str, given: dict[str, str], expected: str | None
) -> None:
    monkeypatch.setattr(threads.platform, "machine", lambda: machine)
    environment = dict(given)
    share_cores(environment)
    assert environment.get("OPENBLAS_NUM_THREADS") == expected


@pytest.mark.parametrize(("given", "expected"), [({}, str(SPIN_COUNT)), ({"GOMP_SPINCOUNT": "9"}, "9")])
def test_the_program_decides_before_torch_is_there(given: dict[str, str], expected: str) -> None:
    code = (
        "import os, sys, main\n"
        "assert 'torch' not in sys.modules\n"
        "try: main.main(['--version'])\n"
        "except SystemExit: pass\n"
        "print(os.environ['GOMP_SPINCOUNT'])"
    )
    environment = {
        name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**environment, **given}, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == expected
