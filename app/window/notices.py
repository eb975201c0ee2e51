"""Connects what a window says and offers: failures, divergence, long work, recording, notices of the cube."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker

from app.actions.bad_numbers import BadNumberActions, GoodState
from app.actions.divergence import NOTHING
from app.run.messages import Failed
from app.window.main_window import MainWindow


def connect_notices(window: MainWindow) -> None:
    """Connect the parts of a window that say something, once."""
    controller, status, actions = window.controller, window.status, window.actions_

    def on_recording(on: bool) -> None:
        action = actions["record"]
        with QSignalBlocker(action):
            action.setChecked(on)
        action.setText("End the movie" if on else "Record movie...")
        status.set_recording(on)

    def on_failed(failure: Failed) -> None:
        if not bad_numbers.show(failure):
            window.show_failure(failure)

    def good_states() -> list[GoodState]:
        saved, autosave = window.saver.path, window.autosave
        states = [GoodState(autosave.checkpoint, True, autosave.kept)]
        return states if saved is None else [*states, GoodState(saved, False)]

    def on_way_back(available: bool, tip: str) -> None:
        actions.set_available("go_back", available, tip)
        actions["go_back"].setToolTip(tip)

    bad_numbers = BadNumberActions(
        controller,
        window.display,
        window.picked,
        window.central.banner,
        window.timeline.set_step,
        good_states,
        window.divergence.way_back,
        window,
    )
    on_way_back(False, NOTHING)
    window.divergence.available_changed.connect(on_way_back)
    controller.diverged_changed.connect(status.set_diverged)
    controller.failed.connect(on_failed)
    controller.failed.connect(window.curves.show_failure)
    controller.progressed.connect(status.work.show_progress)
    controller.work_done.connect(lambda _cancelled: status.work.finish())
    status.cancelled.connect(controller.cancel)
    window.cube.notice.connect(status.notify)
    window.pictures.recording_changed.connect(on_recording)
    window.pictures.captions_changed.connect(actions["captions"].setChecked)
    window.view.theme_changed.connect(lambda mode: actions.check(f"theme_{mode}", True))
    window.view.full_screen_left.connect(lambda: actions.check("full_screen", False))
    window.view.preferences_changed.connect(window.take_preferences)
