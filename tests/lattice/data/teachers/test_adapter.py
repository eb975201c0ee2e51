"""Adapters of peft: applied to their base, with every weight, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lattice.config import TeacherSettings
from lattice.data import load_teacher
from lattice.errors import TeacherError
from tests.lattice.data.teachers.zoo import TEXTS, change_json, save_plain

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, torch.Tensor]:
    """Save a base with an adapter in another folder; return the latter and the rows of the two joined."""
    peft = pytest.importorskip("peft", reason="peft is not installed")
    import transformers

    folder = tmp_path_factory.mktemp("adapter")
    base = save_plain("bert", folder / "base")
    torch.manual_seed(3)
    settings = peft.LoraConfig(r=2, target_modules=["query", "value"], init_lora_weights=False)
    model = peft.get_peft_model(transformers.AutoModel.from_pretrained(base), settings)
    model.save_pretrained(folder / "adapter")
    change_json(folder / "adapter" / "adapter_config.json", base_model_name_or_path="../base")
    joined = folder / "joined"
    model.merge_and_unload().save_pretrained(joined)
    transformers.AutoTokenizer.from_pretrained(base).save_pretrained(joined)
    rows = load_teacher(TeacherSettings(model=str(joined))).encode(TEXTS, use_cache=False)
    plain = load_teacher(TeacherSettings(model=str(base))).encode(TEXTS, use_cache=False)
    assert (rows * plain).sum(dim=1).min() < 0.99, "the adapter changes something"
    return folder / "adapter", rows


def test_an_adapter_gives_the_rows_of_the_joined_model(adapted: tuple[Path, torch.Tensor]) -> None:
    folder, expected = adapted
    teacher = load_teacher(TeacherSettings(model=str(folder)))
    assert (teacher.encode(TEXTS, use_cache=False) * expected).sum(dim=1).min() > 0.9999
    assert "+" in teacher.files.revision, "the base counts too"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("query.lora_A", "", r"1 weights of its adapter do not fit its base BertModel: .*lora_A"),
        ("query.lora_A", "other.lora_A", r"weights of its adapter do not fit its base"),
    ],
)
def test_an_adapter_with_weights_missing_is_refused(
    adapted: tuple[Path, torch.Tensor], tmp_path: Path, old: str, new: str, words: str
) -> None:
    source = adapted[0]
    for file in source.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    change_json(tmp_path / "adapter_config.json", base_model_name_or_path=str(source.parent / "base"))
    held = load_file(tmp_path / "adapter_model.safetensors")
    changed = {key.replace(old, new): row for key, row in held.items() if new or old not in key}
    save_file(changed, tmp_path / "adapter_model.safetensors")
    with pytest.raises(TeacherError, match=words):
        load_teacher(TeacherSettings(model=str(tmp_path)))
