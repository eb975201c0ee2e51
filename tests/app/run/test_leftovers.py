"""Whatever a crash leaves of an autosave is offered or deleted, and nothing of a program that is alive is touched."""

import json
import os
import time

import numpy as np
import pytest
import safetensors.numpy

from app.run.leftovers import SETTLED_SECONDS, UNNAMED, find_leftovers

DEAD = 2**22 + 7
"""Above the highest process id that Linux gives."""


def autosave(folder, pid=DEAD, *, step=12, age=2 * SETTLED_SECONDS):
    path = folder / f"run-{pid}.safetensors"
    head = {"counters": {"training_step": step}}
    safetensors.numpy.save_file({"x": np.zeros(2, np.float32)}, path, metadata={"cellcube": json.dumps(head)})
    return aged(path, age)


def note(folder, text, pid=DEAD, *, age=2 * SETTLED_SECONDS):
    path = folder / f"run-{pid}.json"
    path.write_text(text)
    return aged(path, age)


def aged(path, age):
    os.utime(path, (time.time() - age,) * 2)
    return path


def told(**changes):
    values = {"pid": DEAD, "started": 1.0, "name": "small", "training_step": 12, "saved_at": 5.0}
    return json.dumps(values | changes)


def test_a_note_and_its_autosave_are_offered(tmp_path):
    checkpoint = autosave(tmp_path)
    note(tmp_path, told())
    (leftover,) = find_leftovers(tmp_path)
    assert (leftover.checkpoint, leftover.name, leftover.training_step, leftover.saved_at) == (
        checkpoint,
        "small",
        12,
        5,
    )
    leftover.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_note_alone_is_deleted(tmp_path):
    note(tmp_path, told())
    assert find_leftovers(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        '{"pid": 1, "sta',
        "[" * 60_000,
        "[]",
        told(pid=1e999),
        told(pid="x"),
        told(pid=-3),
        told(pid=True),
        told(started=float("nan")),
        told(training_step=1.5),
        told(saved_at=10**400),
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
    assert (leftover.checkpoint, leftover.name, leftover.training_step) == (checkpoint, UNNAMED, 12)
    assert leftover.saved_at == pytest.approx(time.time() - 2 * SETTLED_SECONDS, abs=60)


def test_what_is_neither_is_deleted_and_logged(tmp_path, caplog):
    (tmp_path / "run-4194399.safetensors").write_bytes(b"half")
    aged(tmp_path / "run-4194399.safetensors", 2 * SETTLED_SECONDS)
    note(tmp_path, "{")
    assert find_leftovers(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
    assert "run-4194399.safetensors belongs to no autosave that can be read; it is deleted" in caplog.text


def test_what_is_fresh_or_belongs_to_a_living_program_is_left_alone(tmp_path):
    autosave(tmp_path, age=1.0)
    autosave(tmp_path, pid=os.getpid())
    note(tmp_path, "{", pid=77, age=1.0)
    before = sorted(tmp_path.iterdir())
    assert find_leftovers(tmp_path) == []
    assert sorted(tmp_path.iterdir()) == before
