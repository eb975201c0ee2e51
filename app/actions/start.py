"""The action that starts, pauses and goes on: what it says and what it does in each state of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.widgets.icons import icon
from app.widgets.theme import set_primary
from lattice.units import significant

if TYPE_CHECKING:
    from app.run.messages import RunSummary
    from app.window.main_window import MainWindow

STEPS_KEY = "training_embedding.training_steps"


class StartAction:
    """Start, Pause, or, once the run is finished, as many training steps again."""

    def __init__(self, window: MainWindow) -> None:
        """Serve a window's action `toggle`."""
        self._window = window
        self._action = window.actions_["toggle"]
        self._usual_tip = self._action.toolTip()

    def act(self) -> None:
        """Do what the action says."""
        summary = self._finished()
        if summary is None:
            self._window.controller.toggle()
            return
        self._window.training_panel.apply_live(STEPS_KEY, self._longer(summary))
        self._window.controller.start()

    def show(self) -> None:
        """Say what pressing it would do, or what it waits for."""
        controller, action = self._window.controller, self._action
        summary, training = self._finished(), controller.state == "training"
        if summary is not None:
            text = f"Train {summary.config.training_embedding.training_steps:,} more"
        else:
            text = {"pause": "Pausing", "start": "Starting", "": "Pause" if training else "Start"}[controller.awaited]
        action.setText(text)
        action.setToolTip(self._usual_tip if summary is None else self._longer_tip(summary))
        action.setIcon(icon("pause" if training else "start", "text" if summary is None else "on_accent"))
        action.setIconVisibleInMenu(summary is None)  # in the button's light colour it could not be seen there
        action.setCheckable(bool(controller.awaited))
        action.setChecked(bool(controller.awaited))
        button = self._window.toolbar.widgetForAction(action)
        if button is not None:
            set_primary(button, summary is not None)

    def _finished(self) -> RunSummary | None:
        """Return the run if it is finished and nothing was asked for yet."""
        controller = self._window.controller
        return controller.summary if controller.state == "finished" and not controller.awaited else None

    def _done(self, summary: RunSummary) -> int:
        """Return the training steps of the schedule that are done; a rebuilt student began a new one."""
        begun = summary.total_steps - summary.config.training_embedding.training_steps
        return self._window.controller.training_step - begun

    def _longer(self, summary: RunSummary) -> int:
        return self._done(summary) + summary.config.training_embedding.training_steps

    def _longer_tip(self, summary: RunSummary) -> str:
        from lattice.training.schedule import learning_rate

        optimizer, steps = summary.config.optimizer, summary.config.training_embedding.training_steps
        done, longer = self._done(summary), self._longer(summary)
        before, after = learning_rate(max(done - 1, 0), steps, optimizer), learning_rate(done, longer, optimizer)
        told = (
            f"The learning rate stays {significant(after, 2)}"
            if optimizer.schedule == "constant"
            else f"The learning rate goes from {significant(before, 2)} to {significant(after, 2)} at once: "
            f"its schedule '{optimizer.schedule}'\nthen spans all {longer:,} steps, and ends with them"
        )
        key = self._action.shortcut().toString()
        return f"Raise the training steps from {steps:,} to {longer:,} and go on at once ({key}).\n{told}"
