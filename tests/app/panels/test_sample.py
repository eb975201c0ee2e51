"""The watched sample: search, scores and neighbours among the texts."""

import pytest

from app.panels.sample import SamplePanel
from app.panels.sample_list import MOST_FOUND, SampleModel, SampleRole
from tests.app.fakes import FakeTrainer, fake_dataset, small_config


@pytest.fixture
def panel(qtbot):
    panel = SamplePanel()
    qtbot.addWidget(panel)
    panel.resize(320, 500)
    panel.show()
    panel.set_dataset(fake_dataset())
    return panel


def search(qtbot, panel, text):
    with qtbot.waitSignal(panel.model.searched, timeout=5_000, check_params_cb=lambda _found, over: over):
        panel.search_field.setText(text)
    return [panel.model.index(row, 0).data(SampleRole) for row in range(panel.model.rowCount())]


def test_search_by_word_category_and_number(qtbot, panel):
    assert panel.model.rowCount() == 40
    assert search(qtbot, panel, "number 1") == [1, *range(10, 20), 21, 31]
    assert search(qtbot, panel, "ODD text") == list(range(1, 40, 2))
    assert search(qtbot, panel, "39") == [39]
    assert search(qtbot, panel, "even 39") == []
    assert panel.found.text().startswith("Nothing found")
    assert len(search(qtbot, panel, "")) == 40
    assert panel.found.text() == "40 samples"


def test_a_long_search_goes_in_pieces_and_stops_somewhere(qtbot):
    model, calls = SampleModel(), []
    model.searched.connect(lambda found, over: calls.append((found, over)))
    model.set_dataset(fake_dataset(samples=50_000, width=2))
    with qtbot.waitSignal(model.searched, timeout=20_000, check_params_cb=lambda _found, over: over):
        model.search("text 7")
    assert calls[-1] == (MOST_FOUND, True)
    model.search("text 49999")
    with qtbot.waitSignal(model.searched, timeout=20_000, check_params_cb=lambda _found, over: over):
        pass
    assert calls[-1] == (1, True)
    assert sum(1 for _found, over in calls if not over) >= 2


def test_an_observation_fills_every_field(qtbot, panel):
    observation = FakeTrainer(small_config(), fake_dataset()).observe(6)
    panel.set_observation(observation)
    assert panel.text.text() == "text number 6"
    side = "held out" if 6 in panel._held_out else "trained on"
    assert panel.facts.text() == f"sample 6 of 40, {side}, even"
    assert "<b>0.500</b>" in panel.score.text()
    assert "without rollout 0.100" in panel.score.text()
    assert [text.text() for _, text in panel.before.rows] == ["text number 1", "text number 2", "text number 3"]
    assert [score.text() for score, _ in panel.after.rows] == ["0.850", "0.800", "0.600"]
    assert [text.font().bold() for _, text in panel.after.rows] == [True, True, False]


def test_clicks_ask_for_samples(qtbot, panel):
    panel.set_observation(FakeTrainer(small_config(), fake_dataset()).observe(6))
    from PyQt6.QtCore import Qt

    with qtbot.waitSignal(panel.sample_wanted, timeout=1_000) as caught:
        qtbot.mouseClick(panel.after.rows[2][1], Qt.MouseButton.LeftButton)
    assert caught.args == [4]
    with qtbot.waitSignal(panel.sample_wanted, timeout=1_000) as caught:
        panel.list.clicked.emit(panel.model.index(9, 0))
    assert caught.args == [9]
    with qtbot.waitSignal(panel.sample_wanted, timeout=1_000) as caught:
        panel.random_sample()
    assert caught.args[0] in panel._held_out


def test_without_data_nothing_is_asked(panel, qtbot):
    empty = SamplePanel()
    qtbot.addWidget(empty)
    with qtbot.assertNotEmitted(empty.sample_wanted):
        empty.random_sample()
    empty.refresh()
