"""Whatever a crash leaves of an autosave is offered or deleted, and nothing of a program that is alive is touched."""

import json
import os
import time

import numpy as np
import pytest
import safetensors.numpy

from app.run.leftovers import find_leftovers, find_lost_runs
from lattice.runs.held_lock import LockedError

LONG_AGO = 3600.0
"""Seconds after which a lock without a sign of life is stale."""


def autosave(folder, name="lost", *, step=12):
    path = folder / f"{name}.safetensors"
    head = {"counters": {"training_step": step}}
    safetensors.numpy.save_file({"x": np.zeros(2, np.float32)}, path, metadata={"cellcube": json.dumps(head)})
    return path


def note(folder, text, *, name="lost", age=LONG_AGO):
    path = folder / f"{name}.json"
    path.write_text(text)
    os.utime(path, (time.time() - age,) * 2)
    return path


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        '{"pid": 1, "sta',
        "[" * 60_000,
        "[]",
        '{"owner": {"pid": 1e999}, "token": "x", "notes": {}}',
        '{"owner": {"pid": -3}, "token": "x", "notes": []}',
        "9" * 5_000,
        " " * 70_000,
    ],
    ids=lambda text: "none" if text is None else f"{len(text)} {text[:24]}",
)
def test_an_autosave_without_a_note_or_with_a_damaged_one_is_offered_with_its_own_step(tmp_path, text):
    checkpoint = autosave(tmp_path)
    if text is not None:
        note(tmp_path, text)
    (leftover,) = find_leftovers(tmp_path)
    assert (leftover.checkpoint, leftover.name, leftover.training_step) == (checkpoint, "lost", 12)
    leftover.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_note_alone_is_deleted(tmp_path):
    note(tmp_path, "{")
    assert find_leftovers(tmp_path) == []
    assert find_lost_runs(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_what_holds_no_run_is_offered_and_kept_until_it_is_discarded(tmp_path):
    (tmp_path / "lost.safetensors").write_bytes(b"half")
    note(tmp_path, "{")
    (leftover,) = find_leftovers(tmp_path)
    assert leftover.training_step == 0
    leftover.discard()
    assert list(tmp_path.iterdir()) == []


def test_an_autosave_whose_program_woke_up_after_it_was_offered_is_not_claimed(tmp_path):
    checkpoint = autosave(tmp_path)
    written = note(tmp_path, "{")
    (leftover,) = find_leftovers(tmp_path)
    os.utime(written)
    with pytest.raises(LockedError, match=f"{checkpoint} is in use again by "):
        leftover.claim()
    assert not checkpoint.with_suffix(".claim").exists()
    os.utime(written, (1, 1))
    leftover.claim().release()


def test_a_note_that_was_written_just_now_keeps_its_autosave(tmp_path):
    autosave(tmp_path)
    note(tmp_path, "{", age=0.0)
    before = sorted(tmp_path.iterdir())
    assert find_leftovers(tmp_path) == []
    assert sorted(tmp_path.iterdir()) == before
