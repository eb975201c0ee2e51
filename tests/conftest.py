"""Every test runs away from the user's folders, away from the network, with few threads and a fresh logger."""

from __future__ import annotations

import atexit
import contextlib
import gc
import itertools
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def _memory_folder() -> str | None:
    """Return a folder that lies in memory and has room for the tests' files, None where there is none.

    Tests write thousands of small files, of which the program syncs many: a disk makes each of them wait.
    """
    folder = "/dev/shm"
    if "TMPDIR" in os.environ or not os.access(folder, os.W_OK):
        return None
    room = os.statvfs(folder)
    return folder if room.f_bavail * room.f_frsize >= 4 * 2**30 and not room.f_flag & os.ST_NOEXEC else None


if _folder := _memory_folder():
    os.environ["TMPDIR"] = tempfile.tempdir = _folder
_SESSION_FOLDER = tempfile.TemporaryDirectory(prefix="cellcube-tests-", ignore_cleanup_errors=True)
_HOME = Path(_SESSION_FOLDER.name)
_USER_FOLDERS = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "LOCALAPPDATA", "APPDATA")

os.environ.setdefault("XAUTHORITY", str(Path.home() / ".Xauthority"))
os.environ.update(
    {"HOME": str(_HOME), "HF_HOME": str(_HOME / "hub"), "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    | {"TOKENIZERS_PARALLELISM": "false", "QT_LOGGING_RULES": "qt.qpa.*=false"}
    | {name: str(_HOME / name.lower()) for name in _USER_FOLDERS}
)
# Every window and every process would compile the cube's shaders again: they share what one of them compiled.
os.environ.setdefault("MESA_SHADER_CACHE_DIR", str(_HOME / "shaders"))
# The tensors here are too small to share, and threads that wait for each other spin on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")
if os.environ.get("PYTEST_XDIST_WORKER") and os.environ.get("CELLCUBE_REQUIRE_GL") == "1":
    # Windows of two processes on one display take the focus from each other.
    from pyvirtualdisplay import Display

    _DISPLAY = Display(size=(1920, 1200), use_xauth=True, extra_args=["+extension", "GLX", "-nolisten", "tcp"])
    _DISPLAY.start()
    atexit.register(_DISPLAY.stop)
_HEADLESS = sys.platform.startswith("linux") and not os.environ.get("DISPLAY")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen" if _HEADLESS else "xcb" if sys.platform == "linux" else "")
if not os.environ["QT_QPA_PLATFORM"]:
    del os.environ["QT_QPA_PLATFORM"]

import hypothesis  # noqa: E402
import pytest  # noqa: E402
import torch  # noqa: E402  (before Qt: on Windows the other order breaks torch's libraries)

hypothesis.settings.register_profile("cellcube", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
hypothesis.settings.load_profile("cellcube")

_GL_PROBE = """
import sys
if sys.platform == "win32":
    import torch  # before Qt, see above
from PyQt6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
app = QGuiApplication([])
surface, context = QOffscreenSurface(), QOpenGLContext()
surface.create()
assert context.create(), "Qt could not create an OpenGL context"
assert context.makeCurrent(surface), "Qt could not make the OpenGL context current"
"""


def _missing_gl() -> str | None:
    """Return why no OpenGL context can be had here, None if one can."""
    if _HEADLESS:
        return "no display; 'make test' brings one (Xvfb)"
    try:
        probe = subprocess.run(
            [sys.executable, "-c", _GL_PROBE], check=False, capture_output=True, text=True, timeout=120
        )
    except subprocess.TimeoutExpired:
        return "asking for an OpenGL context did not return within 120 s"
    return None if probe.returncode == 0 else (probe.stderr.strip().splitlines() or ["the probe crashed"])[-1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests whose hardware is missing; with CELLCUBE_REQUIRE_GL=1 a missing display is an error instead."""
    needs_gl = [item for item in items if item.get_closest_marker("gl")]
    if needs_gl and (reason := _missing_gl()) is not None:
        if os.environ.get("CELLCUBE_REQUIRE_GL") == "1":
            raise pytest.UsageError(f"OpenGL tests were asked for, but {reason}")
        for item in needs_gl:
            item.add_marker(pytest.mark.skip(reason=f"no OpenGL: {reason}"))
    if not torch.cuda.is_available():
        for item in items:
            if item.get_closest_marker("gpu"):
                item.add_marker(pytest.mark.skip(reason="no CUDA device"))


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Iterator[Any]:
    """Escape lone surrogates in what a worker reports: the log of a test may hold some, and they can't be sent."""
    return _sendable((yield))


def _sendable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _sendable(item) for key, item in value.items()}
    return type(value)(_sendable(item) for item in value) if isinstance(value, list | tuple) else value


def pytest_collection_finish() -> None:
    """Leave what imports made out of every later collection and count of objects: it is most of all there is."""
    gc.collect()
    gc.freeze()


_FOLDERS = itertools.count()
_unused: list[Path] = []


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each test its own, empty cache, configuration, data and temporary folders.

    Folders that a test left empty serve the next one: making and removing them is most of what a quick test costs.
    """
    home = _unused.pop() if _unused else tmp_path_factory.getbasetemp() / f"user-{next(_FOLDERS)}"
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    for name in _USER_FOLDERS:
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    yield
    if os.listdir(home) == ["tmp"] and not os.listdir(temporary):
        _unused.append(home)
    else:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def _fresh_logger() -> Iterator[None]:
    """Leave the project's logger as it was found: no handler, no level, no open file."""
    yield
    logger = logging.getLogger("cellcube")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        with contextlib.suppress(OSError):
            handler.close()
    logger.setLevel(logging.NOTSET)


@pytest.fixture(autouse=True)
def _steady_torch() -> Iterator[None]:
    """Start from one seed with one thread, and keep a test's torch settings from leaking into the next."""
    torch.default_generator.manual_seed(0)  # `torch.manual_seed` formats a stack for each kind of device there is not
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(0)
    torch.set_num_threads(1)
    yield
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    if torch.are_deterministic_algorithms_enabled():  # asking costs nothing, switching imports torch's compiler
        torch.use_deterministic_algorithms(False)
