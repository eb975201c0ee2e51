"""Settings of the training task and of the optimizer."""

from __future__ import annotations

from typing import Annotated, Literal

from lattice.config.base import Settings, setting
from lattice.config.loss_weights import LossWeights
from lattice.config.sections import registered
from lattice.plugins import OBJECTIVES

OnDivergence = Literal["warn", "pause"]
Schedule = Literal["one_cycle", "cosine", "constant"]
DamagedCells = Literal["interior", "between"]
DAMAGED_CELLS: dict[str, str] = {"interior": "inside the skin", "between": "neither painted nor read"}
"""Which cells each kind of damaged cells are, in words."""


class TrainingEmbeddingSettings(Settings):
    """What is learned, from which samples, and how it is measured."""

    data: str | None = setting(
        None,
        title="Data",
        description="File of texts or embeddings, folder of shards, or 'hub:owner/name'. Empty: the bundled demo.",
        cost="rebuild",
        min_length=1,
    )
    max_total_samples: int | None = setting(
        None,
        title="Sample limit",
        description="Most samples taken from the data, training and validation together. Empty: all.",
        unit="samples",
        cost="rebuild",
        ge=2,
    )
    gpu_memory_reserve_gb: float = setting(
        20.0,
        title="GPU memory reserve",
        description="GPU memory kept free of data, for the model and other programs.",
        unit="GB",
        cost="rebuild",
        ge=0.0,
        le=1024.0,
    )
    objective: Annotated[str, *registered(OBJECTIVES)] = setting(
        "reconstruct",
        title="Objective",
        description="'reconstruct': give back the input. 'denoise': noisy input, clean target. "
        "'pairs': text A in, the embedding of its partner text out. Plugins may bring others.",
        cost="live",
    )
    noise_sigma: float = setting(
        0.1,
        title="Noise",
        description="Standard deviation of the noise on every component of a unit embedding; only for 'denoise'.",
        unit="per component",
        cost="live",
        ge=0.0,
        le=10.0,
    )
    damage: float = setting(
        0.0,
        title="Damage",
        description="Share of the damaged cells' kind that holds the state zero throughout a batch, drawn again for "
        "each one. The cube then learns to do without any of them. 0 erases none.",
        unit="of these cells",
        cost="live",
        ge=0.0,
        le=0.9,
    )
    damaged_cells: DamagedCells = setting(
        "interior",
        title="Damaged cells",
        description="Which cells damage may erase, in training and where it is measured. 'interior': those inside the "
        "skin. 'between': all that are neither painted nor read, with the skin between two faces; the harder question, "
        "for then no way across is safe.",
        cost="live",
    )
    batch_size: int = setting(
        32,
        title="Batch size",
        description="Samples per forward pass.",
        unit="samples",
        cost="live",
        ge=1,
        le=65536,
    )
    accumulation: int = setting(
        1,
        title="Accumulation",
        description="Batches whose gradients are added up before one optimizer update.",
        unit="batches",
        cost="live",
        ge=1,
        le=1024,
    )
    training_steps: int = setting(
        600,
        title="Training steps",
        description="Optimizer updates of the whole run, or of what follows an edit that makes a new student; the "
        "learning rate schedule spans them.",
        unit="training steps",
        cost="live",
        ge=1,
    )
    validation_fraction: float = setting(
        0.1,
        title="Validation share",
        description="Share of the samples held out, chosen by a hash of their text or values.",
        cost="rebuild",
        gt=0.0,
        lt=1.0,
    )
    evaluate_every: int = setting(
        50,
        title="Evaluate every",
        description="Training steps between two evaluations on held-out samples; the window adds some early on.",
        unit="training steps",
        cost="live",
        ge=1,
    )
    evaluation_samples: int = setting(
        512,
        title="Evaluation samples",
        description="Most held-out samples used by one evaluation.",
        unit="samples",
        cost="live",
        ge=2,
    )
    baseline_rank: int | None = setting(
        None,
        title="Baseline rank",
        description="Rank k of the baselines PCA and linear. Empty: the scalars that pass the narrowest place of the "
        "cube (painted, sent across the narrowest layer, or read), at most the embedding's width.",
        cost="live",
        ge=1,
    )
    mlp_baseline: bool = setting(
        True,
        title="MLP baseline",
        description="Train a plain network of as many parameters on the same batches and score it beside the cube. "
        "It is trained when scores are due, and takes 1 to 3 % of the time of a cube of 8x8x8.",
        cost="live",
    )
    on_divergence: OnDivergence = setting(
        "warn",
        title="On divergence",
        description="What happens when the loss exceeds a thousand times its best. 'warn': window, log and curve say "
        "so, and training goes on. 'pause': training pauses as well; without a window the run is saved and ends with "
        "exit code 7.",
        cost="live",
    )
    seed: int = setting(
        0,
        title="Seed",
        description="Start of every random choice: weights, data order and noise.",
        cost="rebuild",
        ge=0,
        lt=2**31,
    )
    loss_weights: LossWeights = setting(
        LossWeights(),
        title="Loss weights",
        description="How much each loss counts in the total.",
        cost="live",
    )


class OptimizerSettings(Settings):
    """AdamW, its learning rate schedule, and what it updates."""

    frozen_cells: bool = setting(
        False,
        title="Freeze cells",
        description="Train the outer maps between embedding and cells alone: the weights that all cells share, the "
        "cell rule's and the volume's start, get no update.",
        cost="live",
    )

    learning_rate: float = setting(
        5e-3,
        title="Learning rate",
        description="Peak learning rate of AdamW.",
        cost="live",
        gt=0.0,
        le=1.0,
    )
    weight_decay: float = setting(
        1e-3,
        title="Weight decay",
        description="Decoupled weight decay of AdamW.",
        cost="live",
        ge=0.0,
        le=1.0,
    )
    schedule: Schedule = setting(
        "one_cycle",
        title="Schedule",
        description="'one_cycle' warms up, then falls to nearly zero; 'cosine' only falls; 'constant' stays.",
        cost="live",
    )
    warmup_fraction: float = setting(
        0.1,
        title="Warm-up share",
        description="Share of the training steps in which a one-cycle schedule rises.",
        cost="live",
        ge=0.0,
        lt=1.0,
    )
    clip_norm: float = setting(
        1.0,
        title="Clip norm",
        description="Largest global gradient norm; larger gradients are scaled down to it.",
        cost="live",
        gt=0.0,
        le=1000.0,
    )
