"""The teacher: a language model that turns texts into the embeddings that the cube learns.

Shapes: S texts, B texts in a batch, L tokens, D width.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lattice.config.teacher import TeacherSettings
from lattice.data.cache import EmbeddingCache, text_keys
from lattice.data.pooling import PoolingChoice, choose_pooling, pool
from lattice.data.teacher_files import TeacherFiles, load_parts
from lattice.devices import pin_if_possible
from lattice.errors import TeacherError
from lattice.log import logger
from lattice.paths import cache_folder
from lattice.progress import Progress, no_progress

BLOCK_TEXTS = 4096
"""Texts tokenized, encoded and put into the cache at a time."""
CUDA_BATCH_FACTOR = 16
MAX_CHARACTERS_PER_TOKEN = 64
"""Texts are cut to this many characters per token before tokenizing; no tokenizer in use has longer tokens."""


@dataclass
class EncodeCounts:
    """What one call of `Teacher.encode` did."""

    texts: int = 0
    cached: int = 0
    encoded: int = 0
    cut: int = 0
    """Newly encoded texts that reach the longest length and were cut there."""


@dataclass(eq=False)
class Teacher:
    """A loaded teacher on one device; made by `load_teacher`."""

    settings: TeacherSettings
    files: TeacherFiles
    pooling: PoolingChoice
    model: Any
    tokenizer: Any
    device: torch.device
    precision: torch.dtype
    last_counts: EncodeCounts = field(default_factory=EncodeCounts)

    @property
    def width(self) -> int:
        """Embedding width D."""
        return int(self.model.config.hidden_size)

    @property
    def max_length(self) -> int:
        """Tokens after which a text is cut, special tokens included."""
        limits = [
            self.settings.max_length or self.pooling.max_length,
            getattr(self.tokenizer, "model_max_length", None),
            getattr(self.model.config, "max_position_embeddings", None),
        ]
        return min(limit for limit in (*limits, 131072) if limit)

    @property
    def description(self) -> str:
        """Name, width and pooling, for people."""
        return f"{self.files.name} ({self.width}-D, {self.pooling.mode} pooling, {_short(self.precision)})"

    def cache(self, dtype: torch.dtype) -> EmbeddingCache:
        """Return the disk cache of this teacher for embeddings stored as `dtype`."""
        identity = {
            "teacher": self.files.name,
            "revision": self.files.revision,
            "pooling": self.pooling.mode,
            "normalize": self.settings.normalize,
            "max_length": self.max_length,
            "precision": _short(self.precision),
            "storage": _short(dtype),
        }
        name = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:32]
        return EmbeddingCache(cache_folder() / "embeddings", name, int(self.settings.cache_limit_gb * 1e9))

    def encode(
        self,
        texts: Sequence[str],
        *,
        dtype: torch.dtype = torch.float32,
        progress: Progress | None = None,
        use_cache: bool = True,
    ) -> Tensor:
        """Return the embeddings of `texts`, [S, D] of `dtype` on the teacher's device.

        Texts are encoded once however often they occur, and never again while the cache holds them. Finished blocks
        are kept in the cache even when the call is cancelled or fails, so that the next call goes on from there.

        Args:
            texts: any number of texts.
            dtype: number type of the result and of the cache.
            progress: called after every batch; raising `Cancelled` in it stops.
            use_cache: False for single sentences, which are not encoded again.
        """
        progress = progress or no_progress
        keys, first, inverse = np.unique(text_keys(texts), axis=0, return_index=True, return_inverse=True)
        rows = torch.empty(len(keys), self.width, dtype=dtype, device=self.device)
        missing = np.ones(len(keys), dtype=bool)
        cache = self.cache(dtype) if use_cache and texts else None
        if cache is not None:
            for indices, held in cache.lookup(keys, self.width, dtype):
                rows[indices.to(self.device)] = held.to(self.device)
                missing[indices.numpy()] = False
        todo = np.flatnonzero(missing)
        self.last_counts = counts = EncodeCounts(len(texts), len(keys) - len(todo))
        todo = todo[np.argsort([-len(texts[first[index]]) for index in todo], kind="stable")]
        for start in range(0, len(todo), BLOCK_TEXTS):
            block = todo[start : start + BLOCK_TEXTS]
            finished: list[np.ndarray[Any, Any]] = []
            try:
                for part, embeddings in self._encode_block([texts[first[index]] for index in block], counts):
                    rows[torch.from_numpy(block[part]).to(self.device)] = embeddings.to(dtype)
                    finished.append(block[part])
                    counts.encoded += len(part)
                    progress("encoding", counts.encoded, len(todo))
            finally:
                if cache is not None and finished:
                    done = np.concatenate(finished)
                    cache.store(keys[done], rows[torch.from_numpy(done).to(self.device)])
        if counts.cut:
            logger.info("teacher: %d texts reach %d tokens and are cut there", counts.cut, self.max_length)
        return rows[torch.from_numpy(inverse.reshape(-1)).to(self.device)]

    @torch.inference_mode()
    def _encode_block(
        self, texts: list[str], counts: EncodeCounts
    ) -> Iterator[tuple[np.ndarray[Any, np.dtype[np.int64]], Tensor]]:
        """Yield (indices into `texts`, their embeddings) in batches of nearly equal length, longest first."""
        limit = self.max_length
        cut = [text[: limit * MAX_CHARACTERS_PER_TOKEN] for text in texts]
        tokens = self.tokenizer(cut, truncation=True, max_length=limit, return_attention_mask=False)["input_ids"]
        lengths = np.array([len(ids) for ids in tokens])
        counts.cut += int((lengths >= limit).sum())
        order = np.argsort(-lengths, kind="stable")
        budget = self.settings.batch_tokens * (CUDA_BATCH_FACTOR if self.device.type == "cuda" else 1)
        start = 0
        while start < len(order):
            longest = max(1, int(lengths[order[start]]))
            part = order[start : start + max(1, budget // longest)]
            start += len(part)
            yield part, self._forward([tokens[index] for index in part], longest)

    def _forward(self, tokens: list[list[int]], longest: int) -> Tensor:
        padding = self.tokenizer.pad_token_id or 0
        ids_BL = self._to_device(torch.tensor([ids + [padding] * (longest - len(ids)) for ids in tokens]))
        lengths_B = self._to_device(torch.tensor([len(ids) for ids in tokens]))
        mask_BL = (torch.arange(longest, device=self.device) < lengths_B.unsqueeze(1)).long()
        hidden = self.model(input_ids=ids_BL, attention_mask=mask_BL).last_hidden_state
        return pool(hidden, mask_BL, self.pooling.mode, normalize=self.settings.normalize)

    def _to_device(self, values: Tensor) -> Tensor:
        return pin_if_possible(values, self.device).to(self.device, non_blocking=True)


def load_teacher(
    settings: TeacherSettings, device: torch.device | str = "cpu", progress: Progress | None = None
) -> Teacher:
    """Load the teacher that the settings name: the packaged one, a local folder, or one of the hub.

    Weights on this machine are used as they are, without asking the network for newer ones.

    Raises:
        TeacherError: it is neither here nor reachable, or is no encoder that can be used.
        Cancelled: from `progress`.
    """
    progress = progress or no_progress
    progress(f"loading teacher {settings.model}", 0, None)
    device = torch.device(device)
    files, model, tokenizer = load_parts(settings, progress)
    if not hasattr(model.config, "hidden_size"):
        raise TeacherError(f"teacher {files.name!r} is a {type(model).__name__}, expected a text encoder")
    pooling = choose_pooling(files.name, settings.pooling, files.find)
    precision = _precision(settings, device)
    teacher = Teacher(settings, files, pooling, model.to(device, precision).eval(), tokenizer, device, precision)
    logger.info("teacher: %s on %s", teacher.description, device)
    return teacher


def _precision(settings: TeacherSettings, device: torch.device) -> torch.dtype:
    if settings.precision == "auto":
        return torch.float16 if device.type == "cuda" else torch.float32
    precision: torch.dtype = getattr(torch, settings.precision)
    return precision


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
