"""The fields of a teacher: its prompts come from its own files, and what is chosen reaches the request."""

import json

import pytest
from PyQt6.QtWidgets import QFormLayout, QWidget

from app.actions.teacher_fields import TeacherFields
from lattice.config.teacher import TeacherSettings


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    modules = [{"type": f"sentence_transformers.models.{kind}", "path": ""} for kind in ("Transformer", "Normalize")]
    (folder / "modules.json").write_text(json.dumps(modules))
    card = {"prompts": {"query": "query: ", "document": "passage: "}, "default_prompt_name": "query"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(card))
    return str(folder)


@pytest.fixture
def fields(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    fields = TeacherFields(["minilm", "someone/model"], lambda: None, page)
    fields.add_to(QFormLayout(page))
    yield fields
    fields.close()


def offered(fields):
    return [fields.prompt.itemText(index) for index in range(fields.prompt.count())]


def test_a_model_without_prompts_offers_its_own_and_none(fields):
    assert offered(fields) == ["The model's own", "none"]
    assert (fields.chosen_model(), fields.chosen_prompt(), fields.chosen_numbers()) == ("minilm", None, None)
    assert fields.numbers.text() == "All"


def test_the_prompts_of_a_model_are_offered_with_its_default(qtbot, fields, model):
    fields.model.setEditText(model)
    qtbot.waitUntil(lambda: fields.prompt.count() == 4, timeout=10_000)
    assert offered(fields) == ["The model's own (query)", "query", "document", "none"]
    assert fields.chosen_prompt() is None
    fields.prompt.setCurrentText("document")
    fields.numbers.setValue(128)
    assert (fields.chosen_model(), fields.chosen_prompt(), fields.chosen_numbers()) == (model, "document", 128)


def test_the_settings_of_a_run_are_shown_and_kept_when_the_files_are_known(qtbot, fields, model):
    fields.show_settings(TeacherSettings(model=model, prompt="none", truncate_dim=64))
    qtbot.waitUntil(lambda: fields.prompt.count() == 4, timeout=10_000)
    assert (fields.chosen_model(), fields.chosen_prompt(), fields.chosen_numbers()) == (model, "none", 64)


def test_every_field_has_a_tooltip(fields):
    assert all(field.toolTip() for field in (fields.model, fields.prompt, fields.numbers))


@pytest.mark.parametrize(
    ("typed", "chosen"), [("query: ", "query: "), (" query ", "query"), ("  ", None), ("none", "none")]
)
def test_a_prompt_that_is_written_out_keeps_its_blank(fields, typed: str, chosen: str | None):
    fields.prompt.setCurrentText(typed)
    assert fields.chosen_prompt() == chosen


def test_prompt_and_numbers_are_those_of_the_named_model_alone(fields):
    fields.show_settings(TeacherSettings(model="someone/model", prompt="query", truncate_dim=64))
    fields.model.setEditText("minilm")
    assert (fields.chosen_model(), fields.chosen_prompt(), fields.chosen_numbers()) == ("minilm", None, None)
    fields.model.setEditText("someone/model")
    assert (fields.chosen_prompt(), fields.chosen_numbers()) == ("query", 64)
