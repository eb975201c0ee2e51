"""Every edit waits for Apply, which says what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.curves.pyramid import Series
from app.forms.editor import ChangeMark
from app.forms.inputs import ChoiceInput
from app.panels.apply_bar import price_text
from app.panels.training import GROUPS, TrainingPanel
from lattice.config import SimpleProjectConfig, cost_of_key
from lattice.plugin_loading import load_plugin, loaded_plugins, unload
from tests.lattice.plugin_files import OBJECTIVE

OBJECTIVE_KEY = "training_embedding.objective"
RATE = "optimizer.learning_rate"
BATCH = "training_embedding.batch_size"
SEED = "training_embedding.seed"


@pytest.fixture
def panel(qtbot: QtBot) -> TrainingPanel:
    panel = TrainingPanel(SimpleProjectConfig.from_preset("debug"))
    qtbot.addWidget(panel)
    panel.resize(290, 600)
    panel.show()
    return panel


def wanted(panel: TrainingPanel) -> list[SimpleProjectConfig]:
    seen: list[SimpleProjectConfig] = []
    panel.apply_requested.connect(seen.append)
    return seen


def test_every_edit_waits_for_apply_with_a_dot_and_its_price(panel: TrainingPanel) -> None:
    seen = wanted(panel)
    assert panel.bar.price.text() == "No changes."
    panel.form.take({RATE: 0.004, BATCH: 64})
    assert panel.form.editors[RATE].findChild(ChangeMark).shown
    assert panel.bar.price.text() == "2 changes. Acts after Apply, at the next training step."
    panel.form.take({SEED: 7})
    assert panel.bar.price.text() == "3 changes. Data loaded again, new student: weights and schedule restarted."
    panel.hide()
    assert seen == [], "nothing is applied in silence"
    panel.bar.apply_button.click()
    assert (seen[0].optimizer.learning_rate, seen[0].training_embedding.seed) == (0.004, 7)
    assert panel.form.editors[RATE].changed, "it counts as applied only once the run says so"
    panel.set_config(seen[0], keep_edits=True)
    assert panel.form.changes() == {}


def test_revert_takes_everything_back(panel: TrainingPanel) -> None:
    seen = wanted(panel)
    panel.form.take({SEED: 7, RATE: 0.001})
    panel.bar.revert_button.click()
    assert panel.form.changes() == {}
    assert seen == []


def test_cuda_graphs_are_offered_where_they_have_an_effect(panel: TrainingPanel) -> None:
    editor = panel.form.editors["device.graphs"]
    panel.set_cuda(False)
    assert not editor.input.isEnabled()
    assert "No effect here" in editor.toolTip()
    panel.set_cuda(True)
    assert editor.input.isEnabled()
    assert "No effect here" not in editor.toolTip()


def test_settings_without_effect_are_greyed(panel: TrainingPanel) -> None:
    noise = panel.form.editors["training_embedding.noise_sigma"]
    warmup = panel.form.editors["optimizer.warmup_fraction"]
    assert not noise.isEnabled()
    panel.form.take({"training_embedding.objective": "denoise", "optimizer.schedule": "cosine"})
    assert noise.isEnabled()
    assert not warmup.isEnabled()


def test_a_new_run_drops_what_was_not_applied(panel: TrainingPanel) -> None:
    panel.form.take({SEED: 7})
    panel.set_config(SimpleProjectConfig.from_preset("experiment"))
    assert panel.form.changes() == {}
    assert panel.form.editors["training_embedding.training_steps"].value() == 800
    assert not panel.bar.apply_button.isEnabled()


def test_the_preset_is_what_a_double_click_returns_to(panel: TrainingPanel) -> None:
    panel.set_preset(SimpleProjectConfig().replaced({BATCH: 99}))
    panel.form.editors[BATCH].reset()
    assert panel.form.changes() == {BATCH: 99}


def test_nothing_is_asked_for_without_a_change(panel: TrainingPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.apply_requested):
        panel.apply()


def test_it_fits_into_a_narrow_dock(panel: TrainingPanel, qtbot: QtBot) -> None:
    panel.resize(panel.minimumSizeHint().width(), 300)
    qtbot.wait(10)
    assert panel.width() < 300
    assert panel.form.width() + panel.form.x() <= panel.area.viewport().width()


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ([RATE], "acts after Apply, at the next training step"),
        (["lattice.adaptive_radius_ratio", RATE], "stencils rebuilt, weights kept"),
        (["model.state_size", "lattice.dimensions"], "new student: weights and schedule restarted"),
        (
            ["lattice.dimensions", RATE],
            "new size: only cell weights that fit are kept, see the log; maps and schedule restarted",
        ),
        (["training_embedding.max_total_samples"], "data loaded again, new student: weights and schedule restarted"),
        ([], "nothing to do"),
    ],
)
def test_prices_in_words(keys: list[str], text: str) -> None:
    assert price_text({key: cost_of_key(key) for key in keys}) == text


def test_no_setting_is_listed_twice() -> None:
    keys = [key for group in GROUPS.values() for key in group]
    assert len(keys) == len(set(keys))


@pytest.fixture
def plugin(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "mask.py"
    path.write_text(OBJECTIVE, encoding="utf-8")
    yield path
    for loaded in loaded_plugins():
        unload(loaded.name)


def test_a_plugged_objective_is_listed_with_its_settings(panel: TrainingPanel, qtbot: QtBot, plugin: Path) -> None:
    seen = wanted(panel)
    load_plugin(plugin)
    panel.refresh_choices()
    choice = panel.form.editors[OBJECTIVE_KEY].input
    assert isinstance(choice, ChoiceInput)
    titles = [choice.combo.itemText(index) for index in range(choice.combo.count())]
    assert titles == ["Reconstruct", "Denoise", "Pairs", "Mask"]
    assert "Mask: Components of the input are hidden" in panel.form.editors[OBJECTIVE_KEY].toolTip()
    panel.form.take({OBJECTIVE_KEY: "mask", "objective.mask.share": 0.25})
    assert list(panel.form.editors)[:2] == [OBJECTIVE_KEY, "objective.mask.share"]
    panel.apply()
    assert seen[0].training_embedding.objective == "mask"
    assert seen[0].to_mapping()["objective"] == {"mask": {"share": 0.25}}
    panel.set_config(seen[0], keep_edits=True)
    assert panel.form.changes() == {}


def test_an_objective_that_vanished_is_missing_until_another_is_chosen(
    panel: TrainingPanel, qtbot: QtBot, plugin: Path
) -> None:
    load_plugin(plugin)
    panel.set_config(panel.form.config.replaced({OBJECTIVE_KEY: "mask", "objective.mask.share": 0.25}))
    unload(str(plugin))
    panel.refresh_choices()
    assert panel.form.problem.startswith("The objective 'mask' is missing: load the plugin ")
    assert "objective.mask.share" not in panel.form.editors
    seen = wanted(panel)
    panel.form.take({RATE: 0.001})
    panel.apply()
    panel.hide()
    assert seen == []
    panel.form.take({OBJECTIVE_KEY: "denoise"})
    panel.apply()
    assert panel.form.problem == ""
    assert (seen[0].training_embedding.objective, seen[0].optimizer.learning_rate) == ("denoise", 0.001)
    assert "objective" not in seen[0].to_mapping()


def test_the_schedule_shows_the_rates_that_the_run_reported(panel: TrainingPanel) -> None:
    reported = Series()
    reported.extend([1, 2, 3, 4], [0.1, 0.2, math.nan, 0.4])
    panel.reported = lambda: reported
    panel.set_step(3)
    line = panel.schedule.line(planned=False)
    first, second, rest = line[:3]
    assert first == pytest.approx((0.0, 0.1))
    assert second == pytest.approx((1.0, 0.2)), "step 4 is still to come, and what is no number is not drawn"
    assert rest[0] == 2
