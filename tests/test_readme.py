"""The read-me's Python: every block runs as it is printed, one after the other, in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINES = (10, 5)
"""Lines of code that training, and using what was trained, may take; imports and the shortening of the run apart."""


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


def test_the_blocks_are_short():
    lengths = [len([line for line in block.splitlines() if line and "import" not in line]) for block in blocks()]
    assert len(lengths) == len(LINES)
    assert all(length <= most for length, most in zip(lengths, LINES, strict=True))


def test_the_blocks_run(tmp_path):
    code = "\n".join(blocks())
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["cube.safetensors"]
    seen, score, used = result.stdout.splitlines()
    assert re.fullmatch(r"\d+\.\d+ \(\d+, 6, 6, 6, \d+\)", seen)
    assert -1 <= float(score) <= 1
    assert re.fullmatch(r"\(4, 384\) \(4, \d+, 216, \d+\)", used)
