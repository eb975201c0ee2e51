"""What is known of each sample's cosine: from evaluations and on request, of the run as it is or of an earlier one."""

import numpy as np
import pytest

from app.panels.data.sample_list import SCORES
from app.panels.data_map.panel import DataMapPanel
from tests.app.fakes import fake_dataset, small_config
from tests.app.scored import scored, take_scores


@pytest.fixture
def scores(qapp):
    return scored()


def test_evaluations_refresh_held_out_samples_and_leave_the_others(scores):
    held_out = fake_dataset().validation_indices.tolist()
    take_scores(scores, range(40), np.full(40, 0.5))
    assert (scores.known, scores.outdated) == (40, "")
    scores.controller.evaluate([0.75] * len(held_out), 50)
    fresh = scores.cosines_N == 0.75
    assert np.flatnonzero(fresh).tolist() == sorted(held_out)
    other = next(sample for sample in range(40) if sample not in held_out)
    assert scores.outdated_of(held_out[0]) == ""
    assert scores.outdated_of(other) == "at step 0"
    assert scores.outdated == "at steps 0 to 50"
    scores.controller.go_to(1051)
    assert scores.outdated_of(held_out[0]) == "at step 50"
    take_scores(scores, range(40), np.full(40, 0.25))
    assert scores.outdated == "", "nothing is left of what was measured before"


def test_an_edit_outdates_and_its_undo_brings_back(scores):
    take_scores(scores, [3], [0.5])
    before = small_config()
    scores.controller.edit(before.override(["lattice.lattice_steps=5"]))
    assert "lattice" in scores.outdated_of(3).lower()
    assert scores.outdated_of(3).startswith("at step 0, measured before: ")
    assert scores.outdated.startswith("at step 0, measured before: ")
    scores.controller.edit(before, way="undo")
    assert scores.outdated_of(3) == scores.outdated == ""
    scores.controller.edit(before.override(["training_embedding.batch_size=3"]))
    assert scores.outdated == "", "that says nothing about a cosine"
    assert scores.cosines_N[3] == 0.5


def test_the_undo_of_an_edit_from_before_the_scoring_outdates_nothing_that_it_leaves(scores):
    before = small_config()
    scores.controller.edit(before.override(["training_embedding.batch_size=3"]))
    take_scores(scores, [3], [0.5])
    scores.controller.edit(before, way="undo")
    assert scores.outdated_of(3) == scores.outdated == ""


def test_another_run_and_other_data_forget(scores):
    for forget in (
        scores.controller.open,
        lambda: scores.controller.edit(small_config(), dataset=fake_dataset(samples=12)),
    ):
        take_scores(scores, [3], [0.5])
        assert scores.known == 1
        forget()
        assert scores.known == 0
        assert np.isnan(scores.cosines_N).all()
    assert len(scores.cosines_N) == 12


def test_a_cancel_keeps_what_is_scored_and_says_so(scores):
    take_scores(scores, range(8), np.full(8, 0.5))
    assert scores.said == ["Cancelled: 8 of 40 samples are scored, and that is kept"]
    assert scores.known == 8
    scores.score_all()
    scores.controller.failed(None)
    assert not scores.scoring
    assert scores.known == 8
    take_scores(scores, range(40), np.full(40, 0.5))
    assert scores.said[1:] == ["40 samples scored at step 0"]


def test_one_request_at_a_time_and_none_without_a_run(scores):
    scores.score_all()
    scores.score_all()
    assert len(scores.controller.requested) == 1
    scores.controller.failed(None)
    scores.controller.summary = None
    scores.score_all()
    assert len(scores.controller.requested) == 1


def test_how_long_it_takes_follows_from_the_best_that_is_known(scores):
    heard = []
    scores.changed.connect(lambda: heard.append(scores.words().removeprefix("No sample is scored yet")))
    for seconds in (0.1, 0.2):
        scores.controller.watch_in(seconds)
    assert heard == [". All take at most about 4 s"]
    assert "Takes at most about 8 s" in scores.tip()
    for step in (1, 2):
        scores.controller.go_to(step, forward=3.2)
    assert heard[1:] == [". All take about 4 s"], "32 samples a batch"
    scores.controller.scoring_seconds = 0.6
    scores.controller.evaluate([0.5, 0.5], 2)
    assert scores.words() == "Scored: 2 of 40. All take about 12 s"


def test_words_change_with_the_first_step_after_a_measurement_and_not_with_each(scores):
    take_scores(scores, [3], [0.5])
    heard = []
    scores.changed.connect(lambda: heard.append(scores.words()))
    for step in (1, 2, 3):
        scores.controller.go_to(step)
    assert len(heard) == 1
    assert "(at step 0)" in heard[0]


def test_the_command_fills_the_list_and_training_then_greys_it(qtbot, window):
    browser = window.data_panel.browser
    assert browser.score_line.words.text().startswith("No sample is scored yet")
    window.actions_["score_samples"].trigger()
    qtbot.waitUntil(lambda: window.scores.known == 40, timeout=10_000)
    browser.order.setCurrentIndex(browser.order.findData("best"))
    assert not browser.view.isColumnHidden(SCORES)
    assert [browser.model.index(0, column).data() for column in range(2)] == ["text number 39", "0.900"]
    assert browser.score_line.words.text() == "Scored: 40 of 40"
    window.actions_["step"].trigger()
    qtbot.waitUntil(lambda: window.controller.training_step == 1, timeout=10_000)
    qtbot.waitUntil(lambda: "(at step 0)" in browser.score_line.words.text(), timeout=10_000)
    data_map = window.docks.panel(DataMapPanel)
    assert data_map.legend.score_line.words.text() == browser.score_line.words.text()
