"""Folders of sentence-transformers: the rows that this package gives, or the same by hand where it is not installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from lattice.config import TeacherSettings
from lattice.data import load_teacher
from lattice.data.teachers.parts import teacher_width
from tests.lattice.data.teachers.reference import INSTALLED, by_hand, sentence_rows
from tests.lattice.data.teachers.zoo import (
    LAYER_NORM,
    MEAN,
    NORMALIZE,
    TEXTS,
    WIDTH,
    Module,
    dense,
    pooling,
    save_sentence_model,
    save_static,
    tokenizer_of,
    write_json,
)

PROMPTS = {"prompts": {"query": "query: ", "document": "passage: "}, "default_prompt_name": None}
QUERY = PROMPTS | {"default_prompt_name": "query"}
IDENTITY = "linear.Identity"
LAYOUTS: dict[str, tuple[str, list[Module], dict[str, Any], int]] = {
    "all-MiniLM": ("bert", [pooling("mean", old=True), NORMALIZE], {}, WIDTH),
    "BGE": ("bert", [pooling("cls", old=True), NORMALIZE], {}, WIDTH),
    "E5": ("xlm-roberta", [pooling("mean", old=True), NORMALIZE], {}, WIDTH),
    "LaBSE": ("bert", [pooling("cls", old=True), dense(WIDTH), NORMALIZE], {}, WIDTH),
    "sentence-T5": ("t5", [MEAN, dense(WIDTH, IDENTITY, bias=False), NORMALIZE], {}, WIDTH),
    "Qwen3-Embedding": ("qwen3", [pooling("lasttoken", old=True), NORMALIZE], {"card": PROMPTS}, WIDTH),
    "EmbeddingGemma": (
        "gemma3",
        [MEAN, dense(24, IDENTITY, bias=False), dense(WIDTH, IDENTITY, 24, bias=False), NORMALIZE],
        {"card": PROMPTS},
        WIDTH,
    ),
    "all-mpnet": ("mpnet", [MEAN, NORMALIZE], {}, WIDTH),
    "distiluse": ("distilbert", [MEAN, dense(8, "activation.Tanh")], {}, 8),
    "max": ("bert", [pooling("max")], {}, WIDTH),
    "weighted mean": ("gpt2", [pooling("weightedmean")], {}, WIDTH),
    "root of the length": ("bert", [pooling("mean_sqrt_len_tokens")], {}, WIDTH),
    "last token": ("llama", [pooling("lasttoken")], {}, WIDTH),
    "two modes": ("bert", [pooling("mean", "cls")], {}, 2 * WIDTH),
    "two modes in the old form": ("bert", [pooling("mean", "cls", old=True)], {}, 2 * WIDTH),
    "three modes and Dense": ("roberta", [pooling("max", "lasttoken", "mean"), dense(8, width=3 * WIDTH)], {}, 8),
    "ReLU": ("bert", [MEAN, dense(WIDTH, "activation.ReLU")], {}, WIDTH),
    "GELU": ("bert", [MEAN, dense(WIDTH, "activation.GELU")], {}, WIDTH),
    "residual": ("bert", [MEAN, dense(WIDTH, use_residual=True)], {}, WIDTH),
    "projected residual": ("bert", [MEAN, dense(8, use_residual=True)], {}, 8),
    "Dense as pytorch_model.bin": ("bert", [MEAN, dense(8, file="pytorch_model.bin")], {}, 8),
    "LayerNorm": ("bert", [MEAN, LAYER_NORM, NORMALIZE], {}, WIDTH),
    "LayerNorm and Dense": ("bert", [pooling("cls"), LAYER_NORM, dense(24)], {}, 24),
    "Dropout": ("bert", [MEAN, Module("Dropout", {"dropout": 0.5})], {}, WIDTH),
    "default prompt": ("bert", [MEAN, NORMALIZE], {"card": QUERY}, WIDTH),
    "prompt left out of the mean": ("bert", [pooling("mean", include_prompt=False)], {"card": QUERY}, WIDTH),
    "prompt left out of the maximum": ("bert", [pooling("max", include_prompt=False)], {"card": QUERY}, WIDTH),
    "prompt left out of the weighted mean": (
        "bert",
        [pooling("lasttoken", "cls", include_prompt=False)],
        {"card": QUERY},
        2 * WIDTH,
    ),
    "lower case": ("bert", [MEAN], {"own": {"max_seq_length": 30, "do_lower_case": True}}, WIDTH),
    "short": ("bert", [MEAN], {"own": {"max_seq_length": 6}}, WIDTH),
    "truncated": ("bert", [MEAN, NORMALIZE], {"card": {"truncate_dim": 6}}, 6),
    "truncated, with Dense": ("bert", [MEAN, dense(24)], {"card": {"truncate_dim": 10}}, 10),
    "old folders": ("bert", [pooling("mean", old=True)], {"old": True}, WIDTH),
    "old folders with Dense": ("distilbert", [pooling("cls", old=True), dense(8)], {"old": True}, 8),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_folder_gives_the_rows_of_sentence_transformers(tmp_path: Path, name: str) -> None:
    kind, modules, options, width = LAYOUTS[name]
    folder = save_sentence_model(tmp_path / "model", kind, modules, **options)
    teacher = load_teacher(TeacherSettings(model=str(folder)))
    rows = teacher.encode(TEXTS, use_cache=False)
    assert rows.shape == (len(TEXTS), width)
    assert teacher_width(teacher.settings) == width, "known before the weights are loaded"
    assert (rows * sentence_rows(folder, TEXTS)).sum(dim=1).min() > 0.9999


@pytest.mark.skipif(not INSTALLED, reason="sentence-transformers is not installed: the rows by hand are the reference")
def test_the_rows_by_hand_are_those_of_the_package(tmp_path: Path) -> None:
    modules = [pooling("mean", "cls", include_prompt=False), dense(8, width=2 * WIDTH), NORMALIZE]
    folder = save_sentence_model(tmp_path / "model", "bert", modules, card=QUERY)
    assert (by_hand(folder, TEXTS) * sentence_rows(folder, TEXTS)).sum(dim=1).min() > 0.9999


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a teacher with prompts and a default one."""
    return save_sentence_model(tmp_path_factory.mktemp("prompts") / "model", "bert", [MEAN, NORMALIZE], card=QUERY)


@pytest.mark.parametrize(
    ("prompt", "put_before", "shown"),
    [
        (None, "query: ", "prompt query 'query: '"),
        ("document", "passage: ", "prompt document"),
        ("none", "", "float32)"),
    ],
)
def test_a_prompt_is_chosen_by_its_name_and_shown(asked: Path, prompt: str | None, put_before: str, shown: str) -> None:
    teacher = load_teacher(TeacherSettings(model=str(asked), prompt=prompt))
    bare = load_teacher(TeacherSettings(model=str(asked), prompt="none"))
    rows = teacher.encode(TEXTS, use_cache=False)
    expected = bare.encode([put_before + text for text in TEXTS], use_cache=False)
    assert torch.allclose(rows, expected, atol=1e-6)
    assert shown in teacher.description


@pytest.mark.parametrize("dim", [1, 5, WIDTH])
def test_the_first_numbers_are_kept(asked: Path, dim: int) -> None:
    whole = load_teacher(TeacherSettings(model=str(asked))).encode(TEXTS, use_cache=False)
    cut = load_teacher(TeacherSettings(model=str(asked), truncate_dim=dim)).encode(TEXTS, use_cache=False)
    assert torch.allclose(cut, F.normalize(whole[:, :dim], dim=1), atol=1e-6)


def test_a_pooling_that_is_set_takes_the_tokens_vectors_alone(tmp_path: Path) -> None:
    folder = save_sentence_model(tmp_path / "model", "bert", [pooling("cls"), dense(8), NORMALIZE])
    teacher = load_teacher(TeacherSettings(model=str(folder), pooling="mean"))
    (tmp_path / "plain").mkdir()
    plain = save_sentence_model(tmp_path / "plain" / "model", "bert", [MEAN])
    expected = load_teacher(TeacherSettings(model=str(plain))).encode(TEXTS, use_cache=False)
    assert torch.equal(teacher.encode(TEXTS, use_cache=False), expected)


def ragged_weights(mapped: bool) -> Callable[[Path], object]:
    """Return a maker of a model2vec table, with weights and, if requested, fewer rows than tokens."""
    more = {"weights": torch.linspace(0.1, 2.0, 40)}
    return lambda folder: save_static(folder, **more, **({"mapping": torch.arange(40) // 2} if mapped else {}))


@pytest.mark.parametrize(
    "save", [save_static, ragged_weights(False), ragged_weights(True)], ids=["plain", "weights", "mapping"]
)
@pytest.mark.parametrize("listed", [True, False], ids=["modules", "model2vec"])
def test_static_embeddings_are_averaged_over_the_tokens(
    tmp_path: Path, save: Callable[[Path], object], listed: bool
) -> None:
    folder = tmp_path / "model"
    if listed:
        save_sentence_model(folder, "", [NORMALIZE], save=save)
    else:
        folder.mkdir()
        save(folder)
        write_json(folder / "config.json", {"model_type": "model2vec", "normalize": True})
    from safetensors.torch import load_file

    tensors = load_file(folder / "model.safetensors")
    table = tensors.get("embedding.weight", tensors.get("embeddings"))
    assert table is not None
    table = table[tensors["mapping"]] if "mapping" in tensors else table
    table = table * tensors["weights"].unsqueeze(1) if "weights" in tensors else table
    words = tokenizer_of("bert")
    expected = torch.stack([table[words(text, add_special_tokens=False).input_ids].mean(dim=0) for text in TEXTS])
    teacher = load_teacher(TeacherSettings(model=str(folder)))
    assert torch.allclose(teacher.encode(TEXTS, use_cache=False), F.normalize(expected, dim=1), atol=1e-6)
    assert teacher.encode([""], use_cache=False).abs().max() == 0.0, "a text without tokens"
