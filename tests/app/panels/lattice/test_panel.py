"""While a value is dragged the lattice panel shows what would come of it; Apply says what it costs."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.forms.inputs import NumberInput
from app.panels.lattice.facts import BuiltStencils
from app.panels.lattice.panel import GROUPS, ROWS_AT_ONCE, LatticePanel
from app.panels.lattice.tier_bars import bar_share
from app.run.estimator import Estimate
from app.widgets.palette import TIER_COLORS
from lattice.config import SimpleProjectConfig
from lattice.feasibility.report import feasibility_report

SIZE = "lattice.dimensions"
LOCAL = "lattice.local_distance_ratio"
RADIUS = "lattice.adaptive_radius_ratio"
KEYS = {key for group in GROUPS.values() for key in group}


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[LatticePanel]:
    panel = LatticePanel(SimpleProjectConfig.from_preset("debug"))
    qtbot.addWidget(panel)
    panel.resize(290, 800)
    panel.show()
    yield panel
    panel.close()


def previews(panel: LatticePanel) -> list[SimpleProjectConfig]:
    seen: list[SimpleProjectConfig] = []
    panel.preview_changed.connect(seen.append)
    return seen


def test_shows_the_neighbours_of_the_config_in_force(panel: LatticePanel) -> None:
    assert [(bar.tier, bar.interior, bar.empty) for bar in panel.bars.bars] == [
        ("local", 0, True),
        ("functional", 6, False),
        ("distant", 12, False),
    ]
    assert panel.bars.bars[1].threshold == pytest.approx(1.04)
    assert "functional: up to 1.04 cells away, 6 neighbours" in panel.bars.toolTip()


def test_settings_are_made_a_few_at_a_time_in_the_place_where_they_stay(qtbot: QtBot, panel: LatticePanel) -> None:
    filling = LatticePanel(SimpleProjectConfig.from_preset("debug"), filled=False)
    qtbot.addWidget(filling)
    assert filling.form.editors == {}
    place, known = filling.form.parent(), 0
    for _ in filling.fill():
        new = len([key for key in filling.form.editors if key in KEYS]) - known
        known += new
        assert new <= ROWS_AT_ONCE
    assert filling.form.parent() is place
    assert list(filling.form.editors) == list(panel.form.editors)
    filling.set_config(SimpleProjectConfig.from_preset("debug"))
    assert [bar.tier for bar in filling.bars.bars] == [bar.tier for bar in panel.bars.bars]
    seen = previews(filling)
    with qtbot.waitSignal(filling.preview_changed):
        filling.form.take({SIZE: (5, 5, 5)})
    assert seen[-1].lattice.dimensions == (5, 5, 5)


def test_dragging_previews_without_applying(panel: LatticePanel, qtbot: QtBot) -> None:
    seen = previews(panel)
    slider = panel.form.editors[RADIUS].slider
    assert slider is not None
    with qtbot.assertNotEmitted(panel.apply_requested):
        for position in range(200, 300, 10):
            slider.setValue(position)
        qtbot.waitUntil(lambda: bool(seen))
    assert len(seen) == 1, "many moves, one preview"
    assert seen[0].lattice.adaptive_radius_ratio == panel.form.editors[RADIUS].value()
    expected = feasibility_report(seen[0])
    assert [bar.interior for bar in panel.bars.bars] == [tier.interior for tier in expected.tiers]


def test_an_empty_innermost_tier_is_told_calmly_and_explained_on_demand(panel: LatticePanel, qtbot: QtBot) -> None:
    assert panel.warnings.texts == ["Local tier is empty at this size; no cell hears from it."]
    row = panel.warnings._rows[0]
    assert row.text.property("role") == "muted"
    assert not row.details.isVisible()
    assert not row.button.isVisible()
    assert row.why.toolTip().startswith("Local tier is empty: 0.16 cells is less than 1")
    qtbot.mouseClick(row.why, Qt.MouseButton.LeftButton)
    assert row.details.isVisible()
    assert row.details.text().startswith("0.16 cells is less than 1, the distance of the nearest neighbour")
    cure = feasibility_report(panel.form.config).warnings[0]
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    assert panel.form.changes() == {cure.setting: cure.value}
    qtbot.waitUntil(lambda: not panel.bars.bars[0].empty)


def test_warnings_say_why_and_their_button_cures(panel: LatticePanel, qtbot: QtBot) -> None:
    panel.form.take({RADIUS: 0.05})
    qtbot.waitUntil(lambda: "No cell hears any other" in panel.warnings.texts[0])
    row, cure = panel.warnings._rows[0], feasibility_report(panel.form.candidate()).warnings[0]
    assert row.text.property("role") == "warning"
    assert row.why.isHidden()
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    assert panel.form.changes()[cure.setting] == cure.value
    qtbot.waitUntil(lambda: "No cell hears any other" not in "".join(panel.warnings.texts))


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({RADIUS: 0.5, LOCAL: 0.05, "lattice.lattice_steps": 16}, {"lattice.functional_distance_ratio": 0.25}),
        ({SIZE: (10, 10, 10), RADIUS: 0.3, LOCAL: 0.4, "lattice.functional_distance_ratio": 0.9},
         {LOCAL: 0.33, "lattice.functional_distance_ratio": 0.34}),
        ({"model.similarity_channels": 2}, {"model.similarity_channels": 3}),
        ({SIZE: (8, 4, 4), "model.value_channels": 6}, {"model.value_channels": 24, "model.expert_hidden": 48}),
    ],
)  # fmt: skip
def test_a_flow_that_blurs_is_cured_in_the_form_and_reverted(
    panel: LatticePanel, qtbot: QtBot, changes: dict[str, object], cure: dict[str, object]
) -> None:
    panel.set_data("cpu", 384)
    panel.form.take({"embedding_mapping.placement": "through", "lattice.lattice_steps": 12, **changes})
    qtbot.waitUntil(lambda: any(word in "".join(panel.warnings.texts) for word in ("blurs", "scalars are painted")))
    row = next(row for row in panel.warnings._rows if row._offer == pytest.approx(cure))
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    assert {key: panel.form.changes()[key] for key in cure} == pytest.approx(cure)
    qtbot.waitUntil(lambda: not any(word in "".join(panel.warnings.texts) for word in ("blurs", "scalars are painted")))
    panel.form.revert()
    assert panel.form.changes() == {}


def test_the_unit_gives_way_to_a_check_box_where_the_title_names_it(panel: LatticePanel) -> None:
    for key in ("model.value_channels", "model.similarity_channels"):
        panel.form.take({key: 12})
        row = panel.form.editors[key]
        assert isinstance(row.input, NumberInput)
        assert row.input.spin.text() == "12"
        assert "channels" in row.toolTip()
    message = panel.form.editors["model.message_channels"].input
    assert isinstance(message, NumberInput)
    assert message.spin.text().endswith(" channels")


def test_faces_are_chosen_where_a_flow_goes_through(panel: LatticePanel) -> None:
    faces = [panel.form.editors[f"embedding_mapping.{end}_face"] for end in ("input", "output")]
    assert not any(face.isEnabled() for face in faces)
    panel.form.take({"embedding_mapping.placement": "through", "embedding_mapping.output_face": "+z"})
    assert all(face.isEnabled() for face in faces)
    assert panel._candidate().embedding_mapping.faces == ("-x", "+z")
    panel.form.take({"embedding_mapping.output_face": "-x"})
    assert "choose two different ones" in panel.form.problem
    for key in ("input_face", "output_face", "start"):
        assert panel.form.editors[f"embedding_mapping.{key}"].toolTip()


def test_without_warnings_the_list_is_gone(panel: LatticePanel, qtbot: QtBot) -> None:
    panel.form.take({SIZE: (16, 16, 16), RADIUS: 0.3, LOCAL: 0.3, "lattice.lattice_steps": 12})
    qtbot.waitUntil(lambda: not panel.warnings.isVisible())
    assert panel.warnings.texts == []


@pytest.mark.parametrize(
    ("changes", "price", "applies"),
    [
        ({"lattice.lattice_steps": 6}, "1 change. Acts after Apply, at the next training step.", True),
        ({RADIUS: 0.3}, "1 change. Stencils rebuilt, weights kept.", True),
        (
            {SIZE: (9, 9, 9)},
            "1 change. New size: only cell weights that fit are kept, see the log; maps and schedule restarted.",
            True,
        ),
        ({SIZE: (9, 9, 9), "model.state_size": 30}, "2 changes. New student: weights and schedule restarted.", True),
        ({LOCAL: 0.9}, "These values do not go together.", False),
        ({}, "No changes.", False),
    ],
)
def test_the_price_is_said_before_apply(
    panel: LatticePanel, changes: dict[str, object], price: str, applies: bool
) -> None:
    panel.form.take(changes)
    assert panel.bar.price.text() == price
    assert panel.bar.apply_button.isEnabled() == applies
    seen: list[SimpleProjectConfig] = []
    panel.apply_requested.connect(seen.append)
    panel.bar.apply_button.click()
    assert len(seen) == applies
    if applies:
        assert seen[0] == panel.form.config.replaced(changes)
        panel.set_config(seen[0], keep_edits=True)
        assert panel.bar.price.text() == "No changes."


def test_values_that_do_not_fit_preview_nothing(panel: LatticePanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.preview_changed, wait=100):
        panel.form.take({LOCAL: 0.9})
    assert "Distance ratios must rise" in panel.form.problem


def test_revert_previews_what_is_in_force(panel: LatticePanel, qtbot: QtBot) -> None:
    panel.form.take({RADIUS: 0.5})
    seen = previews(panel)
    panel.bar.revert_button.click()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[-1] == panel.form.config
    assert not panel.bar.revert_button.isEnabled()


def fact(panel: LatticePanel, name: str) -> QLabel:
    return panel.facts.labels[name]


def test_estimates_compare_with_now(panel: LatticePanel, qtbot: QtBot) -> None:
    assert fact(panel, "Training step").text() == "known after the first one"
    panel.set_estimator(lambda config: Estimate(config.lattice.cells * 1e6, config.lattice.lattice_steps * 0.056))
    assert fact(panel, "Training step").text() == "about 0.28 s"
    assert fact(panel, "Memory").text() == "about 512 MB"
    panel.form.take({SIZE: (16, 16, 16)})
    qtbot.waitUntil(lambda: fact(panel, "Memory").text() == "about 4.1 GB, now 512 MB")
    assert fact(panel, "Training step").text() == "about 0.28 s"


def test_memory_tells_when_steps_are_recomputed(panel: LatticePanel) -> None:
    panel.set_estimator(lambda _config: Estimate(2e9, None, recomputes=True))
    assert fact(panel, "Memory").text() == "about 2.0 GB, steps recomputed"


@pytest.mark.parametrize(
    ("on_card", "outcome"), [(False, "the system may end Cellcube"), (True, "graphics card's memory are free")]
)
def test_too_little_memory_is_a_warning_that_says_what_to_do(
    panel: LatticePanel, qtbot: QtBot, on_card: bool, outcome: str
) -> None:
    panel.set_estimator(lambda config: Estimate(config.lattice.cells * 1e7, None, True, 2.3e9, on_card))
    memory = fact(panel, "Memory")
    assert memory.text() == "5.1 GB needed, 2.3 GB free"
    assert memory.property("role") == "warning"
    assert outcome in memory.toolTip()
    assert memory.toolTip().endswith("Try a smaller cube, a smaller state size or a smaller batch.")
    panel.form.take({SIZE: (4, 4, 4)})
    qtbot.waitUntil(lambda: memory.text() == "about 640 MB, now 5.1 GB, steps recomputed")
    assert not memory.property("role")
    assert "libraries and data come on top" in memory.toolTip()


def test_stencils_name_their_engine(panel: LatticePanel, qtbot: QtBot) -> None:
    panel.form.take({"neighbors.engine": "fft"})
    qtbot.waitUntil(lambda: "engine 'fft'" in fact(panel, "Stencils").text())


def test_an_engine_that_is_not_built_yet_is_an_estimate(panel: LatticePanel, qtbot: QtBot) -> None:
    stencils = fact(panel, "Stencils")
    assert ", probably engine '" in stencils.text()
    assert stencils.toolTip().startswith("An estimate; Apply may measure")
    panel.set_engine(BuiltStencils("sparse + fft", "local: sparse by measurement", 12_000))
    panel.set_config(panel.form.config)
    assert stencils.text() == "12 kB, engine 'sparse + fft'"
    assert stencils.toolTip() == "local: sparse by measurement"
    panel.form.take({"lattice.lattice_steps": 6})
    panel.hide()
    assert stencils.text() == "12 kB, engine 'sparse + fft'", "the same stencils serve more lattice steps"
    panel.form.take({SIZE: (9, 9, 9)})
    qtbot.waitUntil(lambda: ", probably engine '" in stencils.text())


def test_large_lattices_are_counted_beside_the_window(
    panel: LatticePanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def slow(config: SimpleProjectConfig, device: str, width: int | None) -> object:
        threads.append(threading.current_thread().name)
        return feasibility_report(config, device, width)

    monkeypatch.setattr("app.panels.lattice.consequences.feasibility_report", slow)
    panel.form.take({SIZE: (60, 60, 60)})
    qtbot.waitUntil(lambda: panel.bars.bars[0].interior == 6, timeout=20_000)
    assert threads == ["latest"]
    panel.form.take({SIZE: (8, 8, 8)})
    qtbot.waitUntil(lambda: panel.bars.bars[0].empty)
    assert threads[-1] == threading.main_thread().name


def test_bars_have_the_tiers_colours_and_an_empty_tier_is_a_ring(panel: LatticePanel) -> None:
    image = panel.bars.grab().toImage()
    found = Counter(image.pixelColor(x, y).name().upper() for x in range(image.width()) for y in range(image.height()))
    ring, spot = (found[TIER_COLORS[tier]] for tier in ("local", "functional"))
    assert 0 < ring < 40, "an empty tier has no bar, and its spot is hollow"
    assert spot > 10 * ring
    assert found[TIER_COLORS["distant"]] > 10 * ring


def test_bars_grow_with_the_logarithm() -> None:
    assert bar_share(512, 512) == 1.0
    assert bar_share(0, 512) == 0.0
    assert 0.3 < bar_share(6, 512) < 0.35
    assert bar_share(0, 0) == 0.0


def test_it_fits_into_a_narrow_dock(panel: LatticePanel, qtbot: QtBot) -> None:
    panel.resize(280, 400)
    qtbot.wait(10)
    assert panel.width() == 280
    viewport = panel.form.parentWidget().parentWidget()
    assert panel.form.width() + panel.form.x() <= viewport.width()
