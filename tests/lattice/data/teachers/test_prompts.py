"""The prompts that a model offers, from its files alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from lattice.data.teachers import prompts
from lattice.data.teachers.layout import Layout
from lattice.data.teachers.prompts import choose_prompt, own_prompts
from lattice.errors import TeacherError
from tests.lattice.data.teachers.zoo import write_json


def test_a_folder_names_its_prompts_and_the_default_one(tmp_path: Path) -> None:
    write_json(tmp_path / "modules.json", [{"type": "sentence_transformers.models.Transformer", "path": ""}])
    card = {"prompts": {"query": "query: ", "document": ""}, "default_prompt_name": "query"}
    write_json(tmp_path / "config_sentence_transformers.json", card)
    assert own_prompts(str(tmp_path)) == (("query", "document"), "query")


LAYOUT = Layout(prompts={"query": "Instruct: find\nQuery: ", "a b": "named "}, default_prompt="query")


@pytest.mark.parametrize(
    ("wanted", "text", "label"),
    [
        (None, "Instruct: find\nQuery: ", r"prompt query 'Instruct: find\nQuery: '"),
        ("query", "Instruct: find\nQuery: ", r"prompt query 'Instruct: find\nQuery: '"),
        ("query: ", "query: ", "prompt 'query: ', as written"),
        ("query:", "query:", "prompt 'query:', as written"),
        ("\u53e5\uff1a", "\u53e5\uff1a", "prompt '\u53e5\uff1a', as written"),
        ("a b", "named ", "prompt a b 'named '"),
        ("none", "", ""),
    ],
)
def test_a_prompt_is_a_name_or_the_text_itself(wanted: str | None, text: str, label: str) -> None:
    prompt = choose_prompt("m", wanted, LAYOUT)
    assert (prompt.text, prompt.label) == (text, label)
    assert choose_prompt("m", prompt.setting, LAYOUT) == prompt


def test_a_word_that_names_no_prompt_is_refused_with_both_ways_out() -> None:
    with pytest.raises(TeacherError, match=r"names the prompt 'qurey'.*write out a text such as 'query: ', or 'none'"):
        choose_prompt("m", "qurey", LAYOUT)


@pytest.mark.parametrize("model", ["auto", "someone/not-here"])
def test_a_model_that_is_not_here_names_none(model: str) -> None:
    assert own_prompts(model) == ((), None)


def test_the_packaged_teacher_that_is_not_installed_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "packaged_teacher_installed", lambda: False)
    assert own_prompts("minilm") == ((), None)


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[", encoding="utf-8")
    with pytest.raises(TeacherError, match=r"modules\.json can't be read"):
        own_prompts(str(tmp_path))
