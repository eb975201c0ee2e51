"""Weights from one student to another: what fits by name and shape is taken over, and what does not is listed.

What all cells share fits every size of the cube. The outer maps, from the embedding to the painted cells and back from
the read ones, fit where width, scalars and faces are the same; they belong to each other, so both are taken or neither.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from lattice.config import SimpleProjectConfig
from lattice.model.mapping import arriving_cells
from lattice.model.rules.faults import rule_faults
from lattice.model.student import StudentModel

_SHARED = ("mapper.lift", "mapper.position", "volume", "extractor.read")
"""Maps at the ends that every painted, read or interior cell shares."""
_OUTER = ("mapper.project", "extractor.project")

ELSEWHERE = "what is painted arrives at other cells"
ALONE = "the other outer map does not fit"


@dataclass(frozen=True)
class Misfit:
    """One weight that did not find its place."""

    name: str
    """As in the student."""
    shape: tuple[int, ...] | None
    """Here; None if there is no such weight here."""
    stored: tuple[int, ...] | None
    """Where it should have come from; None if there is no such weight there."""
    why: str = ""
    """What kept it out although name and shape fit."""

    def __str__(self) -> str:
        """Return it in words."""
        if self.shape is None:
            return f"{self.name} {list(self.stored or ())} has no place here"
        if self.stored is None:
            return f"{self.name} {list(self.shape)} is new"
        if self.why:
            return f"{self.name} {list(self.shape)} begins again: {self.why}"
        return f"{self.name} {list(self.shape)} begins again: it was {list(self.stored)}"


@dataclass(frozen=True)
class CarryOver:
    """What became of the weights; names as in the student."""

    taken: tuple[str, ...]
    """Weights that have the value of before."""
    left_out: tuple[Misfit, ...]
    """Weights here that begin again, then weights of before without a place."""

    @property
    def cells(self) -> bool:
        """Whether every weight of the cell rule was taken."""
        return any(name.startswith("prototype.") for name in self.taken) and not any(
            misfit.name.startswith("prototype.") for misfit in self.left_out
        )

    @property
    def outer_maps(self) -> bool:
        """Whether the maps between embedding and cells were taken."""
        return any(name.startswith(_OUTER) for name in self.taken)

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain values for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        """Return one line for the log."""
        rest = "; ".join(map(str, self.left_out)) or "nothing is left out"
        return f"{len(self.taken)} weights taken over; {rest}"


@torch.no_grad()
def carry_over(
    old: StudentModel, new: StudentModel, before: SimpleProjectConfig, after: SimpleProjectConfig, *, outer: bool
) -> CarryOver:
    """Copy what fits from `old` into `new`, and return what became of every weight.

    The cell rule decides what it takes (`CellRule.keep_weights`). If the outer maps begin again and the configuration
    starts as the identity, the read-out is made the inverse of the mapper again.

    Args:
        old: weights to take; not changed.
        new: changed in place; on any device.
        before: configuration of `old`.
        after: configuration of `new`.
        outer: whether to take the outer maps too, if they fit; without, they begin again.
    """
    with rule_faults(type(new.prototype)):
        new.prototype.keep_weights(old.prototype)
    source, target = dict(old.state_dict()), new.state_dict()
    why = _outer_fault(source, target, before, after)
    wanted = (*_SHARED, *_OUTER) if outer and why is None else _SHARED
    for name, value in target.items():
        if name.startswith(wanted) and name in source and source[name].shape == value.shape:
            value.copy_(source[name])
    taken, left_out = [], []
    for name, value in target.items():
        stored = source.pop(name, None)
        if stored is None or stored.shape != value.shape:
            left_out.append(Misfit(name, tuple(value.shape), None if stored is None else tuple(stored.shape)))
        elif torch.equal(value, stored.to(value)):
            taken.append(name)
        else:
            kept_out = "its rule begins it again" if name.startswith("prototype.") else why or ""
            left_out.append(Misfit(name, tuple(value.shape), tuple(stored.shape), kept_out))
    left_out += [Misfit(name, None, tuple(value.shape)) for name, value in source.items()]
    result = CarryOver(tuple(taken), tuple(left_out))
    if after.embedding_mapping.start == "identity" and not result.outer_maps:
        new.extractor.start_as_inverse(new.mapper, arriving_cells(new.dimensions, after.embedding_mapping))
    return result


def _outer_fault(
    source: dict[str, Tensor], target: dict[str, Tensor], before: SimpleProjectConfig, after: SimpleProjectConfig
) -> str | None:
    """Return why the outer maps can't be taken, None if they can."""
    outer = [name for name in target if name.startswith(_OUTER)]
    if any(name not in source or source[name].shape != target[name].shape for name in outer):
        return ALONE
    arrivals = (arriving_cells(each.lattice.dimensions, each.embedding_mapping) for each in (before, after))
    return None if torch.equal(*arrivals) else ELSEWHERE
