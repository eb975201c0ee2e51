"""Pooling against sums written out, and the choice of it from a model's own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from lattice.data.pooling import choose_pooling, pool
from lattice.errors import TeacherError

HIDDEN = torch.tensor([[[1.0, 2.0], [3.0, -4.0], [90.0, 90.0]], [[5.0, 6.0], [7.0, 8.0], [0.0, 1.0]]])
MASK = torch.tensor([[1, 1, 0], [1, 1, 1]])


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("mean", [[2.0, -1.0], [4.0, 5.0]]), ("cls", [[1.0, 2.0], [5.0, 6.0]]), ("max", [[3.0, 2.0], [7.0, 8.0]])],
)
def test_padding_takes_no_part(mode: str, expected: list[list[float]]) -> None:
    assert pool(HIDDEN, MASK, mode, normalize=False).tolist() == expected
    unit = pool(HIDDEN, MASK, mode, normalize=True)
    assert torch.allclose(unit, torch.nn.functional.normalize(torch.tensor(expected), dim=1))


def write(folder: Path, **files: Any) -> Any:
    names = {"modules": "modules.json", "pooling": "1_Pooling/config.json", "bert": "sentence_bert_config.json"}
    (folder / "1_Pooling").mkdir(exist_ok=True)
    for key, value in files.items():
        (folder / names[key]).write_text(json.dumps(value))
    return lambda name: folder / name if (folder / name).is_file() else None


def test_a_plain_model_is_averaged(tmp_path: Path) -> None:
    choice = choose_pooling("m", "auto", write(tmp_path))
    assert (choice.mode, choice.max_length) == ("mean", None)


@pytest.mark.parametrize(
    ("settings", "mode"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_mean_tokens": True, "include_prompt": True}, "mean"),
        ({"pooling_mode_max_tokens": True}, "max"),
        ({"pooling_mode": "cls"}, "cls"),
    ],
)
def test_a_sentence_model_is_pooled_as_its_makers_did(tmp_path: Path, settings: dict[str, Any], mode: str) -> None:
    modules = [{"type": f"sentence_transformers.models.{kind}"} for kind in ("Transformer", "Pooling", "Normalize")]
    choice = choose_pooling(
        "m", "auto", write(tmp_path, modules=modules, pooling=settings, bert={"max_seq_length": 256})
    )
    assert (choice.mode, choice.max_length) == (mode, 256)
    assert choose_pooling("m", "max", write(tmp_path)).mode == "max"


def test_what_is_not_supported_says_what_to_set(tmp_path: Path) -> None:
    dense = write(tmp_path, modules=[{"type": "sentence_transformers.models.Dense"}])
    with pytest.raises(TeacherError, match=r"teacher 'm' ends in the layers Dense.*set teacher\.pooling to 'mean'"):
        choose_pooling("m", "auto", dense)
    other = write(tmp_path, modules=[], pooling={"pooling_mode_lasttoken": True})
    with pytest.raises(TeacherError, match=r"pools by pooling_mode_lasttoken, which is not supported"):
        choose_pooling("m", "auto", other)
    (tmp_path / "modules.json").write_text("{")
    with pytest.raises(TeacherError, match=r"modules\.json can't be read"):
        choose_pooling("m", "auto", other)
