"""The display when the data changes: nothing of the data before is asked for, painted or listed."""

import threading

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from app.cube.color.colorizer import Colorizer
from app.run.commands import OpenRun
from app.run.messages import Applied
from app.session import colors as colors_module
from tests.app.fakes import fake_dataset, small_config

pytestmark = pytest.mark.gl


@pytest.fixture
def failures(window):
    found = []
    window.controller.failed.connect(found.append)
    return found


def probe(qtbot, window):
    window.display.watch_embedding(np.ones(16, np.float32), "my own words")
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.sample == -1, timeout=10_000
    )


def apply_other_data(window, runs, script, dataset):
    """Have the worker put other data in place, as settings of the group Data do."""

    def swap(trainer):
        trainer.dataset = dataset
        return Applied(runs.summarise(trainer, "small", None), "rebuild", ("training_embedding.data",))

    window.controller.request(script.question(swap), window.controller._deliver)


def test_other_data_in_mid_run_drops_the_probe_and_watches_a_held_out_sample(qtbot, window, runs, failures, script):
    probe(qtbot, window)
    other = fake_dataset(samples=12, width=24)
    asked = []
    window.display.sample_changed.connect(asked.append)
    apply_other_data(window, runs, script, other)
    first = int(other.validation_indices[0])
    qtbot.waitUntil(lambda: asked == [first], timeout=10_000)
    qtbot.waitUntil(lambda: getattr(window.display.observation, "sample", -1) == first, timeout=10_000)
    assert window.sample_panel.text.text() == other.text(first)
    assert failures == []


def test_what_was_seen_of_the_data_before_is_not_painted_again(qtbot, window, runs, monkeypatch, script):
    window.display.watch(39)
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.sample == 39, timeout=10_000
    )
    shown = []
    window.controller.applied.connect(lambda _message: window.display.set_step(1))
    window.display.observation_shown.connect(lambda seen, _step: shown.append(seen.sample))
    other = fake_dataset(samples=12)
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        apply_other_data(window, runs, script, other)
    qtbot.waitUntil(lambda: bool(shown), timeout=10_000)
    assert max(shown) < len(other)


def test_a_picture_that_is_being_computed_is_dropped_with_its_data(qtbot, make_window, runs, monkeypatch, script):
    monkeypatch.setattr(colors_module, "COLOURED_AT_ONCE", 8)
    window = make_window()
    window.display.watch(39)
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.sample == 39, timeout=10_000
    )
    gate, begun, prepare = threading.Event(), threading.Event(), Colorizer.prepare

    def held(self, observation, step):
        paint, legend = prepare(self, observation, step)
        return lambda: (begun.set(), gate.wait(60), paint())[2], legend

    monkeypatch.setattr(Colorizer, "prepare", held)
    window.timeline.set_step(1)
    assert begun.wait(5)
    shown = []
    other = fake_dataset(samples=12)
    with qtbot.waitSignal(window.controller.applied, timeout=30_000):
        apply_other_data(window, runs, script, other)
    window.display.observation_shown.connect(lambda seen, _step: shown.append(seen.sample))
    gate.set()
    qtbot.waitUntil(lambda: bool(shown), timeout=30_000)
    assert max(shown) < len(other)


def test_nothing_is_asked_for_while_a_run_loads(qtbot, window, runs, failures):
    probe(qtbot, window)
    qtbot.waitUntil(lambda: not window.controller.observing, timeout=10_000)
    runs.open_seconds = 0.5
    asked = []
    observe = window.controller.observe
    window.controller.observe = lambda *args, **more: asked.append(window.controller.state) or observe(*args, **more)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.controller.open(OpenRun("other", small_config()))
        qtbot.waitUntil(lambda: window.controller.state == "loading", timeout=10_000)
        window.display.look_again()
    qtbot.waitUntil(lambda: window.display.observation is not None, timeout=10_000)
    assert "loading" not in asked
    assert window.display.observation.sample == window.display.sample
    assert failures == []


def test_a_late_look_at_a_sentence_is_not_shown_once_a_sample_is_watched(qtbot, window, runs):
    gate, observe = threading.Event(), runs.trainer.observe_embedding
    begun = threading.Event()

    def held(embedding, text="", **more):
        begun.set()
        gate.wait(5)
        return observe(embedding, text, **more)

    runs.trainer.observe_embedding = held
    shown = []
    window.display.observation_shown.connect(lambda seen, _step: shown.append(seen.sample))
    window.display.watch_embedding(np.ones(16, np.float32), "my own words")
    qtbot.waitUntil(begun.is_set, timeout=10_000)
    window.display.watch(3)
    gate.set()
    qtbot.waitUntil(lambda: bool(shown), timeout=10_000)
    assert shown[0] == 3


def test_a_key_held_down_in_the_list_is_not_set_back_by_older_pictures(qtbot, window):
    window.docks["data"].raise_()
    view = window.data_panel.browser.view
    view.setFocus()
    first = window.display.sample
    keys = Qt.Key.Key_Up if first > 20 else Qt.Key.Key_Down
    for _ in range(8):
        qtbot.keyClick(view, keys)
        qtbot.wait(5)
    last = first + (-8 if first > 20 else 8)
    assert window.display.sample == last
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.sample == last, timeout=10_000
    )
    assert view.currentIndex().row() == last
