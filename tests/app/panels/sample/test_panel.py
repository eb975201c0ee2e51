"""The watched sample: scores and neighbours among the texts."""

from dataclasses import replace

import numpy as np
import pytest

from app.panels.sample.panel import SamplePanel
from tests.app.fakes import FakeTrainer, fake_dataset, small_config


@pytest.fixture
def panel(qtbot):
    panel = SamplePanel()
    qtbot.addWidget(panel)
    panel.resize(320, 500)
    panel.show()
    panel.set_dataset(fake_dataset())
    return panel


def test_an_observation_fills_every_field(qtbot, panel):
    observation = FakeTrainer(small_config(), fake_dataset()).observe(6)
    panel.set_observation(observation)
    assert panel.text.text() == "text number 6"
    side = "held out" if 6 in fake_dataset().validation_indices.tolist() else "trained on"
    assert panel.facts.text() == f"sample 7 of 40, {side}, even"
    assert "<b>0.500</b>" in panel.score.text()
    assert "without rollout 0.100" in panel.score.text()
    assert [text.text() for _, text in panel.before.rows[:3]] == ["text number 1", "text number 2", "text number 3"]
    assert [score.text() for score, _ in panel.after.rows[:3]] == ["0.850", "0.800", "0.600"]
    assert [text.font().bold() for _, text in panel.after.rows[:3]] == [True, True, False]


def test_clicks_ask_for_samples(qtbot, panel):
    panel.set_observation(FakeTrainer(small_config(), fake_dataset()).observe(6))
    from PyQt6.QtCore import Qt

    with qtbot.waitSignal(panel.sample_wanted, timeout=1_000) as caught:
        qtbot.mouseClick(panel.after.rows[2][1], Qt.MouseButton.LeftButton)
    assert caught.args == [4]
    with qtbot.waitSignal(panel.sample_wanted, timeout=1_000) as caught:
        panel.random_sample()
    assert caught.args[0] in fake_dataset().validation_indices.tolist()


def test_without_data_nothing_is_asked(panel, qtbot):
    empty = SamplePanel()
    qtbot.addWidget(empty)
    with qtbot.assertNotEmitted(empty.sample_wanted):
        empty.random_sample()
    empty.refresh()


def test_held_out_neighbours_are_slanted_and_say_so(qtbot, panel):
    held_out = int(fake_dataset().validation_indices[0])
    trained = int(fake_dataset().train_indices[0])
    observation = FakeTrainer(small_config(), fake_dataset()).observe(6)
    panel.set_observation(replace(observation, nearest_before=((held_out, 0.9), (trained, 0.8))))
    (_, first), (_, second), (score, third) = panel.before.rows[:3]
    assert (first.font().italic(), second.font().italic()) == (True, False)
    assert "held out" in first.toolTip()
    assert "trained on" in second.toolTip()
    assert (score.text(), third.text(), third.toolTip()) == ("", "", "")


def test_a_sentence_of_ones_own_has_no_score_where_pairs_are_learned(qtbot, panel):
    observation = FakeTrainer(small_config(), fake_dataset()).observe_embedding(np.ones(16, np.float32), "my words")
    panel.set_observation(observation)
    assert panel.facts.text() == "a sentence of your own"
    assert "cosine" in panel.score.text()
    panel.set_pairs(True)
    panel.refresh()
    assert panel.score.text() == "no score: it has no partner"


def test_the_next_sentence_is_shown_at_once(panel):
    trainer = FakeTrainer(small_config(), fake_dataset())
    for words in ("one", "two"):
        panel.set_observation(trainer.observe_embedding(np.ones(16, np.float32), words))
        assert panel.text.text() == words


def test_scores_have_their_room_before_there_are_any(panel):
    score, _ = panel.before.rows[0]
    assert score.width() >= score.fontMetrics().horizontalAdvance("0.850")
