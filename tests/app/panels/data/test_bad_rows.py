"""The list of dropped rows: where, why, by reason, and as text."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QGuiApplication

from app.panels.data.bad_rows import BadRowsDialog
from lattice.data.report import BadRow, LoadReport, Span


@pytest.fixture
def report():
    return LoadReport(
        rows_read=500,
        spans=[Span(0, "a.npy", "row", 0), Span(100, "b.csv", "row", np.arange(7, 407))],
        dropped_texts=[BadRow("no text", "b.csv row 3"), BadRow("duplicate text", "b.csv row 5")],
        dropped_rows={"duplicate": np.array([5, 101]), "not finite": np.array([199])},
    )


@pytest.fixture
def dialog(qtbot, report):
    dialog = BadRowsDialog(report)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def lines(dialog):
    model = dialog.model
    return [tuple(model.index(row, column).data() for column in (0, 1)) for row in range(model.rowCount())]


def test_every_row_with_its_file_and_reason(dialog):
    assert lines(dialog) == [
        ("b.csv row 3", "no text"),
        ("b.csv row 5", "duplicate text"),
        ("a.npy row 5", "duplicate"),
        ("b.csv row 8", "duplicate"),
        ("b.csv row 106", "not finite"),
    ]
    assert [dialog.model.headerData(column, Qt.Orientation.Horizontal) for column in (0, 1)] == [
        "File and row", "Reason"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "rows"),
    [
        ("no text", [("b.csv row 3", "no text")]),
        ("duplicate", [("a.npy row 5", "duplicate"), ("b.csv row 8", "duplicate")]),
        ("not finite", [("b.csv row 106", "not finite")]),
    ],
)
def test_the_rows_of_one_reason(dialog, reason, rows):
    dialog.reason.setCurrentIndex(dialog.reason.findData(reason))
    assert lines(dialog) == rows


def test_reasons_are_counted(dialog):
    words = [dialog.reason.itemText(index) for index in range(dialog.reason.count())]
    assert words == ["All reasons (5)", "duplicate (2)", "not finite (1)", "no text (1)", "duplicate text (1)"]


def test_the_list_can_be_copied(dialog):
    dialog.reason.setCurrentIndex(dialog.reason.findData("duplicate"))
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text() == "a.npy row 5\tduplicate\nb.csv row 8\tduplicate"


def test_millions_of_rows_are_looked_up_one_by_one(qtbot, report):
    report.dropped_rows["duplicate"] = np.arange(3_000_000)
    dialog = BadRowsDialog(report)
    qtbot.addWidget(dialog)
    assert dialog.model.rowCount() == 3_000_003
    assert dialog.model.line(3_000_002) == ("b.csv row 106", "not finite")
