"""The encoding dialog: each field, and what it says about bad input."""

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog, QPushButton

from app.actions.encode_dialog import EncodeDialog, EncodeRequest
from app.actions.texts_dialog import TextsDialog, TextsRequest
from tests.app.fakes import FakeTrainer, small_config


@pytest.fixture
def dialog(qtbot, tmp_path):
    dialog = EncodeDialog(["distilbert-base-uncased", "minilm"], tmp_path)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog
    dialog.reject()


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "words.csv"
    path.write_text("id,question,answer\n1,why,because\n", encoding="utf-8")
    return path


def give(qtbot, dialog, path, columns):
    dialog.source.setText(str(path))
    qtbot.waitUntil(lambda: dialog.column.count() == columns + 1 and dialog.peek is not None, timeout=5_000)


def test_it_begins_empty_and_asks_for_texts(dialog):
    assert not dialog.start.isEnabled()
    assert not dialog.column.isEnabled()
    assert dialog.teacher.currentText() == "distilbert-base-uncased"
    assert not dialog.problem.isVisible(), "nothing was done wrong yet"


def test_a_table_offers_its_columns_and_an_output_beside_it(qtbot, dialog, table):
    give(qtbot, dialog, table, 3)
    assert [dialog.column.itemText(index) for index in range(4)] == ["Guess", "id", "question", "answer"]
    assert dialog.out.text() == str(table.with_name("words-embeddings.safetensors"))
    assert dialog.start.isEnabled()
    dialog.column.setCurrentText("question")
    dialog.partner.setCurrentText("answer")
    dialog.teacher.setEditText("minilm")
    texts = TextsRequest(table, "minilm", "question", "answer")
    assert texts.pair == ("question", "answer")
    wanted = EncodeRequest(texts, table.with_name("words-embeddings.safetensors"))
    with qtbot.waitSignal(dialog.wanted, timeout=1_000) as caught:
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert caught.args == [wanted]
    assert not dialog.isVisible()


def test_a_file_that_exists_is_not_proposed_and_is_replaced_only_when_chosen_in_the_file_dialog(
    qtbot, dialog, table, monkeypatch
):
    taken = table.with_name("words-embeddings.safetensors")
    taken.write_bytes(b"older embeddings")
    table.with_name("words-embeddings-2.safetensors").touch()
    give(qtbot, dialog, table, 3)
    assert dialog.out.text() == str(table.with_name("words-embeddings-3.safetensors"))
    dialog.out.setText(str(taken))
    assert f"{taken} exists already: name another file" in dialog.problem.text().replace("\u200b", "")
    with qtbot.assertNotEmitted(dialog.wanted):
        dialog.accept()
    monkeypatch.setattr(QFileDialog, "open", lambda box: box.fileSelected.emit(str(taken)))
    dialog._ask_out()
    assert not dialog.find_problem()
    dialog.out.setText(str(table.with_name("words-embeddings-2.safetensors")))
    assert "exists already" in dialog.find_problem(), "only the chosen file may be replaced"


def test_a_checkpoint_is_never_replaced_by_embeddings(qtbot, dialog, table, tmp_path, monkeypatch):
    run = tmp_path / "run.safetensors"
    FakeTrainer(small_config()).save(run)
    give(qtbot, dialog, table, 3)
    monkeypatch.setattr(QFileDialog, "open", lambda box: box.fileSelected.emit(str(run)))
    dialog._ask_out()
    assert f"{run} is a checkpoint of a run" in dialog.problem.text().replace("\u200b", "")
    assert not dialog.start.isEnabled()


def test_a_file_to_write_that_a_person_named_stays_when_the_texts_change(qtbot, dialog, table, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("one\n", encoding="utf-8")
    give(qtbot, dialog, table, 3)
    give(qtbot, dialog, other, 0)
    assert dialog.out.text() == str(tmp_path / "other-embeddings.safetensors"), "a proposal follows the texts"
    dialog.out.selectAll()
    qtbot.keyClicks(dialog.out, str(tmp_path / "mine.safetensors"))
    give(qtbot, dialog, table, 3)
    assert dialog.out.text() == str(tmp_path / "mine.safetensors")


def test_lines_of_text_have_no_columns(qtbot, dialog, tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text("one\ntwo\n")
    give(qtbot, dialog, path, 0)
    qtbot.waitUntil(lambda: dialog.column.itemText(0) == "One text per line", timeout=5_000)
    assert not dialog.column.isEnabled()
    texts = TextsRequest(path, "distilbert-base-uncased")
    assert dialog.request() == EncodeRequest(texts, tmp_path / "lines-embeddings.safetensors")
    assert texts.pair is None


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("source", "/nowhere/words.csv", "There is no file /nowhere/words.csv."),
        ("out", "", "Name the file to write."),
        ("out", "words.npy", "words.npy would be written as .safetensors"),
        ("out", "/nowhere/words.safetensors", "There is no folder /nowhere."),
        ("teacher", " ", "Name a teacher: minilm, a model on the hub, or a folder."),
    ],
)
def test_what_is_missing_is_said_at_once(qtbot, dialog, table, field, text, words):
    give(qtbot, dialog, table, 3)
    widget = getattr(dialog, field)
    (widget.setEditText if field == "teacher" else widget.setText)(text)
    assert words in dialog.problem.text().replace("\u200b", "")
    assert dialog.problem.isVisible()
    assert not dialog.start.isEnabled()
    with qtbot.assertNotEmitted(dialog.wanted):
        dialog.accept()


def test_pairs_need_two_different_columns(qtbot, dialog, table):
    give(qtbot, dialog, table, 3)
    dialog.partner.setCurrentText("answer")
    assert dialog.problem.text() == "Pairs need both columns: choose the first one too."
    dialog.column.setCurrentText("answer")
    assert dialog.problem.text() == "The two columns of pairs must differ."
    dialog.column.setCurrentText("question")
    assert dialog.start.isEnabled()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bad.jsonl", b"{", "line 1 is not JSON"),
        ("bad.csv", b"text\n\xff\xfe\n", "not UTF-8"),
        ("bad.docx", b"x", ".docx is no kind of text file"),
        ("bad.parquet", b"PAR1", "no readable parquet file"),
    ],
)
def test_a_file_that_can_not_be_read_is_named_with_the_reason(qtbot, dialog, tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    dialog.source.setText(str(path))
    qtbot.waitUntil(lambda: words in dialog.problem.text().replace("\u200b", ""), timeout=5_000)
    assert not dialog.start.isEnabled()


def test_each_browse_button_fills_its_field(qtbot, dialog, table, tmp_path, monkeypatch):
    chosen = {"File of texts": table, "Folder of a teacher": tmp_path, "File to write": tmp_path / "x.safetensors"}
    monkeypatch.setattr(QFileDialog, "open", lambda box: box.fileSelected.emit(str(chosen[box.windowTitle()])))
    for button in dialog.findChildren(QPushButton):
        if button.text() == "Browse...":
            assert button.toolTip()
            button.click()
    assert dialog.texts().source == table
    assert dialog.texts().teacher == str(tmp_path)
    assert dialog.request().out == tmp_path / "x.safetensors"


def test_escape_asks_for_nothing(qtbot, dialog, table):
    give(qtbot, dialog, table, 3)
    with qtbot.assertNotEmitted(dialog.wanted):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_texts_to_open_need_no_output(qtbot, table, tmp_path):
    dialog = TextsDialog("Open texts", "Open", "A note.", ["minilm"], tmp_path)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    give(qtbot, dialog, table, 3)
    dialog.column.setCurrentText("question")
    with qtbot.waitSignal(dialog.wanted, timeout=1_000) as caught:
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert caught.args == [TextsRequest(table, "minilm", "question")]
