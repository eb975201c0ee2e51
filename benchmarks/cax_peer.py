"""CAX's three-dimensional neural cellular automaton in JAX, taught to carry an embedding, for `benchmarks.worker`.

The automaton is put together as in CAX's own three-dimensional example (self-autoencoding digits): a depthwise
3x3x3 convolution with four kernels per channel perceives, `NCAUpdate` with one hidden layer updates, samples are
mapped with `nnx.vmap`, and the whole training step is under `nnx.jit`. Around it stands what our cube has too: scalars
painted on the surface cells, a shared lift and read-out, and `1 - cosine` between what comes out and what went in.

Shapes: S surface cells, m scalars per surface cell, C channels, B batch, D embedding width.
"""

from __future__ import annotations

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
from cax.core import ComplexSystem
from cax.core.perceive import ConvPerceive
from cax.core.update import NCAUpdate
from flax import nnx

from benchmarks.memory import peak_bytes
from benchmarks.samples import WIDTH
from benchmarks.worker import Task
from lattice.geometry import surface_cells

_KERNELS_PER_CHANNEL = 4


class Automaton(ComplexSystem):
    """Perceive, update."""

    def __init__(self, channels: int, hidden: int, rngs: nnx.Rngs) -> None:
        """Create CAX's modules."""
        perception = _KERNELS_PER_CHANNEL * channels
        self.perceive = ConvPerceive(
            channel_size=channels,
            perception_size=perception,
            kernel_size=(3, 3, 3),
            feature_group_count=channels,
            rngs=rngs,
        )
        self.update = NCAUpdate(
            channel_size=channels,
            perception_size=perception,
            hidden_layer_sizes=(hidden,),
            cell_dropout_rate=0.5,
            kernel_size=(3, 3, 3),
            zeros_init=True,
            rngs=rngs,
        )

    def _step(self, state: jax.Array, input: jax.Array | None = None, *, sow: bool = False) -> jax.Array:
        """Do one step of all cells of one sample, [X, Y, Z, C]."""
        return self.update(state, self.perceive(state), input)


class Student(nnx.Module):
    """Embedding in, automaton, embedding out."""

    def __init__(self, side: int, channels: int, hidden: int, rngs: nnx.Rngs) -> None:
        """Create all weights."""
        self.shape = (side, side, side, channels)
        # A plain array would count as a weight.
        self.surface = tuple(surface_cells((side, side, side)).tolist())
        self.scalars = math.ceil(WIDTH / len(self.surface))
        painted = len(self.surface) * self.scalars
        self.paint = nnx.Linear(WIDTH, painted, use_bias=False, rngs=rngs)
        self.lift = nnx.Linear(self.scalars, channels, rngs=rngs)
        self.automaton = Automaton(channels, hidden, rngs)
        self.read = nnx.Linear(channels, self.scalars, rngs=rngs)
        self.project = nnx.Linear(painted, WIDTH, rngs=rngs)

    def __call__(self, embedding_BD: jax.Array, steps: int) -> jax.Array:
        """Return the embeddings that come out, [B, D]."""
        batch, surface = len(embedding_BD), np.array(self.surface)
        scalars_BSm = self.paint(embedding_BD).reshape(batch, len(surface), self.scalars) * math.sqrt(WIDTH)
        state_BNC = jnp.zeros((batch, math.prod(self.shape[:3]), self.shape[3]))
        state_BNC = state_BNC.at[:, surface].set(self.lift(scalars_BSm))
        axes = nnx.StateAxes({nnx.RngState: 0, ...: None})

        def run(automaton: Automaton, state: jax.Array) -> jax.Array:
            return automaton(state, num_steps=steps)

        mapped = nnx.split_rngs(splits=batch)(nnx.vmap(run, in_axes=(axes, 0)))
        final_BNC = mapped(self.automaton, state_BNC.reshape(batch, *self.shape)).reshape(state_BNC.shape)
        return self.project(self.read(final_BNC[:, surface]).reshape(batch, -1))


def loss_of(student: Student, embedding_BD: jax.Array, steps: int) -> jax.Array:
    """Return the mean of `1 - cosine` between what comes out and what went in."""
    out_BD = student(embedding_BD, steps)
    lengths = jnp.linalg.norm(out_BD, axis=-1) * jnp.linalg.norm(embedding_BD, axis=-1)
    return jnp.mean(1.0 - jnp.sum(out_BD * embedding_BD, axis=-1) / jnp.maximum(lengths, 1e-8))


@partial(nnx.jit, static_argnames="steps")
def update(student: Student, optimizer: nnx.Optimizer, embedding_BD: jax.Array, steps: int) -> jax.Array:
    """Do one training step; return the loss."""
    loss, gradient = nnx.value_and_grad(partial(loss_of, steps=steps))(student, embedding_BD)
    optimizer.update(student, gradient)
    return loss


def training_step(
    *,
    side: int,
    channels: int,
    batch_size: int,
    steps: int,
    hidden: int,
    device: str,
    threads: int | None,
) -> Task:
    """Compile one training step and return it; `threads` was set by the process's environment and cores."""
    del threads
    rngs = nnx.Rngs(0)
    student = Student(side, channels, hidden, rngs)
    rule = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(1e-3))
    optimizer = nnx.Optimizer(student, rule, wrt=nnx.Param)
    embedding_BD = jax.random.normal(jax.random.key(1), (batch_size, WIDTH))
    embedding_BD /= jnp.linalg.norm(embedding_BD, axis=-1, keepdims=True)

    def call() -> None:
        jax.block_until_ready((update(student, optimizer, embedding_BD, steps), nnx.state(student)))

    call()
    weights = jax.tree.leaves(nnx.state(student, nnx.Param))
    facts = {
        "parameters": sum(weight.size for weight in weights),
        "loss": float(update(student, optimizer, embedding_BD, steps)),
        "device": str(jax.devices()[0]),
        "jax": jax.__version__,
    }
    return Task(call, partial(_peak_bytes, device), facts)


def _peak_bytes(device: str) -> int:
    if device == "cpu":
        import torch

        return peak_bytes(torch.device("cpu"))
    return int(jax.devices()[0].memory_stats()["peak_bytes_in_use"])
