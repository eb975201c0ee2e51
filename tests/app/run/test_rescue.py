"""A killed program's last sound state is offered where its autosave is further behind, and nothing alive is touched."""

import dataclasses
import json

import numpy as np
import pytest
import safetensors.numpy

from app.run.kept_files import autosave_folder, sound_folder
from app.run.leftovers import find_leftovers, find_lost_runs
from app.run.undo_snapshot import sweep
from lattice.runs.owner import this_process

GONE = dataclasses.replace(this_process(), started="0")


def checkpoint(path, step):
    path.parent.mkdir(parents=True, exist_ok=True)
    head = {"counters": {"training_step": step}}
    safetensors.numpy.save_file({"x": np.zeros(2, np.float32)}, path, metadata={"cellcube": json.dumps(head)})
    return path


def state(step, number=1, owner=GONE):
    return checkpoint(sound_folder() / f"run-{owner.tag}.{number}.safetensors", step)


def note(owner=GONE, ending=".json", **notes):
    path = autosave_folder() / f"lost{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"owner": owner.to_mapping(), "token": "x", "notes": notes}))
    return path


@pytest.mark.parametrize("autosaved_at", [None, 4])
def test_the_newest_state_of_a_killed_program_is_its_autosave(autosaved_at):
    note(name="docs.parquet", checkpoint="", training_step=0)
    if autosaved_at is not None:
        checkpoint(autosave_folder() / "lost.safetensors", autosaved_at)
    state(19, 1)
    state(23, 2)
    (leftover,) = find_leftovers()
    assert (leftover.name, leftover.training_step) == ("docs.parquet", 23)
    assert leftover.checkpoint == autosave_folder() / "lost.safetensors"
    assert find_lost_runs() == []
    sweep()
    assert list(sound_folder().iterdir()) == []


def test_sweeping_comes_after_the_rescue():
    note(name="docs.parquet", checkpoint="", training_step=0)
    state(19)
    sweep()
    assert [leftover.training_step for leftover in find_leftovers()] == [19]


def test_what_is_no_further_than_the_autosave_or_the_runs_own_file_is_no_autosave(tmp_path):
    file = checkpoint(tmp_path / "mine.safetensors", 19)
    note(name="mine", checkpoint=str(file), training_step=19)
    state(19)
    assert find_leftovers() == []
    (lost,) = find_lost_runs()
    assert lost.checkpoint == file
    checkpoint(autosave_folder() / "lost.safetensors", 30)
    state(25)
    assert [leftover.training_step for leftover in find_leftovers()] == [30]


@pytest.mark.parametrize("claimed", [False, True])
def test_nothing_that_somebody_has_is_touched(claimed):
    owner = GONE if claimed else this_process()
    note(owner, name="run", checkpoint="", training_step=0)
    if claimed:
        note(this_process(), ".claim")
    kept = state(19, owner=owner)
    assert find_leftovers() == []
    assert kept.exists()


def test_a_state_without_a_note_and_one_that_is_damaged_are_not_offered():
    state(19)
    assert find_leftovers() == []
    note(name="docs.parquet", checkpoint="", training_step=0)
    state(19).write_bytes(b"half")
    assert find_leftovers() == []


def test_a_note_of_a_file_that_is_gone_does_not_hold_a_state_back(tmp_path):
    note(name="mine", checkpoint=str(tmp_path / "gone.safetensors"), training_step=30)
    state(19)
    assert [leftover.training_step for leftover in find_leftovers()] == [19]
