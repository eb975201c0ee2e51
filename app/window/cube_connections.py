"""Connects what is about the picture: timeline, colours, sample, and the picked and hovered cell."""

from __future__ import annotations

from app.cube.color.built_in import BUILT_IN_MODES
from app.cube.state import Cell
from app.panels.inspector.cell_page import cell_text
from app.run.commands import ReadMessages
from app.window.main_window import MainWindow
from lattice.config import SimpleProjectConfig
from lattice.training.reports import Observation

CHANNEL_MODES = frozenset(
    mode.name for mode in BUILT_IN_MODES if mode.parameter is not None and mode.parameter.name == "channel"
)
"""Modes that show one channel: the inspector marks it."""


def connect_picture(window: MainWindow) -> None:
    """Connect the observation that is shown with the timeline, the colours and the panels that describe it."""
    display, timeline, appearance, actions = window.display, window.timeline, window.appearance, window.actions_

    def on_shown(observation: Observation, _step: int) -> None:
        timeline.set_steps(len(observation.states_TXYZC) - 1)
        timeline.set_scores(observation.step_cosines)
        # The timeline has just chosen another lattice step if this rollout is longer or shorter than the one before.
        window.inspector.set_observation(observation, display.step)
        window.sample_panel.set_observation(observation)
        # The sample that was requested last: with a key held down, older ones still come in.
        window.data_panel.browser.show_watched(display.sample if observation.sample >= 0 else -1)
        window.toolbar.sample.set_sample(observation.text)

    def on_mode(mode: str) -> None:
        window.modes.show(mode)
        window.inspector.set_channel(display.channel if mode in CHANNEL_MODES else None)

    def on_channel_wanted(channel: int) -> None:
        display.set_channel(channel)
        if display.mode not in CHANNEL_MODES:
            display.set_mode("channel")

    def on_channel(channel: int) -> None:
        appearance.set_channel(channel)
        if display.mode in CHANNEL_MODES:
            window.inspector.set_channel(channel)

    def keep_maps() -> None:
        preferences, choices = window.preferences, display.colors.choices
        if window.options.screenshot is None and preferences.color_maps != choices.maps:
            preferences.color_maps = choices.maps

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
    legend, colors = window.cube.legend, display.colors
    legend.lock_clicked.connect(actions["lock_range"].trigger)
    legend.reset_clicked.connect(colors.reset_limits)
    legend.ends_dragged.connect(colors.set_limits)
    colors.said.connect(window.status.notify)
    window.controller.sound_changed.connect(lambda: colors.keep_sound(window.controller.sound_step))
    colors.choices_changed.connect(keep_maps)
    for id_, box in (
        ("lock_range", appearance.lock),
        ("shape", appearance.spheres),
        ("shells", appearance.shells),
        ("isolate", appearance.isolate),
        ("plane", appearance.cutting.on),
    ):
        box.toggled.connect(actions[id_].setChecked)
    appearance.lock_changed.connect(display.colors.set_locked)
    display.lock_changed.connect(appearance.lock.setChecked)
    display.set_step(timeline.step)


def connect_cell(window: MainWindow) -> None:
    """Connect the picked and the hovered cell with the inspector."""
    picked, inspector = window.picked, window.inspector

    def on_picked(cell: object) -> None:
        inspector.set_cell(cell)  # type: ignore[arg-type]
        window.display.set_signal_wanted(cell is not None)
        window.docks.show_cell(cell is not None)
        # Who erases one cell after another picks them with the Damage panel in front, and wants it to stay there.
        if cell is not None and not window.docks.in_front("damage"):
            window.docks["inspector"].raise_()

    def on_hovered(cell: Cell | None) -> None:
        inspector.set_hovered(cell)
        text = "" if cell is None else f"{cell_text(cell)}  {window.display.value_at(cell)}"
        window.cube.set_hover_text(text)

    def on_messages_wanted(observation: Observation, step: int, cell: Cell) -> None:
        window.controller.request(
            ReadMessages(observation.states_TXYZC[step], step, cell),
            lambda heard: inspector.show_heard(cell, heard),
            lambda _failure: inspector.show_heard(cell, None),
        )

    def on_preview(config: SimpleProjectConfig) -> None:
        # The shells of an edited lattice are shown around the picked cell before they are applied.
        if config.lattice.dimensions == window.cube.state.dimensions:
            window.cube.set_thresholds(*config.lattice.get_distance_thresholds())

    window.lattice.preview_changed.connect(on_preview)
    picked.changed.connect(on_picked)
    inspector.messages_wanted.connect(on_messages_wanted)
    inspector.cell_wanted.connect(picked.set)
    inspector.focus_wanted.connect(picked.focus)
    window.cube.hovered.connect(on_hovered)
    window.display.observation_shown.connect(lambda _observation, _step: on_hovered(inspector.hovered))
