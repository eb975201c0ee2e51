"""What a teacher's rows must be, computed another way: a text at a time, without padding, straight from the files."""

from __future__ import annotations

import functools
import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import load_file

INSTALLED = importlib.util.find_spec("sentence_transformers") is not None


def plain_rows(folder: Path, texts: Sequence[str], mode: str) -> torch.Tensor:
    """Return unit rows [S, D] of a plain model, pooled by `mean`, `lasttoken`, or by the model itself (`pooler`)."""
    name = json.loads((folder / "config.json").read_text(encoding="utf-8"))["architectures"][0]
    model = getattr(transformers, name).from_pretrained(folder).eval()
    if name.endswith(("ForConditionalGeneration", "MarianModel", "M2M100Model", "PegasusModel", "T5GemmaModel")):
        model = model.get_encoder()
    model = (
        getattr(model, model.base_model_prefix, model)
        if name.endswith(("ForCausalLM", "LMHeadModel", "MaskedLM", "ForPreTraining"))
        else model
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    rows = []
    with torch.inference_mode():
        for text in texts:
            output = model(**tokenizer(text, return_tensors="pt"))
            rows.append(output.pooler_output[0] if mode == "pooler" else _pooled(output.last_hidden_state[0], [mode]))
    return torch.nn.functional.normalize(torch.stack(rows), dim=1)


def sentence_rows(
    folder: Path, texts: Sequence[str], prompt: str | None = None, dim: int | None = None
) -> torch.Tensor:
    """Return unit rows [S, D] as the package sentence-transformers gives them; by hand where it is not installed."""
    if not INSTALLED:
        return by_hand(folder, texts)
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    return torch.from_numpy(model.encode(list(texts), normalize_embeddings=True))


def by_hand(folder: Path, texts: Sequence[str]) -> torch.Tensor:
    """Return the rows from the folder's files alone; of a transformer in the layout of sentence-transformers."""
    modules = _read(folder / "modules.json")
    first = folder / modules[0]["path"]
    own, card = _read(first / "sentence_bert_config.json"), _read(folder / "config_sentence_transformers.json")
    put_before = card.get("prompts", {}).get(card.get("default_prompt_name"), "")
    tokenizer = transformers.AutoTokenizer.from_pretrained(first)
    kind = _read(first / "config.json").get("model_type")
    model = (transformers.T5EncoderModel if kind == "t5" else transformers.AutoModel).from_pretrained(first).eval()
    rows = []
    with torch.inference_mode():
        skipped = len(tokenizer(put_before).input_ids) - 1 if put_before else 0
        for text in texts:
            whole = put_before + text
            whole = whole.lower() if own.get("do_lower_case") else whole
            inputs = tokenizer(whole, return_tensors="pt", truncation=True, max_length=own.get("max_seq_length", 40))
            row = model(**inputs).last_hidden_state[0]
            for module in modules[1:]:
                row = _module(folder / module["path"], module["type"].rpartition(".")[2], row, skipped)
            rows.append(row[: card.get("truncate_dim")])
    return torch.nn.functional.normalize(torch.stack(rows), dim=1)


def _module(folder: Path, kind: str, row: torch.Tensor, skipped: int) -> torch.Tensor:
    settings = _read(folder / "config.json")
    weights = load_file(folder / "model.safetensors") if (folder / "model.safetensors").exists() else {}
    if (folder / "pytorch_model.bin").exists():
        weights = torch.load(folder / "pytorch_model.bin", weights_only=True)
    if kind == "Pooling":
        return _pooled(row[0 if settings.get("include_prompt", True) else skipped :], _modes(settings))
    if kind == "Dense":
        mapped = torch.nn.functional.linear(row, weights["linear.weight"], weights.get("linear.bias"))
        mapped = getattr(torch.nn, settings["activation_function"].rpartition(".")[2])()(mapped)
        if settings.get("use_residual"):
            mapped = mapped + (row @ weights["residual.weight"].T if "residual.weight" in weights else row)
        return mapped
    if kind == "LayerNorm":
        return torch.nn.functional.layer_norm(row, row.shape, weights["norm.weight"], weights["norm.bias"])
    return row / row.norm() if kind == "Normalize" else row


def _modes(settings: dict[str, Any]) -> list[str]:
    if "pooling_mode" in settings:
        mode = settings["pooling_mode"]
        return [mode] if isinstance(mode, str) else list(mode)
    order = ("cls_token", "max_tokens", "mean_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")
    used = [name for name in order if settings.get(f"pooling_mode_{name}")]
    return [name if name == "mean_sqrt_len_tokens" else name.partition("_")[0] for name in used]


def _pooled(tokens_LD: torch.Tensor, modes: Sequence[str]) -> torch.Tensor:
    weights = torch.arange(1.0, len(tokens_LD) + 1).unsqueeze(1)
    of = {
        "cls": tokens_LD[0],
        "lasttoken": tokens_LD[-1],
        "max": tokens_LD.amax(dim=0),
        "mean": tokens_LD.mean(dim=0),
        "mean_sqrt_len_tokens": tokens_LD.sum(dim=0) / len(tokens_LD) ** 0.5,
        "weightedmean": (tokens_LD * weights).sum(dim=0) / weights.sum(),
    }
    return torch.cat([of[mode] for mode in modes])


@functools.cache
def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
