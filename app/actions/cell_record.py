"""What is known of one cell in one observation, as a record to copy: for people, and as JSON for programs."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.cube.state import Cell
from app.panels.inspector.cell_page import cell_text, is_erased, place_of
from lattice.training.reports import Observation

DIGITS = 7
"""Significant digits of a copied value: those of float32."""


def cell_record(observation: Observation, cell: Cell, step: int) -> dict[str, Any]:
    """Return a cell's values after a lattice step as plain values, ready for JSON.

    Args:
        observation: the rollout; the cell must be in its lattice.
        cell: (x, y, z).
        step: lattice step; beyond the last one, the last. A trace with index t made state t + 1, so the traces are
            those of the step that made the state; the painted cube has none.

    `sample` counts from 1, as the window does, and `row` from 0, as arrays do; both are None for a typed sentence.
    `read_out_after_last_step` is what the extractor reads, whatever the lattice step.
    """
    states_TC = observation.states_TXYZC[(slice(None), *cell)]
    step = min(max(step, 0), len(states_TC) - 1)
    record: dict[str, Any] = {
        "cell": list(cell),
        "place": place_of(cell, observation.dimensions),
        "dimensions": list(observation.dimensions),
        "sample": observation.sample + 1 if observation.sample >= 0 else None,
        "row": observation.sample if observation.sample >= 0 else None,
        "text": observation.text,
        "training_step": observation.training_step,
        "lattice_step": step,
        "lattice_steps": len(states_TC) - 1,
        "erased": is_erased(observation, cell),
        "norm": _plain(np.linalg.norm(states_TC[step])),
        "state": _plain(states_TC[step]),
    }
    for name, field in (("painted", observation.skin_XYZm), ("read_out_after_last_step", observation.readout_XYZm)):
        if np.isfinite(field[cell]).all():
            record[name] = _plain(field[cell])
    if observation.signal_TXYZ is not None:
        record["gradient_norm"] = _plain(observation.signal_TXYZ[(step, *cell)])
    if step:
        record["traces"] = {
            name: _plain(trace[(step - 1, *cell)]) for name, trace in observation.trace.items() if len(trace) >= step
        }
    return record


def as_json(record: dict[str, Any]) -> str:
    """Return a record as JSON."""
    return json.dumps(record, ensure_ascii=False)


def as_text(record: dict[str, Any]) -> str:
    """Return a record for people, one line per value."""
    x, y, z = record["cell"]
    place = record["place"] + (", erased" if record["erased"] else "")
    sample = "a typed sentence" if record["sample"] is None else f"sample {record['sample']}"
    lines = [
        f"cell {cell_text((x, y, z))}, {place}, of {'x'.join(map(str, record['dimensions']))}",
        f"{sample}: {record['text']}",
        f"training step {record['training_step']}, lattice step {record['lattice_step']} of {record['lattice_steps']}",
    ]
    values = {
        name: record[name]
        for name in ("norm", "state", "painted", "read_out_after_last_step", "gradient_norm")
        if name in record
    }
    for name, value in (values | record.get("traces", {})).items():
        numbers = value if isinstance(value, list) else [value]
        lines.append(f"{name.replace('_', ' ')}: {' '.join(f'{number:g}' for number in numbers)}")
    return "\n".join(lines)


def _plain(values: NDArray[Any] | np.floating[Any]) -> Any:
    array = np.atleast_1d(np.asarray(values, float))
    rounded = [float(f"{value:.{DIGITS}g}") for value in array.ravel()]
    return rounded if np.ndim(values) else rounded[0]
