"""A model with its tokenizer and head on one device: tokens in, embeddings out.

Shapes: B texts, L tokens, D width of the embedding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.config.teacher import TeacherSettings
from lattice.data.teachers.classifiers import origin_of
from lattice.data.teachers.head import Head, build_head
from lattice.data.teachers.parts import Parts
from lattice.data.teachers.prompts import Prompt, choose_prompt
from lattice.data.teachers.steps import default_steps, kept_width
from lattice.data.teachers.tokens import TokenReader, Tokens, longest_text
from lattice.data.teachers.weights import NO_HALF, POOLED_CLASSES, SEGMENTS_AS_TOKENS
from lattice.devices import pin_if_possible
from lattice.errors import TeacherError, first_line
from lattice.log import logger

REHEARSED = ("a", "the old house", "the red house is under a green tree and the old dogs run and sleep on a mat")
"""Texts that every teacher encodes once, alone and together, when it is loaded."""
MOVED_SHARE, MOVED_SHARE_HALF = 1e-3, 3e-2
"""Difference between an embedding alone and padded, as a share of its length, from which padding changes it: in
float32 and in the halves, whose rounding alone makes some."""


class WrongTokenizerError(ValueError):
    """A tokenizer gives tokens that the model does not have."""


@dataclass(eq=False)
class Encoder:
    """Encodes tokens; made by `build_encoder`."""

    model: Any
    reader: TokenReader
    head: Head
    prompt: Prompt
    device: torch.device
    precision: torch.dtype
    normalize: bool
    plain_pooling: str
    """The setting of the pooling that stands for this head: a mode, or `auto` where only the model's files say it."""
    vocabulary: int | None
    """Rows of the model's table of tokens, None if it has no such table."""
    made_for: str = ""
    """What the model was made for, where its own head is left aside; empty for models that give embeddings."""
    truncate_dim: int | None = None
    width: int = 0
    pads: bool = True
    """Whether texts of different lengths may share a batch: some models (ConvBERT, Funnel) mix padding into texts."""

    @property
    def label(self) -> str:
        """How tokens become an embedding, for people, such as `mean pooling`."""
        return f"{self.head.label} of a {self.made_for}'s last hidden states" if self.made_for else self.head.label

    @torch.inference_mode()
    def forward(self, tokens: Tokens, part: np.ndarray[Any, np.dtype[np.int64]]) -> Tensor:
        """Return the embeddings of some of the texts, float32 [B, D].

        Args:
            tokens: of all texts.
            part: indices of those that are encoded, [B].

        Raises:
            Exception: as the model raises it.
        """
        ids = [tokens.ids[index] for index in part]
        longest = max(1, *map(len, ids))
        host_BL = _padded(ids, longest, self.reader.tokenizer.pad_token_id or 0)
        self._check_range(host_BL)
        lengths_B = self._to_device(torch.tensor([len(row) for row in ids]))
        mask_BL = (torch.arange(longest, device=self.device) < lengths_B.unsqueeze(1)).long()
        more: dict[str, Tensor] = {}
        if tokens.types is not None:
            types_BL = _padded([tokens.types[index] for index in part], longest, 0)
            more["token_type_ids"] = self._to_device(types_BL)
        output = self.model(input_ids=self._to_device(host_BL), attention_mask=mask_BL, **more)
        hidden = output.last_hidden_state if self.head.modes else output.pooler_output
        rows_BD: Tensor = self.head(hidden, mask_BL, self.reader.prompt_tokens)
        rows_BD = rows_BD[:, : self.truncate_dim]
        return F.normalize(rows_BD, dim=1) if self.normalize else rows_BD

    def _check_range(self, ids_BL: Tensor) -> None:
        # An index beyond the table ends the CUDA context, so that no later text could be encoded.
        largest = int(ids_BL.max())
        if self.vocabulary is not None and largest >= self.vocabulary:
            raise WrongTokenizerError(
                f"token {largest} is not among the model's {self.vocabulary}: another model's tokenizer"
            )

    def _to_device(self, values: Tensor) -> Tensor:
        return pin_if_possible(values, self.device).to(self.device, non_blocking=True)


def build_encoder(settings: TeacherSettings, parts: Parts, device: torch.device) -> Encoder:
    """Return the encoder that settings and the model's own files describe, tried with one text.

    Raises:
        TeacherError: the model gives no vectors, or settings do not fit it.
    """
    name, layout, model = parts.files.name, parts.layout, parts.model
    prompt = choose_prompt(name, settings.prompt, layout)
    limit = longest_text(settings.max_length, layout.max_length, parts.tokenizer, model)
    kind = str(getattr(model.config, "model_type", ""))
    zero_types = kind in SEGMENTS_AS_TOKENS
    reader = TokenReader(parts.tokenizer, limit, prompt.text, special=not layout.static, zero_types=zero_types)
    own = settings.pooling == "auto"
    pools_itself = own and (layout.pools_itself or (layout.steps is None and type(model).__name__ in POOLED_CLASSES))
    steps = (layout.steps or ()) if pools_itself else default_steps(settings, layout, model.config)
    head = build_head(name, steps, parts.files.find, pools_itself=pools_itself)
    precision = precision_for(settings, device, kind)
    if not getattr(model, "is_quantized", False):  # such a model computes as its own quantisation says
        stored = getattr(model.config, "dtype", None)
        if stored is not None and stored != precision:
            types = (str(dtype).removeprefix("torch.") for dtype in (stored, precision))
            logger.info("teacher: %s is stored in %s and computed in %s (teacher.precision chooses)", name, *types)
        model = model.to(device, precision)
    plain_steps = ("Pooling", "Normalize") if settings.normalize else ("Pooling",)
    plain = len(head.modes) == 1 and (head.prompt_counts or not prompt.text)
    plain = plain and all(step.kind in plain_steps for step in steps)
    encoder = Encoder(
        model=model.eval(),
        reader=reader,
        head=head.to(device).eval(),
        prompt=prompt,
        device=device,
        precision=precision,
        normalize=settings.normalize,
        plain_pooling=settings.pooling if not own else head.modes[0] if plain else "auto",
        vocabulary=_vocabulary(model),
        made_for=origin_of(name, settings, layout, model.config),
    )
    if encoder.made_for:
        logger.warning(
            "teacher: %s was made as a %s, whose head is left aside: an embedding is what %s makes of its last hidden "
            "states (teacher.pooling chooses another)",
            name,
            encoder.made_for,
            head.label,
        )
    encoder.width, encoder.pads = _rehearse(name, encoder)
    encoder.truncate_dim = settings.truncate_dim or layout.truncate_dim
    encoder.width = kept_width(name, encoder.width, encoder.truncate_dim)
    return encoder


def precision_for(settings: TeacherSettings, device: torch.device, kind: str) -> torch.dtype:
    """Return the number type in which a model of a kind computes."""
    if settings.precision == "auto":
        return torch.float16 if device.type == "cuda" and kind not in NO_HALF else torch.float32
    precision: torch.dtype = getattr(torch, settings.precision)
    return precision


def _rehearse(name: str, encoder: Encoder) -> tuple[int, bool]:
    """Return the width of an embedding, and whether padding leaves it alone, from encoding a few texts."""
    try:
        tokens = encoder.reader.read(REHEARSED)
        row_1D = encoder.forward(tokens, np.zeros(1, dtype=np.int64))
        singles = [row_1D, *(encoder.forward(tokens, np.array([index])) for index in range(1, len(REHEARSED)))]
        alone_BD, padded_BD = torch.cat(singles), encoder.forward(tokens, np.arange(len(REHEARSED)))
    except WrongTokenizerError as error:
        raise TeacherError(
            f"teacher {name!r}: its tokenizer gives {error}. Copy the tokenizer's files of the same model into its "
            "folder"
        ) from None
    except Exception as error:  # of any model
        raise TeacherError(
            f"teacher {name!r} is a {type(encoder.model).__name__}, which gives no embedding of a text "
            f"({type(error).__name__}: {first_line(error)}); expected a text encoder"
        ) from error
    if row_1D.dim() != 2:
        raise TeacherError(f"teacher {name!r} gives {list(row_1D.shape)} numbers for a text; expected one row")
    share = MOVED_SHARE if encoder.precision == torch.float32 else MOVED_SHARE_HALF
    moved_B = (alone_BD - padded_BD).norm(dim=1) > share * alone_BD.norm(dim=1)
    return int(row_1D.shape[1]), not bool(moved_B.any())


def _vocabulary(model: Any) -> int | None:
    try:
        count = getattr(model.get_input_embeddings(), "num_embeddings", None)
    except (AttributeError, NotImplementedError):  # a model around another one
        return None
    return count if isinstance(count, int) else None


def _padded(rows: list[list[int]], longest: int, value: int) -> Tensor:
    return torch.tensor([row + [value] * (longest - len(row)) for row in rows])
