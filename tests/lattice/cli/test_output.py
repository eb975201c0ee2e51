"""Output that fails does not end the work, and its exit code stays that of what was done."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lattice.cli.output import SteadyStream, steady_output

ROOT = Path(__file__).resolve().parents[3]


class Failing(io.StringIO):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error, self.tries = error, 0

    def write(self, text: str) -> int:
        self.tries += 1
        raise self.error


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), ValueError("I/O operation on closed file")])
def test_a_failure_is_swallowed_and_not_tried_again(error: Exception) -> None:
    failing = Failing(error)
    stream = SteadyStream(failing, ends_with_its_reader=True)
    assert stream.write("one") == 3
    assert stream.write("two") == 3
    stream.flush()
    assert (stream.failed, failing.tries) == (True, 1)


def test_a_reader_that_went_away_ends_standard_output_alone() -> None:
    gone = BrokenPipeError(32, "Broken pipe")
    with pytest.raises(BrokenPipeError):
        SteadyStream(Failing(gone), ends_with_its_reader=True).write("x")
    assert SteadyStream(Failing(gone), ends_with_its_reader=False).write("x") == 1


def test_letters_that_the_encoding_lacks_are_escaped() -> None:
    raw = io.BytesIO()
    stream = SteadyStream(io.TextIOWrapper(raw, encoding="ascii"), ends_with_its_reader=True)
    stream.write("куб 8\N{SUPERSCRIPT THREE}")
    stream.flush()
    assert raw.getvalue() == b"\\u043a\\u0443\\u0431 8\\xb3"


def test_streams_that_are_not_there_are_replaced_and_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    with steady_output():
        sys.stdout.write("nobody reads this")
        sys.stderr.write("nor this")
    assert sys.stdout is None
    assert sys.stderr is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
def test_a_process_without_usable_output_ends_with_the_code_of_what_it_did(tmp_path: Path) -> None:
    code = (
        "import sys; from lattice.cli.output import steady_output\n"
        "with steady_output():\n"
        "    print('куб' * 10_000, flush=True); print('again'); print('x', file=sys.stderr)\n"
        f"    opened = open({str(tmp_path / 'file')!r}, 'w').fileno()\n"
        "sys.exit(7 if opened > 2 else 9)\n"
    )
    shell = f'"{sys.executable}" -c "$CODE" >/dev/full 2>&- <&-'
    environment = {**os.environ, "CODE": code, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    assert subprocess.run(["sh", "-c", shell], env=environment, check=False).returncode == 7
