"""What plugged cell rules get wrong: one line with file and line for whatever they return or raise.

Shapes: N cells, B batch, C state size, k values of a trace.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from lattice.errors import CellcubeError, PluginError
from lattice.model.rules.base import CellRule, Kept, Trace
from lattice.plugin_faults import fault_line, kind_text, refused, source_of
from lattice.progress import Cancelled
from lattice.tiers.shells import TIERS, Tier

_NO_FAULTS = (CellcubeError, Cancelled, MemoryError, torch.OutOfMemoryError)
"""What is raised while a rule runs and isn't a fault of its code."""


def rule_fault(rule: type[CellRule], error: Exception) -> Exception:
    """Return what to raise for an error in a rule: a `PluginError` with file and line, unless it is in the box."""
    if isinstance(error, _NO_FAULTS) or _in_the_box(rule):
        return error
    return PluginError(f"the cell rule {rule.__name__} failed: {fault_line(error, source_of(rule))}")


def _in_the_box(rule: type[CellRule]) -> bool:
    return rule.__module__.startswith("lattice.")


@contextmanager
def rule_faults(rule: type[CellRule]) -> Iterator[None]:
    """Turn what a plugged rule raises in the block into a `PluginError`, see `rule_fault`."""
    try:
        yield
    except Exception as error:
        fault = rule_fault(rule, error)
        if fault is error:
            raise
        raise fault from error


def checked_answer(
    rule: CellRule, answer: Any, state_NBC: Tensor, live_tiers: tuple[Tier, ...]
) -> tuple[Tensor, Trace]:
    """Return what a rule's `forward` returned, next states [N, B, C] and trace; it never waits for a value.

    Those in the box are tested, and not checked at every lattice step.

    Args:
        rule: that returned it.
        answer: what it returned.
        state_NBC: what it was given.
        live_tiers: tiers that hold neighbours.

    Raises:
        PluginError: it is something else.
    """
    got = "" if _in_the_box(type(rule)) else _wrong_answer(answer, state_NBC, len(live_tiers))
    if got:
        cells, batch, size = state_NBC.shape
        expected = (
            f"(next states, trace): a tensor [{cells}, {batch}, {size}] and a dictionary of tensors "
            f"[{cells}, {batch}, k]"
        )
        raise refused(type(rule).forward, expected, got)
    next_NBC, trace = answer
    return next_NBC, trace


def _wrong_answer(answer: Any, state_NBC: Tensor, live: int) -> str:
    """Return what is wrong with an answer; empty if nothing is."""
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        return kind_text(answer)
    next_NBC, trace = answer
    if not isinstance(next_NBC, Tensor):
        return f"next states that are {kind_text(next_NBC)}"
    if next_NBC.shape != state_NBC.shape:
        return f"next states of shape {list(next_NBC.shape)}"
    place = state_NBC.device.type
    reduced = torch.is_autocast_enabled(place) and next_NBC.dtype == torch.get_autocast_dtype(place)
    if next_NBC.dtype != state_NBC.dtype and not reduced:
        return f"next states of {next_NBC.dtype} instead of {state_NBC.dtype}"
    if next_NBC.device != state_NBC.device:
        return f"next states on the device {next_NBC.device} instead of {state_NBC.device}"
    if not isinstance(trace, Mapping):
        return f"a trace that is {kind_text(trace)}"
    return next(filter(None, (_wrong_trace(name, values, state_NBC, live) for name, values in trace.items())), "")


def _wrong_trace(name: Any, values: Any, state_NBC: Tensor, live: int) -> str:
    if not isinstance(name, str):
        return f"{kind_text(name)} as a name in the trace, where a text belongs"
    if not isinstance(values, Tensor):
        return f"'{name}' of the trace as {kind_text(values)}"
    empty = not values.shape[-1:].numel() and name != "gates"  # without live tiers there are no gates
    if values.dim() != 3 or values.shape[:2] != state_NBC.shape[:2] or empty or values.is_complex():
        return f"'{name}' of the trace as {kind_text(values)}"
    if values.device != state_NBC.device:
        return f"'{name}' of the trace on the device {values.device} instead of {state_NBC.device}"
    if name == "gates" and values.shape[2] != live:
        return f"'gates' of the trace with {values.shape[2]} values for the {live} live tiers"
    return ""


def checked_rule(rule: type[CellRule], made: Any) -> CellRule:
    """Return what a rule's `build` made; raises `PluginError` if it is no rule."""
    if not isinstance(made, CellRule):
        raise refused(rule.build, "a CellRule", kind_text(made))
    return made


def checked_kept(rule: type[CellRule], kept: Any) -> Kept | None:
    """Return what a rule's `kept` returned; raises `PluginError` if it is neither a `Kept` of the tiers nor None."""
    if kept is not None and not (isinstance(kept, Kept) and set(kept.fields) <= set(TIERS)):
        raise refused(rule.kept, "a Kept whose fields are by tier, or None", kind_text(kept))
    return kept


def checked_groups(rule: CellRule) -> dict[str, list[nn.Parameter]]:
    """Return a rule's gradient groups; raises `PluginError` if they are no lists of its weights by name."""
    groups: Any = rule.gradient_groups()
    right = isinstance(groups, dict) and all(
        isinstance(name, str) and isinstance(part, list) and all(isinstance(one, nn.Parameter) for one in part)
        for name, part in groups.items()
    )
    if not right:
        raise refused(type(rule).gradient_groups, "a dictionary of lists of weights", kind_text(groups))
    return groups  # type: ignore[no-any-return]


def checked_messages(rule: CellRule, messages: Any, state_NBC: Tensor) -> dict[Tier, Tensor]:
    """Return what a rule's `messages` returned; raises `PluginError` if it isn't a tensor [N, B, M] for each tier."""
    cells, batch = state_NBC.shape[:2]
    right = isinstance(messages, dict) and all(
        tier in TIERS and isinstance(heard, Tensor) and heard.dim() == 3 and heard.shape[:2] == (cells, batch)
        for tier, heard in messages.items()
    )
    if not right:
        expected = f"a dictionary of tensors [{cells}, {batch}, M] by tier"
        raise refused(type(rule).messages, expected, kind_text(messages))
    return messages  # type: ignore[no-any-return]
