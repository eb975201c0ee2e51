"""The box that erases cells: what its buttons do, and what it says of the answer."""

from dataclasses import replace

import numpy as np
import pytest

from app.panels.damage.erase_box import NOTHING, EraseBox
from app.session.erased import ErasedCells
from tests.app.fakes import FakeTrainer, small_config


def config(damaged_cells="between"):
    return small_config(
        embedding_mapping__placement="through",
        lattice__adaptive_radius_ratio=0.4,
        training_embedding__damaged_cells=damaged_cells,
    )


@pytest.fixture
def box(qtbot):
    cells = ErasedCells()
    cells.set_run(config())
    box = EraseBox(cells)
    box.cells = cells
    qtbot.addWidget(box)
    return box


def test_buttons_act_on_the_picked_cell(box):
    assert not box.layer_button.isEnabled()
    assert not box.restore_button.isEnabled()
    box.set_cell((2, 1, 1))
    assert box.layer_button.text() == "Layer x = 2"
    box.layer_button.click()
    assert box.cells.count == 16
    assert box.restore_button.isEnabled()
    box.restore_button.click()
    assert box.cells.count == 0
    box.cell_button.click()
    assert box.cells.count == 1
    box.heard_button.click()
    assert box.cells.count > 1


def test_the_share_follows_both_fields_and_restore(box):
    box.slider.setValue(50)
    assert box.spin.value() == 50
    assert box.cells.count == 16
    box.spin.setValue(25)
    assert box.slider.value() == 25
    assert box.cells.count == 8
    box.restore_button.click()
    assert (box.slider.value(), box.spin.value(), box.cells.count) == (0, 0, 0)


def test_it_names_the_cells_of_which_a_share_is_erased(box):
    box.slider.setValue(50)
    assert box.share_label.text() == "Cells neither painted nor read, erased by chance"
    assert box.slider.toolTip().startswith("Share of the 32 cells neither painted nor read")
    box.cells.set_run(config("interior"))
    assert box.share_label.text() == "Cells inside the skin, erased by chance"
    assert box.slider.toolTip().startswith("Share of the 8 cells inside the skin")
    assert (box.slider.value(), box.cells.count) == (50, 4)
    box.restore_button.click()
    box.cells.set_run(small_config(lattice__dimensions=(5, 5, 5)))
    assert box.slider.toolTip().startswith("Share of the 27 cells inside the skin"), "of the cube that is there now"


def test_it_says_what_erasing_did(box):
    seen = FakeTrainer(small_config()).observe(0)
    box.show_observation(seen)
    assert box.result.text() == NOTHING
    box.set_cell((1, 1, 1))
    box.cell_button.click()
    box.show_observation(seen)
    assert box.result.text() == "Waiting for the next look at this cube."
    mask = np.zeros((4, 4, 4), dtype=bool)
    mask[1, 1, 1] = True
    box.show_observation(replace(seen, erased_XYZ=mask, intact_cosine=0.8, cosine=0.5))
    assert box.result.text() == "1 of 64 cells erased: (1, 1, 1). This sample's cosine goes from 0.800 to 0.500."


def test_every_control_has_a_tooltip(box):
    box.set_cell(None)
    controls = (box.cell_button, box.heard_button, box.layer_button, box.restore_button, box.slider, box.spin)
    assert all(control.toolTip() for control in controls)


def test_a_layer_of_painted_or_read_cells_is_not_offered(box):
    box.set_cell((3, 1, 1))
    assert not box.layer_button.isEnabled()
    assert box.layer_button.toolTip() == "All cells at x = 3 are painted or read: layers spare those"
    box.set_cell((2, 1, 1))
    assert box.layer_button.isEnabled()
    assert "the 16 cells" in box.layer_button.toolTip()
