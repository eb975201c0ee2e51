"""The MLP baseline of a run: trained on the student's batches, as many training steps as the student has done.

It is brought up to date when scores are due, not within training steps: so they cost what they cost without it, and
nothing of the student's can change. Batches and noise are pure functions of seed and counters, so they are the same
ones, unless a training step of the student was refused as not finite, which takes one batch.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.errors import CheckpointError
from lattice.log import logger
from lattice.losses import embedding_losses, weighted_total
from lattice.objectives import make_batch, noise_generator
from lattice.progress import Progress, no_progress
from lattice.training.batches import BatchOrder
from lattice.training.checkpoint import load_into, load_optimizer, optimizer_tensors
from lattice.training.mlp import MLP, hidden_units, parameter_count
from lattice.training.optimizer import make_optimizer
from lattice.training.schedule import learning_rate

TOLERANCE = 0.01
"""Largest difference of the two parameter counts, as a share, at which the MLP goes on beside a changed student."""

_COUNTERS, _NETWORK, _OPTIMIZER = "counters", "network.", "optimizer."


class MLPBaseline:
    """One hidden layer with the student's number of parameters; objective, losses, schedule, optimizer, seed as its.

    The losses of the rollout (smoothness, gate balance) have nothing to act on here and are left out.
    """

    def __init__(
        self, config: SimpleProjectConfig, dataset: EmbeddingDataset, student: nn.Module, step: int, order: BatchOrder
    ) -> None:
        """Begin beside a student that has not been trained.

        Args:
            config: of the run.
            dataset: samples, on their device.
            student: whose number of parameters counts.
            step: training step of the run at which the student begins.
            order: from where the student takes the samples; not changed.
        """
        self._dataset, self._seed = dataset, config.training_embedding.seed
        self.student_parameters = parameter_count(student)
        self._began = (step, order.epoch, order.offset)
        self._start()

    def _start(self) -> None:
        """Be untrained; the network is made when it is first needed."""
        self.training_step, epoch, offset = self._began
        self._order = BatchOrder(self._dataset.train_indices, self._seed, epoch=epoch, offset=offset)
        self._network: MLP | None = None
        self._optimizer: torch.optim.AdamW | None = None

    @property
    def parameters(self) -> int:
        """Number of its parameters."""
        width = self._dataset.width
        return hidden_units(self.student_parameters, width) * (2 * width + 1) + width

    @property
    def started(self) -> bool:
        """Whether there is a network: nobody needs one before the first scores."""
        return self._network is not None

    @property
    def steps(self) -> int:
        """Training steps that it has done."""
        return self.training_step - self._began[0]

    def fit_to(self, student: nn.Module) -> None:
        """Start again, and say so, if a student whose weights live on now has another number of parameters."""
        count = parameter_count(student)
        if abs(count - self.student_parameters) > TOLERANCE * self.student_parameters:
            logger.info(
                "The MLP baseline starts again, because the student now has %s parameters in place of %s",
                f"{count:,}",
                f"{self.student_parameters:,}",
            )
            self.student_parameters = count
            self._start()

    def catch_up(self, training_step: int, config: SimpleProjectConfig, progress: Progress = no_progress) -> None:
        """Train until `training_step`; `progress` is told after every training step and may cancel, which loses none.

        Args:
            training_step: where the student is.
            config: settings in force since the student was at the training step where the MLP is now.
            progress: see above.
        """
        missing, network = training_step - self.training_step, self.network
        skips = torch.zeros((), device=self._dataset.device)
        for done in range(missing):
            skips += self._train(network, config)
            progress("Training the MLP baseline", done + 1, missing)
        if skipped := int(skips):
            logger.warning(
                "The MLP baseline left out %d of %d updates that were not finite: its score says little; lower the "
                "learning rate",
                skipped,
                missing,
            )

    @property
    def network(self) -> MLP:
        """The network as it is trained so far."""
        if self._network is None:
            hidden = hidden_units(self.student_parameters, self._dataset.width)
            self._network = MLP(self._dataset.width, hidden, self._seed).to(self._dataset.device)
        return self._network

    def _train(self, network: MLP, config: SimpleProjectConfig) -> Tensor:
        """Do one training step; return 1.0 if its update was left out as not finite, else 0.0."""
        settings = config.training_embedding
        if self._optimizer is None:
            self._optimizer = make_optimizer(network, config)
        self._optimizer.zero_grad(set_to_none=True)
        total = torch.zeros((), device=self._dataset.device)
        for batch in range(settings.accumulation):
            counter = self.training_step * settings.accumulation + batch
            generator = noise_generator(settings.seed, counter, self._dataset.device)
            indices = self._order.next(settings.batch_size)
            inputs, targets = make_batch(self._dataset, indices, config, generator)
            answers = network(inputs)
            parts = embedding_losses(answers, targets, settings.loss_weights)
            loss = weighted_total(answers, parts, settings.loss_weights) / settings.accumulation
            loss.backward()
            total += loss.detach()
        norm = nn.utils.clip_grad_norm_(network.parameters(), config.optimizer.clip_norm)
        bad = (~torch.isfinite(norm + total)).float()
        rate = learning_rate(self.steps, settings.training_steps, config.optimizer)
        for group in self._optimizer.param_groups:
            group["lr"], group["weight_decay"] = rate, config.optimizer.weight_decay
        self._optimizer.found_inf = bad  # type: ignore[attr-defined]
        self._optimizer.step()
        self.training_step += 1
        return bad

    def tensors(self) -> dict[str, Tensor]:
        """Return what a checkpoint needs to go on; of an MLP that nobody has scored yet, where it begins."""
        counters = (self.training_step, self._order.epoch, self._order.offset, *self._began)
        stored = {_COUNTERS: torch.tensor(counters)}
        if self._network is not None:
            stored |= {_NETWORK + name: value for name, value in self._network.state_dict().items()}
        if self._network is not None and self._optimizer is not None:
            moments = optimizer_tensors(self._optimizer, self._network)
            stored |= {_OPTIMIZER + name: value for name, value in moments.items()}
        return stored

    def restore(self, stored: dict[str, Tensor], config: SimpleProjectConfig, schedule_start: int, path: Path) -> None:
        """Go on as a checkpoint says; where it has no MLP, or one that does not fit, start again and say so.

        Args:
            stored: what `tensors` returned.
            config: of the run.
            schedule_start: training step at which the student began.
            path: of the checkpoint.
        """
        try:
            self._take(stored, config, path)
        except CheckpointError as error:
            self._began = (schedule_start, 0, 0)
            self._start()
            if config.training_embedding.mlp_baseline:
                logger.warning("The MLP baseline starts again: %s", error)

    def _take(self, stored: dict[str, Tensor], config: SimpleProjectConfig, path: Path) -> None:
        counters = stored.get(_COUNTERS)
        if counters is None:
            raise CheckpointError(f"{path} was saved without one; it is trained when scores are next due")
        if counters.shape != (6,) or counters.dtype != torch.int64 or bool((counters < 0).any()):
            raise CheckpointError(f"{path} holds damaged counters of it")
        step, epoch, offset, *began = counters.tolist()
        self._began = (began[0], began[1], began[2])
        self._start()
        network = _under(stored, _NETWORK)
        if not network and step == self.training_step:
            return
        if not all(bool(torch.isfinite(value).all()) for value in stored.values()):
            raise CheckpointError(f"{path} holds weights of it that are not finite")
        load_into(self.network, network, path, "MLP baseline's")
        self._optimizer = make_optimizer(self.network, config)
        updates = step - began[0]
        load_optimizer(self._optimizer, self.network, _under(stored, _OPTIMIZER), path, updates=updates)
        self.training_step = step
        self._order = BatchOrder(self._dataset.train_indices, self._seed, epoch=epoch, offset=offset)


def _under(stored: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in stored.items() if name.startswith(prefix)}
