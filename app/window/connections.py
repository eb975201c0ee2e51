"""Connects the parts of a main window: who hears whom, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSignalBlocker

from app.actions.apply import apply_lattice, apply_trained
from app.cube.state import Cell
from app.panels.inspector.cell_page import cell_text
from app.run.messages import Applied, Observed, RunSummary, StepsDone
from lattice.config import SimpleProjectConfig, flat_settings
from lattice.training.reports import EvalReport, Observation

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


def connect(window: MainWindow) -> None:
    """Connect everything, once, after all parts were made."""
    _connect_run(window)
    _connect_numbers(window)
    _connect_picture(window)
    _connect_cell(window)
    _connect_data(window)
    _connect_notices(window)
    window.actions_.set_run_available(False)


def _connect_run(window: MainWindow) -> None:
    controller = window.controller

    def on_opened(summary: RunSummary) -> None:
        window.setWindowTitle(f"{summary.name} - Cellcube")
        window.actions_.set_run_available(True)
        window.curves.restore(summary.curves, summary.training_step)
        forget_measured()
        window.status.set_score(*window.curves.history.newest("cosine.validation", "cosine.t0"))
        window.lattice.open_run(summary)
        window.training_panel.set_config(summary.config)
        window.training_panel.set_preset(summary.config)
        window.device_panel.clear()
        window.undo.forget()
        window.sampler.start()
        take_summary(summary)

    def take_summary(summary: RunSummary) -> None:
        lattice = summary.config.lattice
        if window.data_panel.dataset is not summary.dataset:  # settings in mid-run may name other data
            window.sample_panel.set_dataset(summary.dataset)
            window.data_panel.set_dataset(summary.dataset)
        window.sample_panel.set_pairs(summary.config.training_embedding.objective == "pairs")
        window.training_panel.set_cuda(summary.cuda)
        window.device_panel.set_run_memory(summary.memory_bytes)
        window.device_panel.set_reserve(summary.config.training_embedding.gpu_memory_reserve_gb)
        window.status.set_run(summary.training_step, summary.total_steps, summary.device)
        window.inspector.set_lattice(lattice)
        window.timeline.set_steps(lattice.lattice_steps)
        window.appearance.set_channels(summary.config.model.state_size)
        if window.cube.state.dimensions != lattice.dimensions:
            window.cube.set_dimensions(lattice.dimensions)
        window.appearance.set_dimensions(lattice.dimensions)
        window.cube.set_thresholds(*lattice.get_distance_thresholds())
        window.picked.set(window.picked.cell)

    def forget_measured() -> None:
        # Numbers of the network before would stand beside the new one until it has been measured.
        window.status.forget_measured()
        window.timeline.set_scores(())
        window.sample_panel.forget()

    def on_applied(message: Applied) -> None:
        if message.anew:
            forget_measured()
        take_summary(message.summary)
        window.lattice.show_applied(message.summary)
        window.training_panel.set_config(message.summary.config, keep_edits=True)
        window.start.show()
        window.undo.show_applied(message)  # before the edit is marked: what is kept knows nothing of it
        if message.changed and not message.undone:
            window.curves.mark_edit(message.summary.training_step, edit_text(message), anew=message.anew)

    def on_state(state: str) -> None:
        window.status.set_state(state)  # type: ignore[arg-type]
        # A quick step is never told of as a state, so that the key can be held down.
        window.actions_["step"].setEnabled(controller.summary is not None and state != "stepping")
        window.start.show()

    def on_awaited(awaited: str) -> None:
        window.status.set_awaited(awaited, controller.step_seconds_left)  # type: ignore[arg-type]
        window.start.show()

    on_state(controller.state)
    controller.curves = window.curves.to_arrays
    controller.opened.connect(on_opened)
    controller.applied.connect(on_applied)
    controller.state_changed.connect(on_state)
    controller.awaited_changed.connect(on_awaited)
    window.training_panel.apply_requested.connect(lambda config: apply_trained(window, config))
    window.lattice.apply_requested.connect(lambda config: apply_lattice(window, config))
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
        # The sample that was asked for last: with a key held down, older ones still come in.
        window.data_panel.browser.show_watched(display.sample if observation.sample >= 0 else -1)
        window.toolbar.sample.set_sample(observation.text)

    def on_mode(mode: str) -> None:
        actions[f"mode_{mode}"].setChecked(True)
        window.toolbar.show_mode(mode)
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
    window.toolbar.sample_clicked.connect(window.data.search_samples)
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
    panel.open_wanted.connect(window.files.ask_data)
    panel.texts_wanted.connect(window.data.ask_texts)
    panel.encode_wanted.connect(window.data.ask_encode)
    panel.sample_wanted.connect(display.watch)
    window.data.encoding_changed.connect(panel.set_encoding)
    window.data.encoding_changed.connect(lambda on: window.actions_["encode"].setEnabled(not on))


def _connect_notices(window: MainWindow) -> None:
    controller, status, files = window.controller, window.status, window.files

    def on_recording(on: bool) -> None:
        action = window.actions_["record"]
        with QSignalBlocker(action):
            action.setChecked(on)
        action.setText("End the movie" if on else "Record movie...")
        status.set_recording(on)

    controller.failed.connect(window.show_failure)
    controller.progressed.connect(status.work.show_progress)
    controller.work_done.connect(lambda _cancelled: status.work.finish())
    status.cancelled.connect(controller.cancel)
    window.cube.notice.connect(status.notify)
    files.said.connect(status.notify)
    files.failed.connect(window.show_failure)
    window.pictures.recording_changed.connect(on_recording)


def edit_text(message: Applied) -> str:
    """Return the edit in few words, for its mark on the curves."""
    values = dict(flat_settings(message.summary.config))
    parts = [_setting_text(key, values.get(key)) for key in message.changed]
    return ", ".join(parts[:2]) + (f" and {len(parts) - 2} more" if len(parts) > 2 else "")


def _setting_text(key: str, value: object) -> str:
    if key == "lattice.dimensions":  # with a name before it there would seldom be room for the size itself
        sides = [str(side) for side in value]  # type: ignore[attr-defined]
        return f"{sides[0]}\N{SUPERSCRIPT THREE}" if len(set(sides)) == 1 else "\N{MULTIPLICATION SIGN}".join(sides)
    return f"{key.rpartition('.')[2].replace('_', ' ')} {value}"
