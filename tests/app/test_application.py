"""The program as a process, and what has to be right before Qt starts."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtGui import QImage

from app import __main__ as entry
from app import application
from app.platform import display_check
from app.run.leftovers import find_leftovers
from app.run.messages import Failed

MAIN = Path(__file__).resolve().parents[2] / "main.py"
SMALL = ("--set", "lattice.dimensions=[3,3,3]", "--set", "lattice.lattice_steps=2", "--set",
         "training_embedding.batch_size=4", "--set", "training_embedding.max_total_samples=60")  # fmt: skip

TELLS_STEPS = """
import sys
from lattice.training.loop import TrainingLoop

done = TrainingLoop._finish

def finish(self, *details):
    done(self, *details)
    print("a training step is done", file=sys.stderr, flush=True)

def setup(plugins):
    TrainingLoop._finish = finish
"""
"""A plugin that writes a line after every training step."""


def start(*arguments, **environment):
    command = [sys.executable, str(MAIN), *map(str, arguments)]
    return subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process, timeout=240):
    try:
        out, error = process.communicate(timeout=timeout)
    finally:
        process.kill()
    return process.returncode, out, error


@pytest.fixture
def linux(monkeypatch):
    monkeypatch.setattr(display_check.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


def test_no_display_is_said_and_headless_is_named(linux):
    problem = display_check.prepare_platform()
    assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in problem
    assert "python main.py --headless" in problem


def test_x11_is_preferred_to_wayland(linux, monkeypatch):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(display_check, "_x11_problem", lambda _display: "")
    assert display_check.prepare_platform() == ""
    assert os.environ["QT_QPA_PLATFORM"] == "xcb"


def test_wayland_alone_is_used(linux, monkeypatch):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert display_check.prepare_platform() == ""
    assert "QT_QPA_PLATFORM" not in os.environ


def test_an_x_server_that_does_not_answer_falls_back_to_wayland(linux, monkeypatch):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(display_check, "_x11_problem", lambda _display: "gone")
    assert display_check.prepare_platform() == ""
    assert os.environ["QT_QPA_PLATFORM"] == "wayland"


def test_what_the_user_chose_stays(linux, monkeypatch):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("QT_QPA_PLATFORM", "wayland")
    assert display_check.prepare_platform() == ""
    assert os.environ["QT_QPA_PLATFORM"] == "wayland"
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display_check.prepare_platform() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="X11 is Linux's")
def test_an_unreachable_x_server_is_said(linux, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":987")
    assert "the X server ':987' can't be reached" in display_check.prepare_platform()


def test_uncaught_exceptions_are_shown_and_the_program_lives(monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    shown: list[Failed] = []
    application.install_exception_hook(shown.append)
    try:
        raise ZeroDivisionError("by design")
    except ZeroDivisionError:
        sys.excepthook(*sys.exc_info())
    assert shown[0].title == "Something unexpected happened"
    assert "by design" in shown[0].what
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    assert len(shown) == 1


def test_only_the_first_frame_launches_the_worker(qtbot, monkeypatch):
    class Cube(QObject):
        frame_drawn = pyqtSignal(float)

    cube, launched, timers = Cube(), [], []
    monkeypatch.setattr(QTimer, "singleShot", lambda milliseconds, act: (timers.append(milliseconds), act()))
    application.launch_after_first_frame(SimpleNamespace(cube=cube, launch=lambda: launched.append(True)))
    for _ in range(3):
        cube.frame_drawn.emit(1.0)
    assert launched == [True]
    assert timers == [application.LAUNCH_MILLISECONDS]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_the_process_ends_with_2():
    environment = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    code, _, error = finish(start(**environment))
    assert code == 2
    assert "cellcube: No display" in error
    assert "--headless" in error
    assert "Traceback" not in error


@pytest.mark.gl
@pytest.mark.slow
class TestProcess:
    def test_a_screenshot_of_the_whole_window(self, tmp_path):
        picture = tmp_path / "new" / "window.png"
        code, _, error = finish(start("--screenshot", picture, "--after-training-steps", 3, *SMALL))
        assert code == 0, error
        image = QImage(str(picture))
        assert (image.width(), image.height()) == (1600, 1000)
        colours = {image.pixel(x, y) for x in range(0, 1600, 7) for y in range(0, 1000, 7)}
        assert len(colours) > 300
        assert "QThread" not in error
        assert "Traceback" not in error

    def test_bad_options_end_with_2_and_no_traceback(self, tmp_path):
        (tmp_path / "bad.toml").write_text("[lattice]\ndimensions = [0, 1, 1]\n")
        code, _, error = finish(start("--config", tmp_path / "bad.toml"))
        assert code == 2
        assert "cellcube: " in error
        assert "lattice.dimensions" in error
        assert "Traceback" not in error

    def test_data_that_cannot_be_read_ends_a_screenshot_with_an_error(self, tmp_path):
        (tmp_path / "bad.npy").write_bytes(b"nonsense")
        code, _, error = finish(start("--screenshot", tmp_path / "x.png", "--data", tmp_path / "bad.npy", *SMALL))
        assert code == 1
        assert "bad.npy" in error
        assert not (tmp_path / "x.png").exists()

    @pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
    @pytest.mark.parametrize(
        ("number", "arguments", "awaited"),
        [(signal.SIGTERM, (), "a training step is done"), (signal.SIGINT, ("--no-autostart",), "Tier means")],
    )
    def test_a_signal_closes_in_order_and_keeps_what_was_trained(self, tmp_path, number, arguments, awaited):
        (tmp_path / "telling.py").write_text(TELLS_STEPS)
        process = start("--plugin", tmp_path / "telling.py", *arguments, *SMALL)
        came = threading.Event()
        lines = []

        def read():
            for line in iter(process.stderr.readline, ""):
                lines.append(line)
                if awaited in line:
                    came.set()

        reader = threading.Thread(target=read)
        reader.start()
        try:
            assert came.wait(240), lines
            process.send_signal(number)
            code = process.wait(120)
        finally:
            process.kill()  # or its open pipe would keep the reader, and with it this process, for ever
        assert code == 0
        reader.join(10)
        process.stdout.close()
        process.stderr.close()
        assert not any("Traceback" in line or "QThread" in line for line in lines)
        assert [leftover.by_signal for leftover in find_leftovers()] == ([] if arguments else [True])


def test_a_python_without_the_packages_gets_one_line(monkeypatch, capsys):
    monkeypatch.setattr(entry, "NEEDED", ("sys", "no_such_package"))
    assert entry.main(["--headless"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"cellcube: {sys.executable} has no no_such_package: start Cellcube with `make run` or ")
