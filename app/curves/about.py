"""What each curve is, within which range it lies, and what good looks like: for its tooltip."""

from __future__ import annotations

import textwrap

TIP_COLUMNS = 74
"""Characters to a line: Qt breaks no lines of plain tooltips."""

_ABOUT = {
    "cosine.validation": (
        "Mean cosine between the cube's output and the teacher's embeddings on held-out samples, which are "
        "never trained on. From -1 to 1, a perfect copy. Good: clearly above 'without rollout', near 'linear'"
        " or above it."
    ),
    "cosine.train": (
        "Mean cosine between the cube's output and the teacher's embeddings over the batch that was just "
        "trained on. From -1 to 1, a perfect copy. Good: rises together with 'validation'; far above it, the "
        "cube only learns its samples by heart."
    ),
    "cosine.t0": (
        "Validation cosine of the same cube without rollout, after no lattice step: what is painted is read out at "
        "once. From -1 to 1. The gap up to 'validation' is what the cells' talking adds; good is a wide one."
    ),
    "cosine.mlp": (
        "Baseline: validation cosine of a plain network with one hidden layer and as many parameters as the "
        "cube, trained on the same batches as long as the cube. From -1 to 1. A cube above this line does what "
        "its size alone does not."
    ),
    "cosine.linear": (
        "Baseline: validation cosine of the best linear map of the baseline rank, fitted to training samples."
        " From -1 to 1. A cube above this line does what no linear map of that rank can."
    ),
    "cosine.pca": (
        "Baseline: validation cosine of the samples squeezed through their leading principal components, as "
        "many as the baseline rank. From -1 to 1. A cube at this line passes on as much as they do."
    ),
    "cosine.identity": (
        "Baseline: validation cosine of the input itself, handed on unchanged. From -1 to 1, which it is "
        "where the input is to be copied. With the objectives 'denoise' and 'pairs' a good cube lies above "
        "it."
    ),
    "retrieval.at_1": (
        "Share of held-out samples whose own target is the nearest of all targets to the cube's output, by "
        "cosine. From 0 to 100 %. Good: near 100 %."
    ),
    "retrieval.at_5": (
        "Share of held-out samples whose own target is among the five nearest targets to the cube's output, by "
        "cosine. From 0 to 100 %. Good: near 100 %."
    ),
    "error.validation": (
        "Squared error of the cube's output on held-out samples, over the squared deviation of their targets "
        "from their mean. From 0, perfect, up; 1 is what the mean of the targets gets. Good: well below 1."
    ),
    "loss.total": (
        "Sum of the losses times their weights: what training makes smaller. From 0 up. Good: falls, then flattens out."
    ),
    "loss.reconstruction": (
        "Squared error between the cube's output and the teacher, over the teacher's mean square. From 0, "
        "perfect, up; 1 is what an output of zeros gets. Good: well below 1."
    ),
    "loss.similarity": (
        "One minus the mean cosine between the cube's output and the teacher. From 0, perfect, to 2. Good: near 0."
    ),
    "loss.relation": (
        "How far the cosines between the samples of a batch are from the teacher's, squared. From 0, the same"
        " neighbourhoods, to 4. Good: near 0."
    ),
    "loss.smoothness": (
        "Mean squared change of the states per lattice step. From 0, nothing moves, up. Small is a calm "
        "rollout, not a better one."
    ),
    "loss.gate_balance": (
        "How unevenly the experts of the live tiers are used. From 0, all alike, to their number less one. Good: small."
    ),
    "learning_rate": (
        "How far one training step moves the weights, as the schedule sets it. Above 0. Good: 'one cycle' "
        "rises, then falls; 'cosine' only falls; 'constant' stays."
    ),
    "gradient.total": (
        "Length of the loss's gradient over all weights, before it is clipped. From 0 up. Good: steady or "
        "slowly falling; jumps say that the learning rate is too high."
    ),
    "steps_per_second": "Training steps per second, by the time that each of them took. Above 0; more is faster.",
}


def about(name: str) -> str:
    """Return what the curve of a name is, in one paragraph; nothing for an unknown one."""
    kind, _, part = name.partition(".")
    if name in _ABOUT:
        return _ABOUT[name]
    if kind == "gradient":
        return (
            f"Length of the loss's gradient in the part '{part.replace('_', ' ')}' of the cube, before it is clipped. "
            "From 0, which says that this part learns nothing, up. Good: steady or slowly falling."
        )
    if kind == "gate":
        return (
            f"Share of the cells' updates that comes from the {part} tier, mean over cells, batch and lattice steps. "
            "From 0 to 100 %, and 0 for an empty tier. No value is best; a live tier near 0 % is not used."
        )
    return ""


def tip(name: str, title: str, *notes: str) -> str:
    """Return the tooltip of a curve's chip, in lines; `notes` are what is known of this very run."""
    paragraphs = (
        f"{title[:1].upper()}{title[1:]}",
        about(name),
        *(f"{note[:1].upper()}{note[1:]}." for note in notes if note),
        "Click to hide or show, double click to show only this one.",
    )
    return "\n".join(textwrap.fill(text, TIP_COLUMNS) for text in paragraphs if text)
