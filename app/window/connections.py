"""Connects the parts of a main window: who hears whom, in one place."""

from __future__ import annotations

from app.actions.registry import LOADING, NO_RUN
from app.actions.warm_start_dialog import WarmStartDialog
from app.panels.data_map.panel import DataMapPanel
from app.run.edit_text import edit_text
from app.run.measured_with import MeasuredWith
from app.run.messages import Applied, Observed, StepsDone
from app.run.summary import RunSummary
from app.widgets.icons import icon
from app.widgets.theme import set_primary
from app.window.cube_connections import connect_cell, connect_picture
from app.window.main_window import MainWindow
from app.window.menus import fill_plugins, fill_recent, fill_trackers
from app.window.notices import connect_notices
from app.window.opening_view import connect_opening_view
from app.window.run_title import RunTitle
from app.window.score_tip import stored_baseline
from lattice.config import SimpleProjectConfig
from lattice.training.reports import EvalReport


def connect(window: MainWindow) -> None:
    """Connect everything, once, after all parts were made."""
    scored = MeasuredWith(window.controller.students)
    _connect_run(window, scored)
    _connect_numbers(window, scored)
    connect_picture(window)
    connect_opening_view(window)
    connect_cell(window)
    _connect_data(window)
    connect_notices(window)
    _connect_menus(window)
    _connect_plugins(window)
    RunTitle(window, window.controller)


def _connect_run(window: MainWindow, scored: MeasuredWith) -> None:
    controller = window.controller

    def on_opened(summary: RunSummary) -> None:
        window.actions_.set_run_available(True)
        window.panels.show_run(summary)
        controller.turns.do(lambda: show_opened(summary))

    def show_opened(summary: RunSummary) -> None:
        window.status.forget_rate()
        window.timeline.set_scores(())
        show_stored_score(summary.config)
        scored.measured(summary.config)
        window.undo.forget()
        window.sampler.start()
        if summary.started_from is not None:
            warm_start.show_start(summary.started_from)
        take_summary(summary)
        window.training_panel.bar.offer(window.actions_["undo_apply"])
        window.status.notify_also(window.display.erased.restored_text())

    def on_built() -> None:
        assert window.lattice.panel is not None
        window.lattice.panel.bar.offer(window.actions_["undo_apply"])

    def on_applied(message: Applied) -> None:
        if message.outdates_scores:
            window.timeline.outdate_scores(edit_text(message))
        outdated = scored.outdated(message.summary.config)
        window.status.outdate_scores(outdated)
        if message.restarts_scores:
            window.status.forget_rate()
        window.undo.show_applied(message)  # before the curves mark the edit: what is kept knows nothing of it
        window.panels.tell_all(lambda panel: panel.show_applied(message))
        if message.brought_back:
            show_stored_score(message.summary.config)
            scored.measured(message.summary.config)
        elif not outdated:
            window.curves.count_scores_again()
        take_summary(message.summary)
        show_start()
        window.status.notify_also(window.display.erased.restored_text())

    def take_summary(summary: RunSummary) -> None:
        lattice = summary.config.lattice
        every = summary.config.training_embedding.evaluate_every
        window.status.set_run(summary.training_step, summary.total_steps, summary.device, every)
        window.timeline.set_steps(lattice.lattice_steps)
        if window.cube.state.dimensions != lattice.dimensions:
            window.cube.set_dimensions(lattice.dimensions)
        window.cube.set_thresholds(*lattice.get_distance_thresholds())
        window.picked.set(window.picked.cell)

    def show_stored_score(config: SimpleProjectConfig) -> None:
        from lattice.objectives import objective_of  # loads torch, which the run has brought

        history = window.curves.history
        cosine, without_rollout = history.newest("cosine.validation", "cosine.t0")
        at = None if cosine is None else int(history.last_step("cosine.validation"))
        baseline = stored_baseline(history, objective_of(config).baselines)
        window.status.set_score(cosine, without_rollout, at, baseline)

    def show_start() -> None:
        look, action = window.start.look(), window.actions_["toggle"]
        window.training_panel.set_next(*window.start.next_config())
        action.setText(look.text)
        action.setToolTip(look.tooltip or usual_tip)
        action.setIcon(icon(look.icon, "on_accent" if look.longer else "text"))
        action.setIconVisibleInMenu(not look.longer)  # in the button's light colour it could not be seen there
        action.setCheckable(look.awaited)
        action.setChecked(look.awaited)
        button = window.toolbar.widgetForAction(action)
        if button is not None:
            set_primary(button, look.longer)

    def on_undo_available(id: str, available: bool, tip: str) -> None:
        action = window.actions_[id]
        window.actions_.set_available(id, available, tip)
        action.setToolTip(tip)

    def on_state(state: str) -> None:
        if controller.summary is None:
            window.actions_.set_run_available(False, LOADING if state == "loading" else NO_RUN)
        window.status.set_state(state)  # type: ignore[arg-type]
        window.curves.show_state(state)  # type: ignore[arg-type]
        show_start()

    def on_awaited(awaited: str) -> None:
        window.status.set_awaited(awaited, controller.step_seconds_left)  # type: ignore[arg-type]
        show_start()

    warm_start = WarmStartDialog(window)
    window.training_panel.reported = lambda: window.curves.history.series.get("learning_rate")
    usual_tip = window.actions_["toggle"].toolTip()
    on_state(controller.state)
    window.undo.available_changed.connect(on_undo_available)
    window.undo.forget()
    controller.curves = window.curves.to_arrays
    controller.opened.connect(on_opened)
    controller.applied.connect(on_applied)
    controller.state_changed.connect(on_state)
    controller.awaited_changed.connect(on_awaited)
    for panel in (window.lattice, window.training_panel):
        panel.apply_requested.connect(window.edits.apply)
    window.lattice.built.connect(on_built)
    controller.stepped.connect(window.lattice.learn)
    window.sampler.sampled.connect(window.device_panel.show_reading)


def _connect_numbers(window: MainWindow, scored: MeasuredWith) -> None:
    controller = window.controller

    def on_stepped(message: StepsDone) -> None:
        for report in message.reports:
            window.curves.append(report)
        window.training_panel.set_step(message.reports[-1].training_step)
        window.status.set_training(message.reports[-1].training_step, message.steps_per_second)

    def on_evaluated(report: EvalReport) -> None:
        window.curves.append_evaluation(report)
        if controller.summary is not None:
            scored.measured(controller.summary.config)
        window.status.set_report(report, controller.scoring_seconds)

    def on_observed(message: Observed) -> None:
        window.status.set_watching(message.share)

    controller.stepped.connect(on_stepped)
    controller.evaluated.connect(on_evaluated)
    controller.observed.connect(on_observed)


def _connect_data(window: MainWindow) -> None:
    panel, display = window.data_panel, window.display
    panel.open_wanted.connect(window.opener.ask_data)
    panel.texts_wanted.connect(window.texts.ask_texts)
    panel.columns_wanted.connect(window.texts.ask_columns)
    panel.encode_wanted.connect(window.texts.ask_encode)
    panel.sample_wanted.connect(display.watch)
    data_map = window.docks.panel(DataMapPanel)
    data_map.filter_changed.connect(panel.browser.set_subset)
    data_map.surveyor.near_duplicates_found.connect(panel.show_near_duplicates)
    for part in (panel.browser, data_map):
        part.follow(window.scores)
    panel.browser.subset_cleared.connect(data_map.clear_filter)
    panel.map_wanted.connect(lambda: window.docks.raise_panel("data_map"))
    window.texts.encoding_changed.connect(panel.set_encoding)
    window.texts.encoding_changed.connect(
        lambda on: window.actions_.set_available(
            "encode", not on, "texts are being encoded. Wait, or cancel that first"
        )
    )


def _connect_menus(window: MainWindow) -> None:
    opener, preferences, menus = window.opener, window.preferences, window.menus

    def on_recent() -> None:
        fill_recent(menus.recent, preferences.recent_files, opener.open_path, preferences.forget_files)

    menus.recent.aboutToShow.connect(on_recent)
    menus.plugins.aboutToShow.connect(lambda: fill_plugins(menus.plugins, window.plugins))
    menus.trackers.aboutToShow.connect(lambda: fill_trackers(menus.trackers, window.trackers))


def _connect_plugins(window: MainWindow) -> None:
    def on_changed() -> None:
        window.display.refresh_modes()
        window.panels.sync()
        window.panels.tell_all(lambda panel: panel.refresh_choices())
        window.trackers.drop_gone()

    window.plugins.mended.connect(window.errors.close_about)
    window.plugins.changed.connect(on_changed)
    window.display.modes_changed.connect(window.modes.refresh)
