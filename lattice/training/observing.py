"""Watching one sample: its whole rollout as plain arrays.

Shapes: N cells, C state size, T lattice steps, D embedding width, L live experts, m scalars per cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.errors import DataError
from lattice.losses import reconstruction_loss, similarity_loss
from lattice.model.rules.base import Trace
from lattice.model.student import StudentModel, StudentOutput
from lattice.neighbourhood import TierMeans
from lattice.objectives import make_batch, noise_generator, objective_of, prepare_embeddings
from lattice.tiers import TIERS
from lattice.training.mean_states import MeanStates
from lattice.training.reports import Array, Mask, Observation

NEAREST = 5
"""How many near samples an observation lists."""

MAX_COMPARED = 20_000
"""Near samples are searched among at most this many of the dataset's first samples."""


class Watcher:
    """Runs single samples through a student for the window; changes nothing of the training."""

    def __init__(
        self,
        dataset: EmbeddingDataset,
        config: SimpleProjectConfig,
        student: StudentModel,
        tier_means: TierMeans,
        *,
        recompute: bool = False,
    ) -> None:
        """Prepare the embeddings that near samples are searched among; see `roll_out` for `recompute`."""
        self.dataset, self.config, self.student, self.tier_means = dataset, config, student, tier_means
        self.recompute = recompute
        self.erased_N: Tensor | None = None
        pairs = objective_of(config).needs_partners and dataset.partners is not None
        compared = torch.arange(min(len(dataset), MAX_COMPARED), device=dataset.embeddings.device)
        rows = dataset.batch(compared, partners=pairs)
        self._means = self._mean_states()
        self.compared_SD = F.normalize(prepare_embeddings(rows, config.embedding_mapping), dim=-1)

    def erasing(self, erased_XYZ: Mask | None) -> Watcher:
        """Erase these cells in what is watched next, bool [X, Y, Z], None for none; return itself."""
        if erased_XYZ is not None and erased_XYZ.shape != self.student.dimensions:
            raise DataError(
                f"got erased cells of a {erased_XYZ.shape} cube, expected one of {self.student.dimensions}: "
                "restore the cells, then erase again"
            )
        none = erased_XYZ is None or not erased_XYZ.any()
        erased_N = None if none else torch.from_numpy(np.array(erased_XYZ).reshape(-1)).to(self.dataset.device)
        if not _same(erased_N, self.erased_N):  # a message of the damaged cube differs from the mean of that cube
            self.erased_N = erased_N
            self._means = self._mean_states()
        return self

    def _mean_states(self) -> MeanStates:
        return MeanStates(self.dataset, self.config, self.student, self.tier_means, self.erased_N)

    def sample(
        self, sample: int, training_step: int, *, learning_signal: bool = False, mean_states: bool = False
    ) -> Observation:
        """Return the rollout of one sample of the dataset, with the input that the objective would give it."""
        if not 0 <= sample < len(self.dataset):
            raise DataError(f"there is no sample {sample}: {self.dataset.source} has {len(self.dataset)}")
        device, seed = self.dataset.device, self.config.training_embedding.seed
        rows = torch.tensor([sample], device=device)
        inputs, target = make_batch(self.dataset, rows, self.config, noise_generator(seed, sample, device))
        observation = self._observe(inputs, target, training_step, sample, self.dataset.text(sample), learning_signal)
        return self._with_mean(observation) if mean_states else observation

    def embedding(
        self,
        embedding_D: Array,
        training_step: int,
        text: str = "",
        *,
        learning_signal: bool = False,
        mean_states: bool = False,
    ) -> Observation:
        """Return the rollout of an embedding that need not be in the dataset, float [D]; it is its own target."""
        vector = torch.as_tensor(np.array(embedding_D, dtype=np.float32), device=self.dataset.device)
        if vector.shape != (self.dataset.width,):
            raise DataError(f"got an embedding of shape {tuple(vector.shape)}, expected ({self.dataset.width},)")
        rows = prepare_embeddings(vector.unsqueeze(0), self.config.embedding_mapping)
        observation = self._observe(rows, rows, training_step, -1, text, learning_signal)
        return self._with_mean(observation) if mean_states else observation

    def _with_mean(self, observation: Observation) -> Observation:
        mean_TNC = self._means.follow(observation.training_step)
        mean_TXYZC = _host(mean_TNC.unflatten(1, self.student.dimensions))
        return replace(observation, mean_TXYZC=mean_TXYZC, mean_settled=self._means.settled)

    def _observe(
        self, input_1D: Tensor, target_1D: Tensor, training_step: int, sample: int, text: str, learning_signal: bool
    ) -> Observation:
        self.student.draw_from(self.config.training_embedding.seed, -2 - sample)
        steps = self.config.lattice.lattice_steps
        with torch.set_grad_enabled(learning_signal):
            damaged = self.student(input_1D, self.tier_means, steps, recompute=self.recompute, erased_N=self.erased_N)
            output = cast(StudentOutput, damaged)
            signal = self._signal(output, target_1D) if learning_signal else None
        with torch.no_grad():
            observation = self._pack(output, input_1D, target_1D, signal, training_step, sample, text)
            return observation if self.erased_N is None else self._compared(observation, input_1D, target_1D)

    def _compared(self, observation: Observation, input_1D: Tensor, target_1D: Tensor) -> Observation:
        """Add what was erased, and what the same cube answers with all of its cells."""
        assert self.erased_N is not None
        intact = self.student(input_1D, self.tier_means, self.config.lattice.lattice_steps).embedding_BD
        return replace(
            observation,
            erased_XYZ=self.erased_N.cpu().numpy().reshape(self.student.dimensions),
            intact_cosine=F.cosine_similarity(intact, target_1D, dim=-1).item(),
        )

    def _signal(self, output: StudentOutput, target_1D: Tensor) -> Tensor:
        loss = reconstruction_loss(output.embedding_BD, target_1D) + similarity_loss(output.embedding_BD, target_1D)
        gradients = torch.autograd.grad(loss, output.rollout.states, materialize_grads=True)
        return torch.stack([gradient.norm(dim=-1).squeeze(1) for gradient in gradients])

    def _pack(
        self,
        output: StudentOutput,
        input_1D: Tensor,
        target_1D: Tensor,
        signal_TN: Tensor | None,
        training_step: int,
        sample: int,
        text: str,
    ) -> Observation:
        student, sides = self.student, self.student.dimensions
        states = [state.detach() for state in output.rollout.states]
        readings = torch.cat([student.read(state) for state in states])
        cosines = F.cosine_similarity(readings, target_1D, dim=-1)
        columns = [TIERS.index(tier) for tier in self.tier_means.live_tiers]
        traced = _stacked(output.rollout.traces)
        gates_TN3 = states[0].new_zeros(len(states) - 1, len(states[0]), len(TIERS))
        if "gates" in traced:
            gates_TN3[:, :, columns] = traced["gates"].to(gates_TN3)
            traced["gates"] = gates_TN3
        near = torch.cat([F.normalize(target_1D, dim=-1), F.normalize(readings[-1:], dim=-1)]) @ self.compared_SD.T
        best = near.topk(min(NEAREST, near.shape[1]), dim=-1)
        nearest = [
            tuple(zip(rows.tolist(), values.tolist(), strict=True))
            for rows, values in zip(best.indices, best.values, strict=True)
        ]
        trace = {name: _host(values_TNk.unflatten(1, sides)) for name, values_TNk in traced.items()}
        return Observation(
            training_step=training_step,
            sample=sample,
            text=text,
            dimensions=sides,
            states_TXYZC=_host(torch.stack(states).squeeze(2).unflatten(1, sides)),
            gates_TXYZ3=trace["gates"] if "gates" in trace else _host(gates_TN3.unflatten(1, sides)),
            skin_XYZm=_on_lattice(student.mapper.scalars_of(input_1D)[0], student.inputs, sides),
            readout_XYZm=_on_lattice(
                student.extractor.scalars_of(states[-1][student.outputs])[0], student.outputs, sides
            ),
            signal_TXYZ=None if signal_TN is None else _host(signal_TN.unflatten(1, sides)),
            input_D=_host(input_1D[0]),
            target_D=_host(target_1D[0]),
            student_D=_host(readings[-1]),
            cosine=cosines[-1].item(),
            t0_cosine=cosines[0].item(),
            step_cosines=tuple(cosines.tolist()),
            nearest_before=nearest[0],
            nearest_after=nearest[1],
            trace=trace,
        )


def _same(one_N: Tensor | None, other_N: Tensor | None) -> bool:
    return one_N is other_N if one_N is None or other_N is None else torch.equal(one_N, other_N)


def _stacked(traces: Sequence[Trace]) -> dict[str, Tensor]:
    """Return the traces of one sample by name, [T, N, k]."""
    names = traces[0] if traces else ()
    return {name: torch.stack([trace[name].detach().squeeze(1) for trace in traces]) for name in names}


def _host(tensor: Tensor) -> Array:
    """Copy to the host as float32; the copy shares no memory with the student."""
    array: Array = np.array(tensor.detach().float().cpu().numpy(), dtype=np.float32, order="C", copy=True)
    return array


def _on_lattice(values_Sm: Tensor, cells_S: Tensor, sides: tuple[int, int, int]) -> Array:
    x, y, z = sides
    field = values_Sm.new_full((x * y * z, values_Sm.shape[-1]), float("nan"))
    field[cells_S] = values_Sm
    return _host(field.unflatten(0, sides))
