"""Messages and questions: what happened, what to do, and details to copy."""

import pytest
from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QScrollArea

from app.actions.dialogs import ErrorDialog, QuestionDialog
from app.actions.help_dialogs import AboutDialog, ShortcutSheet, _balanced
from app.run.messages import describe_failure
from lattice.errors import DataError, TeacherError
from tests.app.specs import action_specs


def failure(error):
    try:
        raise error
    except Exception as caught:
        return describe_failure("Can't open x.npy", caught)


def test_an_error_says_what_happened_and_has_details_to_copy(qtbot):
    dialog = ErrorDialog()
    qtbot.addWidget(dialog)
    dialog.show_failure(failure(DataError("x.npy: row 3 holds a NaN; remove it")))
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert dialog.what.text() == "x.npy: row 3 holds a NaN; remove it"
    assert not dialog.details.isVisible()
    dialog.details_button.click()
    assert dialog.details.isVisible()
    dialog.copy_button.click()
    copied = QGuiApplication.clipboard().text()
    assert "remove it" in copied
    assert "DataError" in copied


def test_a_newer_error_takes_the_place_of_an_older_one(qtbot):
    dialog = ErrorDialog()
    qtbot.addWidget(dialog)
    dialog.show_failure(failure(DataError("first")))
    dialog.details_button.click()
    dialog.show_failure(failure(DataError("second")))
    assert dialog.what.text() == "second"
    assert not dialog.details.isVisible()


@pytest.mark.parametrize(
    ("error", "what", "advice"),
    [
        (DataError("bad row"), "bad row", ""),
        (TeacherError("no such teacher"), "no such teacher", "File > Open texts... lets you choose another"),
        (MemoryError(), "not enough memory", "Lower the batch size"),
        (RuntimeError("CUDA out of memory. Tried"), "not enough memory", "Lower the batch size"),
        (PermissionError(13, "Permission denied", "/x"), "Permission denied", "Check that the file"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero", "goes on as before"),
    ],
)
def test_failures_in_words(error, what, advice):
    told = failure(error)
    assert what in told.what
    assert advice in told.advice
    assert type(error).__name__ in told.details


def test_a_question_calls_what_was_answered(qtbot):
    for click, expected in (("Save", "save"), ("Don't save", "go"), ("Cancel", "stay")):
        answers = []
        dialog = QuestionDialog(
            "Save?", "Save the run?",
            (
                ("Cancel", "cancel", lambda: answers.append("stay")),  # noqa: B023
                ("Don't save", "plain", lambda: answers.append("go")),  # noqa: B023
                ("Save", "primary", lambda: answers.append("save")),  # noqa: B023
            ),
        )  # fmt: skip
        dialog.show()
        dialog.buttons[click].click()
        assert answers == [expected]


def test_escape_changes_nothing(qtbot):
    answers = []
    dialog = QuestionDialog("?", "?", (("Cancel", "cancel", lambda: answers.append("stay")),))
    dialog.show()
    dialog.reject()
    assert answers == ["stay"]


def test_the_sheet_and_about_can_be_shown(qtbot):
    groups = [("Run", [("Space", "Start or pause")]), ("Cube", [(spec.id, spec.text) for spec in action_specs()])]
    for dialog in (ShortcutSheet(groups), AboutDialog()):
        qtbot.addWidget(dialog)
        dialog.show()
        assert not dialog.grab().isNull()


@pytest.mark.parametrize("width", [1920, 1067, 700])
def test_the_sheet_of_keys_has_as_many_columns_as_the_screen_has_room_for(qtbot, monkeypatch, width):
    groups = [(f"group {number}", [("Ctrl+Shift+K", "does what takes many words")] * 4) for number in range(6)]

    class Screen:
        def availableSize(self):
            return QSize(width, 667)

    monkeypatch.setattr(ShortcutSheet, "screen", lambda _sheet: Screen())
    sheet = ShortcutSheet(groups)
    qtbot.addWidget(sheet)
    sheet.show()
    area = sheet.findChild(QScrollArea)
    assert sheet.width() <= width
    assert area.horizontalScrollBar().maximum() == 0, "nothing is cut at its side"


@pytest.mark.parametrize("error", [MemoryError(), ZeroDivisionError("division by zero")])
def test_only_a_failure_of_training_is_advised_to_be_started_again(error):
    assert "ress Start" in describe_failure("Training stopped", error, paused=True).advice
    assert "ress Start" not in describe_failure("Can't encode x.txt", error).advice


def test_return_closes_an_error(qtbot):
    dialog = ErrorDialog()
    qtbot.addWidget(dialog)
    dialog.show_failure(failure(DataError("x.npy: row 3 holds a NaN; remove it")))
    qtbot.waitExposed(dialog)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert not dialog.isVisible()
    assert not dialog.details_button.isChecked()


def test_the_tallest_column_of_keys_is_as_low_as_it_can_be():
    groups = [(f"group {number}", [("K", "does")] * count) for number, count in enumerate((1, 1, 8, 8, 1, 1))]
    columns = _balanced(groups, 3)
    assert [group for column in columns for group in column] == groups, "in their order"
    assert max(sum(len(keys) + 2 for _, keys in column) for column in columns) == 16
    assert _balanced(groups[:2], 3) == [[groups[0]], [groups[1]]]
