"""From texts to tokens: the model's own tokenizer, its limits, and the prompt before every text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from lattice.data.characters import whole_characters
from lattice.data.teachers.weights import ModelPlace
from lattice.errors import TeacherError, first_line

MAX_TOKENS = 131072
"""Longest text where neither settings nor model have a limit."""
MAX_CHARACTERS_PER_TOKEN = 64
"""Texts are cut to this many characters per token before tokenizing; no tokenizer in use has longer tokens."""
_VOCABULARIES = (
    "tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
    "spm.model", "sentencepiece.model", "source.spm", "bpe.codes", "tekken.json", "vocab.bpe", "entity_vocab.json",
)  # fmt: skip
_NO_BACKEND = ("backend tokenizer", "tiktoken", "sentencepiece", "protobuf")
"""Words of transformers' errors where it can't make a tokenizer from the files that there are."""


@dataclass(frozen=True)
class Tokens:
    """Tokens of some texts."""

    ids: list[list[int]]
    types: list[list[int]] | None
    """Segment of each token, None where it is 0 for all, which is what a model takes for none."""


@dataclass(eq=False)
class TokenReader:
    """Turns texts into tokens."""

    tokenizer: Any
    limit: int
    """Tokens after which a text is cut, special tokens included."""
    prompt: str = ""
    special: bool = True
    """Whether the tokenizer's special tokens are added."""
    zero_types: bool = False
    """Whether segments reach the model also where all are 0."""
    typed: bool = field(init=False)
    prompt_tokens: int = field(init=False, default=0)
    """Tokens that the prompt takes at the start of every text."""

    def __post_init__(self) -> None:
        """Look at what the tokenizer makes of a text and of the prompt."""
        self.typed = False
        if "token_type_ids" in getattr(self.tokenizer, "model_input_names", ()):
            self.typed = self.zero_types or any(self.tokenizer("a", return_token_type_ids=True)["token_type_ids"])
        if self.prompt:
            ids = self.read([""]).ids[0]
            self.prompt_tokens = len(ids) - (bool(ids) and ids[-1] in self.tokenizer.all_special_ids)

    def read(self, texts: Sequence[str]) -> Tokens:
        """Return the tokens of texts; halves of characters (lone surrogates) count as U+FFFD."""
        longest = self.limit * MAX_CHARACTERS_PER_TOKEN
        cut = [whole_characters(f"{self.prompt}{text}"[:longest]) for text in texts]
        found = self.tokenizer(
            cut,
            truncation=True,
            max_length=self.limit,
            add_special_tokens=self.special,
            return_attention_mask=False,
            return_token_type_ids=self.typed,
        )
        return Tokens(found["input_ids"], found["token_type_ids"] if self.typed else None)


def load_tokenizer(place: ModelPlace) -> Any:
    """Return the tokenizer in a model's files.

    Raises:
        TeacherError: there is none.
        OSError: files are missing, or a hub can't be reached.
        ValueError: it is none that transformers knows.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(place.source, **place.options())
    except (ValueError, ImportError) as error:
        if not any(sign in str(error) for sign in _NO_BACKEND):
            raise
        raise TeacherError(
            f"teacher {place.name!r}: its tokenizer can't be made from its files ({first_line(error).rstrip(': ')}). "
            "Add its tokenizer.json, with AutoTokenizer.from_pretrained(BASE).save_pretrained(FOLDER); one of "
            "sentencepiece alone needs `pip install sentencepiece protobuf`"
        ) from error
    own_files = getattr(tokenizer, "vocab_files_names", {})
    names = dict.fromkeys((*own_files.values(), *_VOCABULARIES))
    there = not own_files or any(place.find(place.layout.path(name)) is not None for name in names)
    if not there or (own_files and len(tokenizer) - len(set(tokenizer.all_special_ids)) < 1):
        expected = " or ".join(dict.fromkeys((*own_files.values(), "tokenizer.json")))
        state = "has no words" if there else "is missing"
        raise TeacherError(
            f"teacher {place.name!r}: its tokenizer {state} ({expected}): without it all texts would be the same. "
            "Copy the tokenizer's files into the model's folder: AutoTokenizer.from_pretrained(BASE).save_pretrained("
            "FOLDER)"
        )
    if place.layout.lower_case:
        _lower_case(tokenizer)
    return tokenizer


def _lower_case(tokenizer: Any) -> None:
    if not tokenizer.is_fast:
        tokenizer.do_lower_case = True
        return
    from tokenizers import normalizers

    own = tokenizer.backend_tokenizer.normalizer
    parts = [normalizers.Lowercase(), *([] if own is None else [own])]
    tokenizer.backend_tokenizer.normalizer = normalizers.Sequence(parts)


def longest_text(wanted: int | None, own: int | None, tokenizer: Any, model: nn.Module) -> int:
    """Return the tokens after which texts are cut.

    Args:
        wanted: the setting, which wins.
        own: what the model's sentence-transformers settings say, which wins over the tokenizer's.
        tokenizer: has a limit of its own, or a huge number.
        model: whose positions nothing may overrun.
    """
    limits = [wanted or own or getattr(tokenizer, "model_max_length", None), positions(model)]
    return int(min(limit for limit in (*limits, MAX_TOKENS) if limit and limit > 0))


def positions(model: nn.Module) -> int | None:
    """Return how many tokens a model has positions for, None if it has no such limit.

    RoBERTa and its relatives count positions from behind the padding's id, so that many less fit than their table has.
    """
    found = [getattr(getattr(model, "config", None), "max_position_embeddings", None)]
    for path, module in model.named_modules():
        if path.endswith("position_embeddings") and isinstance(module, nn.Embedding) and module.padding_idx is not None:
            found.append(module.num_embeddings - module.padding_idx - 1)
    return min((count for count in found if isinstance(count, int) and count > 0), default=None)
