"""Static embeddings: a table with one row a token and no transformer, saved by sentence-transformers or model2vec.

Shapes: B texts, L tokens, V tokens in the vocabulary, D width.
"""

from __future__ import annotations

import importlib
from types import SimpleNamespace
from typing import Any

from safetensors.torch import load_file
from torch import Tensor, nn

from lattice.data.teachers.layout import FindFile, Layout
from lattice.errors import TeacherError, first_line


class StaticModel(nn.Module):
    """Gives each token its row of the table; called like a transformer."""

    def __init__(self, table_VD: Tensor) -> None:
        """Wrap the table."""
        super().__init__()
        self.embedding = nn.Embedding(table_VD.shape[0], table_VD.shape[1], _weight=table_VD)
        self.config = SimpleNamespace(hidden_size=table_VD.shape[1], model_type="static")

    def get_input_embeddings(self) -> nn.Embedding:
        """Return the table."""
        return self.embedding

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> SimpleNamespace:
        """Return the rows of the tokens [B, L, D] as `last_hidden_state`."""
        return SimpleNamespace(last_hidden_state=self.embedding(input_ids))


def load_static(name: str, layout: Layout, find: FindFile) -> tuple[StaticModel, Any]:
    """Return the table as a model, and its tokenizer, which adds no special tokens.

    Raises:
        TeacherError: a file is missing or damaged.
    """
    from tokenizers import Tokenizer

    fast: Any = importlib.import_module("transformers").PreTrainedTokenizerFast
    weights, words = find(layout.path("model.safetensors")), find(layout.path("tokenizer.json"))
    if weights is None or words is None:
        missing = "model.safetensors" if weights is None else "tokenizer.json"
        raise TeacherError(f"teacher {name!r}: its static embeddings lack {layout.path(missing)}; get the model again")
    try:
        tensors = load_file(weights)
        tokenizer = Tokenizer.from_file(str(words))
    except Exception as error:  # safetensors and tokenizers raise types of their own on damaged files
        raise TeacherError(f"teacher {name!r} can't be read: {first_line(error)}; get the model again") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.post_processor = None
    return StaticModel(_table(name, tensors)), fast(tokenizer_object=tokenizer)


def _table(name: str, tensors: dict[str, Tensor]) -> Tensor:
    table = tensors.get("embedding.weight", tensors.get("embeddings"))
    if table is None or table.dim() != 2:
        raise TeacherError(
            f"teacher {name!r}: its static embeddings hold {', '.join(tensors) or 'nothing'}; "
            "expected a table embedding.weight or embeddings"
        )
    if not table.is_floating_point():
        raise TeacherError(
            f"teacher {name!r}: its static embeddings are quantised ({str(table.dtype).removeprefix('torch.')}) "
            "and have no scale; get the model in float32 or float16"
        )
    if "mapping" in tensors:
        table = table[tensors["mapping"].long()]
    if "weights" in tensors:
        table = table.float() * tensors["weights"].float().unsqueeze(1)
    return table.contiguous()
