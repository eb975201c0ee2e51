"""`python main.py` as a process: what it loads, what the read-me promises, and a machine without a display."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lattice

ROOT = Path(__file__).resolve().parent.parent


def run_main(*arguments: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    """Run main.py away from its folder; an environment value of None removes the variable."""
    merged = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *arguments],
        cwd=ROOT.parent,
        env=merged,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_version():
    assert run_main("--version").stdout == f"Cellcube {lattice.__version__}\n"


def test_every_option_of_the_readme_exists():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    program, benchmarks = (options_in(part) for part in readme.split("## Benchmarks"))
    assert program >= {"--headless", "--preset", "--set", "--resume", "--no-autostart"}
    assert program - options_in(run_main("--help").stdout) == set()
    command = [sys.executable, "-m", "benchmarks", "scaling", "--help"]
    helped = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert benchmarks - {"--help"} - options_in(helped) == set()


def options_in(text):
    lines = [line for line in text.splitlines() if "pip install" not in line]  # pip has options of its own
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", "\n".join(lines)))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["--nonsense"], ["--preset", "huge"]])
def test_answers_that_need_no_computing_load_nothing_heavy(arguments):
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import main
try:
    main.main({arguments!r})
except SystemExit:
    pass
print(sorted({{"torch", "PyQt6", "vispy", "transformers"}} & set(sys.modules)), file=sys.stderr)
"""
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stderr.splitlines()[-1] == "[]"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")
def test_without_a_display_it_says_so_and_names_the_way_out():
    result = run_main("--no-autostart", DISPLAY=None, WAYLAND_DISPLAY=None, QT_QPA_PLATFORM=None)
    assert result.returncode == 2, result.stderr
    assert "display" in result.stderr
    assert "--headless" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise there")
def test_a_reader_that_goes_away_is_no_error():
    command = [sys.executable, str(ROOT / "main.py"), "--tiers", "27"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141
