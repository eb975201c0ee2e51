"""Texts that are hard on a tokenizer or a model: each is encoded, or refused in one line that names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lattice.config import TeacherSettings
from lattice.data import Teacher, encode_file, load_teacher
from lattice.errors import TeacherError
from tests.lattice.data.making import sentences
from tests.lattice.data.teachers.zoo import save_plain, tokenizer_of


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a small teacher once."""
    return save_plain("bert", tmp_path_factory.mktemp("bert") / "model")


@pytest.fixture
def teacher(bert: Path) -> Teacher:
    return load_teacher(TeacherSettings(model=str(bert), batch_tokens=64))


def test_a_lone_surrogate_is_encoded_as_the_replacement_character(teacher: Teacher) -> None:
    rows = teacher.encode(["cats \ud83d run", "cats \ufffd run"])
    assert torch.equal(rows[0], rows[1])
    assert torch.isfinite(rows).all()


@pytest.mark.parametrize("text", ["", " ", "\u0000", "\u200b", "a" * 10_000, "cats " * 5_000])
def test_strange_texts_give_finite_rows(teacher: Teacher, text: str) -> None:
    assert torch.isfinite(teacher.encode([text], use_cache=False)).all()


def fail_at(teacher: Teacher, monkeypatch: pytest.MonkeyPatch, token: int, error: Exception) -> None:
    """Let the model fail at every batch that holds a token."""
    forward = teacher.encoder.model.forward

    def failing(input_ids: torch.Tensor, **more: Any) -> Any:
        if (input_ids == token).any():
            raise error
        return forward(input_ids=input_ids, **more)

    monkeypatch.setattr(teacher.encoder.model, "forward", failing)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("shape mismatch\nof two tensors"), r"RuntimeError: shape mismatch\. Change or remove this text"),
        (
            RuntimeError("CUDA out of memory"),
            r"RuntimeError: CUDA out of memory\. Lower teacher\.batch_tokens \(64\)",
        ),
        (IndexError("index 9"), r"IndexError: index 9\. Change or remove"),
    ],
)
def test_an_error_names_model_and_text_and_loses_nothing(
    teacher: Teacher, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    bad = tokenizer_of("bert").convert_tokens_to_ids("query")
    texts = [*sentences(30), "the query"]
    with monkeypatch.context() as patch:
        fail_at(teacher, patch, bad, error)
        with pytest.raises(TeacherError, match=rf"can't encode text 31 \('the query'\): {words}") as caught:
            teacher.encode(texts)
    assert "\n" not in str(caught.value)
    assert repr(teacher.files.name) in str(caught.value)
    teacher.encode(texts)
    assert teacher.last_counts.cached == 30, "the next try goes on from there"


def test_a_batch_that_fails_whole_is_encoded_text_by_text(
    teacher: Teacher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    texts = sentences(12)
    expected = teacher.encode(texts, use_cache=False)
    forward = teacher.encoder.model.forward

    def crowded(input_ids: torch.Tensor, **more: Any) -> Any:
        if len(input_ids) > 1:
            raise RuntimeError("not enough memory")
        return forward(input_ids=input_ids, **more)

    monkeypatch.setattr(teacher.encoder.model, "forward", crowded)
    assert torch.allclose(teacher.encode(texts, use_cache=False), expected, atol=1e-6)


def test_an_error_names_the_row_of_the_file(teacher: Teacher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = tmp_path / "words.csv"
    source.write_text("text\ncats run\n\nthe query\n", encoding="utf-8")
    fail_at(teacher, monkeypatch, tokenizer_of("bert").convert_tokens_to_ids("query"), RuntimeError("no"))
    with pytest.raises(TeacherError, match=r"can't encode .*words\.csv row \d+ \('the query'\): RuntimeError: no"):
        encode_file(source, tmp_path / "out.safetensors", loaded_teacher=teacher)
    assert not (tmp_path / "out.safetensors").exists()


def test_a_row_that_is_not_finite_is_refused_and_not_kept(teacher: Teacher, monkeypatch: pytest.MonkeyPatch) -> None:
    forward = teacher.encoder.forward

    def overflow(tokens: Any, part: np.ndarray[Any, Any]) -> torch.Tensor:
        rows = forward(tokens, part)
        rows[part == 2] = torch.inf
        return rows

    texts = sentences(5)
    with monkeypatch.context() as patch:
        patch.setattr(teacher.encoder, "forward", overflow)
        with pytest.raises(TeacherError, match=r"its embedding is not finite \(computed in float32.*teacher\.prec"):
            teacher.encode(texts)
    assert torch.isfinite(teacher.encode(texts)).all()
    assert (teacher.last_counts.cached, teacher.last_counts.encoded) == (4, 1)


def test_another_model_s_tokenizer_is_found_out(tmp_path: Path) -> None:
    folder = save_plain("bert", tmp_path / "model", vocab_size=20)
    teacher = load_teacher(TeacherSettings(model=str(folder)))
    with pytest.raises(TeacherError, match=r"token 21 is not among the model's 20: another model's tokenizer"):
        teacher.encode(["a query :"], use_cache=False)


def test_a_tokenizer_that_fails_names_the_text(teacher: Teacher, monkeypatch: pytest.MonkeyPatch) -> None:
    read = teacher.encoder.reader.read

    def failing(texts: list[str]) -> Any:
        if "bad" in texts:
            raise ValueError("no such text")
        return read(texts)

    monkeypatch.setattr(teacher.encoder.reader, "read", failing)
    with pytest.raises(TeacherError, match=r"can't encode text 2 \('bad'\): ValueError: no such text"):
        teacher.encode(["cats run", "bad", "dogs"])
