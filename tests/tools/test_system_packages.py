"""`tools/system_packages.sh`: missing libraries are installed where that needs no password, and else named."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "system_packages.sh"
ALL_BUT_CURSOR = """#!/bin/sh
sed -n 's/^\\(lib[^ ]*\\) .*/\\1 (libc6) => here/p' "$SCRIPT" | grep -v cursor
"""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux's packages")


@pytest.fixture
def machine(tmp_path):
    """Commands of a machine that lacks one library, in front of the real ones; `apt-get` writes down its calls."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def command(name: str, text: str) -> None:
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)

    command("ldconfig", ALL_BUT_CURSOR)
    command("id", "#!/bin/sh\necho ${FAKE_ID:-0}\n")
    command("apt-get", f'#!/bin/sh\necho "$*" >>{tmp_path}/apt.log\nexit ${{APT_STATUS:-0}}\n')
    command("sudo", '#!/bin/sh\n[ "$MAY_SUDO" = yes ] || exit 1\nshift\nexec "$@"\n')

    def check(**environment: str) -> tuple[str, str]:
        result = subprocess.run(
            ["bash", str(SCRIPT), "run"],
            check=True,
            capture_output=True,
            text=True,
            env={"PATH": f"{folder}:/usr/bin:/bin", "SCRIPT": str(SCRIPT), **environment},
        )
        log = tmp_path / "apt.log"
        return result.stderr, log.read_text() if log.exists() else ""

    return check


def test_root_installs_what_is_missing_and_nothing_else(machine):
    complaint, installed = machine()
    assert complaint == ""
    update, install = installed.splitlines()
    assert update.startswith("update")
    assert "--no-install-recommends libxcb-cursor0" in install
    assert "libgl1" not in install


def test_a_user_with_sudo_installs_too(machine):
    _, installed = machine(FAKE_ID="1000", MAY_SUDO="yes")
    assert "libxcb-cursor0" in installed


def test_a_user_without_sudo_is_told(machine):
    complaint, installed = machine(FAKE_ID="1000")
    assert installed == ""
    assert "sudo apt-get install libxcb-cursor0" in complaint


def test_a_failing_install_is_told_and_does_not_stop_the_rest(machine):
    complaint, _ = machine(APT_STATUS="100")
    assert "sudo apt-get install libxcb-cursor0" in complaint
