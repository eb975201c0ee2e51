"""The parts of the cell rule that make a cube carry, switched off one at a time."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from lattice.model.prototype import CellPrototype
from lattice.model.start import FAINT
from lattice.model.student import StudentModel

Part = Callable[[StudentModel], None]
"""Changes a new student in place."""


def _cells(student: StudentModel) -> CellPrototype:
    if not isinstance(student.prototype, CellPrototype):
        raise TypeError(f"expected the cell rule 'experts', got {type(student.prototype).__name__}")
    return student.prototype


@torch.no_grad()
def without_code(student: StudentModel) -> None:
    """Let cells hear all neighbours of the functional tier alike: query and key know nothing of classes of cells."""
    functional = _cells(student).functional
    channels = functional.sizes[0]
    nn.init.zeros_(functional.query_code.weight)
    nn.init.zeros_(functional.key_code.weight)
    nn.init.zeros_(functional.projection.bias[: 2 * channels])


@torch.no_grad()
def without_linear_start(student: StudentModel) -> None:
    """Begin the functional expert's network with torch's usual random weights, in place of pairs that are linear."""
    functional = _cells(student).functional
    fresh = nn.Linear(functional.projection.in_features, functional.sizes[2])
    functional.projection.weight[-functional.sizes[2] :] = fresh.weight
    functional.projection.bias[-functional.sizes[2] :] = fresh.bias
    functional.receive.reset_parameters()
    functional.out.reset_parameters()


@torch.no_grad()
def without_quiet_start(student: StudentModel) -> None:
    """Begin positions, the volume, own parts, the distant expert and the gates at their usual size."""
    cells = _cells(student)
    sent = cells.local.message_size
    loud = [
        cells.local.projection.weight[sent:],
        cells.local.projection.bias,
        cells.local.receive.weight,
        cells.distant.out.weight,
        *cells.position.parameters(),
        *cells.gate.parameters(),
        *cells.gate_receive.parameters(),
        *student.mapper.position.parameters(),
        *student.volume.parameters(),
    ]
    for weight in loud:
        weight /= FAINT


def without_aligned_maps(student: StudentModel) -> None:
    """Begin what is painted, sent and read in random channels of the state, in place of the same ones."""
    student.mapper.lift.reset_parameters()
    _cells(student).functional.value.reset_parameters()
    student.extractor.read.reset_parameters()


PARTS: dict[str, Part] = {
    "all parts": lambda _student: None,
    "without the lattice code": without_code,
    "without the linear start": without_linear_start,
    "without the quiet start": without_quiet_start,
    "without aligned maps": without_aligned_maps,
}
"""What is measured, by name; the first one is the rule as it is."""
