"""A cell rule is chosen in the lattice panel, its own settings follow, and plugins come and go meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.forms.inputs import ChoiceInput, NumberInput
from app.panels.lattice.panel import LatticePanel
from app.run.estimator import RunEstimator
from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError
from lattice.feasibility.report import feasibility_report
from lattice.model.rules.build import kept_by_rule
from lattice.plugin_loading import load_plugin, loaded_plugins, reload, unload
from lattice.training.footprint import training_bytes
from lattice.units import bytes_text
from tests.lattice.plugin_files import RULE

CHOICE = "model.rule"
EXPERTS = [
    "model.message_channels",
    "model.similarity_channels",
    "model.value_channels",
    "model.expert_hidden",
    "model.flow_substeps",
    "model.flow_method",
]


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    for plugin in loaded_plugins():
        unload(plugin.name)


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[LatticePanel]:
    panel = LatticePanel(SimpleProjectConfig.from_preset("debug"), estimator=RunEstimator(384))
    qtbot.addWidget(panel)
    panel.resize(290, 900)
    panel.show()
    yield panel
    panel.close()


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    path = tmp_path / "waves.py"
    path.write_text(RULE, encoding="utf-8")
    return path


def own_rows(panel: LatticePanel) -> list[str]:
    """Return the keys of the rows below the choice, each of which can be seen."""
    keys = list(panel.form.editors)
    rows = keys[keys.index(CHOICE) + 1 :]
    assert all(panel.form.editors[key].isVisibleTo(panel) for key in rows)
    return rows


def listed(panel: LatticePanel) -> list[str]:
    combo = choice(panel).combo
    return [combo.itemText(index) for index in range(combo.count())]


def choice(panel: LatticePanel) -> ChoiceInput:
    made = panel.form.editors[CHOICE].input
    assert isinstance(made, ChoiceInput)
    return made


def test_rules_are_listed_by_title_with_what_they_are(panel: LatticePanel) -> None:
    assert listed(panel) == ["Experts", "Neural cellular automaton", "Diffusion"]
    assert choice(panel).combo.itemData(2, Qt.ItemDataRole.ToolTipRole).startswith("Linear: every channel")
    tip = panel.form.editors[CHOICE].toolTip()
    assert "What every cell computes" in tip
    assert "Diffusion: Linear: every channel moves toward its tier means" in tip
    assert "Default: Experts. Editing it: new student: weights and schedule restarted." in tip


def test_the_rows_of_the_chosen_rule_and_no_others_are_shown(panel: LatticePanel) -> None:
    assert own_rows(panel) == EXPERTS
    experts = [panel.form.editors[key] for key in EXPERTS]
    panel.form.take({"model.expert_hidden": 64})
    choice(panel).combo.setCurrentIndex(1)
    assert own_rows(panel) == ["rule.nca.hidden", "rule.nca.fire_rate"]
    assert not any(editor.isVisibleTo(panel) for editor in experts)
    hidden, rate = (panel.form.editors[key] for key in own_rows(panel))
    assert (hidden.spec.title, hidden.spec.unit, rate.spec.title) == ("Hidden width", "channels", "Fire rate")
    assert "Bounds: 1 to 1024 channels." in hidden.toolTip()
    assert panel.form.changes() == {CHOICE: "nca"}, "an edit of a rule that isn't chosen is no change"
    choice(panel).combo.setCurrentIndex(0)
    assert panel.form.changes() == {"model.expert_hidden": 64}, "back at its rule it waits for Apply"


def test_an_edited_setting_of_another_rule_is_applied_with_the_choice(panel: LatticePanel) -> None:
    panel.form.take({CHOICE: "nca"})
    row = panel.form.editors["rule.nca.fire_rate"]
    assert isinstance(row.input, NumberInput)
    row.input.spin.selectAll()
    QTest.keyClicks(row.input.spin, "0.25")
    QTest.keyClick(row.input.spin, Qt.Key.Key_Return)
    assert panel.bar.price.text() == "2 changes. New student: weights and schedule restarted."
    seen: list[SimpleProjectConfig] = []
    panel.apply_requested.connect(seen.append)
    panel.bar.apply_button.click()
    assert seen[0].model.rule == "nca"
    assert seen[0].rule.nca.fire_rate == 0.25
    panel.set_config(seen[0], keep_edits=True)
    assert panel.form.changes() == {}
    panel.form.take({"rule.nca.fire_rate": 0.5})
    assert panel.bar.price.text() == "1 change. Acts after Apply, at the next training step."
    assert row.changed
    QTest.keyClick(row.input.spin, Qt.Key.Key_Escape)
    assert row.value() == 0.25
    row.reset()
    assert row.value() == 0.5, "the preset's"


def test_revert_returns_to_the_rule_in_force_and_forgets_edits_of_the_others(panel: LatticePanel) -> None:
    panel.form.take({CHOICE: "nca", "rule.nca.hidden": 32})
    panel.bar.revert_button.click()
    assert own_rows(panel) == EXPERTS
    panel.form.take({CHOICE: "nca"})
    assert panel.form.changes() == {CHOICE: "nca"}


def test_a_rule_that_must_be_measured_is_measured_in_a_thread(
    panel: LatticePanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def measured(config: SimpleProjectConfig) -> object:
        threads.append(threading.current_thread().name)
        return kept_by_rule(config)

    monkeypatch.setattr("app.panels.lattice.rule_costs.kept_by_rule", measured)
    panel.form.take({CHOICE: "nca", "rule.nca.hidden": 77})
    config = panel.form.candidate()
    expected = bytes_text(training_bytes(config, 384, recompute=False))
    qtbot.waitUntil(lambda: panel.facts.labels["Memory"].text().startswith(f"about {expected}, now "))
    assert threads == ["latest"]
    assert panel.estimate(config) is not None
    panel.form.take({"lattice.lattice_steps": 6})
    panel.hide()
    assert threads == ["latest"], "known by now, whatever the lattice steps"


def test_a_plugged_rule_comes_with_its_settings(panel: LatticePanel, qtbot: QtBot, plugin: Path) -> None:
    panel.form.take({"model.expert_hidden": 64})
    load_plugin(plugin)
    panel.refresh_choices()
    assert listed(panel)[-1] == "Waves"
    assert choice(panel).combo.itemData(3, Qt.ItemDataRole.ToolTipRole) == (
        f"Moves toward a mixture of what the functional tier sends. From {plugin}."
    )
    assert panel.form.changes() == {"model.expert_hidden": 64}
    panel.form.take({CHOICE: "waves", "rule.waves.width": 8})
    assert own_rows(panel) == ["rule.waves.speed", "rule.waves.width"]
    assert panel.form.candidate().to_mapping()["rule"] == {"waves": {"speed": 0.5, "width": 8}}
    qtbot.waitUntil(lambda: panel.facts.labels["Memory"].text().startswith("about "))


@pytest.mark.parametrize("applied", [False, True])
def test_a_chosen_rule_that_vanished_is_missing_and_cant_be_applied(
    panel: LatticePanel, plugin: Path, applied: bool
) -> None:
    load_plugin(plugin)
    panel.refresh_choices()
    panel.form.take({CHOICE: "waves", "rule.waves.width": 8, "lattice.lattice_steps": 6})
    if applied:
        panel.set_config(panel.form.candidate())
    unload(str(plugin))
    panel.refresh_choices()
    assert choice(panel).combo.currentText() == "waves (missing)"
    assert own_rows(panel) == []
    missing = f"The cell rule 'waves' is missing: load the plugin {plugin}, or choose another."
    assert (panel.form.problem, panel.form.missing, panel.bar.price.text()) == (missing, missing, missing)
    assert not panel.bar.apply_button.isEnabled()
    with pytest.raises(
        ConfigError,
        match=rf"no cell rule 'waves'.* It came from the plugin {plugin}, which is not loaded now: load it again",
    ):
        panel.form.candidate()
    panel.form.take({CHOICE: "diffusion"})
    assert (panel.form.problem, panel.form.missing) == ("", "")
    assert panel.form.candidate().model.rule == "diffusion"
    assert panel.form.candidate().lattice.lattice_steps == 6
    panel.form.take({CHOICE: "waves"})
    load_plugin(plugin)
    panel.refresh_choices()
    assert listed(panel)[-1] == "Waves"
    assert panel.form.editors["rule.waves.width"].value() == 8, "what was edited before is there again"


def test_another_field_after_a_reload_gets_its_row_and_edits_stay(panel: LatticePanel, plugin: Path) -> None:
    load_plugin(plugin)
    panel.set_config(panel.form.config.replaced({CHOICE: "waves", "rule.waves.width": 5}))
    panel.refresh_choices()
    panel.form.take({"rule.waves.width": 6})
    stays = panel.form.editors["rule.waves.width"]
    plugin.write_text(
        RULE.replace(
            '    speed: float = setting(0.5, title="Speed", description="How fast.", unit="per step", cost="live", '
            "gt=0, le=1)\n",
            '    depth: int = setting(3, title="Depth", description="How deep.", unit="layers", cost="rebuild")\n',
        ),
        encoding="utf-8",
    )
    reload(str(plugin))
    panel.refresh_choices()
    assert own_rows(panel) == ["rule.waves.depth", "rule.waves.width"]
    assert panel.form.editors["rule.waves.depth"].spec.unit == "layers"
    assert panel.form.editors["rule.waves.width"] is stays
    assert panel.form.changes() == {"rule.waves.width": 6}
    assert panel.form.candidate().to_mapping()["rule"] == {"waves": {"depth": 3, "width": 6}}


@pytest.mark.parametrize(("bounds", "kept"), [("ge=1, le=16", True), ("ge=1, le=7", False)])
def test_an_edit_outlives_other_bounds_if_it_is_within_them(
    panel: LatticePanel, plugin: Path, bounds: str, kept: bool
) -> None:
    load_plugin(plugin)
    panel.refresh_choices()
    panel.form.take({CHOICE: "waves", "rule.waves.width": 8})
    plugin.write_text(RULE.replace("ge=1, le=64", bounds), encoding="utf-8")
    reload(str(plugin))
    panel.refresh_choices()
    assert panel.form.editors["rule.waves.width"].value() == (8 if kept else 4)
    assert panel.form.problem == ""


def test_a_rule_that_fails_while_it_is_measured_is_a_warning(panel: LatticePanel, qtbot: QtBot, plugin: Path) -> None:
    plugin.write_text(RULE.replace("        heard = ", "        1 / 0\n        heard = "), encoding="utf-8")
    load_plugin(plugin)
    panel.refresh_choices()
    panel.form.take({CHOICE: "waves", "lattice.dimensions": (9, 9, 9)})
    qtbot.waitUntil(lambda: "The cell rule Waves failed: " in panel.warnings.texts[0])
    assert f"{plugin}, line " in panel.warnings.texts[0]
    assert panel.facts.labels["Memory"].text() == "unknown"
    assert panel.facts.labels["Stencils"].text() == "unknown"
    tiers = feasibility_report(panel.form.candidate().replaced({CHOICE: "experts"})).tiers
    assert [bar.interior for bar in panel.bars.bars] == [tier.interior for tier in tiers] == [0, 6, 20]
    assert panel.estimate(panel.form.candidate()) is None
    panel.form.take({CHOICE: "experts"})
    qtbot.waitUntil(lambda: panel.facts.labels["Memory"].text().startswith("about "))
