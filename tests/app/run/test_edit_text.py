"""What the edits at one training step amount to, in few words."""

from types import SimpleNamespace

from app.run.edit_text import StepEdits
from lattice.config import SimpleProjectConfig

DEBUG = SimpleProjectConfig.from_preset("debug")


def applied(config, step, *changed):
    return SimpleNamespace(summary=SimpleNamespace(config=config, training_step=step), changed=changed)


def test_an_edit_that_is_taken_back_before_it_was_trained_with_is_none():
    edits, six = StepEdits(), DEBUG.override(["lattice.lattice_steps=6"])
    both = six.override(["optimizer.clip_norm=2.0"])
    edits.begin(DEBUG)
    assert edits.take(applied(six, 67, "lattice.lattice_steps")) == "lattice steps 6"
    assert edits.take(applied(both, 67, "optimizer.clip_norm")) == "lattice steps 6, clip norm 2.0"
    assert edits.text_at(67) == "lattice steps 6, clip norm 2.0"
    assert edits.take(applied(six, 67, "optimizer.clip_norm")) == "lattice steps 6"
    assert edits.take(applied(DEBUG, 67, "lattice.lattice_steps")) == ""


def test_one_that_was_trained_with_is_told_and_so_is_its_undo():
    edits, six = StepEdits(), DEBUG.override(["lattice.lattice_steps=6"])
    edits.begin(DEBUG)
    edits.take(applied(six, 67, "lattice.lattice_steps"))
    assert edits.text_at(68) == ""
    assert edits.take(applied(DEBUG, 68, "lattice.lattice_steps")) == "lattice steps 5"


def test_a_run_that_is_brought_back_begins_with_its_own_settings():
    edits, six = StepEdits(), DEBUG.override(["lattice.lattice_steps=6"])
    edits.begin(DEBUG)
    edits.take(applied(six, 67, "lattice.lattice_steps"))
    edits.begin(DEBUG)
    assert edits.text_at(67) == ""
    assert edits.take(applied(six, 67, "lattice.lattice_steps")) == "lattice steps 6"
