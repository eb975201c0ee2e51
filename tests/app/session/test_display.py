"""The display: it watches while training, asks for no more than it shows, and never queues."""

import threading

import numpy as np
import pytest

from app.cube.color.colorizer import Colorizer
from app.session import colors as colors_module
from tests.app.fakes import small_config

pytestmark = pytest.mark.gl


def test_watches_a_held_out_sample_first(make_window, runs):
    window = make_window()
    assert window.display.sample == int(runs.trainer.dataset.validation_indices[0])


def test_the_picture_changes_while_training(qtbot, window):
    before = window.cube.frames_drawn
    first = window.display.observation
    window.controller.start()
    qtbot.waitUntil(lambda: window.cube.frames_drawn > before + 3, timeout=20_000)
    assert window.display.observation.training_step > first.training_step
    assert not np.array_equal(window.display.observation.states_TXYZC, first.states_TXYZC)


def test_nothing_is_asked_for_while_paused_and_seen(qtbot, window, runs):
    qtbot.wait(300)
    before = runs.trainer.calls.count("observe")
    qtbot.wait(300)
    assert runs.trainer.calls.count("observe") == before


def test_a_fast_trainer_never_queues(qtbot, window, runs):
    runs.trainer.step_seconds = 0.0
    asked = []
    take = window.controller._queue.take

    def counting(*, wait):
        commands = take(wait=wait)
        asked.append(sum(type(command).__name__ == "Observe" for command in commands))
        return commands

    window.controller._queue.take = counting
    window.controller.start()
    qtbot.wait(800)
    assert max(asked) == 1


def test_scrubbing_is_done_without_the_worker(qtbot, window, runs):
    qtbot.waitUntil(lambda: not window.controller.observing, timeout=5_000)
    before = runs.trainer.calls.count("observe")
    shown = []
    window.display.observation_shown.connect(lambda _observation, step: shown.append(step))
    for step in (0, 1, 2, 3):
        window.timeline.set_step(step)
    assert shown == [0, 1, 2, 3]
    assert runs.trainer.calls.count("observe") == before


def test_a_chosen_lattice_step_stays_while_training(qtbot, window):
    window.timeline.set_step(1)
    window.controller.start()
    first = window.display.observation.training_step
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.training_step > first + 2,
        timeout=20_000,
    )
    assert window.timeline.step == 1
    assert window.display.step == 1


def test_a_locked_range_stays(qtbot, window):
    window.display.set_mode("norm")
    legends = []
    window.display.legend_changed.connect(legends.append)
    window.actions_["lock_range"].trigger()
    assert window.appearance.lock.isChecked()
    locked = legends[-1]
    assert locked.locked
    window.controller.start()
    first = window.display.observation.training_step
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.training_step > first + 3,
        timeout=20_000,
    )
    assert (legends[-1].low, legends[-1].high) == (locked.low, locked.high)
    window.cube.legend.lock_clicked.emit()
    assert not window.appearance.lock.isChecked()
    assert not window.actions_["lock_range"].isChecked()


def test_an_embedding_of_ones_own_becomes_the_watched_sample(qtbot, window):
    window.display.watch_embedding(np.ones(16, np.float32), "my own words")
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.sample == -1, timeout=10_000
    )
    assert window.sample_panel.text.text() == "my own words"
    assert window.sample_panel.facts.text() == "a sentence of your own"


def test_the_hovered_value_is_in_words(window):
    window.display.set_mode("gates")
    assert "functional" in window.display.value_at((0, 0, 0))
    assert window.display.value_at((99, 0, 0)) == ""


def test_a_large_lattice_is_coloured_beside_the_window_and_ends_at_the_newest_choice(qtbot, make_window, monkeypatch):
    threads, shown, chosen = set(), [], threading.Event()
    chosen.set()
    prepare = Colorizer.prepare

    def watched(self, observation, step):
        paint, legend = prepare(self, observation, step)

        def slow():
            threads.add(threading.current_thread())
            chosen.wait(10.0)
            return paint()

        return slow, legend

    monkeypatch.setattr(colors_module, "COLOURED_AT_ONCE", 8)
    monkeypatch.setattr(Colorizer, "prepare", watched)
    window = make_window()
    chosen.clear()  # painting is slower than choosing, however busy the machine is
    set_colors = window.cube.set_colors
    monkeypatch.setattr(window.cube, "set_colors", lambda rgba: shown.append(rgba.copy()) or set_colors(rgba))
    for step in (0, 1, 2, 3, 0, 2):
        window.timeline.set_step(step)
        qtbot.wait(20)
    chosen.set()
    expected, _ = Colorizer.colors(window.display.colors.colorizer, window.display.observation, 2)
    qtbot.waitUntil(lambda: bool(shown) and np.array_equal(shown[-1], expected), timeout=10_000)
    assert len(shown) < 6
    assert threading.main_thread() in threads  # this test itself
    assert all(thread.name == "latest" for thread in threads - {threading.main_thread()})
    assert len(threads) > 1


def test_colours_of_a_lattice_that_is_gone_are_not_shown(qtbot, make_window, monkeypatch):
    monkeypatch.setattr(colors_module, "COLOURED_AT_ONCE", 8)
    window = make_window()
    gate = threading.Event()
    prepare = Colorizer.prepare

    def held(self, observation, step):
        paint, legend = prepare(self, observation, step)
        return lambda: (gate.wait(5), paint())[1], legend

    monkeypatch.setattr(Colorizer, "prepare", held)
    window.timeline.set_step(1)
    window.controller.apply(small_config(lattice__dimensions=(5, 4, 4)))
    qtbot.waitUntil(lambda: window.cube.state.dimensions == (5, 4, 4), timeout=10_000)
    shapes = []
    set_colors = window.cube.set_colors
    monkeypatch.setattr(window.cube, "set_colors", lambda rgba: shapes.append(rgba.shape) or set_colors(rgba))
    gate.set()
    qtbot.waitUntil(lambda: bool(shapes) and shapes[-1] == (5, 4, 4, 4), timeout=10_000)
    assert set(shapes) == {(5, 4, 4, 4)}
