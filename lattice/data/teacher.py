"""The teacher: a language model that turns texts into the embeddings that the cube learns.

Shapes: S texts, B texts in a batch, L tokens, D width.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lattice.config.teacher import TeacherSettings
from lattice.data.cache import EmbeddingCache, text_keys
from lattice.data.characters import whole_characters
from lattice.data.teachers.encoder import Encoder, build_encoder
from lattice.data.teachers.files import TeacherFiles
from lattice.data.teachers.parts import load_parts
from lattice.data.teachers.tokens import Tokens
from lattice.errors import TeacherError, first_line, is_out_of_memory, quoted
from lattice.log import logger
from lattice.paths import cache_folder
from lattice.progress import Progress, no_progress

BLOCK_TEXTS = 4096
"""Texts tokenized, encoded and put into the cache at a time."""
CUDA_BATCH_FACTOR = 16


@dataclass
class EncodeCounts:
    """What one call of `Teacher.encode` did."""

    texts: int = 0
    cached: int = 0
    encoded: int = 0
    cut: int = 0
    """Newly encoded texts that reach the longest length and were cut there."""


class TextFailedError(Exception):
    """One text can't be encoded; `index` is its place in the block."""

    def __init__(self, index: int, reason: Exception) -> None:
        """Remember which and why."""
        super().__init__(str(reason))
        self.index, self.reason = index, reason


@dataclass(eq=False)
class Teacher:
    """A loaded teacher on one device; made by `load_teacher`."""

    settings: TeacherSettings
    files: TeacherFiles
    encoder: Encoder
    last_counts: EncodeCounts = field(default_factory=EncodeCounts)

    @property
    def device(self) -> torch.device:
        """Device that encodes."""
        return self.encoder.device

    @property
    def width(self) -> int:
        """Embedding width D."""
        return self.encoder.width

    @property
    def max_length(self) -> int:
        """Tokens after which a text is cut, special tokens included."""
        return self.encoder.reader.limit

    @property
    def description(self) -> str:
        """Name, width, pooling and prompt, for people."""
        parts = [f"{self.width}-D", self.encoder.label, _short(self.encoder.precision), self.encoder.prompt.label]
        return f"{self.files.name} ({', '.join(filter(None, parts))})"

    def cache(self, dtype: torch.dtype) -> EmbeddingCache:
        """Return the disk cache of this teacher for embeddings stored as `dtype`."""
        encoder = self.encoder
        identity: dict[str, object] = {
            "teacher": self.files.name,
            "revision": self.files.revision,
            "pooling": [encoder.head.label, *encoder.head.modules_in_order],
            "normalize": self.settings.normalize,
            "max_length": self.max_length,
            "precision": _short(encoder.precision),
            "storage": _short(dtype),
            "prompt": encoder.prompt.text,
            "width": self.width,
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
        place: Callable[[int], str] | None = None,
    ) -> Tensor:
        """Return the embeddings of `texts`, [S, D] of `dtype` on the teacher's device.

        Texts are encoded once however often they occur, and never again while the cache holds them. Finished blocks
        are kept in the cache even when the call is cancelled or fails, so that the next call goes on from there.

        Args:
            texts: any number of texts.
            dtype: number type of the result and of the cache.
            progress: called after every batch; raising `Cancelled` in it stops.
            use_cache: False for single sentences, which are not encoded again.
            place: names the file and row of a text by its index, for errors.

        Raises:
            TeacherError: a text can't be encoded, or its embedding is not finite; names the text.
            Cancelled: from `progress`.
        """
        progress = progress or no_progress
        texts = [whole_characters(text) for text in texts]
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
            bad: int | None = None
            try:
                for part, embeddings in self._encode_block([texts[first[index]] for index in block], counts):
                    rows[torch.from_numpy(block[part]).to(self.device)] = embeddings.to(dtype)
                    finished.append(block[part])
                    counts.encoded += len(part)
                    progress("encoding", counts.encoded, len(todo))
            except TextFailedError as failure:
                index = int(first[block[failure.index]])
                raise self._refusal(texts[index], index, place, failure.reason) from failure.reason
            finally:
                if finished:
                    done = np.concatenate(finished)
                    finite = torch.isfinite(rows[torch.from_numpy(done).to(self.device)]).all(dim=1).cpu().numpy()
                    bad = None if finite.all() else int(first[done[~finite]].min())
                    done = done[finite]
                    if cache is not None and len(done):
                        cache.store(keys[done], rows[torch.from_numpy(done).to(self.device)])
            if bad is not None:
                types = f"computed in {_short(self.encoder.precision)}, stored in {_short(dtype)}"
                reason = ValueError(f"its embedding is not finite ({types}); try teacher.precision = 'float32'")
                raise self._refusal(texts[bad], bad, place, reason)
        if counts.cut:
            logger.info("teacher: %d texts reach %d tokens and are cut there", counts.cut, self.max_length)
        return rows[torch.from_numpy(inverse.reshape(-1)).to(self.device)]

    @torch.inference_mode()
    def _encode_block(
        self, texts: list[str], counts: EncodeCounts
    ) -> Iterator[tuple[np.ndarray[Any, np.dtype[np.int64]], Tensor]]:
        """Yield (indices into `texts`, their embeddings) in batches of nearly equal length, longest first."""
        reader = self.encoder.reader
        try:
            tokens = reader.read(texts)
        except Exception as error:  # of any tokenizer
            for index, text in enumerate(texts):
                try:
                    reader.read([text])
                except Exception as reason:
                    raise TextFailedError(index, reason) from reason
            raise TextFailedError(0, error) from error
        lengths = np.array([len(ids) for ids in tokens.ids])
        counts.cut += int((lengths >= reader.limit).sum())
        order = np.argsort(-lengths, kind="stable")
        budget = self.settings.batch_tokens * (CUDA_BATCH_FACTOR if self.device.type == "cuda" else 1)
        start = 0
        while start < len(order):
            longest = max(1, int(lengths[order[start]]))
            part = order[start : start + max(1, budget // longest)]
            if not self.encoder.pads:
                part = part[lengths[part] == lengths[part[0]]]
            start += len(part)
            try:
                embeddings = self.encoder.forward(tokens, part)
            except Exception as error:  # of any model
                yield from self._one_by_one(tokens, part, error)
            else:
                yield part, embeddings

    def _one_by_one(
        self, tokens: Tokens, part: np.ndarray[Any, np.dtype[np.int64]], error: Exception
    ) -> Iterator[tuple[np.ndarray[Any, np.dtype[np.int64]], Tensor]]:
        """Yield the embeddings of a batch that failed, a text at a time, up to the one that is to blame."""
        for place in range(len(part)):
            single = part[place : place + 1]
            try:
                embeddings = self.encoder.forward(tokens, single)
            except Exception as reason:
                raise TextFailedError(int(single[0]), reason) from reason
            yield single, embeddings
        logger.warning("teacher: a batch of %d texts was encoded one by one: %s", len(part), first_line(error))

    def _refusal(self, text: str, index: int, place: Callable[[int], str] | None, reason: Exception) -> TeacherError:
        where = f"text {index + 1}" if place is None else place(index)
        if is_out_of_memory(reason):
            way_out = f"Lower teacher.batch_tokens ({self.settings.batch_tokens}) or teacher.max_length"
        else:
            way_out = "Change or remove this text, or choose another teacher"
        return TeacherError(
            f"teacher {self.files.name!r} can't encode {where} ({quoted(text)!a}): {type(reason).__name__}: "
            f"{first_line(reason)}. {way_out}; what was encoded so far is kept, and the next try goes on from there"
        )


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
    parts = load_parts(settings, progress)
    teacher = Teacher(settings, parts.files, build_encoder(settings, parts, torch.device(device)))
    logger.info("teacher: %s on %s", teacher.description, device)
    return teacher


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
