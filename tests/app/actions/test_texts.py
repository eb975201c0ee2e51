"""Encoding in the window: progress, Cancel, faults, and opening the result; with a real teacher on fake trainers."""

import pytest
from PyQt6.QtCore import Qt

from app.actions.encode_dialog import EncodeRequest
from app.actions.texts_dialog import TextsRequest
from app.run.messages import Failed
from lattice.data.teacher import Teacher
from lattice.errors import TeacherError
from tests.app.fakes import small_config
from tests.teachers import WORDS, save_tiny_distilbert

pytestmark = pytest.mark.gl


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    return str(save_tiny_distilbert(tmp_path_factory.mktemp("teacher") / "tiny"))


@pytest.fixture
def texts(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\n".join(f"{first} {second}" for first in WORDS for second in WORDS) + "\n\n", encoding="utf-8")
    return path


@pytest.fixture
def slow(monkeypatch):
    """Make encoding tell its progress a thousand times before it begins."""
    encode = Teacher.encode

    def slowly(self, texts, **options):
        import time

        for done in range(1000):
            options["progress"]("encoding", done, 1000)
            time.sleep(0.003)
        return encode(self, texts, **options)

    monkeypatch.setattr(Teacher, "encode", slowly)


def request(texts, teacher, **more):
    return EncodeRequest(TextsRequest(texts, teacher, **more), texts.with_name("words-embeddings.safetensors"))


def finished(window):
    return not window.texts.encoding


def test_from_the_menu_to_the_opened_result(qtbot, make_window, runs, texts, teacher):
    window = make_window(config=small_config(teacher__model=teacher))
    window.actions_["encode"].trigger()
    dialog = window.texts.dialog
    assert dialog.teacher.currentText() == teacher
    dialog.source.setText(str(texts))
    qtbot.waitUntil(lambda: dialog.column.itemText(0) == "One text per line", timeout=5_000)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert window.texts.encoding
    assert not window.data_panel.encode_button.isEnabled()
    assert not window.actions_["encode"].isEnabled()
    qtbot.waitUntil(lambda: finished(window), timeout=60_000)
    banner = window.central.banner
    assert banner.isVisible()
    assert banner.label.text().startswith("196 texts encoded into words-embeddings.safetensors by ")
    assert "768-D, mean pooling" in banner.label.text()
    assert window.data_panel.encode_button.isEnabled()
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        banner.buttons[0].click()
    assert runs.trainer.config.training_embedding.data == str(texts.with_name("words-embeddings.safetensors"))
    assert window.texts.dialog is None


def test_cancel_leaves_no_file_and_lets_training_go_on(qtbot, make_window, texts, teacher, slow):
    window = make_window(autostart=True)
    window.texts.encode(request(texts, teacher))
    qtbot.waitUntil(window.status.work.isVisible, timeout=30_000)
    qtbot.waitUntil(lambda: window.status.work.label.text().startswith("Encoding words.txt"), timeout=30_000)
    window.texts.ask_encode()
    assert window.texts.dialog is None, "one file at a time"
    qtbot.mouseClick(window.status.work.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: finished(window), timeout=10_000)
    assert not texts.with_name("words-embeddings.safetensors").exists()
    assert not window.central.banner.isVisible()
    before = window.curves.history.last_step()
    qtbot.waitUntil(lambda: window.curves.history.last_step() > before, timeout=10_000)


def test_closing_while_encoding_leaves_no_thread(qtbot, make_window, texts, teacher, slow):
    window = make_window()
    window.texts.encode(request(texts, teacher))
    qtbot.waitUntil(window.status.work.isVisible, timeout=30_000)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
    assert not window.controller.running


@pytest.mark.parametrize(
    ("name", "content", "columns", "words"),
    [
        ("empty.txt", "", {}, "empty.txt is empty; expected at least one row"),
        ("words.csv", "title,label\nx,y\n", {"column": "body"}, "has no column 'body'; it has 'title', 'label'"),
        ("ragged.csv", "a,b\nx,y\nz\n", {"column": "a"}, "row 2 (line 3) has 1 fields, expected 2"),
        ("lines.txt", "one\n", {"column": "a"}, "a text file has no columns"),
    ],
)
def test_bad_texts_are_explained(qtbot, make_window, tmp_path, teacher, name, content, columns, words):
    window = make_window()
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    window.texts.encode(request(path, teacher, **columns))
    qtbot.waitUntil(window.errors.isVisible, timeout=30_000)
    assert window.errors.windowTitle() == f"Can't encode {name}"
    assert words in window.errors.what.text()
    assert finished(window)
    assert window.controller.state == "paused"
    window.errors.close()


def test_a_folder_that_is_no_teacher_is_explained(qtbot, make_window, texts, tmp_path):
    window = make_window()
    window.texts.encode(request(texts, str(tmp_path)))
    qtbot.waitUntil(window.errors.isVisible, timeout=30_000)
    assert "has no config.json; expected a model saved by transformers" in window.errors.what.text()
    window.errors.close()


def test_rows_without_a_text_are_counted(qtbot, make_window, tmp_path, teacher):
    path = tmp_path / "words.jsonl"
    path.write_text('{"text": "cats"}\n{"text": null}\n{"text": "dogs"}\n', encoding="utf-8")
    window = make_window()
    window.texts.encode(request(path, teacher))
    qtbot.waitUntil(lambda: finished(window), timeout=30_000)
    assert window.central.banner.label.text().startswith("2 texts encoded into words-embeddings.safetensors")
    assert "1 row without a text left out" in window.central.banner.label.text()


def test_texts_are_opened_with_columns_and_teacher_of_ones_choice(qtbot, make_window, runs, tmp_path, teacher):
    path = tmp_path / "words.csv"
    path.write_text("title,body\na,b\n", encoding="utf-8")
    window = make_window(config=small_config(teacher__pooling="cls", data__extra_data=("more.npy",)))
    qtbot.mouseClick(window.data_panel.teacher_button, Qt.MouseButton.LeftButton)
    dialog = window.texts.dialog
    dialog.source.setText(str(path))
    qtbot.waitUntil(lambda: dialog.column.count() == 3, timeout=5_000)
    dialog.column.setCurrentText("body")
    dialog.teacher.setEditText(teacher)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    config = runs.trainer.config
    assert config.training_embedding.data == str(path)
    assert (config.data.text_column, config.data.pair_columns, config.data.extra_data) == ("body", None, ())
    assert (config.teacher.model, config.teacher.pooling) == (teacher, "auto")
    assert config.lattice.dimensions == (4, 4, 4)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.texts.open_texts(TextsRequest(path, teacher, "title", "body"))
    assert runs.trainer.config.data.pair_columns == ("title", "body")
    other = tmp_path / "other.csv"
    other.write_text("x\na\n", encoding="utf-8")
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.opener.open_path(other)
    assert runs.trainer.config.data.pair_columns is None, "the columns were those of the file before"
    assert runs.trainer.config.teacher.model == teacher
    window.texts.ask_texts()
    assert window.texts.dialog.source.text() == str(other)
    window.texts.dialog.reject()


def test_only_texts_are_opened_again_with_another_teacher(make_window, tmp_path):
    path = tmp_path / "rows.npy"
    path.touch()
    window = make_window(config=small_config(training_embedding__data=str(path)))
    window.texts.ask_texts()
    assert not window.texts.dialog.source.text()
    window.texts.dialog.reject()


def test_keys_lead_to_the_search_and_to_the_sentence(qtbot, make_window):
    window = make_window()
    fields = {"search": window.data_panel.search_field, "probe": window.sample_panel.probe.field}
    for id_, field in fields.items():
        window.docks["log"].setFocus()
        window.actions_[id_].trigger()
        qtbot.waitUntil(lambda field=field: not field.visibleRegion().isEmpty(), timeout=5_000)
        assert window.focusWidget() is (field if field.isEnabled() else window.sample_panel.probe.teacher_button)


def test_texts_whose_teacher_can_not_be_loaded_are_offered_another_one(qtbot, window, runs, texts, monkeypatch):
    def refuse(request, progress):
        raise TeacherError("teacher 'distilbert-base-uncased' can't be fetched")

    with monkeypatch.context() as patched:
        patched.setattr(runs, "open", refuse)
        window.opener.open_path(texts)
        qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    assert window.errors.help_button.text() == "Choose another teacher..."
    qtbot.mouseClick(window.errors.help_button, Qt.MouseButton.LeftButton)
    assert not window.errors.isVisible()
    dialog = window.texts.dialog
    assert dialog.texts().source == texts
    assert dialog.teacher.currentText() == "minilm"
    qtbot.waitUntil(lambda: dialog.column.itemText(0) == "One text per line", timeout=5_000)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert runs.trainer.config.teacher.model == "minilm"
    window.controller.failed.emit(Failed("can't save", "no room", "", ""))
    assert window.errors.isVisible()
    assert window.errors.help_button.isHidden(), "other failures have no teacher to choose"
    window.errors.close()


@pytest.mark.parametrize("columns", [("title", "body"), ("body", None), ("gone", None)])
def test_another_teacher_is_chosen_for_the_same_columns(qtbot, window, runs, tmp_path, monkeypatch, columns):
    path = tmp_path / "words.csv"
    path.write_text("title,body\na,b\n", encoding="utf-8")

    def refuse(request, progress):
        raise TeacherError("teacher 'mine' can't be fetched")

    with monkeypatch.context() as patched:
        patched.setattr(runs, "open", refuse)
        window.texts.open_texts(TextsRequest(path, "mine", *columns))
        qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    qtbot.mouseClick(window.errors.help_button, Qt.MouseButton.LeftButton)
    dialog = window.texts.dialog
    assert (dialog.texts().column, dialog.texts().partner) == columns, "before the file was looked at"
    qtbot.waitUntil(lambda: dialog.peek is not None, timeout=5_000)
    kept = columns if columns[0] != "gone" else (None, None)
    assert (dialog.texts().column, dialog.texts().partner) == kept
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    data = runs.trainer.config.data
    assert (data.text_column, data.pair_columns) == (kept[0], kept if kept[1] else None)
    window.texts.ask_texts()
    assert (window.texts.dialog.texts().column, window.texts.dialog.texts().partner) == kept
    window.texts.dialog.source.setText(str(tmp_path))
    assert window.texts.dialog.texts().column is None, "these were columns of the file before"
    window.texts.dialog.reject()
