"""Connects the parts of a main window: who hears whom, in one place."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker

from app.cube.state import Cell
from app.panels.inspector.cell_page import cell_text
from app.run.messages import Applied, Observed, StepsDone
from app.run.summary import RunSummary
from app.widgets.icons import icon
from app.widgets.theme import set_primary
from app.window.main_window import MainWindow
from app.window.menus import fill_plugins, fill_recent
from lattice.config import SimpleProjectConfig
from lattice.training.reports import EvalReport, Observation


def connect(window: MainWindow) -> None:
    """Connect everything, once, after all parts were made."""
    _connect_run(window)
    _connect_numbers(window)
    _connect_picture(window)
    _connect_cell(window)
    _connect_data(window)
    _connect_notices(window)
    _connect_menus(window)
    _connect_plugins(window)
    window.actions_.set_run_available(False)


def _connect_run(window: MainWindow) -> None:
    controller = window.controller

    def on_opened(summary: RunSummary) -> None:
        window.setWindowTitle(f"{summary.name} - Cellcube")
        window.actions_.set_run_available(True)
        window.panels.tell_all(lambda panel: panel.show_run(summary))
        forget_measured()
        show_stored_score()
        window.undo.forget()
        window.sampler.start()
        take_summary(summary)

    def on_applied(message: Applied) -> None:
        if message.anew:
            forget_measured()
        window.undo.show_applied(message)  # before the curves mark the edit: what is kept knows nothing of it
        window.panels.tell_all(lambda panel: panel.show_applied(message))
        if message.undone:
            show_stored_score()
        take_summary(message.summary)
        show_start()

    def take_summary(summary: RunSummary) -> None:
        lattice = summary.config.lattice
        window.status.set_run(summary.training_step, summary.total_steps, summary.device)
        window.timeline.set_steps(lattice.lattice_steps)
        if window.cube.state.dimensions != lattice.dimensions:
            window.cube.set_dimensions(lattice.dimensions)
        window.cube.set_thresholds(*lattice.get_distance_thresholds())
        window.picked.set(window.picked.cell)

    def forget_measured() -> None:
        # Numbers of the network before would stand beside the new one until it has been measured.
        window.status.forget_measured()
        window.timeline.set_scores(())

    def show_stored_score() -> None:
        window.status.set_score(*window.curves.history.newest("cosine.validation", "cosine.t0"))

    def show_start() -> None:
        look, action = window.start.look(), window.actions_["toggle"]
        action.setText(look.text)
        action.setToolTip(look.tooltip or usual_tip)
        action.setIcon(icon(look.icon, "on_accent" if look.longer else "text"))
        action.setIconVisibleInMenu(not look.longer)  # in the button's light colour it could not be seen there
        action.setCheckable(look.awaited)
        action.setChecked(look.awaited)
        button = window.toolbar.widgetForAction(action)
        if button is not None:
            set_primary(button, look.longer)

    def on_undo_available(available: bool, tip: str) -> None:
        action = window.actions_["undo_apply"]
        action.setEnabled(available)
        action.setToolTip(tip)
        if available and window.lattice.panel is not None:
            window.lattice.panel.bar.offer(action)

    def on_state(state: str) -> None:
        window.status.set_state(state)  # type: ignore[arg-type]
        # A quick step is never told of as a state, so that the key can be held down.
        window.actions_["step"].setEnabled(controller.summary is not None and state != "stepping")
        show_start()

    def on_awaited(awaited: str) -> None:
        window.status.set_awaited(awaited, controller.step_seconds_left)  # type: ignore[arg-type]
        show_start()

    usual_tip = window.actions_["toggle"].toolTip()
    on_state(controller.state)
    window.undo.available_changed.connect(on_undo_available)
    window.undo.forget()
    controller.curves = window.curves.to_arrays
    controller.opened.connect(on_opened)
    controller.applied.connect(on_applied)
    controller.state_changed.connect(on_state)
    controller.awaited_changed.connect(on_awaited)
    window.training_panel.apply_requested.connect(window.edits.apply_trained)
    window.lattice.apply_requested.connect(window.edits.apply_lattice)
    controller.stepped.connect(window.lattice.learn)
    window.sampler.sampled.connect(window.device_panel.show_reading)


def _connect_numbers(window: MainWindow) -> None:
    controller = window.controller

    def on_stepped(message: StepsDone) -> None:
        for report in message.reports:
            window.curves.append(report)
        window.status.set_training(message.reports[-1].training_step, message.steps_per_second)

    def on_evaluated(report: EvalReport) -> None:
        window.curves.append_evaluation(report)
        window.status.set_score(report.student.cosine, report.t0.cosine)

    def on_observed(message: Observed) -> None:
        window.status.set_watching(message.share)

    controller.stepped.connect(on_stepped)
    controller.evaluated.connect(on_evaluated)
    controller.observed.connect(on_observed)


def _connect_picture(window: MainWindow) -> None:
    display, timeline, appearance, actions = window.display, window.timeline, window.appearance, window.actions_

    def on_shown(observation: Observation, step: int) -> None:
        timeline.set_steps(len(observation.states_TXYZC) - 1)
        timeline.set_scores(observation.step_cosines)
        window.inspector.set_observation(observation, step)
        window.sample_panel.set_observation(observation)
        # The sample that was requested last: with a key held down, older ones still come in.
        window.data_panel.browser.show_watched(display.sample if observation.sample >= 0 else -1)
        window.toolbar.sample.set_sample(observation.text)

    def on_mode(mode: str) -> None:
        window.modes.show(mode)
        window.inspector.set_channel(display.channel if mode == "channel" else None)

    def on_channel_wanted(channel: int) -> None:
        display.set_channel(channel)
        display.set_mode("channel")

    def on_channel(channel: int) -> None:
        appearance.set_channel(channel)
        if display.mode == "channel":
            window.inspector.set_channel(channel)

    display.observation_shown.connect(on_shown)
    display.legend_changed.connect(window.cube.set_legend)
    display.mode_changed.connect(on_mode)
    display.channel_changed.connect(on_channel)
    window.toolbar.mode_chosen.connect(display.set_mode)
    window.toolbar.sample_clicked.connect(window.samples.search)
    timeline.step_changed.connect(display.set_step)
    timeline.step_changed.connect(window.inspector.set_step)
    window.sample_panel.sample_wanted.connect(display.watch)
    appearance.channel_changed.connect(display.set_channel)
    appearance.said.connect(window.status.notify)
    window.inspector.channel_wanted.connect(on_channel_wanted)
    window.cube.legend.lock_clicked.connect(actions["lock_range"].trigger)
    for id_, box in (
        ("lock_range", appearance.lock),
        ("shape", appearance.spheres),
        ("shells", appearance.shells),
        ("isolate", appearance.isolate),
    ):
        box.toggled.connect(actions[id_].setChecked)
    appearance.lock_changed.connect(display.set_locked)
    display.lock_changed.connect(appearance.lock.setChecked)
    display.set_step(timeline.step)


def _connect_cell(window: MainWindow) -> None:
    picked, inspector = window.picked, window.inspector

    def on_picked(cell: object) -> None:
        inspector.set_cell(cell)  # type: ignore[arg-type]
        window.display.set_signal_wanted(cell is not None)
        window.actions_.set_walking(cell is not None)
        if cell is not None:
            window.docks["inspector"].raise_()

    def on_hovered(cell: Cell | None) -> None:
        inspector.set_hovered(cell)
        text = "" if cell is None else f"{cell_text(cell)}  {window.display.value_at(cell)}"
        window.cube.set_hover_text(text)

    def on_preview(config: SimpleProjectConfig) -> None:
        # The shells of an edited lattice are shown around the picked cell before they are applied.
        if config.lattice.dimensions == window.cube.state.dimensions:
            window.cube.set_thresholds(*config.lattice.get_distance_thresholds())

    window.lattice.preview_changed.connect(on_preview)
    picked.changed.connect(on_picked)
    inspector.cell_wanted.connect(picked.set)
    inspector.focus_wanted.connect(picked.focus)
    window.cube.hovered.connect(on_hovered)
    window.display.observation_shown.connect(lambda _observation, _step: on_hovered(inspector.hovered))


def _connect_data(window: MainWindow) -> None:
    panel, display = window.data_panel, window.display
    panel.open_wanted.connect(window.opener.ask_data)
    panel.texts_wanted.connect(window.texts.ask_texts)
    panel.encode_wanted.connect(window.texts.ask_encode)
    panel.sample_wanted.connect(display.watch)
    window.texts.encoding_changed.connect(panel.set_encoding)
    window.texts.encoding_changed.connect(lambda on: window.actions_["encode"].setEnabled(not on))


def _connect_menus(window: MainWindow) -> None:
    opener, preferences, menus = window.opener, window.preferences, window.menus

    def on_recent() -> None:
        fill_recent(menus.recent, preferences.recent_files, opener.open_path, preferences.forget_files)

    menus.recent.aboutToShow.connect(on_recent)
    menus.plugins.aboutToShow.connect(lambda: fill_plugins(menus.plugins, window.plugins))


def _connect_plugins(window: MainWindow) -> None:
    def on_changed() -> None:
        window.display.refresh_modes()
        window.panels.sync()

    window.plugins.changed.connect(on_changed)
    window.display.modes_changed.connect(window.modes.refresh)


def _connect_notices(window: MainWindow) -> None:
    controller, status, actions = window.controller, window.status, window.actions_

    def on_recording(on: bool) -> None:
        action = actions["record"]
        with QSignalBlocker(action):
            action.setChecked(on)
        action.setText("End the movie" if on else "Record movie...")
        status.set_recording(on)

    controller.failed.connect(window.show_failure)
    controller.progressed.connect(status.work.show_progress)
    controller.work_done.connect(lambda _cancelled: status.work.finish())
    status.cancelled.connect(controller.cancel)
    window.cube.notice.connect(status.notify)
    window.pictures.recording_changed.connect(on_recording)
    window.pictures.captions_changed.connect(actions["captions"].setChecked)
    window.view.theme_changed.connect(lambda mode: actions.check(f"theme_{mode}", True))
    window.view.full_screen_left.connect(lambda: actions.check("full_screen", False))
    window.view.preferences_changed.connect(window.take_preferences)
