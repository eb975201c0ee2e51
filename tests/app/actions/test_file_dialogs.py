"""Names of files to write: an ending that is not the format's is refused before anything is written."""

from pathlib import Path

import pytest
from PyQt6.QtWidgets import QFileDialog, QWidget

from app.actions.file_dialogs import EMBEDDINGS, FileDialogs, ending_problem, folder_dialog
from app.session.preferences import Preferences


@pytest.mark.parametrize(("name", "filters"), [
    ("a.safetensors", EMBEDDINGS), ("a.SVG", "Pictures (*.png *.svg)"), ("a.b.mp4", "Movies (*.mp4 *.gif)"),
])  # fmt: skip
def test_an_ending_of_the_format_will_do(name, filters):
    assert ending_problem(Path(name), filters) == ""


def test_another_ending_is_refused_with_a_name_that_will_do():
    assert ending_problem(Path("/x/held.parquet"), EMBEDDINGS) == (
        "/x/held.parquet would be written as .safetensors: choose a name that ends so, such as held.safetensors"
    )
    assert ending_problem(Path("/"), EMBEDDINGS).startswith("/ would be written as .safetensors")
    assert "written as .png or .svg" in ending_problem(Path("a"), "Pictures (*.png *.svg)")


def test_nothing_is_written_under_a_name_that_says_something_else(qtbot, tmp_path):
    parent, failures, written, cancelled = QWidget(), [], [], []
    qtbot.addWidget(parent)
    dialogs = FileDialogs(Preferences(), parent, failures.append)
    dialogs.ask_save("Export", "x.safetensors", EMBEDDINGS, written.append, lambda: cancelled.append(True))
    dialog = parent.findChild(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "held.parquet"))
    assert (written, cancelled) == ([], [True])
    assert failures[0].title == "Can't write held.parquet"
    assert "such as held.safetensors" in failures[0].what
    dialog.fileSelected.emit(str(tmp_path / "held.safetensors"))
    assert written == [tmp_path / "held.safetensors"]
    dialog.close()


def test_a_dialog_for_a_folder_begins_there_and_takes_folders_alone(qtbot, tmp_path):
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = folder_dialog(parent, "Folder of a teacher", tmp_path)
    assert (dialog.windowTitle(), Path(dialog.directory().path())) == ("Folder of a teacher", tmp_path)
    assert dialog.fileMode() is QFileDialog.FileMode.Directory
    assert dialog.testOption(QFileDialog.Option.ShowDirsOnly)
    dialog.close()
