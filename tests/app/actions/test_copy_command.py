"""The run on the clipboard, as a command line, with what it leaves out."""

import shlex
from types import SimpleNamespace

import pytest
from PyQt6.QtWidgets import QApplication

from app.actions.copy_command import CopyCommand
from lattice.cli.arguments import build_parser
from lattice.cli.wishes import config_from
from lattice.config import SimpleProjectConfig, flat_settings
from tests.app.fakes import FakeTrainer, small_config


@pytest.fixture
def copy(qtbot):
    """Return a function that copies a run; it returns what was said and what failed."""

    def act(*, path=None, unsaved=0, config=None):
        config = config or small_config()
        said, failed = [], []
        summary = SimpleNamespace(config=config, training_step=unsaved)
        controller = SimpleNamespace(summary=summary, unsaved_steps=unsaved)
        CopyCommand(controller, lambda: path, said.append, failed.append).act()
        return said, failed

    QApplication.clipboard().setText("before")
    return act


def test_a_new_run_comes_back_from_its_line(copy):
    config = small_config(optimizer__learning_rate=0.0012)
    said, failed = copy(config=config)
    line = QApplication.clipboard().text()
    assert (said, failed) == ([f"Copied: {line}"], [])
    read = config_from(build_parser().parse_args(shlex.split(line)[2:]))
    assert dict(flat_settings(read)) == dict(flat_settings(config))


def test_what_it_leaves_out_is_said(copy, tmp_path):
    assert copy(unsaved=3)[0][0].endswith("(it begins with fresh weights)")
    path = tmp_path / "run.safetensors"
    FakeTrainer(small_config()).save(path)
    said, _failed = copy(path=path, unsaved=3)
    line = QApplication.clipboard().text()
    assert said == [f"Copied: {line} (it leaves out 3 training steps since the last save)"]


def test_a_file_that_is_gone_is_a_failure_and_leaves_the_clipboard(copy, tmp_path):
    said, failed = copy(path=tmp_path / "gone.safetensors", config=SimpleProjectConfig())
    assert said == []
    assert "gone.safetensors can't be read as a checkpoint: save the run again" in failed[0].what
    assert QApplication.clipboard().text() == "before"
