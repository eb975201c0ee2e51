"""A teacher that tests make themselves: nothing comes from the network."""

from __future__ import annotations

from pathlib import Path

import torch

WORDS = ("cats", "dogs", "run", "sleep", "on", "the", "red", "green", "mat", "under", "a", "tree", "house", "old")


def save_tiny_distilbert(folder: Path) -> Path:
    """Save a DistilBERT of the real class and width with random weights, two layers and a small vocabulary."""
    import tokenizers
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import DistilBertConfig, DistilBertModel, PreTrainedTokenizerFast

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
