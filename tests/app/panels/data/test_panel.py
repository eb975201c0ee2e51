"""The data panel: every field and button, with data, with faulty data, and with none."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

from app.panels.data.panel import DataPanel
from lattice.config import DataSettings, SimpleProjectConfig, TrainingEmbeddingSettings
from lattice.data import UnifiedDatasetLoader, build_dataset
from lattice.data.provenance import NO_TEACHER
from lattice.data.report import LoadReport
from tests.app.clipping import clipped
from tests.app.fakes import fake_dataset


@pytest.fixture
def panel(qtbot):
    panel = DataPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 900)
    panel.show()
    return panel


def load(path: Path | None = None, *, device: str = "cpu", free_bytes: int | None = None, **settings):
    loader = UnifiedDatasetLoader(
        TrainingEmbeddingSettings(data=None if path is None else str(path), **settings),
        DataSettings(beyond_budget="stream"),
        device=device,
        free_bytes=free_bytes,
    )
    return loader.load()


def faulty(path: Path) -> Path:
    rows = torch.randn(40, 8, generator=torch.Generator().manual_seed(0))
    rows[3, 2] = float("nan")
    rows[7] = 0
    rows[[20, 30, 31]] = rows[1].clone()
    torch.save({"rows": rows}, path)
    return path


def test_without_data_it_says_what_would_be_here_and_how_to_get_it(panel):
    assert panel.source.full_text == "No data yet"
    assert "Open a file of texts or embeddings, or drop one" in panel.guesses.text()
    assert "How many rows" in panel.rows.text()
    assert "How much memory" in panel.budget.text.text()
    assert "listed here when data is loaded" in panel.browser.found.text()
    assert not panel.list_button.isVisible()
    assert panel.list_dropped() is None
    assert clipped(panel) == []


def test_the_demo_fills_every_field(qtbot, panel):
    dataset = load(max_total_samples=400)
    panel.set_dataset(dataset)
    train, held_out = len(dataset.train_indices), len(dataset.validation_indices)
    assert panel.source.full_text == "WordNet 3.0 demo"
    assert "fingerprint" in panel.source.toolTip()
    assert panel.teacher.text() == "minilm (384-D, mean pooling)"
    assert panel.teacher_origin.text() == "Known of the bundled data"
    assert panel.rows.text() == "<b>400</b> read, <b>400</b> kept"
    assert f"<b>{train}</b> trained on" in panel.split.text()
    assert f"<b>{held_out}</b> held out" in panel.split.text()
    assert "scored" not in panel.split.text()
    assert not panel.dropped.isVisible()
    assert not panel.list_button.isVisible()
    assert panel.budget.bar.isVisible()
    assert "main memory for data" in panel.budget.text.text()
    assert "(pairs of 384-D float16)" in panel.budget.text.text()
    assert panel.browser.model.rowCount() == 400
    qtbot.waitUntil(lambda: clipped(panel) == [], timeout=5_000)  # once the rows are laid out for what they say now


def test_how_many_of_the_held_out_samples_are_scored_is_said(panel):
    dataset = load(max_total_samples=400)
    held_out = len(dataset.validation_indices)
    for most, said in ((held_out - 1, f"held out (evaluations score {held_out - 1})"), (held_out, "held out")):
        config = SimpleProjectConfig().replaced({"training_embedding.evaluation_samples": most})
        panel.show_run(SimpleNamespace(config=config, dataset=dataset))
        assert panel.split.text().endswith(said)


def test_guesses_drops_and_their_rows_are_shown(qtbot, panel, tmp_path):
    panel.set_dataset(load(faulty(tmp_path / "rows.pt")))
    assert "took 'rows', the only table in it, for the embeddings" in panel.guesses.text().replace("\u200b", "")
    assert panel.teacher.text() == NO_TEACHER
    assert "choose their teacher in the Sample panel" in panel.teacher_origin.text()
    assert panel.rows.text() == "<b>40</b> read, <b>35</b> kept"
    assert panel.dropped.text().startswith("5 rows dropped: 3 duplicate, 1 ")
    qtbot.mouseClick(panel.list_button, Qt.MouseButton.LeftButton)
    dialogs = [child for child in panel.children() if type(child).__name__ == "BadRowsDialog"]
    assert [dialog.isVisible() for dialog in dialogs] == [True]
    assert dialogs[0].model.rowCount() == 5
    dialogs[0].close()


def test_other_data_takes_the_place_of_the_first(panel, tmp_path):
    panel.set_dataset(load(faulty(tmp_path / "rows.pt")))
    panel.set_dataset(fake_dataset())
    assert panel.source.full_text == "fake"
    assert panel.rows.text() == "<b>40</b> read, <b>40</b> kept"
    for part in (panel.guesses, panel.dropped, panel.list_button, panel.warnings):
        assert not part.isVisible()
    assert panel.budget.text.text() == "The samples take 2.9 kB (16-D float32)."


def test_a_budget_that_is_too_small_is_told_with_what_was_done(panel, tmp_path):
    path = tmp_path / "rows.pt"
    torch.save(torch.randn(1000, 100), path)
    panel.set_dataset(load(path, free_bytes=500 * 417 * 10 // 8))
    assert "too much for the GPU, where 500 samples would fit" in panel.budget.text.text()
    assert "streamed batch by batch" in panel.warnings.text()


def test_texts_in_columns_name_the_column(panel, tmp_path):
    dataset = fake_dataset()
    report = load(max_total_samples=10).report
    report.guesses = ["words_of_a_very_long_file_name_indeed.csv: texts from column 'body', guessed by its name"]
    panel.set_dataset(build_dataset(dataset.embeddings, source="words.csv", report=report))
    assert "texts from column 'body', guessed by its name" in panel.guesses.text().replace("\u200b", "")
    panel.resize(252, 700)
    assert clipped(panel) == []


def test_buttons_ask(qtbot, panel):
    with qtbot.waitSignal(panel.open_wanted, timeout=1_000):
        qtbot.mouseClick(panel.open_button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(panel.texts_wanted, timeout=1_000):
        qtbot.mouseClick(panel.teacher_button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(panel.encode_wanted, timeout=1_000):
        qtbot.keyClick(panel.encode_button, Qt.Key.Key_Space)
    panel.set_encoding(True)
    assert not panel.encode_button.isEnabled()
    assert panel.encode_button.text() == "Encoding..."
    panel.set_encoding(False)
    assert panel.encode_button.isEnabled()


def test_a_click_in_the_browser_asks_for_the_sample(qtbot, panel):
    panel.set_dataset(fake_dataset())
    with qtbot.waitSignal(panel.sample_wanted, timeout=1_000) as caught:
        view = panel.browser.view
        at = view.visualRect(panel.browser.model.index(3, 0)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert caught.args == [3]


def test_every_control_has_a_tooltip(panel):
    panel.set_dataset(fake_dataset())
    bare = [
        widget
        for kind in (QAbstractButton, QComboBox, QLineEdit)
        for widget in panel.findChildren(kind)
        if widget.isVisible() and not widget.toolTip() and not isinstance(widget.parent(), QLineEdit)
    ]
    assert [type(widget).__name__ for widget in bare if widget.focusPolicy() != Qt.FocusPolicy.NoFocus] == []


def test_texts_mixed_with_embeddings_of_an_unknown_teacher_name_theirs(panel):
    report = LoadReport(rows_read=40, kept=40, teacher="tiny (16-D, mean pooling)")
    panel.set_dataset(replace(fake_dataset(), report=report))
    shown = panel.teacher.text().replace("\u200b", "")
    assert shown.startswith("several, or unknown: tiny (16-D, mean pooling) encoded the texts")
