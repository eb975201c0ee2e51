"""The status bar: one line that says what is going on, how fast, where, and what watching costs."""

from __future__ import annotations

import time

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent
from PyQt6.QtWidgets import QLabel, QStatusBar, QWidget

from app.run.messages import Awaited, RunState
from app.widgets.labels import FittingLabel, WholeWordsLabel
from app.widgets.theme import set_role
from app.window.pace import Pace
from app.window.score_tip import score_tip, scores_text
from app.window.state_words import DIVERGED_TIP, Doing, clock_text, state_words
from app.window.work_bar import WorkBar
from lattice.training.reports import EvalReport
from lattice.training.score_rows import NAMES, best_baseline
from lattice.units import percent_text

_SCORE_TIP = (
    "Mean cosine between the cube's output and the teacher on held-out samples, from -1 to 1, and the same without "
    "rollout: the difference is what the cells' talking adds"
)
_LEAST_FACTS = "training step 9,999..."
REFRESH_MILLISECONDS = 250
"""A number changes at most four times a second."""
NOTICE_MILLISECONDS = 8000
COUNT_MILLISECONDS = 1000
"""Between two readings of the time that one training step takes."""


class RunStatusBar(QStatusBar):
    """State, training step, rate, device and cost of watching; on the right the validation score."""

    cancelled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the bar with nothing known."""
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.state_label, self.score_label = QLabel(), FittingLabel()
        self.facts_label = WholeWordsLabel()  # a notice may be long, and must not make the window wider than the screen
        self.facts_label.setMinimumWidth(self.fontMetrics().horizontalAdvance(_LEAST_FACTS))
        font = self.state_label.font()
        font.setBold(True)
        self.state_label.setFont(font)
        self.work = WorkBar()
        self.work.cancelled.connect(self.cancelled)
        self.work.shown_changed.connect(self._count)
        self.addWidget(self.state_label)
        self.addWidget(self.facts_label, 1)
        self.recording_label = QLabel()
        self.recording_label.setFont(font)
        self.recording_label.setProperty("role", "error")
        self.recording_label.setToolTip("A movie of the cube is being recorded; Ctrl+R ends it")
        self.recording_label.hide()
        self.addPermanentWidget(self.recording_label)
        self.addPermanentWidget(self.work)
        self.addPermanentWidget(self.score_label)
        self.score_label.setToolTip(_SCORE_TIP)
        self._step, self._total, self._rate, self._share = 0, 0, 0.0, 0.0
        self._notice, self._device, self._pace = "", "", Pace()
        self._scores: tuple[tuple[str, float | None], ...] = ()
        """Names and validation cosines."""
        self._report: EvalReport | None = None
        self._measured_at: int | None = None
        self._outdated = ""
        self._state: RunState = "empty"
        self._awaited: Awaited = ""
        self._diverged = False
        self._left: float | None = None
        self._began = self._recording_since = 0.0
        self._count_timer = QTimer(self)
        self._count_timer.setObjectName("one training step")
        self._count_timer.setInterval(COUNT_MILLISECONDS)
        self._count_timer.timeout.connect(self._refresh)
        self._refresh_timer = QTimer(self)
        self._refresh_timer.setObjectName("status")
        self._refresh_timer.setSingleShot(True)
        self._refresh_timer.setInterval(REFRESH_MILLISECONDS)
        self._refresh_timer.timeout.connect(self._refresh)
        self._notice_timer = QTimer(self)
        self._notice_timer.setObjectName("notice")
        self._notice_timer.setSingleShot(True)
        self._notice_timer.setInterval(NOTICE_MILLISECONDS)
        self._notice_timer.timeout.connect(self._forget_notice)
        self._recording_timer = QTimer(self)
        self._recording_timer.setObjectName("recording sign")
        self._recording_timer.setInterval(COUNT_MILLISECONDS)
        self._recording_timer.timeout.connect(self._count_recording)
        self._refresh()

    def set_recording(self, on: bool) -> None:
        """Show for how long a movie has been recorded, as long as it is; no notice takes its place."""
        self._recording_since = time.monotonic()
        self._count_recording()
        self.recording_label.setVisible(on)
        if on:
            self._recording_timer.start()
        else:
            self._recording_timer.stop()

    def _count_recording(self) -> None:
        self.recording_label.setText(f"REC {clock_text(time.monotonic() - self._recording_since)}")

    def set_state(self, state: RunState) -> None:
        """Show what the worker does; at once, because a person waits for it."""
        if state == "stepping" != self._state:
            self._began = time.monotonic()
        self._state = state
        self._count()

    def set_diverged(self, diverged: bool) -> None:
        """Say that the loss is beyond the bound of a divergence, or no longer."""
        self._diverged = diverged
        self.state_label.setToolTip(DIVERGED_TIP if diverged else "")
        self._refresh()

    def _count(self) -> None:
        """Show the time that a single training step or long work takes, as long as it does."""
        if self._state == "stepping" or self.work.isVisibleTo(self):
            self._count_timer.start()
        else:
            self._count_timer.stop()
        self._refresh()

    def set_awaited(self, awaited: Awaited, seconds_left: float | None = None) -> None:
        """Show what waits for the present training step; a pause also for about how long, if that is known."""
        self._awaited, self._left = awaited, seconds_left
        self._refresh()

    def set_run(self, training_step: int, total: int, device: str, evaluate_every: int = 0) -> None:
        """Show where a run stands; it is evaluated after so many training steps, 0 if that is unknown."""
        self._step, self._total, self._device = training_step, total, device
        self._pace.set_schedule(evaluate_every)
        self._refresh()

    def set_training(self, training_step: int, rate: float) -> None:
        """Show the newest training step and the rate in training steps per second."""
        self._step, self._rate = training_step, rate
        self._refresh_soon()

    def set_watching(self, share: float) -> None:
        """Show which share of the worker's time goes into observations."""
        self._share = share
        self._refresh_soon()

    def forget_rate(self) -> None:
        """Forget the rate and the cost of watching of another network."""
        self._rate = self._share = 0.0
        self._pace.forget()
        self._refresh()

    def set_report(self, report: EvalReport, scoring_seconds: float) -> None:
        """Show the newest scores, all of them in the tooltip; the next ones are expected to take as many seconds."""
        best = best_baseline(report)
        rival = None if best.key == "t0" else (best.name, best.scores.cosine)
        self.set_score(report.student.cosine, report.t0.cosine, report.training_step, rival)
        self._report = report
        self._pace.evaluated(scoring_seconds)
        self.score_label.setToolTip(score_tip(report))

    def set_score(
        self,
        cosine: float | None,
        without_rollout: float | None = None,
        measured_at: int | None = None,
        baseline: tuple[str, float] | None = None,
    ) -> None:
        """Show validation cosines of the cube, without rollout, and of the named best baseline; None: there is none.

        The training step that they were measured at is said where the run went on since.
        """
        self._measured_at = measured_at
        named = (("validation cosine", cosine), (NAMES["t0"], without_rollout))
        best = () if baseline is None else ((f"best baseline {baseline[0]}", baseline[1]),)
        self._scores, self._report, self._outdated = (*named, *best), None, ""
        self.score_label.setToolTip(_SCORE_TIP)
        self._refresh_soon()

    def outdate_scores(self, edit: str) -> None:
        """Fade the scores and say that they were measured before an edit, until there are new ones."""
        self._outdated = edit
        if self._report is not None:
            self.score_label.setToolTip(score_tip(self._report, edit))
        self._refresh()

    def notify(self, text: str) -> None:
        """Show a sentence for some seconds in place of the facts."""
        self._notice = text
        self._notice_timer.start()
        self._refresh()

    def notify_also(self, text: str) -> None:
        """Add a sentence to the one that is shown for some seconds, or show it alone; an empty one changes nothing."""
        if text:
            self.notify(f"{self._notice} {text}".strip())

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Count no longer."""
        self._count_timer.stop()
        self._recording_timer.stop()
        super().closeEvent(event)

    def _forget_notice(self) -> None:
        self._notice = ""
        self._refresh()

    def _refresh_soon(self) -> None:
        if not self._refresh_timer.isActive():
            self._refresh_timer.start()

    def _refresh(self) -> None:
        words, role = self._state_words()
        set_role(self.state_label, role)
        self.state_label.setText(words)
        self.facts_label.set_full_text(self._notice or self._facts())
        gone_on = self._measured_at is not None and self._measured_at < self._step
        told = scores_text(self._scores, self._outdated, self._measured_at if gone_on else None)
        set_role(self.score_label, "outdated" if told and self._outdated else "")
        self.score_label.setText(told or ("validation: not yet measured" if self._total else ""))

    def _state_words(self) -> tuple[str, str]:
        """Return what goes on, and the role of its colour."""
        now, shown = time.monotonic(), self.work.isVisibleTo(self)
        work = (self.work.work, now - self.work.began) if shown else ("", 0.0)
        doing = Doing(self._state, self._awaited, self._left, now - self._began, *work, self._diverged)
        return state_words(doing)

    def _facts(self) -> str:
        if self._state == "empty" or not self._total:
            return ""
        facts = [f"training step {self._step:,} of {self._total:,}"]
        trains = self._state == "training" and self._awaited != "pause"
        if trains:
            facts.append(self._pace.rate_text(self._rate))
            facts += filter(None, [self._pace.left_text(self._total - self._step, self._rate)])
        facts.append(self._device)
        if trains and self._share > 0 and self._rate > 0:  # at once after a new cube was seen, it would be all
            facts.append(f"watching costs {percent_text(self._share)}")
        return "  \N{MIDDLE DOT}  ".join(facts)
