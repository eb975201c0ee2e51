"""What follows the transformer: pooling, and the modules Dense, LayerNorm and Normalize of sentence-transformers.

Shapes: B texts, L tokens, D width of the tokens' vectors, E width of the embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from lattice.data.teachers.layout import FindFile, Step
from lattice.data.teachers.pooling import modes_of, pool
from lattice.data.teachers.refusals import listed
from lattice.errors import TeacherError, first_line

TOKENS, SENTENCE = "token_embeddings", "sentence_embedding"
"""What a Dense module may read and write."""


class Dense(nn.Module):
    """A linear layer, an activation, and, if requested, the input added to the result."""

    def __init__(self, width: int, out: int, *, bias: bool, activation: nn.Module, residual: bool) -> None:
        """Prepare the layer; the weights come later."""
        super().__init__()
        self.linear, self.activation, self.adds = nn.Linear(width, out, bias=bias), activation, residual
        if residual and width != out:
            self.residual = nn.Linear(width, out, bias=False)

    def forward(self, values: Tensor) -> Tensor:
        """Map [..., D] to [..., E]."""
        mapped: Tensor = self.activation(self.linear(values))
        if self.adds:
            mapped = mapped + (self.residual(values) if hasattr(self, "residual") else values)
        return mapped


class Head(nn.Module):
    """Makes an embedding from the tokens' vectors; in float32."""

    def __init__(
        self, modes: Sequence[str], before: Sequence[nn.Module], after: Sequence[nn.Module], *, prompt_counts: bool
    ) -> None:
        """Prepare the head.

        Args:
            modes: of the pooling; empty where the model itself gives one vector a text.
            before: modules that each token's vector passes first.
            after: modules that the pooled vector passes.
            prompt_counts: whether the tokens of a prompt are pooled too.
        """
        super().__init__()
        self.modes, self.prompt_counts = tuple(modes), prompt_counts
        self.before, self.after = nn.ModuleList(before), nn.ModuleList(after)

    @property
    def label(self) -> str:
        """Pooling and modules, for people, such as `mean pooling, Dense`."""
        pooled = f"{'+'.join(self.modes)} pooling" if self.modes else "the model's own pooling"
        return ", ".join([pooled, *(name for name in self.modules_in_order if name != "Unit")])

    @property
    def modules_in_order(self) -> list[str]:
        """What tokens and embeddings pass, by the kind of each module; with the pooling it decides the numbers."""
        return [type(module).__name__ for module in (*self.before, *self.after)]

    def forward(self, hidden_BLD: Tensor, mask_BL: Tensor, skipped: int = 0) -> Tensor:
        """Return float32 [B, E].

        Args:
            hidden_BLD: the tokens' vectors; [B, D] where the model pools itself.
            mask_BL: 1 for tokens, 0 for padding.
            skipped: tokens of the prompt at the start of every text.
        """
        for module in self.before:
            hidden_BLD = module(hidden_BLD.float())
        if self.modes:
            rows = pool(hidden_BLD, mask_BL, self.modes, 0 if self.prompt_counts else skipped)
        else:
            rows = hidden_BLD.float()
        for module in self.after:
            rows = module(rows)
        return rows


class Unit(nn.Module):
    """Scales to length 1."""

    def forward(self, rows: Tensor) -> Tensor:
        """Scale [B, E]."""
        return nn.functional.normalize(rows, dim=1)


def build_head(name: str, steps: Sequence[Step], find: FindFile, *, pools_itself: bool = False) -> Head:
    """Return the head that the steps describe, with their weights.

    Args:
        name: the teacher, for errors.
        steps: modules in their order, one of them a pooling.
        find: finds a file of the model.
        pools_itself: the transformer gives one vector a text, and no step is a pooling.

    Raises:
        TeacherError: weights are missing or do not fit, or a step is used in a way that is not known.
    """
    pooled = Step("Pooling") if pools_itself else None
    before: list[nn.Module] = []
    after: list[nn.Module] = []
    for step in steps:
        if step.kind == "Pooling" and pooled is None:
            pooled = step
        elif step.kind == "Pooling":
            raise TeacherError(f"teacher {name!r} has two modules Pooling; expected one")
        else:
            reads_tokens = step.settings.get("module_input_name", SENTENCE) == TOKENS
            if reads_tokens is not (pooled is None):
                raise TeacherError(f"teacher {name!r}: its module {step.folder} stands on the wrong side of Pooling")
            (before if pooled is None else after).append(_module(name, step, find))
    if pooled is None:
        raise TeacherError(f"teacher {name!r} has no module Pooling; set teacher.pooling to 'mean' or 'cls'")
    modes = () if pools_itself else modes_of(name, pooled.settings)
    return Head(modes, before, after, prompt_counts=pooled.settings.get("include_prompt", True) is not False)


def _module(name: str, step: Step, find: FindFile) -> nn.Module:
    if step.kind == "Normalize":
        return Unit()
    settings = step.settings
    try:
        if step.kind == "LayerNorm":
            module: nn.Module = _Norm(int(settings["dimension"]))
        else:
            wanted = settings.get("module_input_name", SENTENCE)
            if settings.get("module_output_name") not in (None, wanted):
                raise TeacherError(f"teacher {name!r}: {step.folder} reads {wanted} and writes another; not known here")
            module = Dense(
                int(settings["in_features"]),
                int(settings["out_features"]),
                bias=settings.get("bias", True) is not False,
                activation=_activation(name, settings),
                residual=settings.get("use_residual") is True,
            )
    except (KeyError, TypeError, ValueError) as error:
        raise TeacherError(f"teacher {name!r}: {step.folder}/config.json lacks {error}; get the model again") from None
    _load(name, module, step, find)
    return module


class _Norm(nn.Module):
    """A LayerNorm under the name that its file gives it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)

    def forward(self, rows: Tensor) -> Tensor:
        normed: Tensor = self.norm(rows)
        return normed


_Norm.__name__ = "LayerNorm"


def _activation(name: str, settings: Mapping[str, Any]) -> nn.Module:
    path = str(settings.get("activation_function", "torch.nn.modules.activation.Tanh"))
    kind = getattr(nn, path.rpartition(".")[2], None) if path.startswith("torch.nn.") else None
    if not (isinstance(kind, type) and issubclass(kind, nn.Module)):
        raise TeacherError(f"teacher {name!r} has the activation {path!r}, which is not one of torch.nn")
    activation: nn.Module = kind()
    return activation


def _load(name: str, module: nn.Module, step: Step, find: FindFile) -> None:
    readers: dict[str, Callable[[Path], dict[str, Tensor]]] = {
        "model.safetensors": load_file,
        "pytorch_model.bin": lambda path: dict(torch.load(path, map_location="cpu", weights_only=True)),
    }
    path, read = next(
        ((path, read) for file, read in readers.items() if (path := find(f"{step.folder}/{file}")) is not None),
        (None, load_file),
    )
    if path is None:
        raise TeacherError(
            f"teacher {name!r}: the weights of {step.folder} are missing ({' or '.join(readers)}): "
            f"{listed(module.state_dict())}. Copy the whole folder, or get the model again"
        )
    try:
        found = read(path)
        missing, unexpected = module.load_state_dict({key: row.float() for key, row in found.items()}, strict=False)
    except Exception as error:  # safetensors, pickle and torch raise many types on damaged files
        raise TeacherError(f"teacher {name!r}: {path} can't be read: {first_line(error)}; get it again") from error
    if missing or unexpected:
        wrong = f"missing: {listed(missing)}" if missing else f"not known: {listed(unexpected)}"
        raise TeacherError(f"teacher {name!r}: weights in {path} are {wrong}; get the model again")
