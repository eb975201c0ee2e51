"""The colour rows of the cube panel: maps, ends and threshold reach the picture, mode by mode."""

import numpy as np
import pytest

pytestmark = pytest.mark.gl


@pytest.fixture
def rows(window, qtbot):
    qtbot.waitUntil(lambda: window.display.observation is not None, timeout=10_000)
    window.display.set_mode("norm")
    return window.appearance.scale


def choose(box, text):
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.currentIndex())


def test_typed_ends_are_fixed_for_one_mode_until_they_are_reset(window, rows):
    legend = window.cube.legend
    assert not rows.reset.isEnabled()
    rows.low.setValue(0.25)
    rows.high.setValue(7.5)
    assert (legend.legend.low, legend.legend.high, legend.legend.hold) == (0.25, 7.5, "fixed")
    window.display.set_mode("change")
    assert legend.legend.hold == "auto"
    window.display.set_mode("norm")
    assert (rows.low.value(), rows.high.value()) == (0.25, 7.5)
    rows.reset.click()
    assert legend.legend.hold == "auto"
    assert window.display.colors.limits is None


def test_ends_of_signed_values_move_together(window, rows):
    window.display.set_mode("channel")
    rows.high.setValue(3.0)
    assert window.display.colors.limits == (-3.0, 3.0)
    rows.low.setValue(-1.5)
    assert (rows.low.value(), rows.high.value()) == (-1.5, 1.5)


def test_ends_that_can_not_be_are_said_and_change_nothing(window, rows):
    said = []
    rows.said.connect(said.append)
    rows.low.setValue(0.5)
    rows.high.setValue(4.0)
    rows.low.setValue(9.0)
    assert said == ["The ends of the colour bar stay: the low end must be below the high one, got 9 and 4."]
    assert window.display.colors.limits == (0.5, 4.0)
    assert rows.low.value() == 0.5


def test_a_dragged_end_is_shown_in_the_panel(window, rows):
    window.cube.legend.ends_dragged.emit(0.5, 2.5)
    assert (rows.low.value(), rows.high.value()) == (0.5, 2.5)
    window.cube.legend.reset_clicked.emit()
    assert window.display.colors.limits is None


def test_a_threshold_hides_cells_and_they_can_not_be_pointed_at(window, rows):
    colors = window.display.colors
    norms = np.linalg.norm(window.display.observation.states_TXYZC[window.display.step], axis=-1)
    threshold = float(np.median(norms))
    assert not rows.least.isEnabled()
    rows.hide_below.setChecked(True)
    rows.least.setValue(threshold)
    threshold = rows.least.value()
    assert colors.threshold == threshold
    hidden = tuple(int(at) for at in np.unravel_index(int(norms.argmin()), norms.shape))
    assert window.cube._stage.renderer.cube.own_alpha(*hidden) == 0.0
    assert f"{int((norms >= threshold).sum())} of {norms.size} cells shown" in window.cube.legend.legend.words
    rows.hide_below.setChecked(False)
    assert window.cube._stage.renderer.cube.own_alpha(*hidden) > 0.0


def test_a_map_is_shown_and_remembered(window, rows):
    choose(rows.map, "viridis")
    assert window.display.colors.choices.sequential == "viridis"
    assert window.preferences.color_maps == ("viridis",)
    window.display.set_mode("channel")
    choose(rows.map, "purple to green")
    assert window.preferences.color_maps == ("viridis", "purple_green")
    choose(rows.map, "as the mode")
    assert window.preferences.color_maps == ("viridis",)


def test_a_mode_without_a_bar_has_no_ends(window, rows):
    window.display.set_mode("state_rgb")
    assert not any(part.isEnabled() for part in (rows.map, rows.low, rows.high, rows.hide_below, rows.least))
    assert rows.low.toolTip() == "This mode has no bar: its colours are no single value's."


def test_the_mouse_is_told_what_is_measured_and_in_which_unit(window, rows):
    assert window.display.value_at((0, 0, 0)).startswith("State norm: ")
    window.display.set_mode("gates")
    assert window.display.value_at((0, 0, 0)).startswith("Gates: local ")
