"""What was measured counts while the settings that it depends on are the same, and the student is."""

from types import SimpleNamespace

import pytest

from app.run.measured_with import MeasuredWith, RunStudents
from app.run.messages import Applied
from lattice.config import edit_cost
from tests.app.fakes import small_config


@pytest.fixture
def students():
    return RunStudents()


@pytest.fixture
def edit(students):
    """Apply settings after others, as the worker reports it, and return what outdates a measurement by then."""
    now = [small_config()]

    def apply(measured, *, way="apply", **changes):
        before, now[0] = now[0], small_config(**changes)
        differing = before.changes_to(now[0])
        summary = SimpleNamespace(config=now[0])
        students.follow(Applied(summary, edit_cost(differing), tuple(differing), way=way))
        return measured.outdated(now[0])

    return apply


@pytest.fixture
def measured(students):
    it = MeasuredWith(students)
    it.measured(small_config())
    return it


def test_nothing_is_outdated_before_something_was_measured(students, edit):
    assert edit(MeasuredWith(students), lattice__lattice_steps=5) == ""


def test_it_counts_again_once_the_settings_are_back(measured, edit):
    assert edit(measured, training_embedding__batch_size=4) == ""
    assert edit(measured, lattice__lattice_steps=5, training_embedding__batch_size=4) == "lattice steps 5"
    assert edit(measured, lattice__lattice_steps=5, device__precision="bfloat16") == (
        "lattice steps 5, precision bfloat16"
    )
    assert edit(measured) == ""


def test_another_student_has_never_been_measured(measured, edit):
    assert edit(measured, model__state_size=8) == "state size 8"
    assert edit(measured) == "state size 8", "the settings are back, the student is a new one"
    assert edit(measured, lattice__lattice_steps=5) == "state size 8"
    measured.measured(small_config(lattice__lattice_steps=5))
    assert edit(measured) == "lattice steps 3"


def test_the_student_that_was_measured_is_brought_back(measured, edit):
    assert edit(measured, model__state_size=8) == "state size 8"
    assert edit(measured, way="undo") == ""
    assert edit(measured, model__state_size=8, way="redo") == "state size 8"


def test_a_student_with_the_same_settings_that_is_brought_back_is_another_one(measured, edit):
    assert edit(measured, model__state_size=8) == "state size 8"
    assert edit(measured) == "state size 8"
    assert edit(measured, model__state_size=8, way="undo") == "state size 8"
    assert edit(measured, way="redo") == "state size 8", "the second student with these settings"
    assert edit(measured, model__state_size=8, way="undo") == "state size 8"
    assert edit(measured, way="undo") == ""


def test_what_was_measured_of_a_later_student_is_outdated_by_an_undo(measured, edit):
    edit(measured, model__state_size=8)
    measured.measured(small_config(model__state_size=8))
    assert edit(measured, way="undo") == "state size 6"
    assert edit(measured, model__state_size=8, way="redo") == ""


def test_the_undo_of_an_edit_from_before_a_measurement_outdates_only_what_it_changes(students, measured, edit):
    edit(measured, model__state_size=8)
    edit(measured, model__state_size=8, training_embedding__batch_size=4)
    later = MeasuredWith(students)
    later.measured(small_config(model__state_size=8, training_embedding__batch_size=4))
    assert edit(later, model__state_size=8, way="undo") == ""
    assert edit(later, way="undo") == "state size 6"
    assert measured.outdated(small_config()) == "", "the first student is back"
    assert edit(later, model__state_size=8, way="redo") == ""
    assert measured.outdated(small_config(model__state_size=8)) == "state size 8"
