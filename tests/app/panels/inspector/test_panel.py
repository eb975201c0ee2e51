"""The inspector: the picked cell's place, state, gates and neighbours."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from app.panels.inspector.panel import InspectorPanel
from app.panels.inspector.tier_table import neighbour_counts
from lattice.config import DistanceThresholds, LatticeSettings
from lattice.tiers import tier_counts
from tests.app.fakes import FakeTrainer, small_config


@pytest.mark.parametrize("dimensions", [(4, 4, 4), (3, 7, 5), (1, 6, 9)])
@pytest.mark.parametrize("thresholds", [(0.4, 1.3, 2.0), (1.0, 2.0, 3.0), (0.1, 5**0.5, 9.0)])
def test_neighbours_of_every_cell_are_those_of_the_tiers(dimensions, thresholds):
    counts = tier_counts(dimensions, thresholds)
    for number, cell in enumerate(itertools.product(*map(range, dimensions))):
        mine = neighbour_counts(cell, dimensions, DistanceThresholds(*thresholds))
        assert mine == {tier: int(counts[tier][number]) for tier in counts}


@pytest.fixture
def panel(qtbot):
    panel = InspectorPanel()
    qtbot.addWidget(panel)
    panel.set_lattice(LatticeSettings(dimensions=(4, 4, 4), adaptive_radius_ratio=0.5, lattice_steps=3))
    panel.show()
    return panel


@pytest.fixture
def observation():
    return FakeTrainer(small_config()).observe(3, learning_signal=True)


def test_without_a_cell_it_says_how_to_pick_one(panel):
    assert not panel.page.isVisibleTo(panel)
    panel.set_hovered((1, 2, 3))
    assert panel._hint.text() == "Under the mouse: cell (1, 2, 3)"
    low = panel.minimumSizeHint().height()
    panel.set_cell((1, 2, 3))
    assert panel.page.isVisibleTo(panel)
    assert not panel._empty.isVisibleTo(panel)
    assert low < panel.page.minimumSizeHint().height(), "what says how to pick one does not scroll to an empty place"


def test_an_erased_cell_is_said_to_be_erased(panel, observation):
    erased_XYZ = np.zeros((4, 4, 4), dtype=bool)
    erased_XYZ[0, 1, 2] = True
    panel.set_observation(replace(observation, erased_XYZ=erased_XYZ), 2)
    panel.set_cell((0, 1, 2))
    page = panel.page
    assert page.place.text() == "surface, erased"
    assert page.state_title.full_text == "Erased: its state is zero"
    assert not any(part.isVisibleTo(panel) for part in (page.bars, page.course, page.signal, page.signal_title))
    panel.set_cell((0, 1, 1))
    assert page.place.text() == "surface"
    assert all(part.isVisibleTo(panel) for part in (page.bars, page.course, page.signal, page.signal_title))


def test_every_field_of_a_cell(panel, observation):
    panel.set_cell((0, 1, 2))
    assert panel.page.waiting.isVisibleTo(panel)
    panel.set_observation(observation, 2)
    panel.refresh()
    assert panel.page.title.text() == "Cell (0, 1, 2)"
    assert panel.page.place.text() == "surface"
    state = observation.states_TXYZC[2, 0, 1, 2]
    assert np.array_equal(panel.page.bars._values, state)
    assert panel.page.state_title.full_text == f"State after step 2, norm {np.linalg.norm(state):.2f}"
    assert np.allclose(panel.page.course._values, np.linalg.norm(observation.states_TXYZC[:, 0, 1, 2], axis=-1))
    assert list(panel.page.tiers.bar._shares.values()) == pytest.approx(observation.gates_TXYZ3[2, 0, 1, 2].tolist())
    assert panel.page.tiers.counts["functional"].text() == str(
        neighbour_counts((0, 1, 2), (4, 4, 4), panel._lattice.get_distance_thresholds())["functional"]
    )
    assert panel.page.tiers.shares["distant"].text().endswith("%")
    assert np.array_equal(panel.page.signal._values, observation.signal_TXYZ[:, 0, 1, 2])
    assert "painted here before step 1" in panel.page.scalars.text()
    assert "read here after step " in panel.page.scalars.text()


def test_the_volume_has_no_skin(panel, observation):
    panel.set_cell((1, 1, 2))
    panel.set_observation(observation, 0)
    panel.refresh()
    assert panel.page.place.text() == "volume"
    assert not panel.page.scalars.isVisibleTo(panel)
    assert panel.page.state_title.full_text.startswith("State as painted")


def test_the_last_state_shows_the_gate_that_made_it(panel, observation):
    panel.set_cell((1, 1, 1))
    panel.set_observation(observation, 3)
    panel.refresh()
    assert list(panel.page.tiers.bar._shares.values()) == pytest.approx(observation.gates_TXYZ3[2, 1, 1, 1].tolist())


def test_a_chosen_channel_takes_the_place_of_the_norm(panel, observation):
    panel.set_cell((1, 1, 1))
    panel.set_observation(observation, 1)
    panel.set_channel(5)
    assert np.array_equal(panel.page.course._values, observation.states_TXYZC[:, 1, 1, 1, 5])
    panel.set_channel(None)
    assert "Norm over" in panel.page.course_title.full_text


def test_a_cell_outside_a_smaller_lattice_is_let_go(panel):
    panel.set_cell((3, 3, 3))
    panel.set_lattice(LatticeSettings(dimensions=(2, 2, 2)))
    assert panel.cell is None


def test_buttons(qtbot, panel):
    from PyQt6.QtWidgets import QToolButton

    panel.set_cell((1, 1, 1))
    focus, close = panel.findChildren(QToolButton)
    with qtbot.waitSignal(panel.focus_wanted, timeout=1_000):
        focus.click()
    with qtbot.waitSignal(panel.cell_wanted, timeout=1_000) as caught:
        close.click()
    assert caught.args == [None]


def test_it_can_be_drawn_with_and_without_signal(panel, observation):
    panel.set_cell((1, 1, 1))
    panel.set_observation(FakeTrainer(small_config()).observe(0), 1)
    panel.refresh()
    assert panel.page.signal_title.full_text == "Gradient norm: not measured yet"
    panel.resize(300, 500)
    assert not panel.grab().isNull()
    panel.set_observation(observation, 1)
    panel.refresh()
    assert not panel.grab().isNull()


def test_messages_of_the_picked_cell_are_requested_and_shown(panel, observation):
    wanted = []
    panel.messages_wanted.connect(lambda *request: wanted.append(request))
    cell, trainer = (1, 1, 2), FakeTrainer(small_config())
    panel.set_observation(observation, 1)
    panel.set_cell(cell)
    assert [request[1:] for request in wanted] == [(1, cell)]
    panel.refresh()
    assert len(wanted) == 1, "one request at a time"
    panel.show_heard(cell, trainer.heard_tiers(observation.states_TXYZC[1], 1, cell))
    tiers = panel.page.tiers
    assert [tiers.messages[tier].text() for tier in ("local", "functional", "distant")] == ["-", "1.5", "0"]
    assert tiers.senders["functional"].text() == "-x"
    assert tiers.senders["distant"].text() == "-"
    assert "the mean over all cells is 0.25" in tiers.messages["functional"].toolTip()
    assert "Cell (0, 1, 2) has 75 % of what the message owes" in tiers.senders["functional"].toolTip()
    assert "seen from here it is at -x" in tiers.senders["functional"].toolTip()
    panel.set_step(99)
    assert wanted[-1][1] == len(observation.states_TXYZC) - 2, "the last state sends no message"
    panel.set_cell((0, 0, 0))
    assert tiers.messages["functional"].text() == "-", "another cell's messages are not known yet"
    panel.show_heard(cell, trainer.heard_tiers(observation.states_TXYZC[1], 1, cell))
    assert tiers.messages["functional"].text() == "-", "an answer for the cell before says nothing"


def test_a_second_click_on_a_cell_requests_its_messages_again(panel, observation):
    wanted = []
    panel.messages_wanted.connect(lambda *request: wanted.append(request))
    panel.set_observation(observation, 1)
    for _ in range(2):
        panel.set_cell((1, 1, 2))
        panel.show_heard((1, 1, 2), {})
    panel.refresh()
    assert [request[1:] for request in wanted] == [(1, (1, 1, 2))] * 2
