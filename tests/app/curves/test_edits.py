"""Applied edits on a course: one mark a training step, and scores that end where they measure something else."""

from types import SimpleNamespace

from app.curves.edits import mark_applied
from app.curves.history import History
from app.run.edit_text import StepEdits
from lattice.config import SimpleProjectConfig

DEBUG = SimpleProjectConfig.from_preset("debug")


def test_an_edit_and_its_undo_before_the_next_training_step_leave_no_mark():
    history, edits = History(), StepEdits()
    edits.begin(DEBUG)
    for steps, marks in ((6, [(67, "lattice steps 6")]), (5, [])):
        summary = SimpleNamespace(config=DEBUG.override([f"lattice.lattice_steps={steps}"]), training_step=67)
        message = SimpleNamespace(summary=summary, changed=("lattice.lattice_steps",), outdates_scores=False)
        mark_applied(history, edits, message)
        assert history.marks == marks
