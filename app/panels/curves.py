"""The run's course: plots side by side or stacked, over one axis of training steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PyQt6.QtCore import QSize
from PyQt6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PyQt6.QtWidgets import QWidget

from app.curves.choices import CurveChoices
from app.curves.edits import mark_applied
from app.curves.export import save_plots
from app.curves.history import History
from app.curves.plot import CurvePlot
from app.curves.plot_area import PlotArea, empty_hint, empty_text, lay_out
from app.curves.redraw_timer import RedrawTimer
from app.curves.specs import spec_of
from app.curves.toolbar import CurvesToolbar
from app.curves.view import StepView
from app.panels.panel import Panel
from app.run.edit_text import StepEdits
from app.run.messages import Applied, Failed, RunState
from app.run.summary import RunSummary
from lattice.training.reports import EvalReport, StepReport


class CurvesPanel(Panel):
    """Curves of everything that was reported; feed it, it redraws itself at most once a second."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the panel without a history."""
        super().__init__(parent)
        self.history, self._edits = History(), StepEdits()
        self._plots: dict[str, CurvePlot] = {}
        self._choices, self._view = CurveChoices(), StepView()
        self._state: RunState = "empty"
        self._hover: float | None = None
        self._timer = RedrawTimer(lambda: self.history.prepare(), self._draw, self)  # noqa: PLW0108 - of the present one
        self._scroll = PlotArea()
        self._empty = empty_hint()
        self.tools = CurvesToolbar()
        self._connect_tools()
        lay_out(self, self.tools, self._scroll, self._empty)
        self.setMinimumSize(240, 150)
        self.show_plots(self._choices.plots)

    def append(self, report: StepReport) -> None:
        """Add one training step."""
        self.history.append(report)
        self._changed()

    def append_evaluation(self, report: EvalReport) -> None:
        """Add one evaluation."""
        self.history.append_evaluation(report)
        self._changed()

    def show_run(self, summary: RunSummary) -> None:
        """Show the course that the run was stored with."""
        self._edits.begin(summary.config)
        self.restore(summary.curves, summary.training_step)

    def show_applied(self, message: Applied) -> None:
        """Mark an edit; an undo brings back the curves from before by `restore`."""
        if message.brought_back:
            self._edits.begin(message.summary.config)
        elif message.changed:
            mark_applied(self.history, self._edits, message)
            self._changed()

    def show_state(self, state: RunState) -> None:
        """Say what the plots wait for, as long as there are none."""
        self._state = state
        self._show_empty()

    def show_failure(self, failure: Failed) -> None:
        """Mark a training step whose numbers were not finite: there is no report of it to draw."""
        if failure.non_finite:
            self.mark_edit(int(self.history.last_step("loss.total")) + 1, "not finite: update left out")

    def mark_edit(self, training_step: int, text: str) -> None:
        """Mark an edit with a labelled vertical line."""
        self.history.mark_edit(training_step, text)
        self._changed()

    def count_scores_again(self) -> None:
        """Let the newest scores count again, as after the undo of what outdated them."""
        if self.history.outdated:
            self.history.count_again()
            self._changed()

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the history as arrays, for a checkpoint or `write_csv`."""
        return self.history.to_arrays()

    def restore(self, arrays: Mapping[str, NDArray[Any]], training_step: int, *, before_edit: bool = False) -> None:
        """Show a run up to where it stands, or `before_edit` up to the edits there; keep what the user chose to see."""
        self.history = History.from_arrays(arrays)
        self.history.truncate(training_step, before_edit=before_edit)
        self._view.fit()
        self.tools.show_following(self._view.following)
        self._changed()

    def save_image(self, path: Path | str, caption: str = "") -> None:
        """Write the plots that are shown as `.png` or `.svg` with a caption below them, see `save_plots`."""
        while not self.history.prepare():
            pass
        self._hovered(None)
        save_plots(self.shown_plots(), self.choices, self._scroll.columns, Path(path), self._draw_plot, caption)

    @property
    def choices(self) -> CurveChoices:
        """What the user chose to see."""
        logarithmic = dict(self._choices.logarithmic)
        curves = dict(self._choices.curves)
        for plot in self._plots.values():
            plot.note_choices(logarithmic, curves)
        return self.tools.choices(logarithmic, curves)

    @choices.setter
    def choices(self, choices: CurveChoices) -> None:
        self._choices = choices
        for plot in self._plots.values():
            plot.choose(choices)
        self.tools.choose(choices)

    def shown_plots(self) -> list[str]:
        """Return the keys of the plots that are shown, in their order on screen."""
        return self.tools.shown_plots

    def show_plots(self, keys: tuple[str, ...] | list[str]) -> None:
        """Show these plots and no others."""
        self.tools.show_plots(keys)

    def plot(self, key: str) -> CurvePlot:
        """Return one plot, made on first use."""
        if key not in self._plots:
            plot = CurvePlot(spec_of(key), self._scroll.page)
            plot.hovered.connect(self._hovered)
            plot.range_chosen.connect(self._chosen_by_hand)
            plot.choice_changed.connect(self._changed_by_hand)
            plot.choose(self._choices)
            self._plots[key] = plot
        return self._plots[key]

    def zoom_to(self, first: float, last: float) -> None:
        """Show the training steps between two positions, and stop following."""
        self._view.choose(first, last)
        self._view_changed()

    def fit(self) -> None:
        """Show the whole run and go on doing so."""
        self._view.fit()
        self._view_changed()

    def set_following(self, following: bool) -> None:
        """Keep the newest training step at the right edge, at the present zoom; or stay where the view is."""
        self._view.follow(following, self.history.first_step(), self.history.last_step())
        self._view_changed()

    def span(self) -> tuple[float, float]:
        """Return the training steps at the left and at the right edge."""
        return self._view.span(self.history.first_step(), self.history.last_step())

    def redraw(self) -> None:
        """Draw everything that is shown, now; a long course that was just opened a moment later."""
        if self.history.prepared:
            self._timer.draw_now()
        else:
            self._changed()

    def _draw(self) -> Iterator[CurvePlot | None]:
        if self._show_empty():
            yield None  # plots that appear are laid out before they are drawn
        for plot in map(self.plot, () if self._scroll.isHidden() else self.shown_plots()):
            self._draw_plot(plot)
            yield plot

    def _show_empty(self) -> bool:
        """Say in the place of plots why there are none; return whether that begins or ends."""
        why = empty_text(self._state, trained=self.history.last_step() >= 0, chosen=bool(self.shown_plots()))
        changed = bool(why) != self._scroll.isHidden()
        self._empty.setText(why)
        for part, shown in ((self._empty, bool(why)), (self._scroll, not why)):
            part.setVisible(shown)
        return changed

    def _draw_plot(self, plot: CurvePlot) -> None:
        plot.redraw(self.history, *self.span(), self.tools.window_steps, self.tools.scale)
        plot.show_values(self.history, self._hover)

    def sizeHint(self) -> QSize:
        """Two plots side by side."""
        return QSize(900, 240)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Catch up with what came in while hidden."""
        super().showEvent(event)
        self._changed()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Rest while hidden or closed: no timer is left behind."""
        self._timer.forget()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put plots side by side or below each other, and draw for the new number of pixels."""
        super().resizeEvent(event)
        self._arrange()
        self._changed()

    def _connect_tools(self) -> None:
        self.tools.plots_changed.connect(self._arrange)
        for key, button in self.tools.plot_buttons.items():
            button.toggled.connect(lambda on, key=key: self._scroll.keep_in_view(self.plot(key) if on else None))
        self.tools.follow_toggled.connect(self.set_following)
        self.tools.fit_clicked.connect(self.fit)
        for signal in (self.tools.plots_changed, self.tools.smoothing_changed, self.tools.log_steps.toggled):
            signal.connect(self._changed_by_hand)
        self.tools.show_following(self._view.following)

    def _view_changed(self) -> None:
        self.tools.show_following(self._view.following)
        self.redraw()

    def _changed(self) -> None:
        if self.isVisible():
            self._timer.soon()

    def _arrange(self) -> None:
        shown = [self.plot(key) for key in self.shown_plots()]
        self._scroll.arrange(shown, [plot for plot in self._plots.values() if plot not in shown], self.width())

    def _chosen_by_hand(self, first: float, last: float) -> None:
        self._view.choose_within(first, last, self.history.first_step(), self.history.last_step())
        self._view_changed()

    def _changed_by_hand(self) -> None:
        if self.isVisible():
            self.redraw()

    def _hovered(self, training_step: float | None) -> None:
        last = self.history.last_step()
        self._hover = None if training_step is None or last < 0 else float(round(min(max(training_step, 0.0), last)))
        for key in self.shown_plots():
            self.plot(key).show_crosshair(self._hover, labelled=self.sender() in (None, self.plot(key)))
            self.plot(key).show_values(self.history, self._hover)
