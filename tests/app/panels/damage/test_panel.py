"""The Damage panel in the window: erased cells reach the worker, and a measurement comes back."""

import numpy as np
import pytest

from app.panels.damage.panel import INVITATION, DamagePanel, passes
from app.widgets.theme import theme_of
from tests.app.fakes import small_config


@pytest.mark.gl
def test_cells_are_erased_in_what_is_watched_and_the_score_is_measured(window, runs, qtbot):
    panel = window.docks.panel(DamagePanel)
    window.picked.set((1, 1, 1))
    panel.box.cell_button.click()
    qtbot.waitUntil(lambda: window.display.observation.erased_XYZ is not None, timeout=10_000)
    assert np.argwhere(window.display.observation.erased_XYZ).tolist() == [[1, 1, 1]]
    qtbot.waitUntil(lambda: "1 of 64 cells erased" in panel.box.result.text(), timeout=10_000)
    panel.box.restore_button.click()
    qtbot.waitUntil(lambda: window.display.observation.erased_XYZ is None, timeout=10_000)
    assert panel.note.text() == INVITATION
    assert panel.shares.isHidden()
    panel.measure_button.click()
    assert not panel.measure_button.isEnabled()
    qtbot.waitUntil(lambda: panel.report is not None, timeout=10_000)
    assert panel.measure_button.isEnabled()
    said = "with shares erased of the 8 cells inside the skin (training erases 10 % of them); layers across x"
    assert said in panel.note.text()
    assert panel.shares.line.getData()[0].tolist() == [0.0, 10.0, 50.0]
    np.testing.assert_allclose(panel.shares.line.getData()[1], [0.9, 0.8, 0.4])
    assert panel.layers.line.getData()[0].tolist() == [1, 2]
    assert panel.shares.level.value() == 0.9
    assert not panel.layers.isHidden()
    assert "layer erased 2: cosine 0.300" in panel.layers.toolTip()
    told = panel.note.text()
    for edit, outdated in (
        ({"training_embedding__batch_size": 2}, ""),
        ({"lattice__lattice_steps": 1}, "Measured before: lattice steps 1. "),
        ({}, ""),
        ({"lattice__dimensions": (3, 4, 4)}, "Measured before: 3\N{MULTIPLICATION SIGN}4\N{MULTIPLICATION SIGN}4. "),
        ({}, "Measured before: 3\N{MULTIPLICATION SIGN}4\N{MULTIPLICATION SIGN}4. "),
    ):
        with qtbot.waitSignal(window.controller.applied, timeout=10_000):
            window.controller.apply(small_config(**edit))
        assert panel.note.text() == outdated + told
        assert (panel.shares.line.opts["pen"].color().name() == theme_of(panel).disabled.lower()) == bool(outdated)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.opener.open_preset("debug")
    assert panel.report is None
    assert panel.note.text() == INVITATION
    assert panel.shares.isHidden()


@pytest.mark.gl
def test_another_run_starts_whole_and_says_so_and_an_undo_brings_erased_cells_back(window, qtbot):
    erased = window.display.erased
    erased.erase_cell((1, 1, 1))
    qtbot.waitUntil(lambda: window.display.observation.erased_XYZ is not None, timeout=10_000)
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.controller.apply(small_config(lattice__dimensions=(3, 4, 4)))
    assert erased.count == 0
    said = window.status.facts_label.full_text
    assert said.startswith("Applied size 3")
    assert said.endswith("The cube is whole: 1 erased cell restored.")
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.controller.undo_apply()
    assert np.argwhere(erased.mask_XYZ).tolist() == [[1, 1, 1]]
    assert "whole" not in window.status.facts_label.full_text
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.controller.reset()
    assert erased.mask_XYZ is None
    assert window.status.facts_label.full_text.endswith("The cube is whole: 1 erased cell restored.")


@pytest.mark.gl
def test_it_says_how_long_a_measurement_takes_once_an_evaluation_was_timed(window, qtbot):
    panel, controller = window.docks.panel(DamagePanel), window.controller
    assert passes(small_config()) == 15, "all cells, two draws of six shares, two layers"
    controller.scoring_seconds = 12.0
    controller.evaluated.emit(controller._worker.active.need_trainer().evaluate())
    assert panel.note.text() == f"{INVITATION} It takes about 3 min."
    with qtbot.waitSignal(controller.applied, timeout=10_000):
        controller.apply(small_config(lattice__dimensions=(3, 4, 4)))
    assert panel.note.text() == INVITATION, "nothing is known of another cube"
    controller.scoring_seconds = 12.0
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.reset()
    assert panel.note.text() == INVITATION, "nor of another run"


@pytest.mark.gl
def test_a_cancelled_measurement_leaves_what_was_there(window, runs, qtbot):
    panel = window.docks.panel(DamagePanel)
    runs.trainer.evaluate_seconds = 0.4
    panel.measure_button.click()
    qtbot.waitUntil(lambda: "measure_damage" in runs.trainer.calls, timeout=10_000)
    window.controller.cancel()
    qtbot.waitUntil(panel.measure_button.isEnabled, timeout=10_000)
    assert panel.report is None
