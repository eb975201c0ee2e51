"""Applied edits on a course: one mark a training step, and scores that end where they measure something else."""

from types import SimpleNamespace

from app.curves.edits import mark_applied
from app.curves.history import History
from app.run.edit_text import StepEdits
from app.run.messages import Applied
from lattice.config import SimpleProjectConfig

DEBUG = SimpleProjectConfig.from_preset("debug")


def test_an_edit_and_its_undo_before_the_next_training_step_leave_no_mark():
    history, edits = History(), StepEdits()
    edits.begin(DEBUG)
    for steps, marks in ((6, [(67, "lattice steps 6")]), (5, [])):
        summary = SimpleNamespace(config=DEBUG.override([f"lattice.lattice_steps={steps}"]), training_step=67)
        mark_applied(history, edits, Applied(summary, "live", ("lattice.lattice_steps",)))
        assert history.marks == marks


def test_a_cell_rule_that_was_loaded_again_leaves_a_mark_though_no_setting_changed():
    history, edits = History(), StepEdits()
    edits.begin(DEBUG)
    mark_applied(history, edits, Applied(SimpleNamespace(config=DEBUG, training_step=67), "rebuild", ("model.rule",)))
    assert history.marks == [(67, "rule experts")]
