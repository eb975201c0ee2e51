"""Settings of how much each loss counts."""

from __future__ import annotations

from lattice.config.base import Settings, setting


class LossWeights(Settings):
    """How much each loss counts in the total."""

    reconstruction: float = setting(
        1.0,
        title="Reconstruction",
        description="Weight of the squared error, scaled so that predicting zero costs 1.",
        cost="live",
        ge=0.0,
        le=100.0,
    )
    similarity: float = setting(
        1.0,
        title="Similarity",
        description="Weight of one minus the cosine between student and teacher.",
        cost="live",
        ge=0.0,
        le=100.0,
    )
    relation: float = setting(
        0.2,
        title="Relation",
        description="Weight of the squared difference between the student's and the teacher's cosines within a batch.",
        cost="live",
        ge=0.0,
        le=100.0,
    )
    smoothness: float = setting(
        0.0,
        title="Smoothness",
        description="Weight of the squared change of the states per lattice step.",
        cost="live",
        ge=0.0,
        le=100.0,
    )
    gate_balance: float = setting(
        0.01,
        title="Gate balance",
        description="Weight of the penalty on using the live experts unevenly.",
        cost="live",
        ge=0.0,
        le=100.0,
    )
