"""Choosing table and columns with a look at the first rows: in the dialog, and from the panel to the opened run."""

import json
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from app.actions.columns_dialog import ColumnsDialog
from lattice.config.data import DataSettings
from tests.app.clipping import clipped

ROWS = np.random.default_rng(0).standard_normal((24, 8)).astype(np.float32)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    records = [
        {
            "title": f"the title {i}",
            "text": f"a longer text {i}",
            "emb": row.tolist(),
            "other": (-row).tolist(),
            "lang": "en",
        }
        for i, row in enumerate(ROWS)
    ]
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return path


@pytest.fixture
def dialog(qtbot, tmp_path):
    dialog = ColumnsDialog(tmp_path)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def shown(dialog: ColumnsDialog) -> list[list[str]]:
    return [[dialog.rows.item(row, column).text() for column in range(3)] for row in range(dialog.rows.rowCount())]


def read(qtbot, dialog: ColumnsDialog) -> None:
    qtbot.waitUntil(lambda: dialog.start.isEnabled() or dialog.problem.isVisible(), timeout=20_000)


def test_the_first_rows_are_shown_as_they_would_be_learned(qtbot, dialog, table):
    dialog.show_source(str(table), DataSettings())
    assert not dialog.start.isEnabled()
    read(qtbot, dialog)
    rows = shown(dialog)
    assert len(rows) == 5
    first = ", ".join(f"{number:.3f}" for number in ROWS[1][:3])
    assert rows[1] == ["a longer text 1", f"[{first}, ...] (8 numbers)", "en"]
    notes = dialog.notes.text().replace("\u200b", "")
    assert "vectors of width 8 from column 'emb', texts from column 'text'" in notes
    assert "left aside 'title', 'other'" in notes
    qtbot.waitUntil(lambda: clipped(dialog) == [], timeout=5_000)  # once the notes are laid out for what they say


def test_another_choice_is_read_again_and_handed_on(qtbot, dialog, table):
    dialog.show_source(str(table), DataSettings())
    read(qtbot, dialog)
    for name, value in (("vector_column", "other"), ("text_column", "title"), ("label_column", "none")):
        dialog.combos[name].setCurrentIndex(dialog.combos[name].findData(value))
    read(qtbot, dialog)
    first = ", ".join(f"{-number:.3f}" for number in ROWS[0][:3])
    assert shown(dialog)[0] == ["the title 0", f"[{first}, ...] (8 numbers)", ""]
    with qtbot.waitSignal(dialog.wanted) as wanted:
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    choices = {"table": None, "vector_column": "other", "text_column": "title", "label_column": "none"}
    assert wanted.args == [table, choices]


def test_texts_that_are_to_be_encoded_say_so(qtbot, dialog, table):
    dialog.show_source(str(table), DataSettings(vector_column="none"))
    read(qtbot, dialog)
    assert shown(dialog)[0] == ["a longer text 0", "to be encoded by the teacher", "en"]


def test_an_archive_offers_its_tables_and_says_why_it_needs_a_choice(qtbot, dialog, tmp_path):
    np.savez(tmp_path / "two.npz", train=ROWS, test=-ROWS)
    dialog.show_source(str(tmp_path / "two.npz"), DataSettings())
    read(qtbot, dialog)
    assert "holds 'train', 'test'" in dialog.problem.text().replace("\u200b", "")
    assert not dialog.start.isEnabled()
    assert not dialog.combos["text_column"].isEnabled()
    dialog.combos["table"].setCurrentIndex(dialog.combos["table"].findData("test"))
    read(qtbot, dialog)
    assert dialog.start.isEnabled()
    assert shown(dialog)[2][1].startswith(f"[{-ROWS[2][0]:.3f}")


def test_a_source_that_is_not_there_is_named(qtbot, dialog, tmp_path):
    dialog.source.setText(str(tmp_path / "none.csv"))
    assert "There is no file or folder" in dialog.problem.text()
    assert not dialog.start.isEnabled()


@pytest.mark.gl
def test_from_the_panel_to_the_opened_run(qtbot, make_window, runs, table):
    window = make_window()
    window.data_panel.columns_button.click()
    dialog = window.texts.dialog
    dialog.source.setText(str(table))
    read(qtbot, dialog)
    dialog.combos["vector_column"].setCurrentIndex(dialog.combos["vector_column"].findData("other"))
    read(qtbot, dialog)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.controller.summary.config.data.vector_column == "other", timeout=20_000)
    assert window.controller.summary.config.training_embedding.data == str(table)
