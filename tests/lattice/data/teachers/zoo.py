"""Tiny teachers of many architectures and layouts, made by the tests: width 16, one layer, random weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors.torch import save_file

from tests.teachers import WORDS

WIDTH = 16
TEXTS = (
    "cats run",
    "the old red house",
    "A dog",
    "dogs sleep under a green tree on the red mat",
    "The Old RED House",
    "x",
)
"""Of different lengths and cases; `x` is not in the vocabulary."""
_SHAPE = {
    "hidden_size": WIDTH, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24,
    "max_position_embeddings": 40,
}  # fmt: skip
_NARROW = {"d_model": WIDTH, "d_ff": 24, "d_kv": 8, "num_layers": 1, "num_heads": 2}
_BOTH = {
    "d_model": WIDTH, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 24, "decoder_ffn_dim": 24, "max_position_embeddings": 40,
    "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 2, "forced_eos_token_id": 3,
}  # fmt: skip
_CAUSAL = {**_SHAPE, "num_key_value_heads": 1, "head_dim": 8, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}


@dataclass(frozen=True)
class Kind:
    """An architecture."""

    model: str
    """Class of transformers that is saved."""
    shape: Mapping[str, Any] = field(default_factory=lambda: _SHAPE)
    tokenizer: str = "bert"
    """Which special tokens stand around a text, see `_AROUND`."""


KINDS = {
    "bert": Kind("BertModel"),
    "bert_with_a_head": Kind("BertForMaskedLM"),
    "distilbert": Kind(
        "DistilBertModel",
        {"dim": WIDTH, "n_heads": 2, "n_layers": 1, "hidden_dim": 24, "max_position_embeddings": 40},
    ),
    "roberta": Kind("RobertaModel", {**_SHAPE, "pad_token_id": 1}, "roberta"),
    "xlm-roberta": Kind("XLMRobertaModel", {**_SHAPE, "pad_token_id": 1}, "roberta"),
    "camembert": Kind("CamembertModel", {**_SHAPE, "pad_token_id": 1}, "roberta"),
    "mpnet": Kind("MPNetModel", {**_SHAPE, "pad_token_id": 1}, "roberta"),
    "data2vec-text": Kind("Data2VecTextModel", {**_SHAPE, "pad_token_id": 1}, "roberta"),
    "longformer": Kind("LongformerModel", {**_SHAPE, "pad_token_id": 1, "attention_window": [8]}, "roberta"),
    "albert": Kind("AlbertModel", {**_SHAPE, "embedding_size": 8}),
    "electra": Kind("ElectraModel", {**_SHAPE, "embedding_size": 8}),
    "deberta": Kind("DebertaModel", {**_SHAPE, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]}),
    "deberta-v2": Kind("DebertaV2Model", {**_SHAPE, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]}),
    "ernie": Kind("ErnieModel"),
    "rembert": Kind("RemBertModel", {**_SHAPE, "input_embedding_size": 8, "output_embedding_size": 8}),
    "convbert": Kind("ConvBertModel", {**_SHAPE, "embedding_size": WIDTH, "conv_kernel_size": 3, "head_ratio": 1}),
    "nystromformer": Kind("NystromformerModel", {**_SHAPE, "segment_means_seq_len": 40, "num_landmarks": 40}),
    "roformer": Kind("RoFormerModel", {**_SHAPE, "embedding_size": WIDTH}),
    "squeezebert": Kind(
        "SqueezeBertModel",
        {**_SHAPE, "embedding_size": WIDTH, "q_groups": 1, "k_groups": 1, "v_groups": 1, "post_attention_groups": 1,
         "intermediate_groups": 1, "output_groups": 1},
    ),
    "mobilebert": Kind(
        "MobileBertModel",
        {**_SHAPE, "embedding_size": 8, "intra_bottleneck_size": 8, "true_hidden_size": 8,
         "num_feedforward_networks": 1},
    ),
    "modernbert": Kind("ModernBertModel", {**_SHAPE, "pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3}),
    "xlnet": Kind("XLNetModel", {"d_model": WIDTH, "n_layer": 1, "n_head": 2, "d_inner": 24}, "xlnet"),
    "funnel": Kind(
        "FunnelModel",
        {"block_sizes": [1, 1], "num_decoder_layers": 1, "d_model": WIDTH, "n_head": 2, "d_head": 8, "d_inner": 24},
    ),
    "t5": Kind("T5EncoderModel", _NARROW, "t5"),
    "t5_with_a_decoder": Kind("T5ForConditionalGeneration", {**_NARROW, "decoder_start_token_id": 0}, "t5"),
    "mt5": Kind("MT5EncoderModel", _NARROW, "t5"),
    "umt5": Kind("UMT5EncoderModel", _NARROW, "t5"),
    "longt5": Kind("LongT5EncoderModel", {**_NARROW, "local_radius": 4, "encoder_attention_type": "local"}, "t5"),
    "t5gemma_whole": Kind(
        "T5GemmaModel",
        {part: {**_CAUSAL, "vocab_size": 40, "sliding_window": 8, "query_pre_attn_scalar": 8}
         for part in ("encoder", "decoder")},
        "t5",
    ),
    "bart": Kind("BartModel", _BOTH),
    "mbart": Kind("MBartModel", _BOTH),
    "marian": Kind("MarianModel", {**_BOTH, "vocab_size": 40}),
    "m2m_100": Kind("M2M100Model", _BOTH),
    "pegasus": Kind("PegasusModel", _BOTH),
    "gpt2": Kind("GPT2LMHeadModel", {"n_embd": WIDTH, "n_layer": 1, "n_head": 2, "n_positions": 40}, "end"),
    "llama": Kind("LlamaForCausalLM", _CAUSAL, "end"),
    "mistral": Kind("MistralForCausalLM", _CAUSAL, "end"),
    "qwen2": Kind("Qwen2Model", _CAUSAL, "end"),
    "qwen3": Kind("Qwen3Model", _CAUSAL, "left"),
    "gemma3": Kind("Gemma3TextModel", {**_CAUSAL, "use_bidirectional_attention": True, "sliding_window": 8}, "roberta"),
    "gpt_neo": Kind(
        "GPTNeoModel",
        {"hidden_size": WIDTH, "num_layers": 1, "num_heads": 2, "intermediate_size": 24,
         "max_position_embeddings": 40, "attention_types": [[["global"], 1]]},
        "end",
    ),
    "gpt_neox": Kind("GPTNeoXForCausalLM", tokenizer="end"),
    "opt": Kind(
        "OPTForCausalLM",
        {"hidden_size": WIDTH, "word_embed_proj_dim": WIDTH, "ffn_dim": 24, "num_hidden_layers": 1,
         "num_attention_heads": 2, "max_position_embeddings": 40, "pad_token_id": 0, "bos_token_id": 2,
         "eos_token_id": 3},
        "end",
    ),
    "phi": Kind("PhiModel", {**_SHAPE, "num_key_value_heads": 2}, "left"),
    "phi3": Kind("Phi3ForCausalLM", _CAUSAL, "left"),
    "gemma": Kind("GemmaModel", _CAUSAL, "left"),
    "gemma2": Kind("Gemma2ForCausalLM", _CAUSAL, "end"),
    "llama_left": Kind("LlamaForCausalLM", _CAUSAL, "left"),
    "olmo2": Kind("Olmo2ForCausalLM", _CAUSAL, "end"),
    "bloom": Kind("BloomModel", {"hidden_size": WIDTH, "n_layer": 1, "n_head": 2}, "left"),
    "falcon": Kind(
        "FalconModel", {"hidden_size": WIDTH, "num_hidden_layers": 1, "num_attention_heads": 2}, "left"
    ),
    "mamba": Kind("MambaModel", {"hidden_size": WIDTH, "num_hidden_layers": 1, "state_size": 4}, "left"),
    "modernbert_decoder": Kind(
        "ModernBertDecoderModel", {**_SHAPE, "pad_token_id": 0, "cls_token_id": 2, "sep_token_id": 3}
    ),
    "nomic_bert": Kind("NomicBertModel"),
    "eurobert": Kind("EuroBertModel", _CAUSAL),
    "clip_text": Kind("CLIPTextModel", {**_SHAPE, "eos_token_id": 3, "bos_token_id": 2, "pad_token_id": 0}),
    "big_bird": Kind("BigBirdModel", {**_SHAPE, "attention_type": "original_full"}),
    "megatron": Kind("MegatronBertModel"),
    "layoutlm": Kind("LayoutLMModel"),
    "esm": Kind("EsmModel", {**_SHAPE, "pad_token_id": 0, "mask_token_id": 4, "position_embedding_type": "rotary"}),
    "flaubert": Kind(
        "FlaubertModel",
        {"emb_dim": WIDTH, "n_layers": 1, "n_heads": 2, "max_position_embeddings": 40, "pad_index": 0},
    ),
    "xlm": Kind(
        "XLMModel", {"emb_dim": WIDTH, "n_layers": 1, "n_heads": 2, "max_position_embeddings": 40, "pad_index": 0}
    ),
    "fnet": Kind("FNetModel"),
    "xlm-roberta-xl": Kind("XLMRobertaXLModel", {**_SHAPE, "pad_token_id": 1}, "roberta"),
    "roberta-prelayernorm": Kind("RobertaPreLayerNormModel", {**_SHAPE, "pad_token_id": 1}, "roberta"),
    "ibert": Kind("IBertModel", {**_SHAPE, "pad_token_id": 1}, "roberta"),
    "electra_discriminator": Kind("ElectraForPreTraining", {**_SHAPE, "embedding_size": 8}),
    "switch": Kind("SwitchTransformersEncoderModel", {**_NARROW, "num_sparse_encoder_layers": 0}, "t5"),
    "plbart": Kind("PLBartModel", _BOTH),
    "dpr_context": Kind("DPRContextEncoder", {**_SHAPE, "projection_dim": 0}),
    "dpr_question": Kind("DPRQuestionEncoder", {**_SHAPE, "projection_dim": 0}),
}  # fmt: skip
_AROUND = {
    "bert": "[CLS] $A [SEP]", "roberta": "[CLS] $A [SEP]", "xlnet": "$A [SEP] [CLS]:2", "t5": "$A [SEP]",
    "end": "$A [SEP]", "left": "$A [SEP]",
}  # fmt: skip


def tokenizer_of(style: str) -> Any:
    """Return a tokenizer with the words of `WORDS` and of prompts, and the special tokens of a style."""
    import tokenizers
    from tokenizers.processors import TemplateProcessing

    marks = (
        ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
        if style != "roberta"
        else ("[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]")
    )
    words = {word: index for index, word in enumerate((*marks, *WORDS, "query", "passage", ":", "A", "The"))}
    raw = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    raw.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    raw.post_processor = TemplateProcessing(single=_AROUND[style], special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    side = {"padding_side": "left"} if style in ("left", "xlnet") else {}
    names = ["input_ids", "attention_mask"] + (["token_type_ids"] if style in ("bert", "xlnet") else [])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=raw, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_input_names=names, **side,
    )  # fmt: skip


def save_plain(kind: str, folder: Path, **changes: Any) -> Path:
    """Save a model of a kind with its tokenizer, as transformers does."""
    made = KINDS[kind]
    cls = getattr(transformers, made.model)
    torch.manual_seed(sum(map(ord, kind)))
    vocabulary = {"vocab_size": 40} | dict(made.shape) | changes
    model = cls(cls.config_class(**vocabulary))
    for weight in model.parameters():  # the usual start is so small that all texts would look the same
        torch.nn.init.normal_(weight, std=0.3)
    model.save_pretrained(folder)
    tokenizer_of(made.tokenizer).save_pretrained(folder)
    return folder


@dataclass(frozen=True)
class Module:
    """A module behind the transformer, as sentence-transformers saves it."""

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    file: str = "model.safetensors"


def pooling(*modes: str, old: bool = False, **more: Any) -> Module:
    """Return a Pooling module, in the old form with one flag a mode or in the new one."""
    if not old:
        mode = modes[0] if len(modes) == 1 else list(modes)
        return Module("Pooling", {"embedding_dimension": WIDTH, "pooling_mode": mode, **more})
    names = {
        "cls": "cls_token", "max": "max_tokens", "mean": "mean_tokens", "lasttoken": "lasttoken",
        "mean_sqrt_len_tokens": "mean_sqrt_len_tokens", "weightedmean": "weightedmean_tokens",
    }  # fmt: skip
    flags = {f"pooling_mode_{name}": mode in modes for mode, name in names.items()}
    return Module("Pooling", {"word_embedding_dimension": WIDTH, **flags, **more})


def dense(
    out: int,
    activation: str = "activation.Tanh",
    width: int = WIDTH,
    *,
    bias: bool = True,
    file: str = "model.safetensors",
    **more: Any,
) -> Module:
    """Return a Dense module with random weights."""
    settings = {"in_features": width, "out_features": out, "bias": bias} | more
    settings["activation_function"] = f"torch.nn.modules.{activation}"
    weights: dict[str, tuple[int, ...]] = {"linear.weight": (out, width)}
    weights |= {"linear.bias": (out,)} if bias else {}
    weights |= {"residual.weight": (out, width)} if more.get("use_residual") and out != width else {}
    return Module("Dense", settings, weights, file)


NORMALIZE = Module("Normalize")
LAYER_NORM = Module("LayerNorm", {"dimension": WIDTH}, {"norm.weight": (WIDTH,), "norm.bias": (WIDTH,)})
MEAN = pooling("mean")


def save_sentence_model(
    folder: Path,
    kind: str,
    modules: Sequence[Module],
    *,
    old: bool = False,
    own: Mapping[str, Any] | None = None,
    card: Mapping[str, Any] | None = None,
    save: Callable[[Path], object] | None = None,
) -> Path:
    """Save a model in the layout of sentence-transformers.

    Args:
        folder: where to.
        kind: one of `KINDS`.
        modules: behind the transformer.
        old: the layout from before version 3, with the transformer in a folder of its own.
        own: settings of the transformer, in sentence_bert_config.json.
        card: settings of the model, in config_sentence_transformers.json.
        save: saves the first module in place of a transformer.
    """
    first = folder / "0_Transformer" if old else folder
    first.mkdir(parents=True)
    if save is None:
        save_plain(kind, first)
        write_json(first / "sentence_bert_config.json", own or {"max_seq_length": 30, "do_lower_case": False})
    else:
        save(first)
    head = "StaticEmbedding" if save is not None else "Transformer"
    listed = [
        {"idx": 0, "name": "0", "path": first.name if old else "", "type": f"sentence_transformers.models.{head}"}
    ]
    for index, module in enumerate(modules, 1):
        path = folder / f"{index}_{module.kind}"
        path.mkdir()
        write_json(path / "config.json", dict(module.settings))
        torch.manual_seed(index)
        tensors = {name: torch.randn(shape) for name, shape in module.weights.items()}
        if tensors and module.file.endswith(".bin"):
            torch.save(tensors, path / module.file)
        elif tensors:
            save_file(tensors, path / module.file)
        kind_path = f"sentence_transformers.models.{module.kind}"
        listed.append({"idx": index, "name": str(index), "path": path.name, "type": kind_path})
    write_json(folder / "modules.json", listed)
    if card is not None:
        write_json(folder / "config_sentence_transformers.json", dict(card))
    return folder


def save_static(folder: Path, **more: torch.Tensor) -> None:
    """Save a table with one row a token, as sentence-transformers does; as model2vec does with `more` tensors."""
    torch.manual_seed(5)
    tokenizer = tokenizer_of("bert")
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    name = "embeddings" if more else "embedding.weight"
    save_file({name: torch.randn(40, WIDTH), **more}, folder / "model.safetensors")


def write_json(path: Path, values: object) -> None:
    """Write a JSON file."""
    path.write_text(json.dumps(values), encoding="utf-8")


def change_json(path: Path, **changes: Any) -> None:
    """Change some values of a JSON file."""
    write_json(path, json.loads(path.read_text(encoding="utf-8")) | changes)
