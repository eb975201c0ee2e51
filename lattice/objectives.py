"""What the student is given and what it shall answer: objectives, and the batches that they make.

Shapes: B batch, D embedding width.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.config import EmbeddingMappingSettings, SimpleProjectConfig, TrainingEmbeddingSettings
from lattice.config.base import Settings
from lattice.config.sections import known_part
from lattice.data import EmbeddingDataset
from lattice.errors import CellcubeError, DataError, DeclarationError, PluginError
from lattice.offer import Offer
from lattice.plugin_faults import fault_line, field_at, kind_text, refused, source_of
from lattice.plugins import BUILT_IN, OBJECTIVES
from lattice.seeding import mixed_seed

_EVALUATION_SALT = 0x5EED

BASELINES = ("identity", "pca", "linear")
"""What an objective may call a fair baseline: the input itself, PCA-k of the clean inputs, the best map of rank k.

An MLP of equal parameters and training is always among those that a cube must beat."""


@dataclass(frozen=True)
class Batch:
    """Samples for an objective to make inputs and targets from."""

    clean_BD: Tensor
    """The samples' embeddings, float32, of unit length if the settings say so."""
    generator: torch.Generator
    """For noise, on the samples' device: what is drawn from it is the same whenever a run is repeated or resumed."""
    training: TrainingEmbeddingSettings
    """Settings of the section `training_embedding`."""
    partner_BD: Tensor | None = None
    """The embeddings of the partner texts, where the objective needs them."""


class NoSettings(Settings):
    """An objective without settings of its own."""


class Objective(ABC):
    """Makes what the student is given and what it shall answer. A subclass defines `make`."""

    title: ClassVar[str] = ""
    """For lists; made from the registered name if empty."""
    description: ClassVar[str] = ""
    """One sentence; the docstring's first line if empty."""
    settings_class: ClassVar[type[Settings]] = NoSettings
    """Its own settings, declared with `lattice.config.setting`; found under `objective.<name>` in the configuration."""
    needs_partners: ClassVar[bool] = False
    """Whether it needs data with two texts a sample. Its targets are then looked up among the partners."""
    baselines: ClassVar[tuple[str, ...]] = BASELINES
    """The baselines that are fair: a cube must beat these. Any of `identity`, `pca`, `linear`."""

    def __init__(self, settings: Any) -> None:
        """Use settings of the class `settings_class`."""
        self.settings = settings

    @abstractmethod
    def make(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return (input, target), both float32 [B, D]."""


class Reconstruct(Objective):
    """Give back the input."""

    def make(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """See `Objective.make`."""
        return batch.clean_BD, batch.clean_BD


class Denoise(Objective):
    """Noisy input, clean target; the noise is `training_embedding.noise_sigma`."""

    def make(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """See `Objective.make`."""
        clean_BD = batch.clean_BD
        noise_BD = torch.randn(clean_BD.shape, generator=batch.generator, device=clean_BD.device)
        return clean_BD + batch.training.noise_sigma * noise_BD, clean_BD


class Pairs(Objective):
    """Text A in, the embedding of its partner text out."""

    needs_partners = True

    def make(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """See `Objective.make`."""
        assert batch.partner_BD is not None
        return batch.clean_BD, batch.partner_BD


def objective_of(config: SimpleProjectConfig) -> Objective:
    """Return the objective of a run; raises `PluginError` if nothing of its name is loaded, or if it can't be made."""
    name = config.training_embedding.objective
    offer = OBJECTIVES[name]
    has_settings = offer.settings is not None and offer.settings.model_fields
    kind = offer.load()
    try:
        made: Objective = kind(_settings_now(config, name, offer) if has_settings else NoSettings())
    except Exception as error:
        raise PluginError(f"the objective '{name}' can't be made: {fault_line(error, source_of(kind))}") from error
    return made


def check_baselines(kind: type[Objective]) -> None:
    """Raise `DeclarationError` if a class of objectives names baselines that there are not."""
    named: Any = kind.baselines
    if not (isinstance(named, tuple | list) and all(name in BASELINES for name in named)):
        place = f"{field_at(kind, 'baselines')}: {kind.__name__}.baselines"
        raise DeclarationError(f"{place} = {named!r}: expected a tuple of any of {', '.join(map(repr, BASELINES))}")


def _settings_now(config: SimpleProjectConfig, name: str, offer: Offer) -> Any:
    """Return an objective's own settings as values of the class that is registered now, after a reload too."""
    settings, kind = getattr(config.objective, name), offer.settings
    if kind is None or isinstance(settings, kind):
        return settings
    return kind.model_validate(known_part(settings.model_dump(), kind))


def prepare_embeddings(rows_BD: Tensor, mapping: EmbeddingMappingSettings) -> Tensor:
    """Return float32 embeddings, of unit length if the settings say so."""
    rows_BD = rows_BD.float()
    return F.normalize(rows_BD, dim=-1) if mapping.normalize_embeddings else rows_BD


def noise_generator(seed: int, counter: int, device: torch.device) -> torch.Generator:
    """Return a generator that is a pure function of seed and counter, so that resuming needs no saved state."""
    return torch.Generator(device=device).manual_seed(mixed_seed(seed, counter))


def evaluation_generator(seed: int, device: torch.device, counter: int = 0) -> torch.Generator:
    """Return the generator of the noise of samples that are scored, the same every time; 0: of an evaluation."""
    return noise_generator(seed ^ _EVALUATION_SALT, counter, device)


def check_dataset(config: SimpleProjectConfig, dataset: EmbeddingDataset) -> None:
    """Raise `DataError` if the data can't serve the objective, or is too small to train and evaluate on."""
    name = config.training_embedding.objective
    if OBJECTIVES[name].needs_partners and dataset.partners is None:
        others = ", ".join(f"'{other.name}'" for other in OBJECTIVES.entries() if not other.value.needs_partners)
        raise DataError(
            f"the objective '{name}' needs data with two texts a sample, but {dataset.source} has one: "
            f"choose one of {others}, or open data with pairs"
        )
    training, held_out = len(dataset.train_indices), len(dataset.validation_indices)
    if training < 1 or held_out < 2:
        raise DataError(
            f"{dataset.source} has {training} training and {held_out} held-out samples, but at least 1 and 2 are "
            "needed: use more data, a larger sample limit or a larger validation share"
        )


def make_batch(
    dataset: EmbeddingDataset, indices_B: Tensor, config: SimpleProjectConfig, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return (input, target), both float32 [B, D] on the dataset's device.

    Raises:
        DataError: the objective needs partners, and the data has none.
        PluginError: a plugged objective raised, or returned anything but two tensors of the samples' shape.
    """
    objective, mapping = objective_of(config), config.embedding_mapping
    partner_BD = None
    if objective.needs_partners:
        check_dataset(config, dataset)
        partner_BD = prepare_embeddings(dataset.batch(indices_B, partners=True), mapping)
    clean_BD = prepare_embeddings(dataset.batch(indices_B), mapping)
    batch = Batch(clean_BD, generator, config.training_embedding, partner_BD)
    return made_by(objective, batch, config.training_embedding.objective)


def made_by(objective: Objective, batch: Batch, name: str) -> tuple[Tensor, Tensor]:
    """Return what an objective, registered under `name`, makes of a batch; raises as `make_batch` does."""
    if OBJECTIVES.entry(name).plugin == BUILT_IN:
        return objective.make(batch)
    try:
        made = objective.make(batch)
    except (CellcubeError, MemoryError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        source = source_of(type(objective))
        raise PluginError(f"the objective '{name}' failed: {fault_line(error, source)}") from error
    return _checked(objective, made, batch.clean_BD)


def _checked(objective: Objective, made: Any, clean_BD: Tensor) -> tuple[Tensor, Tensor]:
    """Return what a plugged objective made; raise `PluginError` if a student can't take it."""
    if not isinstance(made, tuple | list) or len(made) != 2:
        got = kind_text(made)
    else:
        wrong = {
            what: kind_text(part) + (f" on the device {part.device}" if isinstance(part, Tensor) else "")
            for what, part in zip(("input", "target"), made, strict=True)
            if not isinstance(part, Tensor)
            or (part.shape, part.dtype, part.device) != (clean_BD.shape, clean_BD.dtype, clean_BD.device)
        }
        if not wrong:
            return made[0], made[1]
        got = " and ".join(f"as {what} {text}" for what, text in wrong.items())
    expected = f"(input, target): two tensors {list(clean_BD.shape)} of float32 on the device {clean_BD.device}"
    raise refused(type(objective).make, expected, got)
