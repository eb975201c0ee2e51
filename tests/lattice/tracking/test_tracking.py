"""Trackers of a run: which are taken, what they get, and that their failures stay theirs."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from lattice.errors import ConfigError, PluginError
from lattice.plugins import TRACKERS, Plugins
from lattice.tracking.base import TrackedRun, TrackerKind
from lattice.tracking.figures import score_figures, step_figures
from lattice.tracking.picture import GAP, cube_picture
from lattice.tracking.tracking import check_trackers, start_tracking
from lattice.training.trainer import EmbeddingTrainer


class Notes:
    """A tracker that keeps what it gets."""

    def __init__(self, run: TrackedRun) -> None:
        self.run, self.got, self.closed = run, [], False
        self.fails_at = 10**9

    def figures(self, training_step, values):
        if training_step >= self.fails_at:
            raise OSError(28, "No space left on device")
        self.got.append((training_step, dict(values)))

    def picture(self, training_step, name, rgb_HWC):
        self.got.append((training_step, name, rgb_HWC.shape))

    def close(self):
        self.closed = True


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch):
    """Register a tracker `notes`; gives the trackers that were opened."""
    opened: list[Notes] = []

    def open_notes(run: TrackedRun) -> Notes:
        opened.append(Notes(run))
        return opened[-1]

    monkeypatch.setattr(TRACKERS, "_held", dict(TRACKERS._entries))
    Plugins("test").tracker("notes", TrackerKind("Notes", "", open_notes))
    return opened


def test_a_run_is_tracked_with_its_figures_scores_and_pictures(notes, small_trainer, tmp_path: Path) -> None:
    trainer: EmbeddingTrainer = small_trainer()
    tracking = start_tracking(["notes", "notes"], trainer.config, "abc", 0, tmp_path)
    report, scores = trainer.step(), trainer.evaluate()
    observation = trainer.observe(int(trainer.dataset.validation_indices[0]))
    tracking.stepped(report)
    tracking.evaluated(scores, trainer)
    assert tracking.on
    tracking.close()
    (tracker,) = notes
    assert tracker.run.folder == tmp_path / "notes"
    assert tracker.run.settings["model.state_size"] == 6
    assert tracker.got[:2] == [(1, step_figures(report)), (1, score_figures(scores))]
    assert tracker.got[2:] == [(1, "cube", cube_picture(observation).shape)]
    assert tracker.closed
    assert not tracking.on


def test_figures_have_names_of_groups(small_trainer) -> None:
    trainer: EmbeddingTrainer = small_trainer()
    values = step_figures(trainer.step())
    assert {"loss/total", "gradient/local", "gate/distant", "memory/peak_MB", "train/learning_rate"} <= set(values)
    scores = score_figures(trainer.evaluate())
    assert {"cosine/student", "cosine/without_rollout", "cosine/pca", "cosine/mlp", "nmse/linear"} <= set(scores)


def test_a_tracker_that_fails_warns_once_and_the_rest_goes_on(notes, small_trainer, tmp_path, caplog) -> None:
    trainer: EmbeddingTrainer = small_trainer()
    tracking = start_tracking(["notes"], trainer.config, "abc", 0, tmp_path)
    report = trainer.step()
    tracking.stepped(report)
    while not (notes and notes[0].got):
        threading.Event().wait(0.001)
    notes[0].fails_at = 0
    for _ in range(3):
        tracking.stepped(report)
    tracking.close()
    assert not tracking.on
    said = [record.getMessage() for record in caplog.records if "tracker 'notes' failed" in record.getMessage()]
    assert len(said) == 1
    assert "the run goes on: [Errno 28] No space left on device" in said[0]


def test_a_folder_that_can_not_be_made_leaves_the_tracker_out(notes, small_config, tmp_path: Path, caplog) -> None:
    (tmp_path / "file").write_text("no folder")
    tracking = start_tracking(["notes"], small_config(), "abc", 0, tmp_path / "file")
    assert not tracking.on
    assert "The tracker 'notes' is left out, because" in caplog.text


def test_a_tracker_whose_plugin_was_unloaded_is_left_out(notes, small_config, tmp_path: Path, caplog) -> None:
    before = start_tracking(["notes"], small_config(), "abc", 0, tmp_path)
    TRACKERS.remove_plugin("test")
    tracking = start_tracking(["notes"], small_config(), "abc", 0, tmp_path, before)
    assert not tracking.on
    assert "The tracker 'notes' is left out: there is no tracker 'notes'" in caplog.text
    tracking.close()
    assert notes[0].closed


def test_unknown_and_missing_trackers_are_refused_in_words(notes) -> None:
    with pytest.raises(PluginError, match="there is no tracker 'tensorbord': expected one of tensorboard, trackio"):
        check_trackers(["tensorbord"])
    Plugins("test").tracker("gone", TrackerKind("Gone", "no_such_package_here", Notes))
    with pytest.raises(ConfigError, match="needs the package no_such_package_here: install it with pip install"):
        check_trackers(["gone"])
    assert check_trackers(["notes", "notes"]) == ("notes",)


def test_tensorboard_needs_what_its_pictures_need(monkeypatch) -> None:
    monkeypatch.setattr("lattice.tracking.tracking.find_spec", lambda name: None if name == "PIL" else name)
    advice = r"needs the package PIL: install it with pip install 'cellcube\[trackers\]'"
    with pytest.raises(ConfigError, match=advice):
        check_trackers(["tensorboard"])


def test_the_picture_shows_three_slices_at_every_lattice_step(small_trainer) -> None:
    observation = small_trainer().observe(0)  # a cube of 4 x 3 x 5 over two lattice steps, 20 pixels a cell
    picture = cube_picture(observation)
    assert picture.dtype == np.uint8
    assert picture.shape == ((3 + 4 + 4) * 20 + 3 * GAP, 3 * (5 * 20 + GAP), 3)
    norms = np.linalg.norm(observation.states_TXYZC, axis=-1)
    step, y, z = np.unravel_index(norms[:, 2].argmax(), norms[:, 2].shape)
    if norms[step, 2, y, z] == norms.max():
        assert tuple(picture[y * 20 + 9, step * (100 + GAP) + z * 20 + 9]) == (253, 231, 37)
    observation.states_TXYZC[1, 2, 1, 3] = np.nan
    assert tuple(cube_picture(observation)[29, 100 + GAP + 69]) == (255, 255, 255)
